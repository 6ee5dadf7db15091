-- name: location_list
SELECT id, name, display_name, is_active, created_at
FROM locations
WHERE is_active = 1 OR :include_inactive = 1
ORDER BY display_name, id

-- name: location_get
SELECT id, name, display_name, is_active, created_at
FROM locations
WHERE id = :id

-- name: location_find
SELECT id, name, display_name, is_active, created_at
FROM locations
WHERE name = :name

-- name: location_insert
INSERT INTO locations (name, display_name, is_active, created_at)
VALUES (:name, :display_name, 1, :at)

-- name: location_update
UPDATE locations
SET name = :name, display_name = :display_name, is_active = :is_active
WHERE id = :id
