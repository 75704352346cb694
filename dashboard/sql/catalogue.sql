-- name: documents
-- Every interchange document by its subject: the newest approved version with its contract, and since when the hub
-- takes it. What only one of the two knows has nulls. A few dozen rows; the contract is Avro JSON as text.
SELECT coalesce(v.subject, d.subject) AS subject, v.version, v.registered_by AS approved_by,
       v.registered_at AS approved_at, d.provisioned_at, coalesce(s.schema_text, d.contract::text) AS contract
  FROM (SELECT DISTINCT ON (subject) subject, version, schema_id, registered_by, registered_at
          FROM registry.version
         WHERE subject LIKE 'opd.%%-value' AND NOT deleted
         ORDER BY subject, version DESC) AS v
  JOIN registry.schema s ON s.id = v.schema_id
  FULL JOIN hub.document d ON d.subject = v.subject
 ORDER BY 1;

-- name: versions
-- The approved versions of :subject with their contracts, the newest first. Primary key.
SELECT v.version, v.registered_by AS approved_by, v.registered_at AS approved_at, s.schema_text AS contract
  FROM registry.version v
  JOIN registry.schema s ON s.id = v.schema_id
 WHERE v.subject = %(subject)s AND NOT v.deleted
 ORDER BY v.version DESC;

-- name: totals
-- Per topic the log time of its newest event, and what waits now. A few hundred rows, read whole.
SELECT t.name AS topic, max(o.appended_at) AS newest_at, sum(o.parked)::bigint AS parked
  FROM hub.consumer_offset o
  JOIN hub.topic t USING (topic_id)
 GROUP BY t.name;

-- name: days
-- Per topic and day here since :since, of one topic or (null) of all: what came, and what was accepted, already known
-- or returned on that day; what left the parking lot counts on the day it left. Index: batch_by_time; reads all releases.
SELECT settled.topic, settled.day, sum(settled.records)::bigint AS records, sum(settled.accepted)::bigint AS accepted,
       sum(settled.known)::bigint AS known, sum(settled.dead)::bigint AS dead
  FROM (SELECT t.name AS topic, (b.tx_at AT TIME ZONE %(zone)s)::date AS day, b.records, b.accepted, b.known, b.dead
          FROM hub.batch b JOIN hub.topic t USING (topic_id)
         WHERE b.tx_at >= %(since)s AND b.kind = 'batch' AND (%(topic)s::text IS NULL OR t.name = %(topic)s)
        UNION ALL
        SELECT t.name, (r.tx_at AT TIME ZONE %(zone)s)::date, 0, r.accepted, r.known, r.dead
          FROM hub.release r JOIN hub.topic t USING (topic_id)
         WHERE r.tx_at >= %(since)s AND (%(topic)s::text IS NULL OR t.name = %(topic)s)) AS settled
 GROUP BY settled.topic, settled.day;

-- name: waiting_days
-- Per day here since :since the events of :topic that still wait for a record they refer to. Index: parked_by_key.
SELECT (parked_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS parked
  FROM hub.parked
 WHERE topic = %(topic)s AND parked_at >= %(since)s
 GROUP BY 1;

-- name: reasons
-- Why events of :topic were returned since :since, the commonest first: reads the newest 100,000 letters at most.
-- Index: dead_letter_newest, backwards.
SELECT fault, code, field, min(expected) AS expected, count(*) AS letters
  FROM (SELECT l.fault, l.code, l.field, l.expected
          FROM hub.dead_letter l JOIN hub.topic t USING (topic_no)
         WHERE t.name = %(topic)s AND l.received_at >= %(since)s
         ORDER BY l.received_at DESC, l.id DESC LIMIT 100000) AS newest
 GROUP BY fault, code, field
 ORDER BY letters DESC, code, field
 LIMIT %(limit)s;
