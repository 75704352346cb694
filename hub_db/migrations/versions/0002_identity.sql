-- Identity: OPDs and their systems, people, roles, delegates, sessions, service tokens.

create schema identity;
comment on schema identity is 'Who there is: agencies, people, what they may do, and how they prove who they are.';

-- What kind of database this is. One row, written by the owner alone.
create table identity.installation (
    one  boolean primary key default true,
    demo boolean not null,
    constraint installation_is_one check (one)
);

-- Agencies ------------------------------------------------------------------------------------------

create table identity.opd (
    code       text collate "C" primary key,
    name       text not null,
    short_name text not null,
    walidata   boolean not null default false,
    active     boolean not null default true,
    added_at   timestamptz not null default clock_timestamp(),
    constraint opd_code_is_a_slug check (code ~ '^[a-z][a-z0-9]{2,23}$')
);
create unique index opd_one_walidata on identity.opd (walidata) where walidata;

create table identity.system (
    id       bigint generated always as identity primary key,
    opd      text collate "C" not null references identity.opd (code),
    code     text collate "C" not null,
    name     text not null,
    active   boolean not null default true,
    added_at timestamptz not null default clock_timestamp(),
    constraint system_code_is_a_slug check (code ~ '^[a-z][a-z0-9-]{1,39}$'),
    unique (opd, code)
);

-- People --------------------------------------------------------------------------------------------

create table identity.person (
    id          bigint generated always as identity primary key,
    name        text collate "C" not null unique,
    shown_name  text not null,
    office      text not null,
    email       text,
    phone       text,
    disabled_at timestamptz,
    added_at    timestamptz not null default clock_timestamp(),
    constraint person_name_is_a_login check (name ~ '^[a-z][a-z0-9._-]{2,31}$')
);

create table identity.password (
    person_id bigint primary key references identity.person (id),
    hash      text not null,
    set_at    timestamptz not null,
    constraint password_is_argon2id check (starts_with(hash, '$argon2id$'))
);

-- The secret of the codes, and the last step of 30 s whose code was used: a code counts once.
create table identity.second_factor (
    person_id    bigint primary key references identity.person (id),
    secret       text not null,
    confirmed_at timestamptz,
    last_step    bigint not null default 0
);

create table identity.recovery_code (
    person_id   bigint not null references identity.person (id),
    code_sha256 bytea not null,
    used_at     timestamptz,
    primary key (person_id, code_sha256)
);

-- A role in an OPD from a day to a day. A delegate has the letter that says so.
create table identity.appointment (
    id           bigint generated always as identity primary key,
    person_id    bigint not null references identity.person (id),
    role         text not null,
    opd          text collate "C" not null references identity.opd (code),
    acting       text,
    letter       text,
    from_on      date not null,
    until_on     date,
    appointed_by text not null,
    appointed_at timestamptz not null default clock_timestamp(),
    ended_at     timestamptz,
    constraint appointment_role check (role in (
        'opd_admin', 'opd_programmer', 'tim_teknis', 'pejabat_pengawas', 'kabid_aptika', 'kepala_dinas', 'operator',
        'steward', 'auditor', 'reader', 'administrator')),
    constraint appointment_acting check (acting in ('Plt.', 'Plh.')),
    constraint appointment_delegate_has_letter_and_end
        check (acting is null or (letter is not null and until_on is not null)),
    constraint appointment_ends_after_it_begins check (until_on >= from_on)
);
create index appointment_of_person on identity.appointment (person_id) where ended_at is null;
create index appointment_of_office on identity.appointment (opd, role) where ended_at is null;

-- One-time links (in the demo: links for its whole run).
create table identity.link (
    id           bigint generated always as identity primary key,
    token_sha256 bytea not null unique,
    person_id    bigint not null references identity.person (id),
    purpose      text not null,
    issued_by    text not null,
    issued_at    timestamptz not null,
    expires_at   timestamptz not null,
    redeemed_at  timestamptz,
    revoked_at   timestamptz,
    constraint link_purpose check (purpose in ('first_administrator', 'invitation', 'reset', 'demo'))
);
create index link_of_person on identity.link (person_id);

-- Sessions and tries --------------------------------------------------------------------------------

create table identity.session (
    id            bigint generated always as identity primary key,
    token_sha256  bytea not null unique,
    person_id     bigint not null references identity.person (id),
    second_factor boolean not null,
    started_at    timestamptz not null,
    seen_at       timestamptz not null,
    expires_at    timestamptz not null,
    address       text not null,
    user_agent    text not null,
    ended_at      timestamptz,
    ended_because text,
    constraint session_end_has_a_reason check ((ended_at is null) = (ended_because is null)),
    constraint session_ended_because check (ended_because in (
        'sign_out', 'ended_by_owner', 'password_changed', 'second_factor_changed', 'roles_changed', 'disabled'))
);
create index session_of_person on identity.session (person_id) where ended_at is null;
create index session_by_expiry on identity.session (expires_at);

