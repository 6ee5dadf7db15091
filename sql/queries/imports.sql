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
