-- name: copy_history
-- Columns as `row_writing.HISTORY_TYPES`.
copy hub.history (topic_no, partition, "offset", key, epoch, sequence, schema_id, ce_id, event_time, load, value,
                  before_topic_no, before_partition, before_offset)
from stdin (format binary);

-- name: copy_dead_letters
-- Columns as `settle.DEAD_LETTER_TYPES`.
copy hub.dead_letter (topic_no, partition, "offset", key, value, headers, fault, code, field, found, expected,
                      remedy, others, sha256, appended_at, round,
                      replay_of, tries, first_topic_no, first_partition, first_offset)
from stdin (format binary);

-- name: add_release
-- Parked events that went in, are known by now, or were returned; gives the number of the release.
insert into hub.release (topic_id, partition, accepted, known, dead, round)
values (%(topic_id)s, %(partition)s, %(accepted)s, %(known)s, %(dead)s, %(round)s)
returning id;

-- name: add_release_keys
-- The keys that a release changed.
insert into hub.release_key (release_id, key) select distinct %(release_id)s::bigint, unnest(%(keys)s::text[]);

-- name: add_release_events
-- The events of a release, by their places.
insert into hub.release_event (topic_no, partition, "offset", release_id)
select topic_no, partition, "offset", %(release_id)s
  from unnest(%(topic_nos)s::int[], %(partitions)s::int[], %(offsets)s::bigint[]) as e (topic_no, partition, "offset");

-- name: letter_waits
-- Whether a dead letter of an incarnation of a topic is unsettled. Index: dead_letter_topic_no_partition_offset_key.
select exists (select from hub.dead_letter where topic_no = %(topic_no)s and settled_at is null);
