-- name: begin
-- A partition rests from here on; gives the number of the pause.
insert into hub.pause (topic_id, partition, "offset", kind, cause, counted, "of")
values (%(topic_id)s, %(partition)s, %(offset)s, %(kind)s, %(cause)s, %(counted)s, %(of)s)
returning id;

-- name: hold
-- The partition's position says so, too. Index: consumer_offset_pkey.
update hub.consumer_offset set pause = %(pause)s, passes_to = null
 where topic_id = %(topic_id)s and partition = %(partition)s;

-- name: end
-- Whether the pause has ended by this.
select hub.end_pause(%(number)s, %(by)s, %(by_kind)s, %(role)s, %(reason)s, %(now)s);

-- name: going
-- Those of some partitions that do not rest. Index: consumer_offset_pkey.
select o.topic_id, o.partition
  from unnest(%(topic_ids)s::uuid[], %(partitions)s::int[]) as k (topic_id, partition)
  join hub.consumer_offset o using (topic_id, partition) where o.pause is null;

-- name: pauses
-- Pauses of the agencies in scope, the newest first: those that last, and with `ended` the others, too. Index: pause_pkey,
-- backwards.
select p.id as number, t.name as topic, p.partition, p."offset", p.kind, p.cause, p.counted, p."of", p.at, p.ended_at,
       p.by, p.reason
  from hub.pause p join hub.topic t using (topic_id)
 where (%(ended)s or p.ended_at is null)
   and (%(opds)s::text[] is null or split_part(t.name, '.', 2) = any (%(opds)s))
 order by p.id desc
 limit %(limit)s;

-- name: one
-- A pause. Index: pause_pkey.
select p.id as number, t.name as topic, p.partition, p."offset", p.kind, p.cause, p.counted, p."of", p.at, p.ended_at,
       p.by, p.reason
  from hub.pause p join hub.topic t using (topic_id) where p.id = %(number)s;
