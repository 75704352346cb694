-- Who holds an office, and how each of them wants to be told.

-- name: people_of_office
-- People who hold a role in an OPD on a day, delegates among them, with the newest appointment of each, and their
-- preferences. Indexes: appointment_of_office, person_pkey, preference_pkey.
select distinct on (p.id) p.id, p.shown_name, p.email, a.acting,
       coalesce(w.mail, 'each') as mail, w.digest_hour, w.quiet_from, w.quiet_until
  from identity.appointment a
  join identity.person p on p.id = a.person_id
  left join notice.preference w on w.person = p.id
 where a.opd = %(opd)s and a.role = %(role)s and a.ended_at is null
   and a.from_on <= %(on)s and (a.until_on is null or a.until_on >= %(on)s)
   and p.disabled_at is null
 order by p.id, a.acting nulls first, a.id desc;

-- name: preference_of
-- How a person wants to be told; no row means the instance's ways. Index: preference_pkey.
select mail, digest_hour, quiet_from, quiet_until from notice.preference where person = %(person)s;

-- name: set_preference
-- Keeps how a person wants to be told. Index: preference_pkey.
insert into notice.preference (person, mail, digest_hour, quiet_from, quiet_until, updated_at)
values (%(person)s, %(mail)s, %(digest_hour)s, %(quiet_from)s, %(quiet_until)s, %(now)s)
on conflict (person) do update
   set mail = excluded.mail, digest_hour = excluded.digest_hour, quiet_from = excluded.quiet_from,
       quiet_until = excluded.quiet_until, updated_at = excluded.updated_at;
