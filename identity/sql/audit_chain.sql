-- name: become_the_sealer
-- Whether this transaction is the one that seals; held until it ends.
SELECT pg_try_advisory_xact_lock(%(lock)s);

-- name: head
-- The newest link. Index: link_pkey, backwards.
SELECT number, hash, settled::text FROM audit.link ORDER BY number DESC LIMIT 1;

-- name: horizon
-- Every transaction below the first is over; none that this session sees is as great as the second.
SELECT pg_snapshot_xmin(pg_current_snapshot())::text, pg_snapshot_xmax(pg_current_snapshot())::text;

-- name: waiting
-- Committed entries without a link, of transactions from :settled on. Index: entry_by_transaction, then
-- link_entry_id_key once per entry (LATERAL with LIMIT, so that no plan reads all links). Greater transactions than the
-- server's own are of another server, before a restore, and have their links.
SELECT e.id, e.transaction::text, e.at, e.actor, e.actor_kind, e.role, e.opd, e.act, e.subject, e.purpose,
       e.details::text
  FROM audit.entry e
  LEFT JOIN LATERAL (SELECT l.number FROM audit.link l WHERE l.entry_id = e.id LIMIT 1) AS link ON true
 WHERE e.transaction >= %(settled)s::xid8
   AND e.transaction < pg_snapshot_xmax(pg_current_snapshot())
   AND link.number IS NULL
 ORDER BY e.transaction, e.id
 LIMIT %(limit)s;

-- name: missed
-- Entries without a link, whatever their transaction. Reads both tables: for the start of a sealer.
SELECT e.id, e.transaction::text, e.at, e.actor, e.actor_kind, e.role, e.opd, e.act, e.subject, e.purpose,
       e.details::text
  FROM audit.entry e
  LEFT JOIN audit.link l ON l.entry_id = e.id
 WHERE l.entry_id IS NULL
 ORDER BY e.id
 LIMIT %(limit)s;

-- name: add_links
-- The links of a pass, one number after the other.
INSERT INTO audit.link (number, entry_id, previous_hash, hash, settled)
SELECT new.number, new.entry_id, new.previous_hash, new.hash, %(settled)s::xid8
  FROM unnest(%(numbers)s::bigint[], %(entries)s::bigint[], %(before)s::bytea[], %(hashes)s::bytea[])
    AS new (number, entry_id, previous_hash, hash);

-- name: unsealed
-- How many committed entries wait for their link, and the oldest one's moment. As `waiting`.
SELECT count(*), min(e.at)
  FROM audit.entry e
  LEFT JOIN LATERAL (SELECT l.number FROM audit.link l WHERE l.entry_id = e.id LIMIT 1) AS link ON true
 WHERE e.transaction >= coalesce((SELECT l.settled FROM audit.link l ORDER BY l.number DESC LIMIT 1), '0'::xid8)
   AND link.number IS NULL;
