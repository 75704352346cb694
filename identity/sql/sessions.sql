-- name: open_session
-- Gives the number of the session.
insert into identity.session (token_sha256, person_id, second_factor, started_at, seen_at, expires_at, address, user_agent)
values (%(token)s, %(person_id)s, %(second_factor)s, %(now)s, %(now)s, %(expires_at)s, %(address)s, %(user_agent)s)
returning id;

-- name: living_session
-- The session of a token with its person and the roles in force on a day; no row when it has ended in any way.
-- Indexes: session_token_sha256_key, person_pkey, appointment_of_person.
select s.id, s.person_id, s.second_factor, s.started_at, s.seen_at, s.expires_at, s.address, s.user_agent,
       p.name, p.shown_name,
       coalesce((select array_agg(array[a.role, a.opd, a.acting, a.until_on::text] order by a.from_on, a.id)
                   from identity.appointment a
                  where a.person_id = p.id and a.ended_at is null
                    and a.from_on <= %(on)s and (a.until_on is null or a.until_on >= %(on)s)), '{}') as roles
  from identity.session s
  join identity.person p on p.id = s.person_id
 where s.token_sha256 = %(token)s and s.ended_at is null and p.disabled_at is null
   and s.expires_at > %(now)s and s.seen_at > %(idle_since)s;

-- name: touch_session
-- Notes that the session was used. Index: session_pkey.
update identity.session set seen_at = %(now)s where id = %(id)s and seen_at < %(now)s;

-- name: sessions_of
-- The living sessions of a person, the last used first. Index: session_of_person.
select id, person_id, second_factor, started_at, seen_at, expires_at, address, user_agent
  from identity.session
 where person_id = %(person_id)s and ended_at is null and expires_at > %(now)s and seen_at > %(idle_since)s
 order by seen_at desc, id desc;

-- name: end_session
-- Ends the session of a token. Index: session_token_sha256_key.
update identity.session s set ended_at = %(now)s, ended_because = %(because)s
  from identity.person p
 where s.token_sha256 = %(token)s and s.ended_at is null and p.id = s.person_id
returning s.id, s.person_id, p.name, s.expires_at, s.address, s.user_agent;

-- name: end_one_of
-- Ends one session of a person, by its number. Index: session_pkey.
update identity.session set ended_at = %(now)s, ended_because = %(because)s
 where id = %(id)s and person_id = %(person_id)s and ended_at is null
returning id;

-- name: end_all_of
-- Ends every session of a person but the one with the token %(keep)s, if any. Index: session_of_person.
update identity.session set ended_at = %(now)s, ended_because = %(because)s
 where person_id = %(person_id)s and ended_at is null and (%(keep)s::bytea is null or token_sha256 <> %(keep)s)
returning id;
