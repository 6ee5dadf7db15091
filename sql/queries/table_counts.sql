-- How much there is of what, at a cost that does not grow with the days: those
-- are kept count of, and the journal's ids have no gaps.
-- name: table_counts
SELECT 'locations', count(*) FROM locations
UNION ALL
SELECT 'daily_usage', coalesce(sum(records), 0) FROM location_records
UNION ALL
SELECT 'monthly_summaries', count(*) FROM monthly_summaries
UNION ALL
SELECT 'cycle_settings', count(*) FROM cycle_settings
UNION ALL
SELECT 'imports', count(*) FROM imports
UNION ALL
SELECT 'users', count(*) FROM users
UNION ALL
SELECT 'api_keys', count(*) FROM api_keys
UNION ALL
SELECT 'journal',
       coalesce((SELECT max(id) FROM journal)
                - (SELECT min(id) FROM journal) + 1, 0)
