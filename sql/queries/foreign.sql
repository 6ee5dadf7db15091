-- Of a database of the Flask system that came before this one. These run on
-- that file, never on ours, which merely has tables of the same names.

-- name: foreign_columns
SELECT name FROM pragma_table_info(:name)

-- name: foreign_table
SELECT type = 'table' AND sql LIKE 'CREATE TABLE%'
FROM sqlite_schema
WHERE name = :name

-- name: foreign_locations
SELECT id, name, display_name, is_active, created_at
FROM locations
ORDER BY id

-- Without the columns that not all of them have.
-- name: foreign_locations_plain
SELECT id, name, display_name, 1, NULL
FROM locations
ORDER BY id

-- name: foreign_day_count
SELECT count(*) FROM daily_usage

-- name: foreign_days
SELECT id, date, location_id, usage_gb
FROM daily_usage
ORDER BY date, location_id

-- name: foreign_summaries
SELECT id, period_start, period_end, location_id, total_usage_gb,
       manual_entry, created_at, updated_at
FROM monthly_summaries
ORDER BY period_start, location_id

-- name: foreign_summaries_plain
SELECT id, period_start, period_end, location_id, total_usage_gb,
       1, NULL, NULL
FROM monthly_summaries
ORDER BY period_start, location_id
