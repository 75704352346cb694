-- name: documents
-- The contract of each document that has a table; a few dozen rows, read whole.
select topic, contract from hub.document order by topic;
