-- name: standing_of_entity
-- For each document of an entity: its promise, when it was opened and when its newest event was appended, with the
-- newest confirmed round. Indexes: document by topic, topic by name; the tables of topics and positions are small.
SELECT d.contract -> 'contract' ->> 'freshness' AS freshness, d.provisioned_at, max(o.appended_at) AS newest,
       (SELECT coalesce(max(r.id), 0) FROM hub.round r WHERE r.published_at IS NOT NULL) AS round
  FROM hub.document d
  LEFT JOIN hub.topic t ON t.name = d.topic
  LEFT JOIN hub.consumer_offset o ON o.topic_id = t.topic_id
 WHERE d.entity = %(entity)s
 GROUP BY d.topic, d.contract, d.provisioned_at;
