-- name: withdrawn
-- The loads of a topic by which no event may go in. Index: withdrawn_load_pkey.
select load from hub.withdrawn_load where topic = %(topic)s;

-- name: one_at_a_time
-- Nobody else decides about the document's loads before this transaction ends.
select pg_advisory_xact_lock(hashtextextended('simpul.loads.' || %(topic)s, 0));

-- name: steps
-- What was decided about a load. Index: load_step_pkey.
select number, withdrawn, by, reason, at from hub.load_step where topic = %(topic)s and load = %(load)s order by number;

-- name: add_step
-- A decision about a load.
insert into hub.load_step (topic, load, number, withdrawn, by, by_kind, role, reason, at)
values (%(topic)s, %(load)s, %(number)s, %(withdrawn)s, %(by)s, %(by_kind)s, %(role)s, %(reason)s, %(at)s);

-- name: outcomes
-- What the steps of a load did, in numbers. Index: load_key_pkey.
select number, outcome, keys from hub.load_outcomes(%(topic)s, %(load)s);

-- name: withdraw
-- From the next batch on no event goes in by the load. Index: withdrawn_load_pkey.
insert into hub.withdrawn_load (topic, load) values (%(topic)s, %(load)s) on conflict do nothing;

-- name: restore
-- Its events go in again. Index: withdrawn_load_pkey.
delete from hub.withdrawn_load where topic = %(topic)s and load = %(load)s;

-- name: parked_of_load
-- Events of a load that wait, of one partition. Index: parked_by_key.
select p."offset" from hub.parked p
 where p.topic = %(topic)s and p.topic_no = %(topic_no)s and p.partition = %(partition)s and p.load = %(load)s
 order by p."offset" limit %(limit)s;

-- name: partitions
-- The document's partitions and how far the hub has read them. Index: consumer_offset_pkey.
select t.topic_no, o.partition, o.next_offset
  from hub.topic t join hub.consumer_offset o using (topic_id) where t.name = %(topic)s order by 1, 2;

-- name: events_of_load
-- The load's accepted events in a stretch of a partition. Index: history_pkey.
select topic_no, partition, "offset", key, epoch, sequence, schema_id, ce_id, event_time, load, value
  from hub.history
 where topic_no = %(topic_no)s and partition = %(partition)s and "offset" >= %(first)s and "offset" < %(next)s
   and load = %(load)s
 order by "offset";

-- name: newest_beside
-- The newest accepted event of keys that is of no withdrawn load, all of them where several have its version: along the
-- links from the rows' events, and from those before which a row came back. Indexes: history_pkey, load_key_of_key.
with recursive heads as (
    select k.key, k.topic_no, k.partition, k."offset"
      from unnest(%(keys)s::text[], %(topic_nos)s::int[], %(partitions)s::int[], %(offsets)s::bigint[])
        as k (key, topic_no, partition, "offset")
    union
    select l.key, l.topic_no, l.partition, l."offset"
      from hub.load_key l where l.topic = %(topic)s and l.key = any(%(keys)s) and l.topic_no is not null),
chain as (
    select h.topic_no, h.partition, h."offset", h.key, h.epoch, h.sequence, h.schema_id, h.ce_id, h.event_time, h.load,
           h.value, h.before_topic_no, h.before_partition, h.before_offset
      from heads d join hub.history h using (topic_no, partition, "offset")
    union
    select h.topic_no, h.partition, h."offset", h.key, h.epoch, h.sequence, h.schema_id, h.ce_id, h.event_time, h.load,
           h.value, h.before_topic_no, h.before_partition, h.before_offset
      from chain c join hub.history h
        on (h.topic_no, h.partition, h."offset") = (c.before_topic_no, c.before_partition, c.before_offset)
     where c.load = any(%(withdrawn)s))
select topic_no, partition, "offset", key, epoch, sequence, schema_id, ce_id, event_time, load, value
  from (select c.*, rank() over (partition by c.key order by c.epoch desc, c.sequence desc) as rank
          from chain c where c.load is null or c.load <> all(%(withdrawn)s)) newest
 where rank = 1
 order by key, topic_no, partition, "offset";

-- name: events_at
-- The accepted events at some places. Index: history_pkey.
select h.topic_no, h.partition, h."offset", h.key, h.epoch, h.sequence, h.schema_id, h.ce_id, h.event_time, h.load,
       h.value
  from unnest(%(topic_nos)s::int[], %(partitions)s::int[], %(offsets)s::bigint[]) as k (topic_no, partition, "offset")
  join hub.history h using (topic_no, partition, "offset");

