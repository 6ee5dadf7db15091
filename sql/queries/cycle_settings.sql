-- name: cycle_setting_list
SELECT cycle_day, valid_from
FROM cycle_settings
WHERE coalesce(location_id, 0) = :location_id
ORDER BY valid_from
