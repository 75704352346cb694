-- name: add_draft
-- The new draft; no row when the same text is a living draft already. Index: draft_of_one_text.
INSERT INTO registry.draft (subject, opd, fingerprint, schema_text, schema_references, metadata, rule_set, base_version,
                            author, author_kind, created_at, changed_at)
SELECT %(subject)s, %(opd)s, %(fingerprint)s, %(schema_text)s, %(references)s, %(metadata)s, %(rule_set)s,
       (SELECT max(version) FROM registry.version AS v WHERE v.subject = %(subject)s AND NOT v.deleted),
       %(author)s, %(author_kind)s, %(now)s, %(now)s
ON CONFLICT DO NOTHING
RETURNING id, subject, opd, schema_text, schema_references, metadata, rule_set, base_version, state, author,
          author_kind, created_at, submitted_by, approved_by, changed_at, version, schema_id, in_force_at, trouble;

-- name: living_draft
-- The living draft of this text, or no row. Index: draft_of_one_text.
SELECT id, subject, opd, schema_text, schema_references, metadata, rule_set, base_version, state, author,
       author_kind, created_at, submitted_by, approved_by, changed_at, version, schema_id, in_force_at, trouble
  FROM registry.draft
 WHERE subject = %(subject)s AND fingerprint = %(fingerprint)s
   AND (state IN ('open', 'submitted') OR (state = 'approved' AND version IS NULL));

-- name: undecided
-- How many drafts of a subject wait for somebody. Index: draft_of_one_text.
SELECT count(*) FROM registry.draft WHERE subject = %(subject)s AND state IN ('open', 'submitted');

-- name: draft
-- One draft, of the agencies that may be seen. Primary key.
SELECT id, subject, opd, schema_text, schema_references, metadata, rule_set, base_version, state, author,
       author_kind, created_at, submitted_by, approved_by, changed_at, version, schema_id, in_force_at, trouble
  FROM registry.draft WHERE id = %(id)s AND (%(everywhere)s OR opd = ANY(%(opds)s));

-- name: claim
-- The same for whoever changes it; others wait until his transaction ends. Primary key.
SELECT id, subject, opd, schema_text, schema_references, metadata, rule_set, base_version, state, author,
       author_kind, created_at, submitted_by, approved_by, changed_at, version, schema_id, in_force_at, trouble
  FROM registry.draft WHERE id = %(id)s FOR UPDATE;

-- name: drafts
-- Drafts of the agencies that may be seen, the living ones first, then the newest. A few hundred rows, walked.
SELECT id, subject, opd, schema_text, schema_references, metadata, rule_set, base_version, state, author,
       author_kind, created_at, submitted_by, approved_by, changed_at, version, schema_id, in_force_at, trouble
  FROM registry.draft
 WHERE (%(everywhere)s OR opd = ANY(%(opds)s)) AND (%(state)s::text IS NULL OR state = %(state)s)
   AND (%(subject)s::text IS NULL OR subject = %(subject)s)
 ORDER BY state NOT IN ('open', 'submitted'), id DESC LIMIT %(limit)s;

-- name: to_enforce
-- Numbers of approved drafts that do not hold yet, oldest first. Index: draft_to_enforce.
SELECT id FROM registry.draft WHERE state = 'approved' AND version IS NULL ORDER BY id;

-- name: move
-- Nothing. Primary key.
UPDATE registry.draft
   SET state = %(state)s, submitted_by = %(submitted_by)s, approved_by = %(approved_by)s, changed_at = %(now)s,
       trouble = NULL
 WHERE id = %(id)s;

-- name: holds
-- Nothing; the draft is this version from now on. Primary key.
UPDATE registry.draft
   SET version = %(version)s, schema_id = %(schema_id)s, in_force_at = %(now)s, changed_at = %(now)s, trouble = NULL
 WHERE id = %(id)s;

-- name: note_trouble
-- The number of the draft when the trouble is a new one. Primary key.
UPDATE registry.draft SET trouble = %(trouble)s
 WHERE id = %(id)s AND version IS NULL AND trouble IS DISTINCT FROM %(trouble)s RETURNING id;

-- name: add_step
-- Nothing. What happened to a draft.
INSERT INTO registry.draft_step (draft_id, step, by, by_kind, role, reason, at)
VALUES (%(draft)s, %(step)s, %(by)s, %(by_kind)s, %(role)s, %(reason)s, %(now)s);

-- name: steps
-- What happened to a draft, in order. Index: draft_step_of_draft.
SELECT step, by, by_kind, role, reason, at FROM registry.draft_step WHERE draft_id = %(draft)s ORDER BY id;

-- name: add_comment
-- Nothing. Something that was said.
INSERT INTO registry.draft_comment (draft_id, author, said, at) VALUES (%(draft)s, %(author)s, %(said)s, %(now)s);

-- name: comments
-- What was said about a draft, in order. Index: draft_comment_of_draft.
SELECT author, said, at FROM registry.draft_comment WHERE draft_id = %(draft)s ORDER BY id;

-- name: lock_seeding
-- Nothing; two processes that seed come one after the other.
SELECT pg_advisory_xact_lock(%(key)s);

-- name: any_governed
-- Whether any document has a version. Primary key, by its prefix.
SELECT EXISTS (SELECT FROM registry.version WHERE subject >= 'opd.' AND subject < 'opd/');

-- name: contracts_of_entity
-- Topic and contract of each document of an entity. Walks the table, which is small.
SELECT topic, contract FROM hub.document WHERE entity = %(entity)s ORDER BY topic;
