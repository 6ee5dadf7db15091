-- name: api_key_get
SELECT id, prefix, name, secret_hash, scopes, is_limited, created_by,
       created_at, expires_at, last_used_at, revoked_at, made_by_key
FROM api_keys
WHERE id = :id

-- name: api_key_find
SELECT id, prefix, name, secret_hash, scopes, is_limited, created_by,
       created_at, expires_at, last_used_at, revoked_at, made_by_key
FROM api_keys
WHERE prefix = :prefix

-- name: api_key_list
SELECT id, prefix, name, secret_hash, scopes, is_limited, created_by,
       created_at, expires_at, last_used_at, revoked_at, made_by_key
FROM api_keys
ORDER BY id DESC

-- name: api_key_valid_of
SELECT id FROM api_keys WHERE created_by = :user_id AND revoked_at IS NULL

-- name: api_key_orphan
SELECT k.id
FROM api_keys AS m
JOIN api_keys AS k ON k.made_by_key = m.id
WHERE m.revoked_at IS NOT NULL AND k.revoked_at IS NULL
LIMIT 1

-- name: api_key_insert
INSERT INTO api_keys (prefix, name, secret_hash, scopes, is_limited,
                      created_by, made_by_key, created_at, expires_at)
VALUES (:prefix, :name, :secret_hash, :scopes, :is_limited,
        nullif(:created_by, 0), nullif(:made_by_key, 0), :at,
        nullif(:expires_at, 0))

-- name: api_key_used
UPDATE api_keys
SET last_used_at = :now
WHERE id = :id AND coalesce(last_used_at, 0) < :now

-- name: api_key_revoke
UPDATE api_keys SET revoked_at = :at WHERE id = :id
