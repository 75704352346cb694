-- Batches of which a good part was older than what the hub has, and the epochs that follow from that.

-- name: add
-- One batch, in its own transaction.
insert into hub.stale_batch (topic, topic_no, partition, first_offset, next_offset, records, older)
values (%(topic)s, %(topic_no)s, %(partition)s, %(first_offset)s, %(next_offset)s, %(records)s, %(older)s);

-- name: sources
-- For each document with such batches since a moment and since its epoch began: of its newest events up to the newest
-- of these batches, how many there are (whole batches, until there are :least) and how many were older; how many events
-- came after; when the first and the newest of the batches were settled. Indexes: stale_batch_of_topic, batch_by_time.
with stale as (
    select s.topic, b.topic_id, b.partition, b.id, s.older, b.tx_at
      from hub.stale_batch s
      join hub.topic t using (topic_no)
      join hub.batch b on (b.topic_id, b.partition, b.first_offset) = (t.topic_id, s.partition, s.first_offset)
     where s.at >= %(since)s
       and s.at > coalesce((select max(e.at) from hub.epoch e where e.topic = s.topic), '-infinity')),
spans as (select topic, min(tx_at) as first_at, max(tx_at) as last_at, max(id) as last_id from stale group by topic),
ledger as (
    select t.name as topic, b.id, b.records, b.topic_id, b.partition,
           sum(b.records) over (partition by t.name order by b.id desc) - b.records as newer
      from spans s
      join hub.topic t on t.name = s.topic
      join hub.batch b on b.topic_id = t.topic_id
     where b.kind = 'batch' and b.tx_at between %(since)s and s.last_at and b.id <= s.last_id)
select s.topic, sum(l.records), coalesce(sum(st.older), 0), s.first_at, s.last_at,
       (select coalesce(sum(b.records), 0)
          from hub.topic t join hub.batch b using (topic_id)
         where t.name = s.topic and b.kind = 'batch' and b.tx_at >= s.last_at and b.id > s.last_id)
  from spans s
  join ledger l on l.topic = s.topic and l.newer < %(least)s
  left join stale st on (st.topic_id, st.partition, st.id) = (l.topic_id, l.partition, l.id)
 group by s.topic, s.first_at, s.last_at, s.last_id
 order by s.topic;

-- name: first_places
-- Where in each partition the first of these batches of a document begins, since its epoch began. Index:
-- stale_batch_of_topic.
select s.topic_no, s.partition, min(s.first_offset)
  from hub.stale_batch s
 where s.topic = %(topic)s
   and s.topic_no = (select max(t.topic_no) from hub.topic t where t.name = s.topic)
   and s.at > coalesce((select max(e.at) from hub.epoch e where e.topic = s.topic), '-infinity')
 group by s.topic_no, s.partition
 order by s.topic_no, s.partition;

-- name: epochs
-- The epochs of a document that were begun, the oldest first. Index: epoch_pkey.
select epoch, comparison, by, reason, at from hub.epoch where topic = %(topic)s order by epoch;

-- name: one_at_a_time
-- Until the end of the transaction nobody else begins an epoch of this document.
select pg_advisory_xact_lock(hashtextextended('simpul.epoch.' || %(topic)s, 0));

-- name: add_epoch
-- Begins an epoch.
insert into hub.epoch (topic, epoch, comparison, by, by_kind, role, reason, at)
values (%(topic)s, %(epoch)s, %(comparison)s, %(by)s, %(by_kind)s, %(role)s, %(reason)s, %(at)s);
