-- name: systems_with_fetches
-- The systems of some agencies, with the last time that a password of theirs was fetched. Index:
-- credential_request_of_system.
select s.id, s.opd, s.code, s.name, s.active and o.active as active, last.done_at as fetched_at, last.actor as fetched_by
  from identity.system s
  join identity.opd o on o.code = s.opd
  left join lateral (
       select r.done_at, r.actor from identity.credential_request r
        where r.system_id = s.id and r.done_at is not null
        order by r.id desc limit 1) last on true
 where %(everywhere)s or s.opd = any(%(opds)s)
 order by s.opd, s.code;

-- name: working_system
-- One system that is switched on, as its agency is. Index: system_pkey.
select s.opd, s.code from identity.system s join identity.opd o on o.code = s.opd
 where s.id = %(id)s and s.active and o.active;

-- name: ask
-- The number of a new request.
insert into identity.credential_request (system_id, code_id, salt, sealed, actor, actor_kind, role, requested_at,
                                         expires_at)
values (%(system_id)s, %(code_id)s, %(salt)s, %(sealed)s, %(actor)s, %(actor_kind)s, %(role)s, %(now)s, %(expires_at)s)
returning id;

-- name: is_done
-- Whether Kafka has it, and whether it was dropped. Index: credential_request_pkey.
select done_at is not null, dropped_at is not null from identity.credential_request where id = %(id)s;

-- name: drop
-- Gives a request up and its seal with it; no row when it was done meanwhile. Index: credential_request_pkey.
update identity.credential_request set dropped_at = %(now)s, sealed = null
 where id = %(id)s and done_at is null and dropped_at is null
returning id;

-- name: drop_overdue
-- Gives up what nobody waits for any more. Index: credential_request_waiting.
update identity.credential_request set dropped_at = %(now)s, sealed = null
 where done_at is null and dropped_at is null and expires_at <= %(now)s;

-- name: any_waiting
-- Whether a request waits. Index: credential_request_waiting.
select exists (select from identity.credential_request where done_at is null and dropped_at is null);

-- name: next_waiting
-- The oldest request that waits, kept for this transaction. Index: credential_request_waiting.
select r.id, s.opd, s.code, s.active and o.active as active, r.salt, r.sealed, r.actor, r.actor_kind, r.role,
       r.requested_at
  from identity.credential_request r
  join identity.system s on s.id = r.system_id
  join identity.opd o on o.code = s.opd
 where r.done_at is null and r.dropped_at is null and r.expires_at > %(now)s
 order by r.id limit 1
   for update of r;

-- name: done
-- Kafka has it: the seal goes. Index: credential_request_pkey.
update identity.credential_request set done_at = %(now)s, sealed = null where id = %(id)s;

-- name: issue_code
-- The number of a new code.
insert into identity.credential_code (system_id, code_sha256, issued_by, issued_at, expires_at)
values (%(system_id)s, %(code)s, %(by)s, %(now)s, %(expires_at)s)
returning id;

-- name: use_code
-- The number and the system of a code that is good now, which is used with this. Index:
-- credential_code_code_sha256_key.
update identity.credential_code set used_at = %(now)s
 where code_sha256 = %(code)s and used_at is null and expires_at > %(now)s
returning id, system_id;

-- name: give_code_back
-- A code with which nothing was fetched after all may be used again. Index: credential_code_pkey.
update identity.credential_code set used_at = null where id = %(id)s;
