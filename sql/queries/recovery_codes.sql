-- name: recovery_code_add
INSERT INTO recovery_codes (user_id, code_hash) VALUES (:user_id, :code_hash)

-- name: recovery_code_state
SELECT used_at IS NOT NULL
FROM recovery_codes
WHERE user_id = :user_id AND code_hash = :code_hash

-- name: recovery_code_use
UPDATE recovery_codes
SET used_at = :at
WHERE user_id = :user_id AND code_hash = :code_hash AND used_at IS NULL

-- name: recovery_code_clear
DELETE FROM recovery_codes WHERE user_id = :user_id

-- name: recovery_code_count
SELECT count(*) FROM recovery_codes WHERE user_id = :user_id AND used_at IS NULL
