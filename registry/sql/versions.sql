-- name: lock_subject
-- Nothing; holds the right to add a version to one subject until the transaction ends. :key is drawn from its name.
SELECT pg_advisory_xact_lock(%(key)s);

-- name: registered_version
-- The newest live version of :subject whose schema is exactly this one: version, schema_id, schema_text; or no row.
-- Index: the unique one on schema.fingerprint, then version's primary key.
SELECT v.version, v.schema_id, s.schema_text
  FROM registry.schema AS s
  JOIN registry.version AS v ON v.schema_id = s.id
 WHERE s.fingerprint = %(fingerprint)s AND v.subject = %(subject)s AND NOT v.deleted
 ORDER BY v.version DESC LIMIT 1;

-- name: schema_id_of
-- The id of a schema, or no row. Index: the unique one on fingerprint.
SELECT id FROM registry.schema WHERE fingerprint = %(fingerprint)s;

-- name: add_schema
-- The new schema's id; no row when another transaction added the same schema first (it has committed by then).
INSERT INTO registry.schema (fingerprint, schema_text)
VALUES (%(fingerprint)s, %(schema_text)s)
ON CONFLICT (fingerprint) DO NOTHING
RETURNING id;

-- name: add_version
-- The number of the new version: one above the highest that :subject ever had. Under lock_subject. Primary key.
INSERT INTO registry.version (subject, version, schema_id, registered_by)
SELECT %(subject)s, coalesce(max(version), 0) + 1, %(schema_id)s, %(registered_by)s
  FROM registry.version WHERE subject = %(subject)s
RETURNING version;

-- name: schema_text
-- The text of one schema, or no row. Primary key.
SELECT schema_text FROM registry.schema WHERE id = %(schema_id)s;

-- name: versions_of_schema
-- subject and version of each live use of a schema. Index: version_of_schema.
SELECT subject, version FROM registry.version
 WHERE schema_id = %(schema_id)s AND NOT deleted ORDER BY subject, version;

-- name: subjects
-- The names that have a live version, in order. Walks the primary key.
SELECT DISTINCT subject FROM registry.version WHERE NOT deleted ORDER BY subject;

-- name: versions_of_subject
-- The live version numbers of :subject, ascending. Primary key.
SELECT version FROM registry.version WHERE subject = %(subject)s AND NOT deleted ORDER BY version;

-- name: version_of_subject
-- One live version of :subject: version, schema_id, schema_text; or no row. Primary key.
SELECT v.version, v.schema_id, s.schema_text
  FROM registry.version AS v JOIN registry.schema AS s ON s.id = v.schema_id
 WHERE v.subject = %(subject)s AND v.version = %(version)s AND NOT v.deleted;

-- name: latest_version_of_subject
-- The newest live version of :subject: version, schema_id, schema_text; or no row. Primary key, backwards.
SELECT v.version, v.schema_id, s.schema_text
  FROM registry.version AS v JOIN registry.schema AS s ON s.id = v.schema_id
 WHERE v.subject = %(subject)s AND NOT v.deleted
 ORDER BY v.version DESC LIMIT 1;

-- name: ready
-- One row when the tables are there and readable. Primary key.
SELECT count(*) FROM (SELECT FROM registry.version LIMIT 1) AS any_version;
