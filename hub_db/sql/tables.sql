-- name: column_types
-- Column and type, as PostgreSQL writes it, of a table. Index: pg_attribute's primary key.
SELECT attname::text, format_type(atttypid, atttypmod)
  FROM pg_attribute
 WHERE attrelid = to_regclass(format('%%I.%%I', %(schema)s::text, %(name)s::text)) AND attnum > 0 AND NOT attisdropped;

-- name: column_checks
-- Column and name of each CHECK that is about one column alone. Index: pg_constraint's one on conrelid.
SELECT a.attname::text, c.conname::text
  FROM pg_constraint AS c
  JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
 WHERE c.conrelid = to_regclass(format('%%I.%%I', %(schema)s::text, %(name)s::text))
   AND c.contype = 'c' AND cardinality(c.conkey) = 1
 ORDER BY 1, 2;

-- name: contract_of_topic
-- The contract that the hub reads a topic by, or no row. Primary key.
SELECT contract FROM hub.document WHERE topic = %(topic)s;
