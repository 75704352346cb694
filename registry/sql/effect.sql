-- name: open_letters
-- How many dead letters of a topic are open, all its incarnations. Index: dead_letter's unique (topic_no, …).
SELECT count(*) FROM hub.dead_letter d JOIN hub.topic t ON t.topic_no = d.topic_no
 WHERE t.name = %(topic)s AND d.settled_at IS NULL;

-- name: newest_letters
-- The newest open dead letters of a topic with their bytes, at most :limit, newest first. Index: dead_letter_pkey.
SELECT d.key, d.value, d.headers FROM hub.dead_letter d JOIN hub.topic t ON t.topic_no = d.topic_no
 WHERE t.name = %(topic)s AND d.settled_at IS NULL
 ORDER BY d.id DESC LIMIT %(limit)s;

-- name: schema_texts
-- The schemas of some ids. Index: schema_pkey.
SELECT id, schema_text FROM registry.schema WHERE id = ANY(%(ids)s);

-- name: contracts
-- The contracts of the other documents that are open here. A few dozen rows, read whole.
SELECT contract FROM hub.document WHERE topic <> %(topic)s ORDER BY topic;

-- name: contract_in_force
-- The contract of a document as it is in force. Index: document_pkey.
SELECT contract FROM hub.document WHERE topic = %(topic)s;

-- name: keep_effect
-- Stores the effect of a text on a document; a later reckoning replaces an earlier one. Index: draft_effect_pkey.
INSERT INTO registry.draft_effect (draft_id, effect, reckoned_at) VALUES (%(draft)s, %(effect)s, clock_timestamp())
    ON CONFLICT (draft_id) DO UPDATE SET effect = excluded.effect, reckoned_at = excluded.reckoned_at;

-- name: effect_of_draft
-- The stored effect of a draft and when it was reckoned. Index: draft_effect_pkey.
SELECT effect, reckoned_at FROM registry.draft_effect WHERE draft_id = %(draft)s;

-- name: draft_text
-- The text of a draft. Index: draft_pkey.
SELECT schema_text FROM registry.draft WHERE id = %(draft)s;
