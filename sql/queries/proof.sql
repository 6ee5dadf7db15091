-- Does what the database holds agree with what else it says of itself? Each
-- statement gives the first row that does not.

-- name: proof_records
SELECT l.id
FROM locations AS l
LEFT JOIN location_records AS r ON r.location_id = l.id
WHERE coalesce(r.records, 0)
      <> (SELECT count(*) FROM daily_usage AS u WHERE u.location_id = l.id)
LIMIT 1

-- name: proof_locations
SELECT value
FROM counters
WHERE name = 'locations'
  AND value <> (SELECT count(*) FROM locations WHERE is_active = 1)

-- The last entry that names one day alone tells what that day has to be,
-- unless a bulk change or a restore came after it: then it only must not hold
-- another amount under the entry's own time.
-- name: proof_journal_rows
WITH last AS (
    SELECT max(id) AS id
    FROM journal
    WHERE tbl = 'daily_usage' AND op IN ('insert', 'update', 'delete')
    GROUP BY pk
), bulk AS (
    SELECT coalesce(max(id), 0) AS id
    FROM journal
    WHERE tbl IN ('daily_usage', 'imports', 'database')
      AND (op NOT IN ('insert', 'update', 'delete') OR tbl <> 'daily_usage')
)
SELECT j.id
FROM last
JOIN journal AS j ON j.id = last.id
CROSS JOIN bulk
LEFT JOIN daily_usage AS u ON u.id = CAST(j.pk AS INTEGER)
WHERE CASE
      WHEN j.id > bulk.id THEN
          json_extract(j.after, '$.usage_bytes') IS NOT u.usage_bytes
          OR json_extract(j.after, '$.date') IS NOT u.date
      ELSE json_extract(j.after, '$.updated_at') = u.updated_at
           AND json_extract(j.after, '$.usage_bytes') <> u.usage_bytes
      END
ORDER BY j.id
LIMIT 1
