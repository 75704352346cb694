-- name: topics
-- Documents of some agencies; null: of all. Index: document_pkey.
select topic from hub.document where %(opds)s::text[] is null or opd = any(%(opds)s) order by topic;

-- name: waits
-- What waits of these documents, by what it misses. Reads the parking lot once.
select topic, field, entity, key, events, records, since
  from hub.waiting(%(topics)s)
 order by events desc, topic, field, key;

-- name: ended
-- References of these documents to records that have ended. Index: ended_reference_pkey.
select topic, field, cause, entity, rows, records, keys, seen_at
  from hub.ended_reference where topic = any(%(topics)s)
 order by rows desc, topic, field, cause;

-- name: forget
-- What was found of a field. Index: ended_reference_pkey.
delete from hub.ended_reference where topic = %(topic)s and field = %(field)s;

-- name: forget_others
-- What was found of fields that are not among these. Reads all of the table, which has a few rows a document.
delete from hub.ended_reference e
 where not exists (select from unnest(%(topics)s::text[], %(fields)s::text[]) as k (topic, field)
                    where k.topic = e.topic and k.field = e.field);

-- name: enter
-- What a look has found of a field. Index: ended_reference_pkey.
insert into hub.ended_reference (topic, field, cause, entity, rows, records, keys, seen_at)
values (%(topic)s, %(field)s, %(cause)s, %(entity)s, %(rows)s, %(records)s, %(keys)s, clock_timestamp());
