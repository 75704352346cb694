-- name: committed
-- ce_id and commit time (seconds since the epoch) of those of :ids that :topic's history has. A scan of the topic's
-- history: the transaction that wrote the row is found by track_commit_timestamp.
select h.ce_id, extract(epoch from pg_xact_commit_timestamp(h.xmin))::float8
  from hub.history h join hub.topic t using (topic_no)
 where t.name = %(topic)s and h.ce_id = any(%(ids)s);
