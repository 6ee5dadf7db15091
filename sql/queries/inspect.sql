-- name: inspect_newest_entry
SELECT at FROM journal ORDER BY id DESC LIMIT 1
