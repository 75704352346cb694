-- name: put_password
-- Sets the hash of a person's password. Index: password_pkey.
insert into identity.password (person_id, hash, set_at) values (%(person_id)s, %(hash)s, %(now)s)
on conflict (person_id) do update set hash = excluded.hash, set_at = excluded.set_at;

-- name: rehash
-- The same password under newer parameters, unless it was changed meanwhile. Index: password_pkey.
update identity.password set hash = %(hash)s where person_id = %(person_id)s and hash = %(had)s;

-- name: password_of
-- The hash of a person's password. Index: password_pkey.
select hash from identity.password where person_id = %(person_id)s;

-- name: words_of_place
-- What a password may not contain: codes and names of the agencies.
select code, name, short_name from identity.opd;

-- name: put_secret
-- A new secret, not yet confirmed; never over a confirmed one. Index: second_factor_pkey.
insert into identity.second_factor (person_id, secret) values (%(person_id)s, %(secret)s)
on conflict (person_id) do update set secret = excluded.secret, last_step = 0
 where identity.second_factor.confirmed_at is null
returning person_id;

-- name: secret_of
-- The secret, held till the end of the transaction, so that one code is tried at a time. Index: second_factor_pkey.
select secret, confirmed_at, last_step from identity.second_factor where person_id = %(person_id)s for update;

-- name: use_step
-- Notes the step whose code was used; no row when it or a later one was. Index: second_factor_pkey.
update identity.second_factor set last_step = %(step)s, confirmed_at = coalesce(confirmed_at, %(now)s)
 where person_id = %(person_id)s and last_step < %(step)s
returning person_id;

-- name: use_recovery_code
-- No row when the code is unknown or was used. Index: recovery_code_pkey.
update identity.recovery_code set used_at = %(now)s
 where person_id = %(person_id)s and code_sha256 = %(code)s and used_at is null
returning person_id;

-- name: add_recovery_codes
-- Nothing is returned.
insert into identity.recovery_code (person_id, code_sha256)
select %(person_id)s, code from unnest(%(codes)s::bytea[]) as code;

-- name: recovery_codes_left
-- How many recovery codes were not used. Index: recovery_code_pkey.
select count(*) from identity.recovery_code where person_id = %(person_id)s and used_at is null;

-- name: forget_recovery_codes
-- Index: recovery_code_pkey. Nothing is returned.
delete from identity.recovery_code where person_id = %(person_id)s;

-- name: forget_second_factor
-- No row when there was none. Index: second_factor_pkey.
delete from identity.second_factor where person_id = %(person_id)s returning person_id;