-- name: came_on
-- On which day of a time zone the events at some places came, by their number in the lists (from 1). Indexes:
-- topic_pkey, batch_ends_once.
select k.n, (b.tx_at at time zone %(zone)s::text)::date
  from unnest(%(topic_nos)s::int[], %(partitions)s::int[], %(offsets)s::bigint[])
       with ordinality as k (topic_no, partition, "offset", n)
  join hub.topic t using (topic_no)
 cross join lateral (
       select b.tx_at from hub.batch b
        where b.topic_id = t.topic_id and b.partition = k.partition and b.next_offset > k."offset"
        order by b.next_offset limit 1) b;

-- name: of_withdrawn
-- Which of some places hold events of withdrawn loads. Index: history_pkey.
select h.key from unnest(%(topic_nos)s::int[], %(partitions)s::int[], %(offsets)s::bigint[]) as k (topic_no, partition, "offset")
  join hub.history h using (topic_no, partition, "offset") where h.load = any(%(withdrawn)s);

-- name: note_keys
-- What a step did to keys; what it did first holds. Index: load_key_pkey.
insert into hub.load_key (topic, load, number, key, outcome, topic_no, partition, "offset")
select %(topic)s, %(load)s, %(number)s, k.key, k.outcome, k.topic_no, k.partition, k."offset"
  from unnest(%(keys)s::text[], %(outcomes)s::text[], %(topic_nos)s::int[], %(partitions)s::int[], %(offsets)s::bigint[])
    as k (key, outcome, topic_no, partition, "offset")
on conflict do nothing;

-- name: standing
-- How many live rows the source has, and what some keys and versions would do to them. Counts the source's rows.
select source_rows, created, changed, unchanged
  from hub.load_standing(%(topic)s, %(keys)s::text[], %(epochs)s::int[], %(sequences)s::bigint[]);

-- name: announce
-- An announcement, over an earlier one of the same load. Index: load_pkey.
insert into hub.load (topic, load, announced_at, announced_by, system, sha256, rows, created, changed, unchanged, deleted,
                      sampled, source_rows, most_changed, most_deleted, state)
values (%(topic)s, %(load)s, %(announced_at)s, %(announced_by)s, %(system)s, %(sha256)s, %(rows)s, %(created)s,
        %(changed)s, %(unchanged)s, %(deleted)s, %(sampled)s, %(source_rows)s, %(most_changed)s, %(most_deleted)s,
        %(state)s)
on conflict (topic, load) do update
   set announced_at = excluded.announced_at, announced_by = excluded.announced_by, system = excluded.system,
       sha256 = excluded.sha256, rows = excluded.rows, created = excluded.created, changed = excluded.changed,
       unchanged = excluded.unchanged, deleted = excluded.deleted, sampled = excluded.sampled,
       source_rows = excluded.source_rows, most_changed = excluded.most_changed, most_deleted = excluded.most_deleted,
       state = excluded.state, sent = null, refused = null, ended_at = null;

-- name: finish
-- What the sender says it has sent, and kept back. Index: load_pkey.
update hub.load set sent = %(sent)s, refused = %(refused)s, ended_at = %(now)s
 where topic = %(topic)s and load = %(load)s;

-- name: announced
-- The loads of a document that were announced, the newest first; with `load` that one. Indexes: load_newest, load_pkey.
select topic, load, announced_at, announced_by, system, sha256, rows, created, changed, unchanged, deleted, sampled,
       source_rows, most_changed, most_deleted, state, sent, refused, ended_at
  from hub.load
 where topic = %(topic)s and (%(load)s::text is null or load = %(load)s)
 order by announced_at desc, load
 limit %(limit)s;

-- name: waiting
-- The loads that wait for somebody's yes, the oldest first. Index: load_waiting.
select topic, load, announced_at, announced_by, system, sha256, rows, created, changed, unchanged, deleted, sampled,
       source_rows, most_changed, most_deleted, state, sent, refused, ended_at
  from hub.load where state = 'waiting' order by announced_at, topic, load;

-- name: states
-- Whether some loads may be sent. Index: load_pkey.
select load, state from hub.load where topic = %(topic)s and load = any(%(loads)s);

-- name: verdicts
-- What was said of a load. Index: load_verdict_pkey.
select number, approved, changed, deleted, by, reason, at
  from hub.load_verdict where topic = %(topic)s and load = %(load)s order by number;

-- name: add_verdict
-- A yes or a no.
insert into hub.load_verdict (topic, load, number, approved, changed, deleted, by, by_kind, role, reason, at)
values (%(topic)s, %(load)s, %(number)s, %(approved)s, %(changed)s, %(deleted)s, %(by)s, %(by_kind)s, %(role)s,
        %(reason)s, %(at)s);

-- name: stand
-- Whether a load may be sent from now on. Index: load_pkey.
update hub.load set state = %(state)s where topic = %(topic)s and load = %(load)s;

-- name: arrived
-- What arrived of a document's loads, as its ledger has it. Index: batch_of_loads.
select load, came, created, changed, deleted, first_at, last_at from hub.loads_arrived(%(topic)s);
