-- Prepared once like all others: a transaction begins and ends with each
-- request, and reading its text again costs more than running it.

-- name: begin_read
BEGIN

-- name: begin_change
BEGIN IMMEDIATE

-- name: commit
COMMIT

-- name: rollback
ROLLBACK

-- name: schema_version
PRAGMA user_version
