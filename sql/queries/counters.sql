-- name: counter_get
SELECT value FROM counters WHERE name = :name

-- name: counter_add
UPDATE counters SET value = value + :delta WHERE name = :name
