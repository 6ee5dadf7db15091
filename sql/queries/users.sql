-- name: user_get
SELECT id, username, role, is_active, is_limited, password_hash, totp_seed,
       totp_active, totp_last_step, created_at, updated_at, last_login_at
FROM users
WHERE id = :id

-- name: user_find
SELECT id, username, role, is_active, is_limited, password_hash, totp_seed,
       totp_active, totp_last_step, created_at, updated_at, last_login_at
FROM users
WHERE username = :username

-- name: user_list
SELECT id, username, role, is_active, is_limited, password_hash, totp_seed,
       totp_active, totp_last_step, created_at, updated_at, last_login_at
FROM users
ORDER BY username

-- name: user_count
SELECT count(*) FROM users

-- name: user_count_admins
SELECT count(*) FROM users WHERE role = 'admin' AND is_active = 1

-- name: user_insert
INSERT INTO users (username, role, is_active, is_limited, password_hash,
                   created_at, updated_at)
VALUES (:username, :role, :is_active, :is_limited, :password_hash, :at, :at)

-- name: user_save
UPDATE users
SET role = :role, is_active = :is_active, is_limited = :is_limited,
    password_hash = :password_hash, totp_seed = :totp_seed,
    totp_active = :totp_active, totp_last_step = :totp_last_step,
    updated_at = :updated_at, last_login_at = :last_login_at
WHERE id = :id

-- name: user_delete
DELETE FROM users WHERE id = :id
