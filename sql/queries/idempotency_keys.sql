-- name: idempotency_find
SELECT request_hash, status, headers, tag, answer
FROM idempotency_keys
WHERE actor = :actor AND key = :key AND expires_at > :now

-- name: idempotency_put
INSERT INTO idempotency_keys (actor, key, request_hash, status, headers, tag,
                              answer, expires_at)
VALUES (:actor, :key, :request_hash, :status, :headers, :tag, :answer,
        :expires_at)
ON CONFLICT (actor, key) DO UPDATE
SET request_hash = excluded.request_hash, status = excluded.status,
    headers = excluded.headers, tag = excluded.tag, answer = excluded.answer,
    expires_at = excluded.expires_at

-- name: idempotency_expire
DELETE FROM idempotency_keys WHERE expires_at <= :now
