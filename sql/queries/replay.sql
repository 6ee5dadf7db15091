-- Bringing a database from one entry of the journal to the next. A row is
-- taken out only if it is what the entry says was there, value by value, and
-- put in as it says; :row is the entry's JSON. Booleans come as 0 and 1.

-- name: replay_take_locations
DELETE FROM locations
WHERE id = json_extract(:row, '$.id')
  AND name IS json_extract(:row, '$.name')
  AND display_name IS json_extract(:row, '$.display_name')
  AND is_active IS json_extract(:row, '$.is_active')
  AND created_at IS json_extract(:row, '$.created_at')

-- name: replay_put_locations
INSERT INTO locations (id, name, display_name, is_active, created_at)
VALUES (json_extract(:row, '$.id'), json_extract(:row, '$.name'),
        json_extract(:row, '$.display_name'),
        json_extract(:row, '$.is_active'),
        json_extract(:row, '$.created_at'))

-- name: replay_take_daily_usage
DELETE FROM daily_usage
WHERE id = json_extract(:row, '$.id')
  AND date IS json_extract(:row, '$.date')
  AND location_id IS json_extract(:row, '$.location_id')
  AND usage_bytes IS json_extract(:row, '$.usage_bytes')
  AND created_at IS json_extract(:row, '$.created_at')
  AND updated_at IS json_extract(:row, '$.updated_at')

-- name: replay_put_daily_usage
INSERT INTO daily_usage (id, date, location_id, usage_bytes, created_at,
                         updated_at)
VALUES (json_extract(:row, '$.id'), json_extract(:row, '$.date'),
        json_extract(:row, '$.location_id'),
        json_extract(:row, '$.usage_bytes'),
        json_extract(:row, '$.created_at'),
        json_extract(:row, '$.updated_at'))

-- name: replay_take_monthly_summaries
DELETE FROM monthly_summaries
WHERE id = json_extract(:row, '$.id')
  AND period_start IS json_extract(:row, '$.period_start')
  AND period_end IS json_extract(:row, '$.period_end')
  AND location_id IS json_extract(:row, '$.location_id')
  AND total_usage_bytes IS json_extract(:row, '$.total_usage_bytes')
  AND manual_entry IS json_extract(:row, '$.manual_entry')
  AND created_at IS json_extract(:row, '$.created_at')
  AND updated_at IS json_extract(:row, '$.updated_at')

-- name: replay_put_monthly_summaries
INSERT INTO monthly_summaries (id, period_start, period_end, location_id,
                               total_usage_bytes, manual_entry, created_at,
                               updated_at)
VALUES (json_extract(:row, '$.id'), json_extract(:row, '$.period_start'),
        json_extract(:row, '$.period_end'),
        json_extract(:row, '$.location_id'),
        json_extract(:row, '$.total_usage_bytes'),
        json_extract(:row, '$.manual_entry'),
        json_extract(:row, '$.created_at'),
        json_extract(:row, '$.updated_at'))

-- name: replay_take_cycle_settings
DELETE FROM cycle_settings
WHERE id = json_extract(:row, '$.id')
  AND location_id IS json_extract(:row, '$.location_id')
  AND cycle_day IS json_extract(:row, '$.cycle_day')
  AND valid_from IS json_extract(:row, '$.valid_from')
  AND created_at IS json_extract(:row, '$.created_at')

-- name: replay_put_cycle_settings
INSERT INTO cycle_settings (id, location_id, cycle_day, valid_from, created_at)
VALUES (json_extract(:row, '$.id'), json_extract(:row, '$.location_id'),
        json_extract(:row, '$.cycle_day'),
        json_extract(:row, '$.valid_from'),
        json_extract(:row, '$.created_at'))

-- name: replay_take_imports
DELETE FROM imports
WHERE id = json_extract(:row, '$.id')
  AND at IS json_extract(:row, '$.at')
  AND file_hash IS json_extract(:row, '$.file_hash')
  AND actor IS json_extract(:row, '$.actor')
  AND undone_at IS json_extract(:row, '$.undone_at')
  AND undone_by IS json_extract(:row, '$.undone_by')

-- name: replay_put_imports
INSERT INTO imports (id, at, kind, file_name, file_hash, options, actor,
                     rows, cells, empty, skipped, rejected, new, changed, same,
                     locations_created, undone_at, undone_by)
VALUES (json_extract(:row, '$.id'), json_extract(:row, '$.at'),
        json_extract(:row, '$.kind'), json_extract(:row, '$.file_name'),
        json_extract(:row, '$.file_hash'), json_extract(:row, '$.options'),
        json_extract(:row, '$.actor'), json_extract(:row, '$.rows'),
        json_extract(:row, '$.cells'), json_extract(:row, '$.empty'),
        json_extract(:row, '$.skipped'), json_extract(:row, '$.rejected'),
        json_extract(:row, '$.new'), json_extract(:row, '$.changed'),
        json_extract(:row, '$.same'),
        json_extract(:row, '$.locations_created'),
        json_extract(:row, '$.undone_at'), json_extract(:row, '$.undone_by'))

-- The days of an import or a batch, row by row.

-- name: replay_day_put
INSERT INTO daily_usage (id, date, location_id, usage_bytes, created_at,
                         updated_at)
VALUES (:id, :date, :location_id, :bytes, :at, :at)

-- name: replay_day_set
UPDATE daily_usage
SET usage_bytes = :bytes, updated_at = :at
WHERE id = :id AND date = :date AND location_id = :location_id
  AND usage_bytes = :before AND updated_at = :before_at

-- name: replay_day_take
DELETE FROM daily_usage
WHERE id = :id AND date = :date AND location_id = :location_id
  AND usage_bytes = :before AND updated_at = :before_at

-- name: replay_journal_end
SELECT id, at FROM journal ORDER BY id DESC LIMIT 1
