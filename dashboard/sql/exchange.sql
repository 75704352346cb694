-- name: documents
-- Every document that the hub takes from the OPDs in scope, by OPD and name. A few dozen rows, read whole.
SELECT topic, opd, document, entity
  FROM hub.document
 WHERE %(everywhere)s OR opd = ANY(%(opds)s)
 ORDER BY opd, document;

-- name: positions
-- Where the hub stands in each partition of production, with its totals; "current" marks the newest incarnation of a topic.
-- A few hundred rows, read whole. Index: topic_name_incarnation_key.
SELECT t.name AS topic, o.partition,
       t.incarnation = (SELECT max(newest.incarnation) FROM hub.topic newest WHERE newest.name = t.name) AS current,
       o.next_offset, o.appended_at, o.records, o.accepted, o.known, o.parked, o.dead, o.pause IS NOT NULL AS rests
  FROM hub.consumer_offset o
  JOIN hub.topic t USING (topic_id)
 WHERE starts_with(t.name, 'opd.')
 ORDER BY t.name, t.incarnation, o.partition;

-- name: unpublished
-- Accepted events per topic, from batches and from the parking lot, that no round has taken yet.
-- Indexes: batch_unpublished, release_unpublished (partial, small while publication keeps up).
SELECT t.name AS topic, sum(waiting.accepted)::bigint AS accepted
  FROM (SELECT topic_id, accepted FROM hub.batch WHERE round IS NULL AND accepted > 0
        UNION ALL
        SELECT topic_id, accepted FROM hub.release WHERE round IS NULL) AS waiting
  JOIN hub.topic t USING (topic_id)
 GROUP BY t.name;

-- name: newest_round
-- The newest round that Kafka has. Index: round_pkey, backwards.
SELECT id, published_at, records
  FROM hub.round
 WHERE published_at IS NOT NULL
 ORDER BY id DESC
 LIMIT 1;
