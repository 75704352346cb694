-- name: contract
-- The contract of a document that the hub takes. Index: document_opd_document_key.
SELECT contract FROM hub.document WHERE opd = %(opd)s AND document = %(document)s;

-- name: documents
-- Every document that the hub takes: OPD, name, what it is. A few dozen rows, read whole.
SELECT d.opd, d.document, d.entity, d.contract ->> 'doc' AS doc FROM hub.document d ORDER BY d.opd, d.document;
