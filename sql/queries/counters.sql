-- name: counter_add
UPDATE counters SET value = value + :delta WHERE name = :name
