-- name: import_insert
INSERT INTO imports (at, kind, file_name, file_hash, options, actor,
                     rows, cells, empty, skipped, rejected,
                     new, changed, same, locations_created)
VALUES (:at, :kind, :file_name, :file_hash, :options, :actor,
        0, 0, 0, 0, 0, 0, 0, 0, 0)

-- name: import_set_counts
UPDATE imports
SET rows = :rows, cells = :cells, empty = :empty, skipped = :skipped,
    rejected = :rejected, new = :new, changed = :changed, same = :same,
    locations_created = :locations_created
WHERE id = :id

-- name: import_get
SELECT id, at, kind, file_name, file_hash, options, actor,
       rows, cells, empty, skipped, rejected, new, changed, same,
       locations_created, undone_at, undone_by
FROM imports
WHERE id = :id

-- name: import_list
SELECT id, at, kind, file_name, file_hash, options, actor,
       rows, cells, empty, skipped, rejected, new, changed, same,
       locations_created, undone_at, undone_by
FROM imports
WHERE id < :before
ORDER BY id DESC
LIMIT :limit

-- name: import_set_undone
UPDATE imports SET undone_at = :at, undone_by = :actor WHERE id = :id

-- An import's own entry is the last one of its change.
-- name: import_entry
SELECT id, batch
FROM journal
WHERE tbl = 'imports' AND tbl <> 'daily_usage' AND op = 'insert' AND pk = :pk AND at = :at
ORDER BY id DESC
LIMIT 1

-- name: import_changes
SELECT id, at, op, tbl, pk, before, after
FROM journal
WHERE id BETWEEN :first AND :last
ORDER BY id DESC

-- Imports that were taken back since have changed nothing.
-- name: import_later
SELECT at, op, tbl, pk, after
FROM journal AS j
WHERE id > :last
  AND NOT EXISTS (SELECT 1 FROM imports AS i
                  WHERE j.op = 'import'
                    AND i.id = CAST(substr(j.pk, 8) AS INTEGER)
                    AND i.undone_at IS NOT NULL)
ORDER BY id

-- Only where the record is as the import left it.
-- name: import_undo_set
UPDATE daily_usage
SET usage_bytes = :before, updated_at = :before_at
WHERE id = :id AND usage_bytes = :bytes AND updated_at = :at

-- name: import_undo_delete
DELETE FROM daily_usage
WHERE id = :id AND usage_bytes = :bytes AND updated_at = :at

-- name: import_undo_location_records
DELETE FROM location_records WHERE location_id = :id AND records = 0

-- name: import_undo_location
DELETE FROM locations
WHERE id = :id AND name = :name AND display_name = :display_name
  AND is_active = :is_active
