-- name: journal_head
SELECT id, mac FROM journal ORDER BY id DESC LIMIT 1

-- name: journal_append
INSERT INTO journal (id, at, timeline, batch, actor, address, source,
                     request_id, op, tbl, pk, before, after, prev, key_id, mac)
VALUES (:id, :at, :timeline, :batch, :actor, :address, :source,
        :request_id, :op, :tbl, :pk, :before, :after, :prev, :key_id, :mac)

-- name: journal_count
SELECT count(*) FROM journal

-- name: journal_walk
SELECT id, at, timeline, batch, actor, address, source, request_id, op, tbl,
       pk, before, after, prev, key_id, mac
FROM journal
ORDER BY id
