-- Partitions at rest --------------------------------------------------------------------------------
-- A flood of refusals, or of deletes or changes that nobody announced, stops its partition until a person decides.

-- `cause`: the code of the refusals, or the load ('' where the events name none that was announced). `counted` of them
-- among `of` records, or among the live rows that the source had in the partition.
create table hub.pause (
    id         bigint generated always as identity primary key,
    topic_id   uuid not null references hub.topic (topic_id),
    partition  integer not null,
    "offset"   bigint not null,
    kind       text collate "C" not null,
    cause      text collate "C" not null,
    counted    bigint not null,
    "of"       bigint not null,
    at         timestamptz not null default clock_timestamp(),
    ended_at   timestamptz,
    by         text,
    by_kind    text,
    role       text,
    reason     text,
    constraint pause_kind check (kind in ('storm', 'changes', 'deletes')),
    constraint pause_ends_whole check (num_nonnulls(ended_at, by, by_kind, reason) in (0, 4)),
    constraint pause_has_a_reason check (length(btrim(reason)) between 10 and 500)
);
create unique index pause_one_at_a_time on hub.pause (topic_id, partition) where ended_at is null;

-- `watched` is what the breaker remembers of the partition; `pause` the one that holds it. When it ends, all that is in
-- the log by then passes: `passes_to` is -1 until the worker has looked how far that is.
alter table hub.consumer_offset
    add column watched jsonb,
    add column pause bigint references hub.pause (id),
    add column passes_to bigint;

-- Ends a pause. False where it has ended already. Indexes: pause_pkey, consumer_offset_pkey.
create function hub.end_pause(number bigint, by_name text, by_sort text, by_role text, why text, now timestamptz) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
    update hub.pause set ended_at = now, by = by_name, by_kind = by_sort, role = by_role, reason = why
     where id = number and ended_at is null;
    if not found then
        return false;
    end if;
    update hub.consumer_offset set pause = null, passes_to = -1, watched = null where pause = number;
    return true;
end $$;

-- Rights --------------------------------------------------------------------------------------------

revoke all on function hub.end_pause(bigint, text, text, text, text, timestamptz) from public;
grant execute on function hub.end_pause(bigint, text, text, text, text, timestamptz) to simpul_web;
grant select, insert on hub.pause to simpul_intake;
grant select on hub.pause to simpul_web, simpul_jobs;
