-- name: past
-- A record's accepted events, as `held_events` reads them. Indexes: those of hub.past.
select topic, row_key, depth, topic_no, partition, "offset", epoch, sequence, schema_id, ce_id, event_time, load, value,
       taken_at, went_in_at, has_earlier
  from hub.past(%(entity)s, %(key)s, %(until)s, %(most)s);

-- name: schemas
-- Schemas by their numbers. Index: schema_pkey.
select id, schema_text from registry.schema where id = any(%(ids)s);