-- A browser from which the person has signed in before: it has a count of tries of its own.
create table identity.device (
    id            bigint generated always as identity primary key,
    token_sha256  bytea not null unique,
    person_id     bigint not null references identity.person (id),
    first_used_at timestamptz not null,
    last_used_at  timestamptz not null,
    user_agent    text not null
);
create index device_of_person on identity.device (person_id);

-- Failed tries of a name, a device or an address. The key is a hash: people type passwords into the wrong field.
create table identity.tries (
    kind       text not null,
    key_sha256 bytea not null,
    failures   integer not null,
    begun_at   timestamptz not null,
    last_at    timestamptz not null,
    waits_till timestamptz,
    primary key (kind, key_sha256),
    constraint tries_kind check (kind in ('name', 'device', 'address'))
);
create index tries_by_time on identity.tries (last_at);

-- What all sign-ins of a minute came to, for the watch.
create table identity.sign_in_minute (
    minute    timestamptz primary key,
    done      integer not null default 0,
    refused   integer not null default 0,
    held_back integer not null default 0
);

-- Service tokens ------------------------------------------------------------------------------------

create table identity.service_token (
    id           bigint generated always as identity primary key,
    token_sha256 bytea not null unique,
    hint         text not null,
    system_id    bigint not null references identity.system (id),
    purpose      text not null,
    documents    text[],
    permissions  text[] not null,
    issued_by    text not null,
    issued_at    timestamptz not null,
    expires_at   timestamptz not null,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    revoked_by   text,
    constraint service_token_lives_a_year_at_most
        check (expires_at > issued_at and expires_at <= issued_at + interval '366 days'),
    constraint service_token_may_something check (cardinality(permissions) > 0),
    constraint service_token_documents_are_named check (documents is null or cardinality(documents) > 0),
    constraint service_token_revocation_is_whole check ((revoked_at is null) = (revoked_by is null))
);
create index service_token_of_system on identity.service_token (system_id, purpose) where revoked_at is null;

-- Rights --------------------------------------------------------------------------------------------
-- Passwords, secrets and sessions are for the pages' process alone. Nothing that tells who acted is ever deleted.

grant usage on schema identity to simpul_web, simpul_jobs, simpul_registry;

grant select on identity.installation to simpul_web, simpul_jobs;
grant select, insert on identity.opd, identity.system, identity.person, identity.appointment, identity.link,
                        identity.session, identity.device, identity.tries, identity.sign_in_minute,
                        identity.service_token, identity.password, identity.second_factor, identity.recovery_code
    to simpul_web;
grant update (name, short_name, walidata, active) on identity.opd to simpul_web;
grant update (name, active) on identity.system to simpul_web;
grant update (shown_name, office, email, phone, disabled_at) on identity.person to simpul_web;
grant update (until_on, ended_at) on identity.appointment to simpul_web;
grant update (redeemed_at, revoked_at) on identity.link to simpul_web;
grant update (seen_at, ended_at, ended_because) on identity.session to simpul_web;
grant update (last_used_at) on identity.device to simpul_web;
grant update (hash, set_at) on identity.password to simpul_web;
grant update (last_used_at, revoked_at, revoked_by) on identity.service_token to simpul_web;
grant update on identity.tries, identity.sign_in_minute, identity.second_factor, identity.recovery_code to simpul_web;
grant delete on identity.device, identity.tries, identity.second_factor, identity.recovery_code to simpul_web;

-- Notices go to the people of an office; the watch looks at what expires; old traces are swept.
grant select on identity.opd, identity.system, identity.person, identity.appointment, identity.sign_in_minute
    to simpul_jobs;
grant select (id, hint, system_id, purpose, documents, permissions, issued_at, expires_at, last_used_at, revoked_at)
    on identity.service_token to simpul_jobs;
grant select (id, person_id, purpose, issued_at, expires_at, redeemed_at, revoked_at) on identity.link to simpul_jobs;
grant select (expires_at, ended_at) on identity.session to simpul_jobs;
grant select (last_used_at) on identity.device to simpul_jobs;
grant select (last_at) on identity.tries to simpul_jobs;
grant delete on identity.link, identity.session, identity.device, identity.tries, identity.sign_in_minute
    to simpul_jobs;

grant select on identity.opd to simpul_registry;
