-- What two states of one database are held against each other by: a key in
-- two parts, in its order, and the value. Ids of locations are given once, so
-- they are the same on both sides whatever the location is called.

-- name: diff_locations
SELECT '', id,
       name || ', "' || display_name || '"'
           || CASE WHEN is_active THEN '' ELSE ', not active' END
FROM locations
ORDER BY id

-- name: diff_days
SELECT date, location_id, usage_bytes
FROM daily_usage
ORDER BY date, location_id

-- name: diff_summaries
SELECT period_start, location_id,
       total_usage_bytes || ' bytes up to ' || period_end
           || CASE WHEN manual_entry THEN '' ELSE ', not entered by hand' END
FROM monthly_summaries
ORDER BY period_start, location_id

-- name: diff_settings
SELECT valid_from, coalesce(location_id, 0), 'cycle day ' || cycle_day
FROM cycle_settings
ORDER BY valid_from, coalesce(location_id, 0)

-- name: diff_location_name
SELECT name FROM locations WHERE id = ?1

-- The days of a backup that are to be brought back.
-- name: extract_days
SELECT u.date, u.location_id, u.usage_bytes
FROM daily_usage AS u
WHERE u.date >= coalesce(:from, '') AND u.date < coalesce(:until, '~')
  AND (:location_id = 0 OR u.location_id = :location_id)
ORDER BY u.date, u.location_id
