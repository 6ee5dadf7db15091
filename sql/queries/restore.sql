-- What a restore puts right beside the rows themselves.

-- name: restore_count_locations
UPDATE counters
SET value = (SELECT count(*) FROM locations WHERE is_active = 1)
WHERE name = 'locations'

-- name: restore_clear_records
DELETE FROM location_records

-- name: restore_count_records
INSERT INTO location_records (location_id, records)
SELECT l.id, (SELECT count(*) FROM daily_usage AS u WHERE u.location_id = l.id)
FROM locations AS l

-- Somebody limited to a location that is no longer there stays limited.
-- name: restore_drop_grants
DELETE FROM location_grants
WHERE location_id NOT IN (SELECT id FROM locations)

-- Ids that were given once are not given again, in whatever history.
-- name: sequence_list
SELECT name, seq FROM sqlite_sequence

-- name: sequence_raise
UPDATE sqlite_sequence SET seq = max(seq, :seq) WHERE name = :name

-- name: sequence_add
INSERT INTO sqlite_sequence (name, seq)
SELECT :name, :seq
WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :name)

-- name: session_end_all
DELETE FROM sessions

-- name: api_key_revoked_list
SELECT prefix, revoked_at FROM api_keys WHERE revoked_at IS NOT NULL

-- name: api_key_revoke_prefix
UPDATE api_keys
SET revoked_at = :at
WHERE prefix = :prefix AND revoked_at IS NULL

-- As an entry of the journal has the key.
-- name: api_key_revoke_entry
UPDATE api_keys
SET revoked_at = json_extract(:row, '$.revoked_at')
WHERE prefix = json_extract(:row, '$.prefix') AND revoked_at IS NULL

-- Codes that can be used: all of them are doubted (-1), those that can still
-- be used in the old database are trusted again, and the others go.
-- name: recovery_code_doubt_all
UPDATE recovery_codes SET used_at = -1 WHERE used_at IS NULL

-- name: recovery_code_unused_list
SELECT code_hash FROM recovery_codes WHERE used_at IS NULL

-- name: recovery_code_trust
UPDATE recovery_codes SET used_at = NULL
WHERE code_hash = :hash AND used_at = -1

-- name: recovery_code_drop_doubted
DELETE FROM recovery_codes WHERE used_at = -1
