-- name: contract
-- The contract by which the hub takes a topic. Index: document_pkey.
select contract::text from hub.document where topic = %(topic)s;
