-- Batches in which workers died, and partitions whose log lost its end -------------------------------------------------

-- The first batch that a worker takes of a partition after it got it, entered before anything of it is decoded: who died
-- in it finds it again. `deaths`: how often a worker died in this stretch, or in a larger one that holds it.
create table hub.attempt (
    topic_id     uuid not null references hub.topic (topic_id),
    partition    integer not null,
    first_offset bigint not null,
    next_offset  bigint not null,
    records      integer not null,
    deaths       integer not null,
    worker       text not null,
    begun_at     timestamptz not null default clock_timestamp(),
    ended_at     timestamptz,
    primary key (topic_id, partition),
    constraint attempt_is_a_stretch check (next_offset > first_offset and records > 0 and deaths >= 0)
);

-- Partitions of which nothing is read, as the broker has lost records that the hub has: what comes there now stands in
-- the places of others. A topic made anew has another id and is read.
create table hub.stopped_partition (
    topic_id    uuid not null references hub.topic (topic_id),
    partition   integer not null,
    next_offset bigint not null,
    log_end     bigint not null,
    stopped_at  timestamptz not null default clock_timestamp(),
    primary key (topic_id, partition),
    constraint stopped_partition_lost_something check (log_end < next_offset)
);

-- Rights ------------------------------------------------------------------------------------------------------------

grant select, insert, update on hub.attempt to simpul_intake;
grant select, insert, delete on hub.stopped_partition to simpul_intake;
grant select on hub.attempt, hub.stopped_partition to simpul_jobs, simpul_web;
-- A publisher that finds rounds at the broker which this database has lost lists their keys and counts on behind them.
grant insert on hub.change, hub.change_key to simpul_publisher;
grant select, update on sequence hub.round_id_seq to simpul_publisher;
