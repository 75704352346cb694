-- name: entries
-- One page of the audit's entries below :before, newest first, with their number in the chain once it is sealed; each
-- filter may be null. Indexes: entry_pkey, backwards; entry_by_actor, entry_by_act, entry_by_opd, entry_by_subject.
SELECT e.id, e.at, e.actor, e.actor_kind, e.role, e.opd, e.act, e.subject, e.purpose, e.details, l.number
  FROM audit.entry e
  LEFT JOIN audit.link l ON l.entry_id = e.id
 WHERE e.id < %(before)s
   AND (%(everywhere)s OR e.opd = ANY(%(opds)s))
   AND (%(actor)s::text IS NULL OR e.actor = %(actor)s)
   AND (%(act)s::text IS NULL OR e.act = %(act)s)
   AND (%(opd)s::text IS NULL OR e.opd = %(opd)s)
   AND (%(subject)s::text IS NULL OR e.subject = %(subject)s)
   AND (%(since)s::timestamptz IS NULL OR e.at >= %(since)s)
   AND (%(until)s::timestamptz IS NULL OR e.at < %(until)s)
 ORDER BY e.id DESC
 LIMIT %(limit)s;
