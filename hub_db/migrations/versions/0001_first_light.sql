-- Schemas -------------------------------------------------------------------------------------------

create schema hub;
create schema registry;
create schema reference;

comment on schema hub is 'What happened on the bus: ledger, offsets, history, parking, dead letters, rounds.';
comment on schema registry is 'Schemas and their subjects.';
comment on schema reference is 'The reference tables, one per entity, made from contracts.';

-- Registry ------------------------------------------------------------------------------------------

create table registry.schema (
    id          integer generated always as identity primary key,
    fingerprint bytea not null unique,
    schema_text text not null,
    created_at  timestamptz not null default clock_timestamp(),
    constraint schema_fingerprint_is_sha256 check (octet_length(fingerprint) = 32)
);

create table registry.version (
    subject       text collate "C" not null,
    version       integer not null,
    schema_id     integer not null references registry.schema (id),
    registered_by text not null,
    registered_at timestamptz not null default clock_timestamp(),
    deleted       boolean not null default false,
    primary key (subject, version),
    constraint version_counts_from_one check (version >= 1)
);
create index version_of_schema on registry.version (schema_id);

-- Documents and topics ------------------------------------------------------------------------------

create table hub.document (
    topic          text collate "C" primary key,
    opd            text not null,
    document       text not null,
    entity         text not null,
    subject        text not null,
    schema_id      integer not null,
    contract       jsonb not null,
    provisioned_at timestamptz not null default clock_timestamp(),
    unique (opd, document)
);

-- A topic that was deleted and made again is another topic: another id, the next incarnation.
create table hub.topic (
    topic_no      integer generated always as identity primary key,
    topic_id      uuid not null unique,
    name          text collate "C" not null,
    document      text not null,
    incarnation   integer not null,
    first_seen_at timestamptz not null default clock_timestamp(),
    unique (name, incarnation)
);

-- Ledger --------------------------------------------------------------------------------------------
-- Every stretch of a partition's log is one row that names the row before it. A hole, an overlap or a
-- fork breaks a key; a batch that does not add up breaks a check. Neither can commit.

create table hub.batch (
    id           bigint generated always as identity primary key,
    kind         text not null,
    topic_id     uuid not null references hub.topic (topic_id),
    partition    integer not null,
    first_offset bigint,
    next_offset  bigint not null,
    records      integer not null,
    accepted     integer not null,
    known        integer not null,
    parked       integer not null,
    dead         integer not null,
    worker       text not null,
    fetched_at   timestamptz,
    tx_at        timestamptz not null default clock_timestamp(),
    round        bigint,
    constraint batch_kind check (kind in ('genesis', 'batch', 'gap')),
    constraint batch_adds_up check (records = accepted + known + parked + dead),
    constraint batch_counts_are_natural check (least(records, accepted, known, parked, dead) >= 0),
    constraint batch_only_batches_have_records check (kind = 'batch' or records = 0),
    constraint batch_goes_forward check ((kind = 'genesis') = (first_offset is null) and next_offset > coalesce(first_offset, -1)),
    constraint batch_fits_its_offsets check (kind <> 'batch' or records <= next_offset - first_offset),
    constraint batch_starts_once unique nulls not distinct (topic_id, partition, first_offset),
    constraint batch_ends_once unique (topic_id, partition, next_offset),
    constraint batch_follows_another foreign key (topic_id, partition, first_offset)
        references hub.batch (topic_id, partition, next_offset)
);
create index batch_unpublished on hub.batch (id) where round is null and accepted > 0;
create index batch_of_round on hub.batch (round) where round is not null;

-- Where the hub stands in each partition, and its totals in final states: a release moves an event from
-- parked to accepted, known or dead.
create table hub.consumer_offset (
    topic_id    uuid not null references hub.topic (topic_id),
    partition   integer not null,
    next_offset bigint not null,
    records     bigint not null default 0,
    accepted    bigint not null default 0,
    known       bigint not null default 0,
    parked      bigint not null default 0,
    dead        bigint not null default 0,
    appended_at timestamptz,
    updated_at  timestamptz not null default clock_timestamp(),
    primary key (topic_id, partition),
    constraint consumer_offset_adds_up check (records = accepted + known + parked + dead),
    constraint consumer_offset_counts_are_natural check (least(records, accepted, known, parked, dead) >= 0)
);

-- History -------------------------------------------------------------------------------------------
-- Each accepted event with the bytes it came in and the place of its key's previous accepted event.

create table hub.history (
    topic_no         integer not null,
    partition        integer not null,
    "offset"         bigint not null,
    key              text collate "C" not null,
    epoch            integer not null,
    sequence         bigint not null,
    schema_id        integer,
    ce_id            text not null,
    event_time       timestamptz,
    load             text,
    value            bytea,
    before_topic_no  integer,
    before_partition integer,
    before_offset    bigint,
    primary key (topic_no, partition, "offset"),
    constraint history_before_is_whole
        check (num_nonnulls(before_topic_no, before_partition, before_offset) in (0, 3))
);

