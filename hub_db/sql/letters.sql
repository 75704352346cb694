-- name: letters_of_topic
-- Letters of a topic, whichever incarnation of it they came in. Index: dead_letter_pkey.
select l.id, coalesce(l.first_topic_no, l.topic_no), coalesce(l.first_partition, l.partition),
       coalesce(l.first_offset, l."offset"), l.tries, l.key, l.sha256, l.settled_at is null
  from hub.dead_letter l join hub.topic t using (topic_no)
 where l.id = any(%(ids)s) and t.name = %(topic)s;

-- name: settle_letters
-- What became of letters that were replayed, and in which place of a partition. Index: dead_letter_pkey.
update hub.dead_letter l
   set settled_at = clock_timestamp(), outcome = became.outcome, settled_topic_no = %(topic_no)s,
       settled_partition = %(partition)s, settled_offset = became."offset"
  from unnest(%(ids)s::bigint[], %(outcomes)s::text[], %(offsets)s::bigint[]) as became (id, outcome, "offset")
 where l.id = became.id and l.settled_at is null;

-- name: list_letters
-- Letters of some topics (null: of all), newest first; those that are settled only if they are asked for. Indexes:
-- dead_letter_open, dead_letter_newest.
select l.id, t.name, l.partition, l."offset", l.fault, l.code, l.field, l.found, l.expected, l.remedy, l.received_at,
       l.tries, l.replay_of, l.replayed_at, l.settled_at, l.outcome
  from hub.dead_letter l join hub.topic t using (topic_no)
 where (%(settled)s or l.settled_at is null)
   and (%(topic)s::text is null or t.name = %(topic)s) and (%(code)s::text is null or l.code = %(code)s)
   and (%(since)s::timestamptz is null or l.received_at >= %(since)s)
   and (%(until)s::timestamptz is null or l.received_at < %(until)s)
 order by l.received_at desc, l.id desc
 limit %(limit)s;

-- name: count_replayable
-- How many letters a replay would take, and the highest number among them, as `hub.take_letters` chooses: no batch that
-- was never unpacked. Index: dead_letter_open.
select count(*), coalesce(max(l.id), 0)
  from hub.dead_letter l join hub.topic t using (topic_no)
 where l.settled_at is null and l.code <> 'batch-too-large' and (%(named)s::bigint is null or l.id = %(named)s)
   and (%(named)s::bigint is not null or l.replayed_at is null)
   and (%(topic)s::text is null or t.name = %(topic)s) and (%(code)s::text is null or l.code = %(code)s)
   and (%(since)s::timestamptz is null or l.received_at >= %(since)s)
   and (%(until)s::timestamptz is null or l.received_at < %(until)s);

-- name: state_of_letter
-- Why a letter was returned, whether it is settled, and how. Index: dead_letter_pkey.
select t.name, l.code, l.settled_at, l.outcome
  from hub.dead_letter l join hub.topic t using (topic_no) where l.id = %(id)s;

-- name: take_letters
-- The next letters of a replay with their bytes; they are marked. Index: dead_letter_open.
select id, topic, key, value, headers
  from hub.take_letters(%(topic)s, %(code)s, %(since)s, %(until)s, %(named)s, %(after)s, %(last)s, %(most)s,
                        %(most_bytes)s);
