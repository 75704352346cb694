-- Cases ----------------------------------------------------------------------------------------------
-- The procedure of the twelve stages. What happened to a case is its events, append-only; the case is their fold
-- (sop/). One row of a case is the lock under which its next events are decided.

create schema sop;

-- The contact person is personal, so it stands here and in no event. `state` and `version` follow the events.
create table sop."case" (
    number        text collate "C" primary key,
    opd           text collate "C" not null references identity.opd (code),
    documents     text[] not null,
    state         text not null,
    version       integer not null,
    contact_name  text not null default '',
    contact_phone text not null default '',
    begun_at      timestamptz not null,
    constraint case_names_documents check (cardinality(documents) > 0),
    constraint case_state check (state in ('draft', 'running', 'held', 'live', 'closed', 'cancelled'))
);
create index case_of_opd on sop."case" (opd, number);

-- The last number given in a year.
create table sop.case_number (
    year integer primary key,
    last integer not null
);

-- `command` is the id of what was commanded, `ce_id` follows from it: a command that comes twice is done once.
create table sop.event (
    id          bigint generated always as identity primary key,
    "case"      text collate "C" not null references sop."case" (number),
    version     integer not null,
    ce_id       text collate "C" not null unique,
    command     text collate "C" not null,
    kind        text collate "C" not null,
    case_state  text not null,
    at          timestamptz not null,
    "on"        date not null,
    actor       text collate "C" not null,
    role        text,
    unit        text,
    acting      text,
    stage       integer,
    round       integer,
    expected    text,
    state       text,
    returned_to integer,
    met         boolean,
    manual      boolean not null,
    reason      text,
    documents   text[] not null,
    target      date,
    due         date,
    days_used   integer,
    days_left   integer,
    detail      jsonb not null,
    constraint event_is_in_its_turn unique ("case", version),
    constraint event_id_fits_its_header check (octet_length(ce_id) between 1 and 128),
    constraint event_fits_a_record check (octet_length(detail::text) + coalesce(octet_length(reason), 0) <= 65536)
);
create index event_of_command on sop.event (command);

-- The outbox of sop.status: an event's number is its place in the order of commits, given once.
create table sop.outgoing (
    event   bigint primary key references sop.event (id),
    number  bigint unique,
    sent_at timestamptz,
    constraint outgoing_is_numbered_before_it_is_sent check (sent_at is null or number is not null)
);
create index outgoing_unsent on sop.outgoing (event) where sent_at is null;

-- The newest fact of each label about each subject, for a stage that begins later than the fact.
create table sop.known_fact (
    label   text collate "C" not null,
    subject text collate "C" not null,
    opd     text collate "C" not null,
    ce_id   text collate "C" not null,
    at      timestamptz not null,
    number  bigint not null,
    primary key (label, subject)
);
create index known_fact_of_opd on sop.known_fact (opd);

-- Where the reader of sop.fact stands; moved in the transaction that decides upon the fact.
create table sop.fact_place (
    topic       text collate "C" primary key,
    next_offset bigint not null,
    last_number bigint not null
);

create function sop.refuse() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    raise exception 'what happened to a case is never changed' using errcode = 'restrict_violation';
end
$$;
create trigger event_is_append_only before update or delete or truncate on sop.event
    for each statement execute function sop.refuse();

-- Rights --------------------------------------------------------------------------------------------

grant usage on schema sop to simpul_web, simpul_intake, simpul_publisher, simpul_jobs;
grant select, insert on sop."case", sop.case_number, sop.event, sop.outgoing to simpul_web;
grant update (state, version, contact_name, contact_phone) on sop."case" to simpul_web;
grant update (last) on sop.case_number to simpul_web;
grant select on sop.known_fact to simpul_web;
-- The reader of facts decides too, but begins no case.
grant select (number, opd, documents, state, version), update (state, version) on sop."case" to simpul_intake, simpul_jobs;
grant select, insert on sop.event, sop.outgoing to simpul_intake, simpul_jobs;
grant select, insert, update on sop.known_fact, sop.fact_place to simpul_intake;
grant select on sop.known_fact to simpul_jobs;
grant select on hub.own_topic to simpul_intake;  -- the schema of what it reads
grant select on sop.event, sop.outgoing to simpul_publisher;
grant select (number, opd) on sop."case" to simpul_publisher;
grant update (number, sent_at) on sop.outgoing to simpul_publisher;
