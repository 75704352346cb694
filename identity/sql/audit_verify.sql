-- name: links
-- Every link in its order, with its entry if that is there. Index: link_pkey, then entry_pkey once per link (LATERAL
-- with LIMIT, so that nothing is sorted or gathered: the memory needed does not grow).
SELECT l.number, l.entry_id, l.previous_hash, l.hash,
       e.id, e.transaction, e.at, e.actor, e.actor_kind, e.role, e.opd, e.act, e.subject, e.purpose, e.details
  FROM audit.link l
  LEFT JOIN LATERAL (
       SELECT f.id, f.transaction::text AS transaction, f.at, f.actor, f.actor_kind, f.role, f.opd, f.act, f.subject,
              f.purpose, f.details::text AS details
         FROM audit.entry f WHERE f.id = l.entry_id LIMIT 1) AS e ON true
 ORDER BY l.number;

-- name: never_sealed
-- Entries without a link that are older than a sealer needs, by number. Reads both tables.
SELECT e.id
  FROM audit.entry e
  LEFT JOIN audit.link l ON l.entry_id = e.id
 WHERE l.entry_id IS NULL
   AND e.transaction < pg_snapshot_xmin(pg_current_snapshot())
   AND e.at < clock_timestamp() - %(patience)s::interval
 ORDER BY e.id
 LIMIT %(limit)s;
