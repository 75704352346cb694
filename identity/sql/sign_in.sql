-- name: make_count
-- A count that can be locked, if there is none. Index: tries_pkey.
insert into identity.tries (kind, key_sha256, failures, begun_at, last_at)
values (%(kind)s, %(key)s, 0, %(now)s, %(now)s)
on conflict do nothing;

-- name: lock_count
-- A count of failed tries, held till the end of the transaction. Index: tries_pkey.
select failures, begun_at, last_at, waits_till
  from identity.tries
 where kind = %(kind)s and key_sha256 = %(key)s
   for update;

-- name: write_count
-- Index: tries_pkey. Nothing is returned.
update identity.tries
   set failures = %(failures)s, begun_at = %(begun_at)s, last_at = %(last_at)s, waits_till = %(waits_till)s
 where kind = %(kind)s and key_sha256 = %(key)s;

-- name: reset_count
-- No failures any more. The row stays: somebody may be waiting for its lock. Index: tries_pkey.
update identity.tries set failures = 0, waits_till = null where kind = %(kind)s and key_sha256 = %(key)s;

-- name: give_back_try
-- One try less: it was a right one. Index: tries_pkey.
update identity.tries set failures = greatest(failures - 1, 0), waits_till = null
 where kind = %(kind)s and key_sha256 = %(key)s;

-- name: count_minute
-- Adds to what the sign-ins of a minute came to. Index: sign_in_minute_pkey.
insert into identity.sign_in_minute as had (minute, done, refused, held_back)
values (date_trunc('minute', %(now)s::timestamptz), %(done)s, %(refused)s, %(held_back)s)
on conflict (minute) do update
   set done = had.done + excluded.done, refused = had.refused + excluded.refused,
       held_back = had.held_back + excluded.held_back;

-- name: sign_ins_since
-- What the sign-ins came to since a moment. Index: sign_in_minute_pkey.
select coalesce(sum(done), 0), coalesce(sum(refused), 0), coalesce(sum(held_back), 0)
  from identity.sign_in_minute
 where minute >= %(since)s;

-- name: account
-- What a sign-in needs to know of a login name; the second factor only when it is confirmed. Index: person_name_key.
select p.id, p.name, p.disabled_at is not null as disabled, w.hash,
       f.person_id is not null as has_second_factor
  from identity.person p
  left join identity.password w on w.person_id = p.id
  left join identity.second_factor f on f.person_id = p.id and f.confirmed_at is not null
 where p.name = %(name)s;

-- name: known_device
-- The number of a device from which this person has signed in before. Index: device_token_sha256_key.
select d.id
  from identity.device d
  join identity.person p on p.id = d.person_id
 where d.token_sha256 = %(token)s and p.name = %(name)s and d.last_used_at > %(since)s;

-- name: add_device
-- Remembers a device. Nothing is returned.
insert into identity.device (token_sha256, person_id, first_used_at, last_used_at, user_agent)
values (%(token)s, %(person_id)s, %(now)s, %(now)s, %(user_agent)s);

-- name: use_device
-- Index: device_pkey. Nothing is returned.
update identity.device set last_used_at = %(now)s where id = %(id)s;

-- name: keep_newest_devices
-- Forgets all but a person's last used devices. Index: device_of_person.
delete from identity.device
 where person_id = %(person_id)s
   and id not in (select id from identity.device where person_id = %(person_id)s
                   order by last_used_at desc, id desc limit %(keep)s);

-- name: forget_devices
-- Forgets every device of a person. Index: device_of_person.
delete from identity.device where person_id = %(person_id)s;
