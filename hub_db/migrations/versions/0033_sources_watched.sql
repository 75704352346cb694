-- Profiles of fields --------------------------------------------------------------------------------
-- What the valid rows of a document looked like on a day, field by field: shares and shapes, and no value of a person.
-- The intake gathers them beside its batches, in transactions of their own.

create table hub.profile (
    topic     text collate "C" not null,
    day       date not null,              -- of acceptance, on the instance's walls
    field     text collate "C" not null,
    seen      bigint not null,            -- valid rows that came
    looked_at bigint not null,            -- of these, those that were looked at: all of a small batch, some of a large one
    nulls     bigint not null,            -- of those
    different bigint not null,            -- values, estimated
    registers bytea,                      -- what the estimate grows from while the day lasts
    counts    jsonb not null default '{}',-- rows by code, or by class of length, size or age
    low       text,                       -- of open fields only
    high      text,
    primary key (topic, day, field),
    constraint profile_counts_are_natural check (least(seen, looked_at, nulls, different) >= 0),
    constraint profile_adds_up check (nulls <= looked_at and looked_at <= seen),
    constraint profile_registers_are_512 check (octet_length(registers) = 512)
);

-- From which day on a field's days are compared: somebody has said that it looks otherwise from then on, and why.
create table hub.profile_start (
    topic  text collate "C" not null,
    field  text collate "C" not null,
    day    date not null,
    by     text not null,
    reason text not null,
    at     timestamptz not null default clock_timestamp(),
    primary key (topic, field, day),
    constraint profile_start_has_a_reason check (length(btrim(reason)) between 10 and 500)
);

-- Sources that have gone stale ----------------------------------------------------------------------
-- Batches of which a good part was older than what the hub has: written in the batch's transaction, and only for those.

create table hub.stale_batch (
    topic        text collate "C" not null,
    topic_no     integer not null references hub.topic (topic_no),
    partition    integer not null,
    first_offset bigint not null,
    next_offset  bigint not null,
    records      integer not null,
    older        integer not null,
    at           timestamptz not null default clock_timestamp(),
    primary key (topic_no, partition, first_offset),
    constraint stale_batch_counts_are_natural check (older between 1 and records)
);
create index stale_batch_of_topic on hub.stale_batch (topic, at);

-- The numberings of a source that were begun, each after a comparison; a source without a row is in epoch 0.
create table hub.epoch (
    topic      text collate "C" not null,
    epoch      integer not null,
    comparison jsonb not null,  -- how many keys were equal, different, … when it was granted
    by         text not null,
    by_kind    text not null,
    role       text,
    reason     text not null,
    at         timestamptz not null,
    primary key (topic, epoch),
    constraint epoch_counts_from_one check (epoch >= 1),
    constraint epoch_has_a_reason check (length(btrim(reason)) between 10 and 500)
);
create trigger epoch_is_append_only before update or delete or truncate on hub.epoch
    for each statement execute function audit.refuse();
alter table hub.epoch enable always trigger epoch_is_append_only;

-- Rights --------------------------------------------------------------------------------------------

grant select, insert, update on hub.profile to simpul_intake;
grant insert on hub.stale_batch to simpul_intake;
grant select on hub.profile, hub.profile_start, hub.stale_batch, hub.epoch to simpul_web, simpul_jobs;
grant insert on hub.profile_start, hub.epoch to simpul_web;
grant delete, update (registers) on hub.profile to simpul_jobs;
grant delete on hub.stale_batch to simpul_jobs;
-- The registry tells adapters in which epoch their source is.
grant usage on schema hub to simpul_registry;
grant select (topic, epoch) on hub.epoch to simpul_registry;
