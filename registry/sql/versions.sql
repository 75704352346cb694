-- name: lock_subject
-- Nothing; holds the right to change one subject's versions until the transaction ends. :key is drawn from its name.
SELECT pg_advisory_xact_lock(%(key)s);

-- name: registered_version
-- The newest version of :subject whose schema is exactly this one; a deleted one if :deleted. Or no row.
-- Index: the unique one on schema.fingerprint, then version's primary key.
SELECT v.subject, v.version, v.schema_id, s.guid, s.schema_text, s.metadata, s.rule_set, v.registered_at, v.deleted
  FROM registry.schema AS s
  JOIN registry.version AS v ON v.schema_id = s.id
 WHERE s.fingerprint = %(fingerprint)s AND v.subject = %(subject)s AND (%(deleted)s OR NOT v.deleted)
 ORDER BY v.deleted, v.version DESC LIMIT 1;

-- name: schema_id_of
-- The id of a schema, or no row. Index: the unique one on fingerprint.
SELECT id FROM registry.schema WHERE fingerprint = %(fingerprint)s;

-- name: add_schema
-- The new schema's id; no row when another transaction added the same schema first (it has committed by then).
INSERT INTO registry.schema (fingerprint, schema_text, metadata, rule_set)
VALUES (%(fingerprint)s, %(schema_text)s, %(metadata)s, %(rule_set)s)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: import_schema
-- The id that was asked for; no row when the id or the schema is there already.
INSERT INTO registry.schema (id, fingerprint, schema_text, metadata, rule_set) OVERRIDING SYSTEM VALUE
VALUES (%(schema_id)s, %(fingerprint)s, %(schema_text)s, %(metadata)s, %(rule_set)s)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: pass_over_ids
-- Nothing of use; ids up to :schema_id are never given by the sequence.
SELECT setval('registry.schema_id_seq', greatest((SELECT last_value FROM registry.schema_id_seq), %(schema_id)s));

-- name: add_references
-- Nothing. Those of a new schema.
INSERT INTO registry.reference (schema_id, name, subject, version)
SELECT %(schema_id)s::integer, each.name, each.subject, each.version
  FROM unnest(%(names)s::text[], %(subjects)s::text[], %(versions)s::integer[]) AS each (name, subject, version)
ON CONFLICT DO NOTHING;

-- name: add_version
-- The number of the new version: :version, or one above the highest that :subject has. Under lock_subject. Primary key.
INSERT INTO registry.version (subject, version, schema_id, registered_by)
SELECT %(subject)s, coalesce(%(version)s::integer, max(version) + 1, 1), %(schema_id)s, %(registered_by)s
  FROM registry.version WHERE subject = %(subject)s
RETURNING version;

-- name: schema
-- id, guid, text, metadata, rules of one schema that some version still uses, or no row. Primary key.
SELECT s.id, s.guid, s.schema_text, s.metadata, s.rule_set FROM registry.schema AS s
 WHERE s.id = %(schema_id)s AND EXISTS (SELECT FROM registry.version AS v WHERE v.schema_id = s.id);

-- name: schema_of_guid
-- The same by its guid. Index: the unique one on guid.
SELECT s.id, s.guid, s.schema_text, s.metadata, s.rule_set FROM registry.schema AS s
 WHERE s.guid = %(guid)s AND EXISTS (SELECT FROM registry.version AS v WHERE v.schema_id = s.id);

-- name: highest_id
-- The highest id ever given, 0 before the first. Primary key.
SELECT coalesce(max(id), 0) FROM registry.schema;

-- name: references_of
-- schema_id, name, subject, version of what each of :ids refers to, in order. Primary key.
SELECT schema_id, name, subject, version FROM registry.reference WHERE schema_id = ANY(%(ids)s) ORDER BY schema_id, name;

-- name: referenced_by
-- The ids of the schemas that refer to a version and are used. Index: reference_to_version.
SELECT DISTINCT r.schema_id FROM registry.reference AS r JOIN registry.version AS v ON v.schema_id = r.schema_id
 WHERE r.subject = %(subject)s AND r.version = %(version)s AND (%(deleted)s OR NOT v.deleted) ORDER BY 1;

