-- name: location_list
SELECT id, name, display_name, is_active, created_at
FROM locations
WHERE (is_active = 1 OR :include_inactive = 1)
  AND (:viewer IS NULL
       OR id IN (SELECT location_id FROM location_grants
             WHERE grantee = :viewer))
ORDER BY display_name, id

-- name: location_get
SELECT id, name, display_name, is_active, created_at
FROM locations
WHERE id = :id
  AND (:viewer IS NULL
       OR id IN (SELECT location_id FROM location_grants
             WHERE grantee = :viewer))

-- name: location_find
SELECT id, name, display_name, is_active, created_at
FROM locations
WHERE name = :name
  AND (:viewer IS NULL
       OR id IN (SELECT location_id FROM location_grants
             WHERE grantee = :viewer))

-- Names are one for all: whoever does not see the other one is told so too.
-- name: location_name_taken
SELECT 1 FROM locations WHERE name = :name

-- name: location_count
SELECT CASE WHEN :viewer IS NULL
       THEN (SELECT value FROM counters WHERE name = 'locations')
       ELSE (SELECT count(*)
             FROM location_grants AS g
             JOIN locations AS l ON l.id = g.location_id
             WHERE g.grantee = :viewer AND l.is_active = 1)
       END

-- name: location_insert
INSERT INTO locations (name, display_name, is_active, created_at)
VALUES (:name, :display_name, 1, :at)

-- name: location_update
UPDATE locations
SET name = :name, display_name = :display_name, is_active = :is_active
WHERE id = :id
