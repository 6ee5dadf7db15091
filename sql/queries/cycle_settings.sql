-- name: cycle_setting_list
SELECT cycle_day, valid_from
FROM cycle_settings
WHERE coalesce(location_id, 0) = :location_id
  AND (:viewer IS NULL OR location_id IS NULL
       OR location_id IN (SELECT location_id FROM location_grants
                          WHERE grantee = :viewer))
ORDER BY valid_from
