-- name: accepted
-- partition and offset of every accepted event of :topic. Primary key of hub.history, by topic_no.
select h.partition, h."offset" from hub.history h join hub.topic t using (topic_no) where t.name = %(topic)s;

-- name: parked
-- partition and offset of every event of :topic that waits. Primary key of hub.parked, by topic_no.
select p.partition, p."offset" from hub.parked p join hub.topic t using (topic_no) where t.name = %(topic)s;

-- name: dead
-- partition, offset, fault, code, key and value of every dead letter of :topic. Unique key by topic_no.
select l.partition, l."offset", l.fault, l.code, l.key, l.value
  from hub.dead_letter l join hub.topic t using (topic_no) where t.name = %(topic)s;

-- name: ledger
-- Per partition of :topic: records, and events in a state, by the ledger of batches. A scan of hub.batch.
select b.partition, sum(b.records)::bigint, sum(b.accepted + b.known + b.parked + b.dead)::bigint
  from hub.batch b join hub.topic t using (topic_id) where t.name = %(topic)s group by b.partition;

-- name: totals
-- accepted, known, parked, dead of :topic in final states; one row.
select coalesce(sum(o.accepted), 0)::bigint, coalesce(sum(o.known), 0)::bigint, coalesce(sum(o.parked), 0)::bigint,
       coalesce(sum(o.dead), 0)::bigint
  from hub.consumer_offset o join hub.topic t using (topic_id) where t.name = %(topic)s;
