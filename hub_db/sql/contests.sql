-- name: other_bytes
-- The accepted events at some places whose bytes have another SHA-256, by their number in the lists (from 1). Index:
-- history_pkey, looked up for each place.
select k.n, h.topic_no, h.partition, h."offset", h.key, h.epoch, h.sequence, h.schema_id, h.ce_id, h.event_time, h.load,
       h.value
  from unnest(%(topic_nos)s::int[], %(partitions)s::int[], %(offsets)s::bigint[], %(hashes)s::bytea[])
       with ordinality as k (topic_no, partition, "offset", hash, n)
 cross join lateral (
       select h.topic_no, h.partition, h."offset", h.key, h.epoch, h.sequence, h.schema_id, h.ce_id, h.event_time,
              h.load, h.value
         from hub.history h
        where (h.topic_no, h.partition, h."offset") = (k.topic_no, k.partition, k."offset") limit 1) h
 where sha256(coalesce(h.value, '')) <> k.hash;

-- name: keep
-- Keeps what gave way to another event of its key and version, each content once. Index: contested_is_one_content.
insert into hub.contested (topic, key, epoch, sequence, digest, topic_no, partition, "offset", schema_id, ce_id,
                           event_time, value)
select %(topic)s, k.key, k.epoch, k.sequence, k.digest, k.topic_no, k.partition, k."offset", k.schema_id, k.ce_id,
       k.event_time, k.value
  from unnest(%(keys)s::text[], %(epochs)s::int[], %(sequences)s::bigint[], %(digests)s::bytea[], %(topic_nos)s::int[],
              %(partitions)s::int[], %(offsets)s::bigint[], %(schema_ids)s::int[], %(ce_ids)s::text[],
              %(event_times)s::timestamptz[], %(values)s::bytea[])
       as k (key, epoch, sequence, digest, topic_no, partition, "offset", schema_id, ce_id, event_time, value)
on conflict on constraint contested_is_one_content do nothing;
