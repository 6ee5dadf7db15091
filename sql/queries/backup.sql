-- For each table of a database, whatever its schema: how to read it in the
-- order of its key, how to put a row in, how to take one out by its id, how to
-- count its rows. Names are those of sqlite_schema; columns that are computed
-- are left out.
-- name: table_statements
SELECT s.name,
       'SELECT ' || t.names || ' FROM "' || s.name || '" ORDER BY '
           || coalesce(t.keys, 'rowid'),
       'INSERT INTO "' || s.name || '" (' || t.names || ') VALUES ('
           || t.marks || ')',
       'DELETE FROM "' || s.name || '" WHERE id = ?1',
       'SELECT count(*) FROM "' || s.name || '"'
FROM sqlite_schema AS s
JOIN (SELECT o.name AS owner,
             group_concat('"' || c.name || '"', ', ') AS names,
             group_concat('?', ', ') AS marks,
             (SELECT group_concat('"' || k.name || '"', ', ')
              FROM pragma_table_info(o.name) AS k
              WHERE k.pk > 0) AS keys
      FROM sqlite_schema AS o
      JOIN pragma_table_info(o.name) AS c
      WHERE o.type = 'table'
      GROUP BY o.name) AS t ON t.owner = s.name
WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite~_%' ESCAPE '~'
ORDER BY s.name
