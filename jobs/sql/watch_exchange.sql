-- What the watch asks about the exchange: counts, times and places, no value.

-- name: newest_events
-- Each document with its promise and when its newest event came; null if there never was one. One row per document;
-- indexes: document_pkey, topic_name_incarnation_key, consumer_offset_pkey.
select d.opd, d.document, d.contract -> 'contract' ->> 'freshness', d.provisioned_at, max(o.appended_at)
  from hub.document d
  left join hub.topic t on t.name = d.topic
  left join hub.consumer_offset o on o.topic_id = t.topic_id and o.records > 0
 group by d.topic
 order by d.topic;

-- name: returned
-- How many events of each document were settled and how many of them returned since a moment. Index: batch_by_time.
select d.opd, d.document, sum(b.records), sum(b.dead)
  from hub.batch b
  join hub.topic t on t.topic_id = b.topic_id
  join hub.document d on d.topic = t.name
 where b.tx_at >= %(since)s and b.kind = 'batch'
 group by d.opd, d.document
having sum(b.records) >= %(at_least)s
 order by d.opd, d.document;

-- name: returned_most
-- Why most events of a document were returned since a moment: one reason, and how many have it.
-- Index: dead_letter_newest.
select l.code, l.field, count(*)
  from hub.dead_letter l join hub.topic t on t.topic_no = l.topic_no
 where t.name = %(topic)s and l.received_at >= %(since)s
 group by l.code, l.field
 order by count(*) desc, l.code
 limit 1;

-- name: parked_long
-- Documents with events that have waited since before a moment: how many, since when, for which entity most. Reads
-- the parking lot once.
select topic, count(*), min(parked_at), mode() within group (order by missing_entity)
  from hub.parked where parked_at < %(before)s and starts_with(topic, 'opd.') group by topic order by topic;

-- name: unregistered
-- Documents with events that have waited since before a moment for records that are not registered: the format of that
-- record's key, how many, since when, and the agencies that may register it. Reads the parking lot once.
select w.opd, w.document, w.missing_entity,
       (select f.value ->> 'format'
          from hub.document r cross join jsonb_array_elements(r.contract -> 'fields') f
         where r.entity = w.missing_entity and f.value ->> 'name' = r.contract -> 'contract' -> 'key' ->> 0
         order by r.topic limit 1),
       w.events, w.oldest,
       coalesce((select array_agg(distinct r.opd order by r.opd)
                   from hub.document r
                  where r.entity = w.missing_entity
                    and coalesce((r.contract -> 'contract' ->> 'mayCreate')::boolean, true)), array[]::text[])
  from (select d.opd, d.document, p.missing_entity, count(*) as events, min(p.parked_at) as oldest
          from hub.parked p join hub.document d on d.topic = p.topic
         where p.parked_at < %(before)s
         group by d.opd, d.document, p.missing_entity) w
 order by w.opd, w.document, w.missing_entity;

-- name: ended
-- Documents with rows that refer to records that have ended. Index: document_pkey.
select d.opd, d.document, sum(e.rows), array_agg(distinct e.field order by e.field), max(e.seen_at)
  from hub.ended_reference e join hub.document d on d.topic = e.topic
 group by d.opd, d.document
 order by d.opd, d.document;

-- name: positions
-- Where the hub stands and since when, and whether the partition rests. Index: consumer_offset_pkey.
select topic_id, partition, next_offset, updated_at, pause is not null from hub.consumer_offset;

-- name: add_log_ends
-- Remembers where the logs end now.
insert into notice.log_end (topic_id, partition, end_offset, seen_at)
select seen.topic_id, seen.partition, seen.end_offset, %(now)s
  from unnest(%(topic_ids)s::uuid[], %(partitions)s::int[], %(ends)s::bigint[]) as seen (topic_id, partition, end_offset)
on conflict do nothing;

-- name: forget_log_ends
-- Ends that the hub has reached, and those of topics that are gone. Index: log_end_pkey.
delete from notice.log_end l
 where not exists (select from unnest(%(topic_ids)s::uuid[], %(partitions)s::int[], %(positions)s::bigint[])
                            as known (topic_id, partition, position)
                    where known.topic_id = l.topic_id and known.partition = l.partition
                      and l.end_offset > known.position);

-- name: behind_since
-- Since when each partition has an end that the hub has not reached. Index: log_end_pkey.
select topic_id, partition, min(seen_at) from notice.log_end group by topic_id, partition;

-- name: unpublished
-- The oldest change that no published round has: of batches, releases, returned events, open rounds; and facts that
-- were not sent. Indexes: batch_unpublished, release_unpublished, dead_letter_unpublished, round_open, fact_unsent.
select 'rounds', (select min(opened_at) from hub.round where published_at is null)
union all
select 'changes', least((select tx_at from hub.batch where round is null and accepted > 0 order by id limit 1),
                        (select tx_at from hub.release where round is null order by id limit 1))
union all
select 'letters', (select received_at from hub.dead_letter where round is null order by id limit 1)
union all
select 'facts', (select reported_at from hub.fact where sent_at is null order by id limit 1);

-- name: gaps
-- Records that were gone from the log before the hub could read them: since a moment, by topic. Index: batch_by_time.
select t.name, sum(b.next_offset - b.first_offset)::bigint, max(b.tx_at)
  from hub.batch b join hub.topic t using (topic_id)
 where b.kind = 'gap' and b.tx_at >= %(since)s
 group by t.name
 order by t.name;

-- name: made_anew
-- Topics that were made anew under their name since a moment. A few hundred rows, read whole.
select name, max(first_seen_at) from hub.topic where incarnation > 0 and first_seen_at >= %(since)s
 group by name order by name;

-- name: deaths
-- Batches in which workers died, and which are not past. Indexes: attempt_pkey, consumer_offset_pkey.
select t.name, a.partition, a.first_offset, a.records, a.deaths
  from hub.attempt a
  join hub.consumer_offset o on o.topic_id = a.topic_id and o.partition = a.partition
                            and o.next_offset = a.first_offset
  join hub.topic t on t.topic_id = a.topic_id
 where a.deaths > 0 and a.ended_at is null
 order by t.name, a.partition;
