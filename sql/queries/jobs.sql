-- name: job_insert
INSERT INTO jobs (kind, state, actor, viewer, address, request_id, request,
                  created_at)
VALUES (:kind, 'queued', :actor, :viewer, :address, :request_id, :request,
        :now)

-- name: job_get
SELECT id, kind, state, actor, viewer, address, request_id, request, message,
       started_at, finished_at, result
FROM jobs
WHERE id = :id

-- name: job_start
UPDATE jobs SET state = 'running', started_at = :at
WHERE id = :id AND state = 'queued'
RETURNING id

-- name: job_finish
UPDATE jobs
SET state = :state, message = :message, result = :result, finished_at = :at
WHERE id = :id AND state IN ('queued', 'running')
RETURNING id

-- name: job_amend
UPDATE jobs
SET message = :message, result = :result
WHERE id = :id AND state = 'done'
RETURNING id

-- name: job_unfinished
SELECT id
FROM jobs
WHERE state IN ('queued', 'running') AND id > :id
ORDER BY id
LIMIT 1

-- name: job_forget
DELETE FROM jobs WHERE created_at < :before AND finished_at IS NOT NULL
