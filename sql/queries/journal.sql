-- name: journal_head
SELECT id, mac FROM journal ORDER BY id DESC LIMIT 1

-- name: journal_append
INSERT INTO journal (id, at, timeline, batch, actor, address, source,
                     request_id, op, tbl, pk, before, after, prev, key_id, mac)
VALUES (:id, :at, :timeline, :batch, :actor, :address, :source,
        :request_id, :op, :tbl, :pk, :before, :after, :prev, :key_id, :mac)

-- name: journal_count
SELECT count(*) FROM journal WHERE id > :after AND id <= :upto

-- name: journal_walk
SELECT id, at, timeline, batch, actor, address, source, request_id, op, tbl,
       pk, before, after, prev, key_id, mac
FROM journal
WHERE id > :after AND id <= :upto
ORDER BY id

-- After a restore of the whole database its timeline starts in the middle.
-- name: journal_before_timeline
SELECT id - 1 FROM journal WHERE timeline > :timeline ORDER BY id LIMIT 1

-- name: journal_mac
SELECT mac FROM journal WHERE id = :id

-- A list walks back from the newest entry, or along an index where what it
-- asks for is rare; the filters are asked of each entry that it meets.

-- name: journal_list
SELECT id, at, actor, address, source, request_id, op, tbl, pk, before, after
FROM journal
WHERE id < :before
  AND (:actor IS NULL OR actor = :actor)
  AND (:op IS NULL OR op = :op)
  AND (:tbl IS NULL OR tbl = :tbl)
  AND (:is_event IS NULL OR (tbl = 'event') = :is_event)
  AND (:from IS NULL OR at >= :from)
  AND (:until IS NULL OR at < :until)
ORDER BY id DESC
LIMIT :limit

-- tbl: any but daily_usage, which the index leaves out.
-- name: journal_list_rare
SELECT id, at, actor, address, source, request_id, op, tbl, pk, before, after
FROM journal
WHERE tbl = :tbl AND tbl <> 'daily_usage' AND id < :before
  AND (:actor IS NULL OR actor = :actor)
  AND (:op IS NULL OR op = :op)
  AND (:is_event IS NULL OR (tbl = 'event') = :is_event)
  AND (:from IS NULL OR at >= :from)
  AND (:until IS NULL OR at < :until)
ORDER BY id DESC
LIMIT :limit

-- Sorts the entries of the days, however many came after them.
-- name: journal_list_days
SELECT id, at, actor, address, source, request_id, op, tbl, pk, before, after
FROM journal
WHERE at >= coalesce(:from, '') AND at < coalesce(:until, '~') AND +id < :before
  AND (:actor IS NULL OR actor = :actor)
  AND (:op IS NULL OR op = :op)
  AND (:tbl IS NULL OR tbl = :tbl)
  AND (:is_event IS NULL OR (tbl = 'event') = :is_event)
ORDER BY +id DESC
LIMIT :limit

-- name: journal_last_before
SELECT coalesce((SELECT min(id) FROM journal WHERE at >= :at) - 1,
                (SELECT max(id) FROM journal), 0)

-- name: journal_delete_upto
DELETE FROM journal WHERE id <= :upto

-- name: journal_prune_newest
SELECT upto_id, mac, seal, key_id, at
FROM journal_prunes
ORDER BY upto_id DESC
LIMIT 1

-- name: journal_prune_add
INSERT INTO journal_prunes (upto_id, mac, seal, key_id, at)
VALUES (:upto, :mac, :seal, :key_id, :at)
