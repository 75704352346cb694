-- Batches in which workers died.

-- name: last_attempt
-- The batch that somebody began last, right after he got the partition. Index: attempt_pkey.
select first_offset, next_offset, records, deaths, ended_at is not null
  from hub.attempt where topic_id = %(topic_id)s and partition = %(partition)s;

-- name: begin_attempt
-- A batch is begun, in place of the one before it. Index: attempt_pkey.
insert into hub.attempt (topic_id, partition, first_offset, next_offset, records, deaths, worker)
values (%(topic_id)s, %(partition)s, %(first_offset)s, %(next_offset)s, %(records)s, %(deaths)s, %(worker)s)
on conflict (topic_id, partition) do update
   set first_offset = excluded.first_offset, next_offset = excluded.next_offset, records = excluded.records,
       deaths = excluded.deaths, worker = excluded.worker, begun_at = excluded.begun_at, ended_at = null;

-- name: end_attempts
-- A worker that stops in order died in none of its batches. Index: attempt_pkey.
update hub.attempt a set ended_at = clock_timestamp()
  from unnest(%(topic_ids)s::uuid[], %(partitions)s::int[]) as his (topic_id, partition)
 where a.topic_id = his.topic_id and a.partition = his.partition and a.worker = %(worker)s and a.ended_at is null;
