-- name: lock_system
-- A system of an active agency, held till the end of the transaction: its tokens are counted then. Index: system_pkey.
select s.id, s.opd, s.code
  from identity.system s
  join identity.opd o on o.code = s.opd
 where s.id = %(id)s and s.active and o.active
   for update of s;

-- name: count_valid
-- How many tokens of a system are valid for a purpose. Index: service_token_of_system.
select count(*)
  from identity.service_token
 where system_id = %(system_id)s and purpose = %(purpose)s and revoked_at is null and expires_at > %(now)s;

-- name: issue_token
-- Gives the number of the token.
insert into identity.service_token (token_sha256, hint, system_id, purpose, documents, permissions, issued_by, issued_at,
                                    expires_at)
values (%(token)s, %(hint)s, %(system_id)s, %(purpose)s, %(documents)s, %(permissions)s, %(by)s, %(now)s,
        %(expires_at)s)
returning id;

-- name: valid_token
-- What a token is for; no row when it has expired, was revoked, or its system or agency is switched off.
-- Index: service_token_token_sha256_key.
select t.id, s.opd, s.code, t.documents, t.permissions, t.last_used_at
  from identity.service_token t
  join identity.system s on s.id = t.system_id
  join identity.opd o on o.code = s.opd
 where t.token_sha256 = %(token)s and t.revoked_at is null and t.expires_at > %(now)s and s.active and o.active;

-- name: use_token
-- Notes that the token was used. Index: service_token_pkey.
update identity.service_token set last_used_at = %(now)s
 where id = %(id)s and (last_used_at is null or last_used_at <= %(unless_since)s);

-- name: tokens
-- The tokens of the agencies that the reader may see, newest first. Index: service_token_of_system.
select t.id, t.hint, s.opd, s.code as system, t.purpose, t.documents, t.permissions, t.issued_by, t.issued_at,
       t.expires_at, t.last_used_at, t.revoked_at, t.revoked_by
  from identity.service_token t
  join identity.system s on s.id = t.system_id
 where %(everywhere)s or s.opd = any(%(opds)s)
 order by t.id desc
 limit %(limit)s;

-- name: opd_of_token
-- The agency and the system of a token. Index: service_token_pkey.
select s.opd, s.code
  from identity.service_token t
  join identity.system s on s.id = t.system_id
 where t.id = %(id)s;

-- name: revoke_token
-- No row when it was revoked already. Index: service_token_pkey.
update identity.service_token set revoked_at = %(now)s, revoked_by = %(by)s
 where id = %(id)s and revoked_at is null
returning id;
