-- Run on a copy of the database, with its triggers off, by lib/store/anonymise.c

-- name: anonymise_next_location
SELECT id, name FROM locations WHERE id > :id ORDER BY id LIMIT 1

-- name: anonymise_location
UPDATE locations SET name = :name, display_name = :display_name WHERE id = :id

-- name: anonymise_imports
UPDATE imports
SET file_name = 'file ' || id, file_hash = '', options = '{}',
    actor = 'anonymous', undone_by = iif(undone_by IS NULL, NULL, 'anonymous')

-- name: anonymise_system_info
DELETE FROM system_info
WHERE metric_name NOT IN ('schema_version', 'timeline', 'data_generation')

-- name: anonymise_database_id
INSERT INTO system_info (metric_name, metric_value)
VALUES ('database_id', :database_id)

-- name: anonymise_journal
DELETE FROM journal

-- name: anonymise_journal_prunes
DELETE FROM journal_prunes

-- name: anonymise_sessions
DELETE FROM sessions

-- name: anonymise_recovery_codes
DELETE FROM recovery_codes

-- name: anonymise_api_keys
DELETE FROM api_keys

-- name: anonymise_location_grants
DELETE FROM location_grants

-- name: anonymise_login_attempts
DELETE FROM login_attempts

-- name: anonymise_idempotency_keys
DELETE FROM idempotency_keys

-- name: anonymise_jobs
DELETE FROM jobs

-- name: anonymise_users
DELETE FROM users

-- name: anonymise_count
SELECT (SELECT count(*) FROM locations),
       (SELECT coalesce(sum(records), 0) FROM location_records)
