-- name: location_records_sum
SELECT coalesce(sum(records), 0)
FROM location_records
WHERE :viewer IS NULL
   OR location_id IN (SELECT location_id FROM location_grants
                      WHERE grantee = :viewer)

-- name: location_records_add
INSERT INTO location_records (location_id, records)
VALUES (:location_id, max(:delta, 0))
ON CONFLICT (location_id) DO UPDATE SET records = records + :delta
