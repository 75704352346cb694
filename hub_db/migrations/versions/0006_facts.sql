-- Facts ---------------------------------------------------------------------------------------------
-- What rooms report, in their own transactions. One publisher numbers what has been committed, in the
-- order of commits, sends it to sop.fact and notes that it is sent. A number is given once and stays:
-- what is sent again after a crash carries the same number and the same ce_id.

create table hub.fact (
    id          bigint generated always as identity primary key,
    ce_id       text collate "C" not null unique,
    kind        text collate "C" not null,
    key         text collate "C" not null,
    source      text not null,
    actor       text not null,
    role        text,
    unit        text,
    data        jsonb not null,
    occurred_at timestamptz not null,
    reported_at timestamptz not null default clock_timestamp(),
    number      bigint unique,
    sent_at     timestamptz,
    constraint fact_ce_id_fits_its_header check (octet_length(ce_id) between 1 and 128),
    constraint fact_data_is_an_object check (jsonb_typeof(data) = 'object'),
    constraint fact_fits_a_record check (octet_length(data::text) <= 65536 and octet_length(key) <= 512),
    constraint fact_is_numbered_before_it_is_sent check (sent_at is null or number is not null)
);
create index fact_unsent on hub.fact (id) where sent_at is null;

-- Topics that the hub writes for itself, with the schema of their messages as the registry numbered it.
create table hub.own_topic (
    topic         text collate "C" primary key,
    schema_id     integer not null,
    schema        jsonb not null,
    registered_at timestamptz not null default clock_timestamp()
);

-- The working calendar ------------------------------------------------------------------------------
-- What administrators decided about single days; the last row about a day holds.

create table hub.calendar_change (
    id     bigint generated always as identity primary key,
    day    date not null,
    closed boolean not null,
    reason text not null,
    decree text,
    by     text not null,
    at     timestamptz not null default clock_timestamp(),
    constraint calendar_change_has_a_reason check (length(btrim(reason)) between 1 and 200)
);
create index calendar_change_of_day on hub.calendar_change (day, id);

-- Rights --------------------------------------------------------------------------------------------

grant usage on schema hub to simpul_registry, simpul_jobs;

-- Who reports may add, and no more: neither read what others reported nor number or mark it.
grant insert (ce_id, kind, key, source, actor, role, unit, data, occurred_at) on hub.fact
    to simpul_registry, simpul_intake, simpul_web, simpul_jobs;
grant select on hub.fact, hub.own_topic to simpul_publisher;
grant update (number, sent_at) on hub.fact to simpul_publisher;
-- The watch sees whether facts wait, not what they say.
grant select (id, reported_at, sent_at) on hub.fact to simpul_jobs;

grant select on hub.calendar_change to simpul_intake, simpul_registry, simpul_web, simpul_jobs;
grant insert (day, closed, reason, decree, by) on hub.calendar_change to simpul_web;
