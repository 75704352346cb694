-- name: ask
-- The number of a new request.
insert into identity.access_request (reader, owner, document, entity, fields, purpose, legal_basis, specific_basis,
                                     agreement, starts, until, asked_by, asked_at, state)
values (%(reader)s, %(owner)s, %(document)s, %(entity)s, %(fields)s, %(purpose)s, %(legal_basis)s, %(specific_basis)s,
        %(agreement)s, %(starts)s, %(until)s, %(asked_by)s, %(asked_at)s, %(state)s)
returning id;

-- name: claim
-- One request, held until the transaction ends, so that two offices do not decide at once. Index: access_request_pkey.
select id, reader, owner, document, entity, fields, purpose, legal_basis, specific_basis, agreement, starts, until,
       asked_by, asked_at, state, grant_id
  from identity.access_request where id = %(id)s for update;

-- name: requests
-- The requests of some readers or owners, or all; newest first. A few hundred rows, read whole.
select id, reader, owner, document, entity, fields, purpose, legal_basis, specific_basis, agreement, starts, until,
       asked_by, asked_at, state, grant_id
  from identity.access_request
 where %(everywhere)s or reader = any(%(opds)s) or owner = any(%(opds)s)
 order by id desc;

-- name: request
-- One request. Index: access_request_pkey.
select id, reader, owner, document, entity, fields, purpose, legal_basis, specific_basis, agreement, starts, until,
       asked_by, asked_at, state, grant_id
  from identity.access_request where id = %(id)s;

-- name: move
-- A request's new state.
update identity.access_request set state = %(state)s, grant_id = %(grant)s where id = %(id)s;

-- name: name_agreement
-- The PKS on which a request stands.
update identity.access_request set agreement = %(agreement)s where id = %(id)s;

-- name: add_step
-- What happened to a request.
insert into identity.access_step (request, act, at, actor, role, opd, reason)
values (%(request)s, %(act)s, %(at)s, %(actor)s, %(role)s, %(opd)s, %(reason)s);

-- name: steps
-- What happened to a request, in order. Index: access_step_of_request.
select s.act, s.at, s.actor, s.role, s.opd, s.reason
  from identity.access_step s where s.request = %(request)s order by s.id;
