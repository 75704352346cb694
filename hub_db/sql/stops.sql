-- name: stops
-- Partitions of which nothing is read, by topic; those of a topic that was made anew since are left out. Indexes:
-- stopped_partition_pkey, topic_name_incarnation_key.
select s.topic_id, t.name as topic, s.partition, s.next_offset, s.log_end, s.stopped_at as at
  from hub.stopped_partition s
  join hub.topic t using (topic_id)
 where not exists (select from hub.topic n where n.name = t.name and n.incarnation > t.incarnation)
 order by t.name, s.partition;

-- name: end
-- Whether the partition was stopped until now.
select hub.end_stop(%(topic_id)s, %(partition)s);
