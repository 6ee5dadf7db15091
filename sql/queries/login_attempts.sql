-- name: failure_get
SELECT failures, blocked_until, last_at
FROM login_attempts
WHERE subject = :subject

-- name: failure_put
INSERT INTO login_attempts (subject, failures, blocked_until, last_at)
VALUES (:subject, :failures, :blocked_until, :last_at)
ON CONFLICT (subject) DO UPDATE
SET failures = excluded.failures, blocked_until = excluded.blocked_until,
    last_at = excluded.last_at

-- name: failure_forget
DELETE FROM login_attempts WHERE subject = :subject

-- name: failure_sweep
DELETE FROM login_attempts WHERE last_at < :before
