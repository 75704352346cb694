-- Loads that were announced -------------------------------------------------------------------------
-- What a publication said of itself before its first event: its newest announcement, and whether it may be sent.
-- `source_rows` are the live rows that the source had then. With `sampled`, the counts of new, changed and unchanged rows
-- are reckoned from a sample of so many rows of the file; else the sender counted them.
create table hub.load (
    topic         text collate "C" not null,
    load          text collate "C" not null,
    announced_at  timestamptz not null,
    announced_by  text not null,
    system        text not null,
    sha256        bytea,
    rows          bigint not null,
    created       bigint not null,
    changed       bigint not null,
    unchanged     bigint not null,
    deleted       bigint not null,
    sampled       integer,
    source_rows   bigint not null,
    most_changed  double precision not null,
    most_deleted  double precision not null,
    state         text collate "C" not null,
    sent          bigint,
    refused       bigint,
    ended_at      timestamptz,
    primary key (topic, load),
    constraint load_state check (state in ('passed', 'waiting', 'approved', 'refused')),
    constraint load_counts_are_natural
        check (least(rows, created, changed, unchanged, deleted, source_rows, coalesce(sent, 0), coalesce(refused, 0)) >= 0),
    constraint load_sha256_is_one check (octet_length(sha256) = 32),
    constraint load_ends_whole check (num_nonnulls(sent, refused, ended_at) in (0, 3))
);
create index load_newest on hub.load (topic, announced_at);
create index load_waiting on hub.load (topic) where state = 'waiting';

-- A person's yes or no, and to which counts; the newest row of a load holds.
create table hub.load_verdict (
    topic    text collate "C" not null,
    load     text collate "C" not null,
    number   integer not null,
    approved boolean not null,
    changed  bigint not null,
    deleted  bigint not null,
    by       text not null,
    by_kind  text not null,
    role     text,
    reason   text not null,
    at       timestamptz not null,
    primary key (topic, load, number),
    foreign key (topic, load) references hub.load (topic, load),
    constraint load_verdict_counts_from_one check (number >= 1),
    constraint load_verdict_has_a_reason check (length(btrim(reason)) between 10 and 500)
);
create trigger load_verdict_is_append_only before update or delete or truncate on hub.load_verdict
    for each statement execute function audit.refuse();
alter table hub.load_verdict enable always trigger load_verdict_is_append_only;

-- What a batch had of each load that its events name: how many came, and how many keys they made new, changed, deleted.
alter table hub.batch add column loads jsonb;
create index batch_of_loads on hub.batch (topic_id, id) where loads is not null;

-- How many live rows a document's source has, and what some of the rows of a file would do to them: keys that are not
-- there, that have a lower version, that have this one or a higher. A version without a sequence is above any. Counts
-- only, no value. Indexes: the primary key of the source's table, speaker_pkey.
create function hub.load_standing(of_topic text, keys text[], epochs integer[], sequences bigint[])
    returns table (source_rows bigint, created bigint, changed bigint, unchanged bigint)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    speaker hub.speaker;
    matches text;
begin
    select s.* into speaker from hub.speaker s where s.topic = of_topic and not s.feeds;
    if not found then
        return query select 0::bigint, coalesce(cardinality(keys), 0)::bigint, 0::bigint, 0::bigint;
        return;
    end if;
    matches := (select string_agg(format('t.%I = split_part(k.key, ''|'', %s)', c.name, c.place), ' and ')
                  from unnest(speaker.key) with ordinality as c (name, place));
    if cardinality(speaker.key) = 1 then
        matches := format('t.%I = k.key', speaker.key[1]);
    end if;
    return query execute format(
        'select (select count(*) from %1$I.%2$I where not _deleted),'
        '       count(*) filter (where f._deleted is not false),'
        '       count(*) filter (where not f._deleted and (k.sequence is null or (k.epoch, k.sequence) > (f._epoch, f._sequence))),'
        '       count(*) filter (where not f._deleted and (k.epoch, k.sequence) <= (f._epoch, f._sequence))'
        '  from unnest($1, $2, $3) as k (key, epoch, sequence)'
        '  left join lateral (select t._deleted, t._epoch, t._sequence from %1$I.%2$I t where %3$s limit 1) f on true',
        speaker.table_schema, speaker.table_name, matches)
        using keys, epochs, sequences;
end $$;

-- What arrived of a document's loads, as its ledger has it. Index: batch_of_loads. The history need not be read for it.
drop function hub.loads(text);
create function hub.loads_arrived(of_topic text)
    returns table (load text, came bigint, created bigint, changed bigint, deleted bigint, first_at timestamptz, last_at timestamptz)
    language sql stable set search_path = pg_catalog, pg_temp as $$
    select l.key, sum((l.value ->> 0)::bigint)::bigint, sum((l.value ->> 1)::bigint)::bigint,
           sum((l.value ->> 2)::bigint)::bigint, sum((l.value ->> 3)::bigint)::bigint, min(b.tx_at), max(b.tx_at)
      from hub.topic t join hub.batch b using (topic_id) cross join jsonb_each(b.loads) as l (key, value)
     where t.name = of_topic and b.loads is not null
     group by l.key
$$;

-- Rights --------------------------------------------------------------------------------------------

revoke all on function hub.load_standing(text, text[], integer[], bigint[]), hub.loads_arrived(text) from public;
grant execute on function hub.load_standing(text, text[], integer[], bigint[]) to simpul_registry;
grant execute on function hub.loads_arrived(text) to simpul_web;
grant select on hub.document, hub.withdrawn_load, hub.load_verdict to simpul_registry;
grant select, insert, update on hub.load to simpul_registry;
grant select on hub.load to simpul_intake, simpul_web, simpul_jobs;
grant select, insert on hub.load_verdict to simpul_web;
grant update (state) on hub.load to simpul_web;
