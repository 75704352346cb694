-- Audit, its chain, and grants.

-- Audit ---------------------------------------------------------------------------------------------
-- An entry stands in the transaction of the act that it tells of. A sealer numbers and chains what is committed.

create schema audit;
comment on schema audit is 'Who did what: entries, and the chain that shows whether one was changed or taken away.';

create table audit.entry (
    id          bigint generated always as identity primary key,
    -- the writing transaction: the sealer finds what was committed late by it (docs/explanation/audit.md)
    transaction xid8 not null default pg_current_xact_id(),
    at          timestamptz not null default clock_timestamp(),
    actor       text collate "C" not null,
    actor_kind  text not null,
    role        text,
    opd         text,
    act         text collate "C" not null,
    subject     text collate "C",
    purpose     text,
    details     jsonb not null default '{}',
    constraint entry_actor_kind check (actor_kind in ('person', 'token', 'system', 'command')),
    constraint entry_act_is_dotted check (act ~ '^[a-z][a-z_]*(\.[a-z][a-z_]*)+$'),
    constraint entry_at_is_finite check (isfinite(at)),
    constraint entry_details_are_an_object check (jsonb_typeof(details) = 'object'),
    -- what has no canonical text cannot be sealed, so it does not get in by any road
    constraint entry_details_have_whole_numbers check (not details @?
        '$.** ? (@.type() == "number" && (@.floor() != @ || @.abs() > 9007199254740991))')
);
create index entry_by_transaction on audit.entry (transaction);
create index entry_by_time on audit.entry (at);
create index entry_by_act on audit.entry (act, at);
create index entry_by_actor on audit.entry (actor, at);
create index entry_by_opd on audit.entry (opd, at);
create index entry_by_subject on audit.entry (subject, at) where subject is not null;
create index entry_by_owner on audit.entry ((details ->> 'owner'), at) where details ? 'owner';

-- A link seals one entry: its number without a gap, and SHA-256 over the hash before it and the entry.
create table audit.link (
    number        bigint primary key,
    entry_id      bigint not null unique,
    previous_hash bytea not null,
    hash          bytea not null,
    -- when this was written, every committed entry of a smaller transaction had its link
    settled       xid8 not null,
    sealed_at     timestamptz not null default clock_timestamp(),
    constraint link_counts_from_one check (number >= 1),
    constraint link_hashes_are_sha256 check (octet_length(previous_hash) = 32 and octet_length(hash) = 32)
);

create function audit.refuse() returns trigger language plpgsql as $$
begin
    raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
end $$;

create trigger entry_is_append_only before update or delete or truncate on audit.entry
    for each statement execute function audit.refuse();
create trigger link_is_append_only before update or delete or truncate on audit.link
    for each statement execute function audit.refuse();
-- also in sessions that replicate
alter table audit.entry enable always trigger entry_is_append_only;
alter table audit.link enable always trigger link_is_append_only;

grant usage on schema audit to simpul_intake, simpul_publisher, simpul_registry, simpul_web, simpul_jobs;
-- Not the number and not the transaction: those are the database's to say.
grant insert (at, actor, actor_kind, role, opd, act, subject, purpose, details) on audit.entry
    to simpul_intake, simpul_publisher, simpul_registry, simpul_web, simpul_jobs;
grant select on audit.entry, audit.link to simpul_web, simpul_jobs;
grant insert on audit.link to simpul_jobs;
