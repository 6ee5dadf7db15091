-- name: usage_days
SELECT date, location_id, usage_bytes
FROM daily_usage
WHERE date >= :from AND date < :until
  AND (:viewer IS NULL
       OR location_id IN (SELECT location_id FROM location_grants
                          WHERE grantee = :viewer))
ORDER BY date, location_id

-- name: usage_days_location
SELECT date, location_id, usage_bytes
FROM daily_usage
WHERE location_id = :location_id AND date >= :from AND date < :until
  AND (:viewer IS NULL
       OR location_id IN (SELECT location_id FROM location_grants
                          WHERE grantee = :viewer))
ORDER BY date
