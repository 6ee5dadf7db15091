-- name: session_find
SELECT id, user_id, created_at, seen_at, expires_at, address, agent
FROM sessions
WHERE token_hash = :token_hash

-- name: session_get
SELECT id, user_id, created_at, seen_at, expires_at, address, agent
FROM sessions
WHERE id = :id

-- name: session_list
SELECT id, user_id, created_at, seen_at, expires_at, address, agent
FROM sessions
WHERE user_id = :user_id
ORDER BY id DESC

-- name: session_insert
INSERT INTO sessions (user_id, token_hash, created_at, seen_at, expires_at,
                      address, agent)
VALUES (:user_id, :token_hash, :now, :now, :expires_at, :address, :agent)

-- name: session_seen
UPDATE sessions SET seen_at = :now WHERE id = :id AND seen_at < :now

-- name: session_delete
DELETE FROM sessions WHERE id = :id AND user_id = :user_id RETURNING id

-- name: session_delete_others
DELETE FROM sessions WHERE user_id = :user_id AND id <> :keep

-- name: session_sweep
DELETE FROM sessions WHERE expires_at <= :now OR seen_at <= :idle_since
