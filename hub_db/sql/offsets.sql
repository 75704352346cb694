-- name: topic_of_id
-- The hub's number of a topic's incarnation. Index: topic_topic_id_key.
select topic_no from hub.topic where topic_id = %(topic_id)s;

-- name: topic_of_no
-- The incarnation of a topic by the hub's number. Index: topic_pkey.
select topic_id from hub.topic where topic_no = %(topic_no)s;

-- name: add_topic
-- Enters an incarnation of a topic; the number of earlier ones counts up.
insert into hub.topic (topic_id, name, document, incarnation)
select %(topic_id)s, %(name)s, %(document)s, count(*) from hub.topic where name = %(name)s
on conflict (topic_id) do nothing
returning topic_no;

-- name: position
-- Where the hub stands in a partition; no row when it was never read. Index: consumer_offset_pkey.
select next_offset from hub.consumer_offset where topic_id = %(topic_id)s and partition = %(partition)s;

-- name: claim
-- The same, with what the breaker remembers; nobody else can move it before this transaction ends.
-- Index: consumer_offset_pkey.
select next_offset, watched, pause, passes_to from hub.consumer_offset
 where topic_id = %(topic_id)s and partition = %(partition)s
   for update;

-- name: open_partition
-- The first position of a partition.
insert into hub.consumer_offset (topic_id, partition, next_offset)
values (%(topic_id)s, %(partition)s, %(next_offset)s);

-- name: advance
-- Moves the position and the totals, if the position is still the one that was claimed.
update hub.consumer_offset
   set next_offset = %(next_offset)s,
       records = records + %(records)s,
       accepted = accepted + %(accepted)s + %(released)s,
       known = known + %(known)s + %(outdated)s,
       parked = parked + %(parked)s - %(released)s - %(outdated)s,
       dead = dead + %(dead)s,
       appended_at = coalesce(%(appended_at)s, appended_at),
       watched = %(watched)s,
       updated_at = clock_timestamp()
 where topic_id = %(topic_id)s and partition = %(partition)s and next_offset = %(first_offset)s;

-- name: passes_to
-- What stands in the log before this offset passes the breaker. Index: consumer_offset_pkey.
update hub.consumer_offset set passes_to = %(passes_to)s where topic_id = %(topic_id)s and partition = %(partition)s;

-- name: settle_released
-- Moves events that left the parking lot from parked to accepted, known and dead in the totals.
update hub.consumer_offset
   set accepted = accepted + %(released)s, known = known + %(outdated)s, dead = dead + %(dead)s,
       parked = parked - %(released)s - %(outdated)s - %(dead)s,
       updated_at = clock_timestamp()
 where topic_id = %(topic_id)s and partition = %(partition)s;

-- name: add_batch
-- One row of the ledger.
insert into hub.batch (kind, topic_id, partition, first_offset, next_offset, records,
                       accepted, known, parked, dead, worker, fetched_at, round, loads)
values (%(kind)s, %(topic_id)s, %(partition)s, %(first_offset)s, %(next_offset)s, %(records)s,
        %(accepted)s, %(known)s, %(parked)s, %(dead)s, %(worker)s, %(fetched_at)s, %(round)s, %(loads)s);

-- name: reached
-- Where the hub stands in the partitions of these topics. Index: consumer_offset_pkey.
select topic_id, partition, next_offset from hub.consumer_offset where topic_id = any(%(topic_ids)s);

-- name: stop
-- Nothing is read of a partition from now on. Index: stopped_partition_pkey.
insert into hub.stopped_partition (topic_id, partition, next_offset, log_end)
values (%(topic_id)s, %(partition)s, %(next_offset)s, %(log_end)s)
on conflict do nothing;

-- name: stopped
-- The partitions of these topics of which nothing is read. Index: stopped_partition_pkey.
select topic_id, partition from hub.stopped_partition where topic_id = any(%(topic_ids)s);
