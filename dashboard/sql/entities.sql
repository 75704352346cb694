-- name: marks
-- Which version of each document the hub takes. A few dozen rows. Index: document_pkey.
SELECT topic, schema_id FROM hub.document ORDER BY topic;

-- name: contracts
-- Every document's contract. A few dozen rows. Index: document_pkey.
SELECT topic, contract FROM hub.document ORDER BY topic;
