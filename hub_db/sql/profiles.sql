-- What fields look like by day. Index of all that names a topic: profile_pkey.

-- name: open_day
-- A row for each field of a document on a day that has none yet.
insert into hub.profile (topic, day, field, seen, looked_at, nulls, different)
select %(topic)s, %(day)s, n.field, 0, 0, 0, 0 from unnest(%(fields)s::text[]) as n (field) order by n.field
on conflict do nothing;

-- name: hold_day
-- What the day's rows have gathered, which nobody else changes until the transaction ends.
select field, looked_at, nulls, registers, counts, low, high
  from hub.profile
 where topic = %(topic)s and day = %(day)s and field = any(%(fields)s)
 order by field
   for update;

-- name: set_day
-- The sums of a day.
update hub.profile p
   set seen = p.seen + %(seen)s, looked_at = n.looked_at, nulls = n.nulls, different = n.different,
       registers = n.registers, counts = n.counts::jsonb, low = n.low, high = n.high
  from unnest(%(fields)s::text[], %(looked_at)s::bigint[], %(nulls)s::bigint[], %(different)s::bigint[],
              %(registers)s::bytea[], %(counts)s::text[], %(low)s::text[], %(high)s::text[])
       as n (field, looked_at, nulls, different, registers, counts, low, high)
 where p.topic = %(topic)s and p.day = %(day)s and p.field = n.field;

-- name: newest_days
-- The newest day on which each document had a profile with enough rows, if it is not too long ago.
select topic, max(day) from hub.profile where day >= %(since)s and looked_at >= %(least)s group by topic order by topic;

-- name: newest_day
-- The newest day of a document's profile; null when it has none.
select max(day) from hub.profile where topic = %(topic)s and day <= %(until)s;

-- name: days_there
-- The days on which a document has a profile, the oldest first.
select distinct day from hub.profile where topic = %(topic)s and day >= %(since)s order by day;

-- name: days
-- A document's fields from one day to another, both included; of a field not what lies before the day from which it
-- is compared.
select p.field, p.day, p.seen, p.looked_at, p.nulls, p.different, p.counts, p.low, p.high
  from hub.profile p
 where p.topic = %(topic)s and p.day between %(first)s and %(last)s
   and p.day >= coalesce((select max(s.day) from hub.profile_start s
                           where s.topic = p.topic and s.field = p.field and s.day <= %(last)s), p.day)
 order by p.field, p.day;

-- name: starts
-- From which day on fields of a document are compared, and why; the newest of each. Index: profile_start_pkey.
select distinct on (field) field, day, by, reason, at
  from hub.profile_start where topic = %(topic)s order by field, day desc;

-- name: add_start
-- A field's days are compared from this one on; no row when somebody has said so already.
insert into hub.profile_start (topic, field, day, by, reason)
values (%(topic)s, %(field)s, %(day)s, %(by)s, %(reason)s)
on conflict do nothing
returning true;
