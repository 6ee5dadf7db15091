-- name: cycle_total_location
SELECT count(*), coalesce(sum(usage_bytes), 0)
FROM daily_usage
WHERE location_id = :location_id AND date >= :from AND date < :until
  AND (:viewer IS NULL
       OR location_id IN (SELECT location_id FROM location_grants
                          WHERE grantee = :viewer))

-- name: cycle_first_day_location
SELECT min(date)
FROM daily_usage
WHERE location_id = :location_id
  AND (:viewer IS NULL
       OR location_id IN (SELECT location_id FROM location_grants
                          WHERE grantee = :viewer))
