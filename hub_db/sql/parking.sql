-- name: copy_parked
-- Columns as `parking.TYPES`.
copy hub.parked (topic_no, partition, "offset", topic, key, epoch, sequence, schema_id, ce_id, event_time, load,
                 value, field, missing_entity, missing_key, accepted_on, headers, appended_at)
from stdin (format binary);

-- name: parked_of_keys
-- Every parked event of the keys, as they came: partitions have no order among each other. Index: parked_by_key.
select topic_no, partition, "offset", key, epoch, sequence, schema_id, ce_id, event_time, load, value,
       field, missing_entity, missing_key, accepted_on
  from hub.parked
 where topic = %(topic)s and key = any(%(keys)s)
 order by parked_at, topic_no, partition, "offset";

-- name: some_parked_keys
-- At most %(limit)s keys of a topic's parked events. Index: parked_by_key.
select key from hub.parked where topic = %(topic)s limit %(limit)s;

-- name: parked_among
-- Those of many keys, one a line, of which a topic has parked events. Index: parked_by_key.
select distinct p.key
  from string_to_table(%(lines)s, E'\n') as k (key) join hub.parked p on p.topic = %(topic)s and p.key = k.key;

-- name: missing_entities
-- Per partition, the entities that parked events wait for.
select p.topic, t.topic_id, p.topic_no, p.partition, array_agg(distinct p.missing_entity)
  from hub.parked p join hub.topic t using (topic_no)
 group by p.topic, t.topic_id, p.topic_no, p.partition
 order by p.topic, p.partition;

-- name: unpark
-- Takes events out of the parking lot. Index: parked_pkey.
delete from hub.parked p
 using unnest(%(topic_nos)s::int[], %(partitions)s::int[], %(offsets)s::bigint[]) as gone (topic_no, partition, "offset")
 where (p.topic_no, p.partition, p."offset") = (gone.topic_no, gone.partition, gone."offset");

-- name: overdue
-- Events of a partition that were parked longer ago than a span, the oldest first; none that waits behind a higher
-- version of its key. Indexes: parked_by_time, parked_by_key.
select p."offset", p.key from hub.parked p
 where p.topic = %(topic)s and p.topic_no = %(topic_no)s and p.partition = %(partition)s
   and p.parked_at < clock_timestamp() - %(span)s::interval
   and not exists (select from hub.parked q
                    where q.topic = p.topic and q.key = p.key and q.topic_no = p.topic_no and q.partition = p.partition
                      and q."offset" < p."offset" and (q.epoch, q.sequence) >= (p.epoch, p.sequence))
 order by p.parked_at limit %(limit)s;

-- name: give_up
-- Takes events out of the parking lot with everything that a dead letter needs. Index: parked_pkey.
delete from hub.parked p
 using unnest(%(topic_nos)s::int[], %(partitions)s::int[], %(offsets)s::bigint[]) as gone (topic_no, partition, "offset")
 where (p.topic_no, p.partition, p."offset") = (gone.topic_no, gone.partition, gone."offset")
returning p."offset", p.key, p.value, p.headers, p.appended_at, p.field, p.missing_entity, p.parked_at;

-- name: waiting_for_waiting
-- Which parked events wait for a record that another parked event would bring in; among these entities only, and at most
-- so many. A sandbox's events wait for their sandbox's. Indexes: parked_by_what_is_missing, parked_by_key.
select p.topic_no, p.partition, p."offset", p.topic, p.key, q.topic_no, q.partition, q."offset"
  from hub.parked p
  join hub.document d on d.entity = p.missing_entity
   and coalesce((d.contract -> 'contract' ->> 'mayCreate')::boolean, true)
  join hub.parked q on q.key = p.missing_key
   and q.topic = case when starts_with(p.topic, 'uji.') then 'uji.' || substr(d.topic, 5) else d.topic end
 where p.missing_entity = any(%(entities)s)
 limit %(limit)s;

-- name: wait_on
-- Notes what a parked event waits for now. Index: parked_pkey.
update hub.parked p
   set field = now.field, missing_entity = now.entity, missing_key = now.key
  from unnest(%(topic_nos)s::int[], %(partitions)s::int[], %(offsets)s::bigint[], %(fields)s::text[],
              %(entities)s::text[], %(keys)s::text[]) as now (topic_no, partition, "offset", field, entity, key)
 where (p.topic_no, p.partition, p."offset") = (now.topic_no, now.partition, now."offset")
   and (p.field, p.missing_entity, p.missing_key) is distinct from (now.field, now.entity, now.key);
