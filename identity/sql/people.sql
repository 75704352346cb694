-- name: add_person
-- Adds a person; no row when the login name is taken.
insert into identity.person (name, shown_name, office, email, phone)
values (%(name)s, %(shown_name)s, %(office)s, %(email)s, %(phone)s)
on conflict (name) do nothing
returning id;

-- name: people
-- The people whom the reader may see (by an appointment that was not ended), by login name, one page after %(after)s.
-- With %(search)s only those whose names hold it. Indexes: person_name_key, appointment_of_person.
select p.id, p.name, p.shown_name, p.office, p.email, p.phone, p.disabled_at, p.added_at,
       exists (select 1 from identity.password w where w.person_id = p.id) as has_password,
       exists (select 1 from identity.second_factor f where f.person_id = p.id and f.confirmed_at is not null)
           as has_second_factor
  from identity.person p
 where p.name > %(after)s
   and (%(everywhere)s or exists (select 1 from identity.appointment a
                                   where a.person_id = p.id and a.ended_at is null and a.opd = any(%(opds)s)))
   and (%(search)s::text is null or position(lower(%(search)s) in lower(p.name || ' ' || p.shown_name)) > 0)
 order by p.name
 limit %(limit)s;

-- name: person
-- One person, by number or by login name. Indexes: person_pkey, person_name_key.
select p.id, p.name, p.shown_name, p.office, p.email, p.phone, p.disabled_at, p.added_at,
       exists (select 1 from identity.password w where w.person_id = p.id) as has_password,
       exists (select 1 from identity.second_factor f where f.person_id = p.id and f.confirmed_at is not null)
           as has_second_factor
  from identity.person p
 where p.id = %(id)s or p.name = %(name)s;

-- name: lock_person
-- Holds the person's row till the end of the transaction: whoever changes roles or password waits. Index: person_pkey.
select id from identity.person where id = %(id)s for update;

-- name: change_person
-- What may change of a person. Index: person_pkey.
update identity.person
   set shown_name = %(shown_name)s, office = %(office)s, email = %(email)s, phone = %(phone)s
 where id = %(id)s;

-- name: disable
-- No row when the account was disabled already. Index: person_pkey.
update identity.person set disabled_at = %(now)s where id = %(id)s and disabled_at is null returning id;

-- name: enable
-- No row when the account was not disabled. Index: person_pkey.
update identity.person set disabled_at = null where id = %(id)s and disabled_at is not null returning id;

-- name: appoint
-- Adds one role in one agency, from a day to a day; gives its number.
insert into identity.appointment (person_id, role, opd, acting, letter, from_on, until_on, appointed_by, appointed_at)
values (%(person_id)s, %(role)s, %(opd)s, %(acting)s, %(letter)s, %(from_on)s, %(until_on)s, %(by)s, %(now)s)
returning id;

-- name: appointments
-- What was not ended of several people, oldest first. Index: appointment_of_person.
select id, person_id, role, opd, acting, letter, from_on, until_on, appointed_by
  from identity.appointment
 where person_id = any(%(people)s) and ended_at is null
 order by from_on, id;

-- name: end_appointment
-- No row when it is not this person's or was ended already. Index: appointment_pkey.
update identity.appointment set ended_at = %(now)s
 where id = %(id)s and person_id = %(person_id)s and ended_at is null
returning role, opd;

-- name: office_holders
-- Who holds a role in an agency on a day, delegates included. Index: appointment_of_office.
select p.id, p.name, p.shown_name, p.email, a.acting
  from identity.appointment a
  join identity.person p on p.id = a.person_id
 where a.opd = %(opd)s and a.role = %(role)s and a.ended_at is null and p.disabled_at is null
   and a.from_on <= %(on)s and (a.until_on is null or a.until_on >= %(on)s)
 order by a.acting nulls first, p.name;

-- name: shown_names
-- What the people with these login names are called. Index: person_name_key.
select name, shown_name from identity.person where name = any(%(names)s);
