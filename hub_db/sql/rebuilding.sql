-- What a rebuild asks of the ledger. The statements of its copy are made for each document (`rebuild_statements.py`).

-- name: last_release
-- The newest release of any partition. Index: release_pkey.
select coalesce(max(id), 0) from hub.release;

-- name: events_in
-- How many accepted events a stretch of a partition holds. Index: history_pkey.
select count(*) from hub.history
 where topic_no = %(topic_no)s and partition = %(partition)s and "offset" >= %(first)s and "offset" < %(next)s;

-- name: released_since
-- The places of a document's events that were let in by later releases. Indexes: release_pkey; reads the places of all
-- events that ever waited.
select e.topic_no, e.partition, e."offset"
  from hub.release r join hub.topic t using (topic_id) join hub.release_event e on e.release_id = r.id
 where r.id > %(after)s and t.name = %(topic)s
 order by 1, 2, 3;

-- name: has_open_keys
-- Whether everybody may see the keys of an entity's records. Index: document_pkey.
select hub.has_open_keys(%(entity)s);

-- name: no_hurry
-- This transaction may take longer than one of a batch: its statements, and its waiting for another connection's.
select set_config('statement_timeout', '30min', true), set_config('idle_in_transaction_session_timeout', '30min', true);
