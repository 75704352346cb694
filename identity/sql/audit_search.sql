-- name: entries
-- One page of the audit, newest first, with the number of each entry's link if it is sealed. An act is given whole or by
-- its first words. Index: entry_by_time, or the narrower one of the filters (entry_by_act, _actor, _opd, _subject).
SELECT e.id, l.number, e.at, e.actor, e.actor_kind, e.role, e.opd, e.act, e.subject, e.purpose, e.details
  FROM audit.entry e
  LEFT JOIN audit.link l ON l.entry_id = e.id
 WHERE (%(act)s::text IS NULL OR e.act >= %(act)s AND e.act < %(act)s || '/')
   AND (%(actor)s::text IS NULL OR e.actor = %(actor)s)
   AND (%(opd)s::text IS NULL OR e.opd = %(opd)s)
   AND (%(subject)s::text IS NULL OR e.subject = %(subject)s)
   AND (%(since)s::timestamptz IS NULL OR e.at >= %(since)s)
   AND (%(until)s::timestamptz IS NULL OR e.at < %(until)s)
   AND (%(before_id)s::bigint IS NULL OR (e.at, e.id) < (%(before_at)s::timestamptz, %(before_id)s))
 ORDER BY e.at DESC, e.id DESC
 LIMIT %(limit)s;

-- name: seen_subject
-- Who was told values of one subject within a time, oldest first. Index: entry_by_subject.
SELECT e.id, e.at, e.actor, e.actor_kind, e.role, e.opd, e.act, e.subject, e.purpose, e.details
  FROM audit.entry e
 WHERE e.subject = %(subject)s AND e.at >= %(since)s AND e.at < %(until)s
   AND e.act IN ('records.unmask', 'records.search', 'records.past')
 ORDER BY e.at, e.id;

-- name: seen_owner
-- Who was told values of an OPD's data within a time, oldest first. Index: entry_by_owner.
SELECT e.id, e.at, e.actor, e.actor_kind, e.role, e.opd, e.act, e.subject, e.purpose, e.details
  FROM audit.entry e
 WHERE e.details ? 'owner' AND e.details ->> 'owner' = %(owner)s AND e.at >= %(since)s AND e.at < %(until)s
   AND e.act IN ('records.unmask', 'records.search', 'records.past')
 ORDER BY e.at, e.id;

-- name: receivers
-- The grants that held at some moment within a time, on some entities: who may have received their rows. A few hundred
-- rows, read whole.
SELECT g.id, g.reader, g.entity, g.fields, g.purpose, g.legal_basis, g.specific_basis, g.agreement, g.until,
       least(g.ends_at, a.ends_at, a.ended_at) AS ends_at, g.granted_by, g.granted_at, g.revoked_at, g.revoked_by,
       g.revoked_reason
  FROM identity."grant" g
  LEFT JOIN identity.agreement a ON a.number = g.agreement
 WHERE g.entity = ANY(%(entities)s) AND g.granted_at < %(until)s
   AND least(g.ends_at, a.ends_at, a.ended_at, g.revoked_at) > %(since)s
 ORDER BY g.id;

-- name: entities_of
-- The entities that an OPD brings documents of. A few dozen rows, read whole.
SELECT DISTINCT entity FROM hub.document WHERE opd = %(owner)s ORDER BY entity;
