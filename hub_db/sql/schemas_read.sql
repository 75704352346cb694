-- name: known
-- The fingerprints of all ids that events were read by. A few hundred rows.
select schema_id, fingerprint from hub.schema_read;

-- name: add
-- Remembers an id; nothing when it is known. Index: schema_read_pkey.
insert into hub.schema_read (schema_id, fingerprint) values (%(schema_id)s, %(fingerprint)s)
on conflict (schema_id) do nothing;
