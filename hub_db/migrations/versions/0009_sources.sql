-- The life of sources, and the passwords of agencies' systems at Kafka.

-- What a source of data counts for, from when, by whose word and why. The newest row of a document holds.
create table hub.source_state (
    opd      text collate "C" not null,
    document text collate "C" not null,
    number   integer not null,
    state    text collate "C" not null,
    by       text not null,
    by_kind  text not null,
    role     text,
    reason   text not null,
    at       timestamptz not null,
    primary key (opd, document, number),
    constraint source_state_counts_from_one check (number >= 1),
    constraint source_state_is_known check (state in ('uji', 'pratinjau', 'aktif', 'ditangguhkan', 'ditarik')),
    constraint source_state_by_kind check (by_kind in ('person', 'token', 'system', 'command')),
    constraint source_state_has_a_reason check (length(btrim(reason)) between 10 and 500)
);

create trigger source_state_is_append_only before update or delete or truncate on hub.source_state
    for each statement execute function audit.refuse();
alter table hub.source_state enable always trigger source_state_is_append_only;

-- What was exchanged before states were written down, counted.
insert into hub.source_state (opd, document, number, state, by, by_kind, reason, at)
select opd, document, 1, 'aktif', 'prepare', 'system', 'Sudah dipertukarkan sebelum keadaan sumber dicatat.',
       clock_timestamp()
  from hub.document;

-- A code with which somebody without an account fetches a system's password, once, within a day.
create table identity.credential_code (
    id          bigint generated always as identity primary key,
    system_id   bigint not null references identity.system (id),
    code_sha256 bytea not null unique,
    issued_by   text not null,
    issued_at   timestamptz not null,
    expires_at  timestamptz not null,
    used_at     timestamptz,
    constraint credential_code_ends_after_it_begins check (expires_at > issued_at)
);
create index credential_code_of_system on identity.credential_code (system_id);

-- A new password that somebody has in his hands and Kafka has not yet. The password itself is never here: only what
-- Kafka is to be told, sealed with a key that no database holds, and only until it is told.
create table identity.credential_request (
    id           bigint generated always as identity primary key,
    system_id    bigint not null references identity.system (id),
    code_id      bigint references identity.credential_code (id),
    salt         bytea not null,
    sealed       bytea,
    actor        text not null,
    actor_kind   text not null,
    role         text,
    requested_at timestamptz not null,
    expires_at   timestamptz not null,
    done_at      timestamptz,
    dropped_at   timestamptz,
    constraint credential_request_ends_one_way check (num_nonnulls(done_at, dropped_at) <= 1),
    constraint credential_request_keeps_its_seal_no_longer
        check ((sealed is not null) = (num_nonnulls(done_at, dropped_at) = 0))
);
create index credential_request_waiting on identity.credential_request (id) where done_at is null and dropped_at is null;
create index credential_request_of_system on identity.credential_request (system_id, id);

-- Rights --------------------------------------------------------------------------------------------

grant select on hub.source_state to simpul_intake, simpul_publisher, simpul_registry, simpul_web, simpul_jobs;
grant insert on hub.source_state to simpul_web;

grant select on identity.opd, identity.system to simpul_jobs;
grant select, insert on identity.credential_code to simpul_web;
grant update (used_at) on identity.credential_code to simpul_web;
-- The page may ask, look how far it is and give up; what is sealed it never reads again.
grant insert (system_id, code_id, salt, sealed, actor, actor_kind, role, requested_at, expires_at)
    on identity.credential_request to simpul_web;
grant select (id, system_id, code_id, actor, actor_kind, role, requested_at, expires_at, done_at, dropped_at)
    on identity.credential_request to simpul_web;
grant update (sealed, dropped_at) on identity.credential_request to simpul_web;
grant select on identity.credential_request to simpul_jobs;
grant update (sealed, done_at, dropped_at) on identity.credential_request to simpul_jobs;
