-- name: summary_find
SELECT id, period_start, period_end, location_id, total_usage_bytes,
       manual_entry, created_at, updated_at
FROM monthly_summaries
WHERE period_start = :start AND location_id = :location_id
  AND (:viewer IS NULL
       OR location_id IN (SELECT location_id FROM location_grants
                          WHERE grantee = :viewer))

-- name: summary_get
SELECT id, period_start, period_end, location_id, total_usage_bytes,
       manual_entry, created_at, updated_at
FROM monthly_summaries
WHERE id = :id
  AND (:viewer IS NULL
       OR location_id IN (SELECT location_id FROM location_grants
                          WHERE grantee = :viewer))

-- name: summary_insert
INSERT INTO monthly_summaries (period_start, period_end, location_id,
                               total_usage_bytes, manual_entry, created_at,
                               updated_at)
VALUES (:start, :end, :location_id, :bytes, :manual, :created_at, :updated_at)

-- name: summary_set
UPDATE monthly_summaries
SET period_end = :end, total_usage_bytes = :bytes, manual_entry = :manual,
    updated_at = :updated_at
WHERE id = :id

-- name: summary_delete
DELETE FROM monthly_summaries WHERE id = :id

-- What somebody says beside what the days add up to; each row reads the days
-- of its own period.
-- name: summary_list
SELECT m.id, m.period_start, m.period_end, m.location_id, l.display_name,
       m.total_usage_bytes, m.manual_entry, m.created_at, m.updated_at,
       (SELECT count(*) FROM daily_usage AS u
        WHERE u.location_id = m.location_id
          AND u.date BETWEEN m.period_start AND m.period_end),
       (SELECT coalesce(sum(u.usage_bytes), 0) FROM daily_usage AS u
        WHERE u.location_id = m.location_id
          AND u.date BETWEEN m.period_start AND m.period_end)
FROM monthly_summaries AS m
JOIN locations AS l ON l.id = m.location_id
WHERE m.period_start BETWEEN :from AND :until
  AND (:viewer IS NULL
       OR m.location_id IN (SELECT location_id FROM location_grants
                            WHERE grantee = :viewer))
ORDER BY m.period_start DESC, m.location_id
LIMIT :limit

-- name: summary_list_location
SELECT m.id, m.period_start, m.period_end, m.location_id, l.display_name,
       m.total_usage_bytes, m.manual_entry, m.created_at, m.updated_at,
       (SELECT count(*) FROM daily_usage AS u
        WHERE u.location_id = m.location_id
          AND u.date BETWEEN m.period_start AND m.period_end),
       (SELECT coalesce(sum(u.usage_bytes), 0) FROM daily_usage AS u
        WHERE u.location_id = m.location_id
          AND u.date BETWEEN m.period_start AND m.period_end)
FROM monthly_summaries AS m
JOIN locations AS l ON l.id = m.location_id
WHERE m.location_id = :location_id
  AND m.period_start BETWEEN :from AND :until
  AND (:viewer IS NULL
       OR m.location_id IN (SELECT location_id FROM location_grants
                            WHERE grantee = :viewer))
ORDER BY m.period_start DESC
LIMIT :limit

-- name: summary_show
SELECT m.id, m.period_start, m.period_end, m.location_id, l.display_name,
       m.total_usage_bytes, m.manual_entry, m.created_at, m.updated_at,
       (SELECT count(*) FROM daily_usage AS u
        WHERE u.location_id = m.location_id
          AND u.date BETWEEN m.period_start AND m.period_end),
       (SELECT coalesce(sum(u.usage_bytes), 0) FROM daily_usage AS u
        WHERE u.location_id = m.location_id
          AND u.date BETWEEN m.period_start AND m.period_end)
FROM monthly_summaries AS m
JOIN locations AS l ON l.id = m.location_id
WHERE m.id = :id
  AND (:viewer IS NULL
       OR m.location_id IN (SELECT location_id FROM location_grants
                            WHERE grantee = :viewer))
