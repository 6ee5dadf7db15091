-- name: system_info_get
SELECT metric_value FROM system_info WHERE metric_name = :name

-- name: system_info_set
INSERT INTO system_info (metric_name, metric_value, updated_at)
VALUES (:name, :value, :at)
ON CONFLICT (metric_name) DO UPDATE
SET metric_value = excluded.metric_value, updated_at = excluded.updated_at

-- name: system_info_raise_generation
UPDATE system_info
SET metric_value = CAST(metric_value AS INTEGER) + 1, updated_at = :at
WHERE metric_name = 'data_generation'

-- name: data_version
PRAGMA data_version

-- name: data_state
SELECT (SELECT CAST(metric_value AS INTEGER)
        FROM system_info
        WHERE metric_name = 'timeline'),
       (SELECT CAST(metric_value AS INTEGER)
        FROM system_info
        WHERE metric_name = 'data_generation')
