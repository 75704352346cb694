-- name: wish
-- Asks for a state, once for each cause. Index: source_wish_cause_key.
insert into hub.source_wish (opd, document, state, cause, by, role, unit, reason, asked_at)
values (%(opd)s, %(document)s, %(state)s, %(cause)s, %(by)s, %(role)s, %(unit)s, %(reason)s, %(asked_at)s)
on conflict (cause) do nothing;

-- name: claim
-- The oldest open wish, for one process at a time. Index: source_wish_open.
select id, opd, document, state, cause, by, role, unit, reason, asked_at
  from hub.source_wish
 where done_at is null
 order by id
 limit 1
   for update skip locked;

-- name: close
-- What came of it. Index: source_wish_pkey.
update hub.source_wish set done_at = %(now)s, outcome = %(outcome)s where id = %(id)s;
