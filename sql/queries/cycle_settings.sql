-- name: cycle_setting_list
SELECT cycle_day, valid_from
FROM cycle_settings
WHERE coalesce(location_id, 0) = :location_id
  AND (:viewer IS NULL OR location_id IS NULL
       OR location_id IN (SELECT location_id FROM location_grants
                          WHERE grantee = :viewer))
ORDER BY valid_from

-- name: cycle_setting_put
INSERT INTO cycle_settings (location_id, cycle_day, valid_from, created_at)
VALUES (:location_id, :cycle_day, :valid_from, :at)
ON CONFLICT (coalesce(location_id, 0), valid_from)
DO UPDATE SET cycle_day = excluded.cycle_day

-- name: cycle_setting_find
SELECT id, cycle_day, created_at
FROM cycle_settings
WHERE coalesce(location_id, 0) = :location_id AND valid_from = :valid_from
  AND (:viewer IS NULL OR location_id IS NULL
       OR location_id IN (SELECT location_id FROM location_grants
                          WHERE grantee = :viewer))

-- name: cycle_setting_get
SELECT coalesce(location_id, 0), cycle_day, valid_from, created_at
FROM cycle_settings
WHERE id = :id
  AND (:viewer IS NULL OR location_id IS NULL
       OR location_id IN (SELECT location_id FROM location_grants
                          WHERE grantee = :viewer))

-- name: cycle_setting_delete
DELETE FROM cycle_settings WHERE id = :id

-- name: cycle_setting_each
SELECT id, coalesce(location_id, 0), cycle_day, valid_from
FROM cycle_settings
WHERE (:viewer IS NULL OR location_id IS NULL
       OR location_id IN (SELECT location_id FROM location_grants
                          WHERE grantee = :viewer))
ORDER BY valid_from, coalesce(location_id, 0)

-- Its own, and those for all that lie before its own first one.
-- name: cycle_setting_each_location
SELECT id, coalesce(location_id, 0), cycle_day, valid_from
FROM cycle_settings AS s
WHERE coalesce(location_id, 0) IN (0, :location_id)
  AND (location_id IS NOT NULL
       OR NOT EXISTS (SELECT 1 FROM cycle_settings AS own
                      WHERE coalesce(own.location_id, 0) = :location_id
                        AND own.valid_from <= s.valid_from))
  AND (:viewer IS NULL OR location_id IS NULL
       OR location_id IN (SELECT location_id FROM location_grants
                          WHERE grantee = :viewer))
ORDER BY valid_from