-- Parking -------------------------------------------------------------------------------------------

create table hub.parked (
    topic_no       integer not null,
    partition      integer not null,
    "offset"       bigint not null,
    topic          text collate "C" not null,
    key            text collate "C" not null,
    epoch          integer not null,
    sequence       bigint not null,
    schema_id      integer not null,
    ce_id          text not null,
    event_time     timestamptz,
    load           text,
    value          bytea not null,
    field          text not null,
    missing_entity text not null,
    missing_key    text collate "C" not null,
    accepted_on    date not null,
    parked_at      timestamptz not null default clock_timestamp(),
    primary key (topic_no, partition, "offset")
);
create index parked_by_key on hub.parked (topic, key);
create index parked_by_what_is_missing on hub.parked (missing_entity, missing_key);

-- Rows that left the parking lot: counted like a batch, with the keys that they changed.
create table hub.release (
    id        bigint generated always as identity primary key,
    topic_id  uuid not null references hub.topic (topic_id),
    partition integer not null,
    accepted  integer not null,
    known     integer not null,
    dead      integer not null,
    tx_at     timestamptz not null default clock_timestamp(),
    round     bigint,
    constraint release_counts_are_natural check (least(accepted, known, dead) >= 0)
);
create index release_unpublished on hub.release (id) where round is null;
create index release_of_round on hub.release (round) where round is not null;

create table hub.release_key (
    release_id bigint not null references hub.release (id),
    key        text collate "C" not null,
    primary key (release_id, key)
);

-- Dead letters --------------------------------------------------------------------------------------

create table hub.dead_letter (
    id          bigint generated always as identity primary key,
    topic_no    integer not null references hub.topic (topic_no),
    partition   integer not null,
    "offset"    bigint not null,
    key         bytea,
    value       bytea,
    headers     jsonb not null,
    fault       text not null,
    code        text not null,
    field       text,
    found       text not null,
    expected    text not null,
    remedy      text not null,
    others      jsonb not null default '[]',
    sha256      bytea not null,
    appended_at timestamptz,
    received_at timestamptz not null default clock_timestamp(),
    round       bigint,
    settled_at  timestamptz,
    unique (topic_no, partition, "offset")
);
create index dead_letter_unpublished on hub.dead_letter (id) where round is null;
create index dead_letter_of_round on hub.dead_letter (round) where round is not null;
create index dead_letter_newest on hub.dead_letter (received_at desc, id desc);

-- Rounds --------------------------------------------------------------------------------------------

create table hub.round (
    id           bigint generated always as identity primary key,
    opened_at    timestamptz not null default clock_timestamp(),
    published_at timestamptz,
    records      integer not null default 0,
    letters      integer not null default 0
);
create index round_open on hub.round (id) where published_at is null;

-- Rights --------------------------------------------------------------------------------------------
-- Each process has a role of its own and only what it needs. Tables that contracts make get their
-- grants where they are made.

grant usage on schema hub, reference to simpul_intake, simpul_publisher, simpul_web;
grant usage on schema registry to simpul_registry;

grant select, insert on registry.schema, registry.version to simpul_registry;
grant update (deleted) on registry.version to simpul_registry;

grant select on hub.document to simpul_intake, simpul_publisher, simpul_web;
grant select, insert on hub.topic to simpul_intake;
grant select on hub.topic to simpul_publisher, simpul_web;

grant select, insert on hub.batch to simpul_intake;
grant select, insert, update on hub.consumer_offset to simpul_intake;
grant select, insert on hub.history, hub.release, hub.release_key, hub.dead_letter to simpul_intake;
grant select, insert, update, delete on hub.parked to simpul_intake;

grant select on hub.batch, hub.history, hub.release, hub.release_key, hub.dead_letter to simpul_publisher;
grant update (round) on hub.batch, hub.release, hub.dead_letter to simpul_publisher;
grant select, insert, update on hub.round to simpul_publisher;

grant select on hub.batch, hub.consumer_offset, hub.release, hub.round to simpul_web;
-- The page shows reasons, never the bytes: the columns with values stay closed to it.
grant select (id, topic_no, partition, "offset", fault, code, field, found, expected, remedy, others, sha256,
              appended_at, received_at, round, settled_at) on hub.dead_letter to simpul_web;
grant select (topic_no, partition, "offset", topic, field, missing_entity, parked_at) on hub.parked to simpul_web;

-- Batches are gathered in temporary tables.
do $$ begin execute 'grant temporary on database ' || quote_ident(current_database()) || ' to simpul_intake'; end $$;
