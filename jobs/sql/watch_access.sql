-- What the watch asks about requests for access.

-- name: undecided
-- Requests that wait for a decision: whose, of what, since when they lie on that desk. Indexes:
-- access_request_undecided, access_step_of_request.
select r.id, r.reader, r.owner, r.document, r.state,
       (select max(s.at) from identity.access_step s where s.request = r.id and s.act in ('ask', 'agree'))
  from identity.access_request r
 where r.state in ('asked', 'agreed')
 order by r.id;

-- name: answered
-- Requests that were granted or refused since a moment, with the role in which they were asked for. A few hundred rows,
-- read whole. Index: access_step_of_request.
select r.id, r.reader, r.document, r.state, l.at, f.role
  from identity.access_request r
 cross join lateral (select s.at from identity.access_step s
                      where s.request = r.id and s.act in ('grant', 'refuse') order by s.id desc limit 1) l
 cross join lateral (select s.role from identity.access_step s where s.request = r.id order by s.id limit 1) f
 where r.state in ('granted', 'refused') and l.at > %(since)s
 order by r.id;
