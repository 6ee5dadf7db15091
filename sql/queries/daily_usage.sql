-- What a caller may not see is not there for it: see db_see_as() in
-- lib/store/db.h. A list over all locations reads days in their order where
-- there is no limit; for a limited caller it reads the locations that it may
-- see, so that the days of all others cost it nothing.

-- name: usage_get
SELECT id, date, location_id, usage_bytes, created_at, updated_at
FROM daily_usage
WHERE id = :id
  AND (:viewer IS NULL
       OR location_id IN (SELECT location_id FROM location_grants
                      WHERE grantee = :viewer))

-- name: usage_find
SELECT id, date, location_id, usage_bytes, created_at, updated_at
FROM daily_usage
WHERE date = :date AND location_id = :location_id
  AND (:viewer IS NULL
       OR location_id IN (SELECT location_id FROM location_grants
                      WHERE grantee = :viewer))

-- name: usage_insert
INSERT INTO daily_usage (date, location_id, usage_bytes, created_at, updated_at)
VALUES (:date, :location_id, :bytes, :at, :at)
ON CONFLICT (date, location_id) DO NOTHING

-- name: usage_set
UPDATE daily_usage SET usage_bytes = :bytes, updated_at = :at WHERE id = :id

-- name: usage_delete
DELETE FROM daily_usage WHERE id = :id

-- The ends of the index where there is no limit, else one step into it for
-- each location.
-- name: usage_first_day
SELECT CASE WHEN :viewer IS NULL
       THEN (SELECT min(date) FROM daily_usage)
       ELSE (SELECT min((SELECT min(u.date) FROM daily_usage AS u
                         WHERE u.location_id = g.location_id))
             FROM location_grants AS g WHERE g.grantee = :viewer)
       END

-- name: usage_last_day
SELECT CASE WHEN :viewer IS NULL
       THEN (SELECT max(date) FROM daily_usage)
       ELSE (SELECT max((SELECT max(u.date) FROM daily_usage AS u
                         WHERE u.location_id = g.location_id))
             FROM location_grants AS g WHERE g.grantee = :viewer)
       END

-- name: usage_list
SELECT u.id, u.date, u.location_id, u.usage_bytes, u.updated_at,
       l.name, l.display_name
FROM daily_usage AS u
JOIN locations AS l ON l.id = u.location_id
WHERE u.date >= :from AND u.date < :until
ORDER BY u.date DESC, u.location_id
LIMIT :limit OFFSET :offset

-- name: usage_list_viewer
SELECT u.id, u.date, u.location_id, u.usage_bytes, u.updated_at,
       l.name, l.display_name
FROM location_grants AS g
CROSS JOIN daily_usage AS u
CROSS JOIN locations AS l
WHERE g.grantee = :viewer AND u.location_id = g.location_id
  AND u.date >= :from AND u.date < :until AND l.id = u.location_id
ORDER BY u.date DESC, u.location_id
LIMIT :limit OFFSET :offset

-- name: usage_list_location
SELECT u.id, u.date, u.location_id, u.usage_bytes, u.updated_at,
       l.name, l.display_name
FROM daily_usage AS u
JOIN locations AS l ON l.id = u.location_id
WHERE u.location_id = :location_id AND u.date >= :from AND u.date < :until
  AND (:viewer IS NULL
       OR l.id IN (SELECT location_id FROM location_grants
               WHERE grantee = :viewer))
ORDER BY u.date DESC
LIMIT :limit OFFSET :offset

-- name: usage_count
SELECT count(*) FROM daily_usage WHERE date >= :from AND date < :until

-- name: usage_count_viewer
SELECT count(*)
FROM location_grants AS g
CROSS JOIN daily_usage AS u
WHERE g.grantee = :viewer AND u.location_id = g.location_id
  AND u.date >= :from AND u.date < :until

-- name: usage_count_location
SELECT count(*)
FROM daily_usage
WHERE location_id = :location_id AND date >= :from AND date < :until
  AND (:viewer IS NULL
       OR :location_id IN (SELECT location_id FROM location_grants
                           WHERE grantee = :viewer))

-- One step into idx_daily_usage_location for each location, then its
-- neighbouring entries; the table is never read.
-- name: usage_totals
SELECT l.id, l.display_name, l.is_active, count(u.usage_bytes),
       coalesce(sum(u.usage_bytes), 0)
FROM locations AS l
LEFT JOIN daily_usage AS u
  ON u.location_id = l.id AND u.date >= :from AND u.date < :until
WHERE :viewer IS NULL
   OR l.id IN (SELECT location_id FROM location_grants WHERE grantee = :viewer)
GROUP BY l.id
ORDER BY l.id

-- A location's ranges one after the other: they lie on the same pages.
-- name: usage_standings
SELECT l.display_name, l.is_active,
       (SELECT sum(usage_bytes) FROM daily_usage AS u
        WHERE u.location_id = l.id
          AND u.date >= :recent_from AND u.date < :until),
       (SELECT sum(usage_bytes) FROM daily_usage AS u
        WHERE u.location_id = l.id
          AND u.date >= :now_from AND u.date < :until),
       (SELECT count(*) FROM daily_usage AS u
        WHERE u.location_id = l.id
          AND u.date >= :now_from AND u.date < :until),
       (SELECT sum(usage_bytes) FROM daily_usage AS u
        WHERE u.location_id = l.id
          AND u.date >= :before_from AND u.date < :before_until)
FROM locations AS l
WHERE :viewer IS NULL
   OR l.id IN (SELECT location_id FROM location_grants WHERE grantee = :viewer)
ORDER BY l.id

-- name: usage_points_of_location
SELECT u.location_id, l.display_name, u.date, u.usage_bytes
FROM daily_usage AS u
JOIN locations AS l ON l.id = u.location_id
WHERE u.location_id = :location_id AND u.date >= :from AND u.date < :until
  AND (:viewer IS NULL
       OR l.id IN (SELECT location_id FROM location_grants
               WHERE grantee = :viewer))
ORDER BY u.date

-- name: usage_points
SELECT l.id, l.display_name, u.date, u.usage_bytes
FROM locations AS l
CROSS JOIN daily_usage AS u
WHERE u.location_id = l.id AND u.date >= :from AND u.date < :until
  AND (:viewer IS NULL
       OR l.id IN (SELECT location_id FROM location_grants
               WHERE grantee = :viewer))
ORDER BY l.display_name, l.id, u.date
