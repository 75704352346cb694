-- Replays of dead letters ---------------------------------------------------------------------------
-- A letter is settled by the record that replayed it: that went in, was known, waits, or was refused again. What is
-- refused again is a letter of its own in its own place, which names the one before it, counts the tries, and keeps the
-- place where the event stood first.

alter table hub.dead_letter
    add column outcome text collate "C",
    add column settled_topic_no integer,
    add column settled_partition integer,
    add column settled_offset bigint,
    add column replay_of bigint references hub.dead_letter (id),
    add column tries integer not null default 0,
    add column first_topic_no integer,
    add column first_partition integer,
    add column first_offset bigint,
    add column replayed_at timestamptz,
    add constraint dead_letter_outcome check (outcome in ('accepted', 'known', 'parked', 'refused')),
    add constraint dead_letter_settled_by_a_replay
        check (num_nonnulls(outcome, settled_topic_no, settled_partition, settled_offset) in (0, 4)
               and (outcome is null or settled_at is not null)),
    add constraint dead_letter_of_a_replay
        check (num_nonnulls(replay_of, first_topic_no, first_partition, first_offset) in (0, 4)
               and (replay_of is null) = (tries = 0));
create index dead_letter_open on hub.dead_letter (id) where settled_at is null;

-- Hands out letters for a replay, with their bytes, and marks them; at most so many, and no more bytes than a step can
-- hold at once. Only what is not settled and is one event (not a batch that was never unpacked); what a replay has taken before is given again only when it is named. Indexes:
-- dead_letter_open, dead_letter_pkey.
create function hub.take_letters(
    of_topic text, of_code text, from_time timestamptz, until_time timestamptz, named bigint, after_id bigint,
    last_id bigint, most integer, most_bytes bigint)
    returns table (id bigint, topic text, key bytea, value bytea, headers jsonb)
    language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    with wanted as (
        select l.id, coalesce(octet_length(l.value), 0) as size
          from hub.dead_letter l join hub.topic t using (topic_no)
         where l.settled_at is null and l.code <> 'batch-too-large' and l.id > after_id and l.id <= last_id
           and (named is null or l.id = named) and (named is not null or l.replayed_at is null)
           and (of_topic is null or t.name = of_topic) and (of_code is null or l.code = of_code)
           and (from_time is null or l.received_at >= from_time) and (until_time is null or l.received_at < until_time)
         order by l.id limit most),
    summed as (select w.id, sum(w.size) over (order by w.id) - w.size as before from wanted w),
    taken as (
        update hub.dead_letter l set replayed_at = clock_timestamp()
          from summed s where s.id = l.id and s.before < most_bytes
        returning l.id, l.topic_no, l.key, l.value, l.headers)
    select k.id, t.name, k.key, k.value, k.headers from taken k join hub.topic t using (topic_no) order by k.id
$$;

-- The end of waiting --------------------------------------------------------------------------------
-- What is returned when its time is over must be whole, so what waits keeps its headers.

alter table hub.parked add column headers jsonb, add column appended_at timestamptz;
create index parked_by_time on hub.parked (topic, parked_at);

-- References to records that have ended: deleted, past their `berlaku_sampai`, or replaced. Counted once a day by a job;
-- `keys` are some of those records where their keys are personal to nobody.
create table hub.ended_reference (
    topic   text collate "C" not null,
    field   text collate "C" not null,
    cause   text collate "C" not null,
    entity  text collate "C" not null,
    rows    bigint not null,
    records bigint not null,
    keys    text[] not null,
    seen_at timestamptz not null,
    primary key (topic, field, cause),
    constraint ended_reference_cause check (cause in ('dihapus', 'berakhir', 'diganti'))
);

-- Whether everybody may see the keys of an entity: by all contracts that speak about it. None speaks: no.
create function hub.has_open_keys(of_entity text) returns boolean
    language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(bool_and(f.value ->> 'sensitivity' = 'umum'), false)
      from hub.document d cross join jsonb_array_elements(d.contract -> 'fields') f
     where d.entity = of_entity and d.contract -> 'contract' -> 'key' ? (f.value ->> 'name')
$$;

-- What waits, by document and by what it misses. The missing key is given only where everybody may see it. Reads the
-- parking lot once.
create function hub.waiting(of_topics text[])
    returns table (topic text, field text, entity text, key text, events bigint, records bigint, since timestamptz)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    with entities as materialized (
        select e.missing_entity, hub.has_open_keys(e.missing_entity) as open
          from (select distinct missing_entity from hub.parked where topic = any (of_topics)) e)
    select p.topic, p.field, p.missing_entity, case when e.open then p.missing_key end,
           count(*), count(distinct p.missing_key), min(p.parked_at)
      from hub.parked p join entities e using (missing_entity)
     where p.topic = any (of_topics)
     group by 1, 2, 3, 4
$$;

-- Rights --------------------------------------------------------------------------------------------

revoke all on function hub.take_letters(text, text, timestamptz, timestamptz, bigint, bigint, bigint, integer, bigint),
    hub.has_open_keys(text), hub.waiting(text[]) from public;
grant execute on function
    hub.take_letters(text, text, timestamptz, timestamptz, bigint, bigint, bigint, integer, bigint) to simpul_jobs;
grant execute on function hub.waiting(text[]) to simpul_web, simpul_jobs;

grant update (settled_at, outcome, settled_topic_no, settled_partition, settled_offset) on hub.dead_letter
    to simpul_intake;
grant select (outcome, settled_topic_no, settled_partition, settled_offset, replay_of, tries, first_topic_no,
              first_partition, first_offset, replayed_at) on hub.dead_letter to simpul_web, simpul_jobs;
grant select (appended_at, key, headers) on hub.parked to simpul_intake;
grant select on hub.ended_reference to simpul_web, simpul_jobs;
