-- The registry whole: references, metadata and rules of schemas, configuration and modes.

alter table registry.schema
    add column guid uuid not null unique
        generated always as (encode(substring(fingerprint from 1 for 16), 'hex')::uuid) stored,
    add column metadata jsonb,
    add column rule_set jsonb;

-- What a schema names without defining it.
create table registry.reference (
    schema_id integer not null references registry.schema (id),
    name      text not null,
    subject   text collate "C" not null,
    version   integer not null,
    primary key (schema_id, name)
);
create index reference_to_version on registry.reference (subject, version);

-- Configuration and mode of everything (scope ''), of a context (':.name:') or of a subject.
create table registry.scope (
    scope      text collate "C" primary key,
    config     jsonb,
    mode       text,
    changed_by text not null,
    changed_at timestamptz not null default clock_timestamp(),
    constraint scope_mode_is_known check (mode in ('READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT')),
    constraint scope_says_something check (config is not null or mode is not null)
);


grant select, insert on registry.reference to simpul_registry;
grant select, insert, update, delete on registry.scope to simpul_registry;
grant delete on registry.version to simpul_registry;
-- An imported id must never be given again: the sequence is moved behind it.
grant usage, select, update on sequence registry.schema_id_seq to simpul_registry;
-- Programs sign in with service tokens.
grant usage on schema identity to simpul_registry;
grant select (id, token_sha256, system_id, documents, permissions, expires_at, last_used_at, revoked_at)
    on identity.service_token to simpul_registry;
grant update (last_used_at) on identity.service_token to simpul_registry;
grant select (id, opd, code, active) on identity.system to simpul_registry;
grant select (code, active) on identity.opd to simpul_registry;
