-- Loads that were withdrawn -------------------------------------------------------------------------
-- What people decided about a load, in order; the newest row holds.
create table hub.load_step (
    topic     text collate "C" not null,
    load      text collate "C" not null,
    number    integer not null,
    withdrawn boolean not null,
    by        text not null,
    by_kind   text not null,
    role      text,
    reason    text not null,
    at        timestamptz not null,
    primary key (topic, load, number),
    constraint load_step_counts_from_one check (number >= 1),
    constraint load_step_has_a_reason check (length(btrim(reason)) between 10 and 500)
);
create trigger load_step_is_append_only before update or delete or truncate on hub.load_step
    for each statement execute function audit.refuse();
alter table hub.load_step enable always trigger load_step_is_append_only;

-- The loads by which no event may go in, as the intake has it: read when a document's entity has another generation.
create table hub.withdrawn_load (
    topic text collate "C" not null,
    load  text collate "C" not null,
    primary key (topic, load)
);

-- What a step did to a key: its row went back to an earlier event, went away, came back, or was not the load's any more
-- as another event had come since. Where a row came back, the place is that of the event before which it came.
create table hub.load_key (
    topic     text collate "C" not null,
    load      text collate "C" not null,
    number    integer not null,
    key       text collate "C" not null,
    outcome   text collate "C" not null,
    topic_no  integer,
    partition integer,
    "offset"  bigint,
    primary key (topic, load, number, key),
    foreign key (topic, load, number) references hub.load_step (topic, load, number),
    constraint load_key_outcome check (outcome in ('back', 'gone', 'returned', 'changed')),
    constraint load_key_place_is_whole check (num_nonnulls(topic_no, partition, "offset") in (0, 3))
);
create index load_key_of_key on hub.load_key (topic, key) where topic_no is not null;

-- The loads of a document, newest first, with how many events of each went in. Reads the document's history.
create function hub.loads(of_topic text) returns table (load text, events bigint, first_at timestamptz, last_at timestamptz)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select h.load, count(*), min(h.event_time), max(h.event_time)
      from hub.topic t join hub.history h using (topic_no)
     where t.name = of_topic and h.load is not null
     group by h.load
     order by max((h.topic_no, h."offset")) desc
$$;

-- What the steps of a load did, in numbers.
create function hub.load_outcomes(of_topic text, of_load text) returns table (number integer, outcome text, keys bigint)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select k.number, k.outcome, count(*) from hub.load_key k
     where k.topic = of_topic and k.load = of_load group by 1, 2 order by 1, 2
$$;

-- Rights --------------------------------------------------------------------------------------------

revoke all on function hub.loads(text), hub.load_outcomes(text, text) from public;
grant execute on function hub.loads(text), hub.load_outcomes(text, text) to simpul_web;
grant select, insert on hub.load_step to simpul_web;
grant select on hub.withdrawn_load to simpul_web, simpul_intake;