-- name: versions_of_schema
-- subject and version of each use of a schema. Index: version_of_schema.
SELECT subject, version FROM registry.version
 WHERE schema_id = %(schema_id)s AND (%(deleted)s OR NOT deleted) ORDER BY subject, version;

-- name: subjects
-- The names with a version of the wanted kind (live, deleted too, deleted only), in order. Walks the primary key.
SELECT subject FROM registry.version
 WHERE starts_with(subject, %(prefix)s) GROUP BY subject
HAVING CASE WHEN %(deleted_only)s THEN bool_and(deleted) ELSE %(deleted)s OR bool_or(NOT deleted) END
 ORDER BY subject OFFSET %(offset)s LIMIT %(limit)s;

-- name: contexts
-- The names of the contexts that have a subject: the part between the colons. Walks the primary key.
SELECT DISTINCT split_part(subject, ':', 2) FROM registry.version WHERE starts_with(subject, ':.') ORDER BY 1;

-- name: versions_of_subject
-- The version numbers of :subject of the wanted kind, ascending. Primary key.
SELECT version FROM registry.version
 WHERE subject = %(subject)s AND CASE WHEN %(deleted_only)s THEN deleted ELSE %(deleted)s OR NOT deleted END
 ORDER BY version OFFSET %(offset)s LIMIT %(limit)s;

-- name: live_versions
-- The live versions of :subject among :numbers. Primary key.
SELECT v.subject, v.version, v.schema_id, s.guid, s.schema_text, s.metadata, s.rule_set, v.registered_at, v.deleted
  FROM registry.version AS v JOIN registry.schema AS s ON s.id = v.schema_id
 WHERE v.subject = %(subject)s AND v.version = ANY(%(numbers)s) AND NOT v.deleted ORDER BY v.version;

-- name: version_of_subject
-- One version of :subject, or no row; a deleted one if :deleted. Primary key.
SELECT v.subject, v.version, v.schema_id, s.guid, s.schema_text, s.metadata, s.rule_set, v.registered_at, v.deleted
  FROM registry.version AS v JOIN registry.schema AS s ON s.id = v.schema_id
 WHERE v.subject = %(subject)s AND v.version = %(version)s AND (%(deleted)s OR NOT v.deleted);

-- name: latest_version_of_subject
-- The newest version of :subject, or no row; deleted ones count if :deleted. Primary key, backwards.
SELECT v.subject, v.version, v.schema_id, s.guid, s.schema_text, s.metadata, s.rule_set, v.registered_at, v.deleted
  FROM registry.version AS v JOIN registry.schema AS s ON s.id = v.schema_id
 WHERE v.subject = %(subject)s AND (%(deleted)s OR NOT v.deleted)
 ORDER BY v.version DESC LIMIT 1;

-- name: all_versions
-- Versions of the subjects with a prefix, or only the newest of each, in order. Walks the primary key.
SELECT subject, version, schema_id, guid, schema_text, metadata, rule_set, registered_at, deleted, newest FROM (
    SELECT v.subject, v.version, v.schema_id, s.guid, s.schema_text, s.metadata, s.rule_set, v.registered_at, v.deleted,
           v.version = max(v.version) OVER (PARTITION BY v.subject) AS newest
      FROM registry.version AS v JOIN registry.schema AS s ON s.id = v.schema_id
     WHERE starts_with(v.subject, %(prefix)s) AND (%(deleted)s OR NOT v.deleted)) AS found
 WHERE newest OR NOT %(latest_only)s ORDER BY subject, version OFFSET %(offset)s LIMIT %(limit)s;

-- name: delete_versions
-- The numbers of the versions of :subject that were live and are deleted now. Primary key.
UPDATE registry.version SET deleted = true
 WHERE subject = %(subject)s AND NOT deleted AND (%(version)s::integer IS NULL OR version = %(version)s)
RETURNING version;

-- name: remove_versions
-- The numbers of the deleted versions of :subject that are gone now. Primary key.
DELETE FROM registry.version
 WHERE subject = %(subject)s AND deleted AND (%(version)s::integer IS NULL OR version = %(version)s)
RETURNING version;

-- name: ready
-- One row when the tables are there and readable. Primary key.
SELECT count(*) FROM (SELECT FROM registry.version LIMIT 1) AS any_version;
