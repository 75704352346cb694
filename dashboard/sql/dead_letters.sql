-- name: newest_dead_letters
-- The newest dead letters that still wait of the OPDs in scope, newest first. A topic's second part is its OPD. Index: dead_letter_newest (received_at, id), backwards.
SELECT l.id, t.name AS topic, l.partition, l."offset", l.fault, l.code, l.field, l.found, l.expected, l.remedy,
       l.received_at
  FROM hub.dead_letter l
  JOIN hub.topic t USING (topic_no)
 WHERE l.settled_at IS NULL
   AND (%(everywhere)s OR split_part(t.name, '.', 2) = ANY(%(opds)s))
   AND starts_with(t.name, 'opd.')
 ORDER BY l.received_at DESC, l.id DESC
 LIMIT %(limit)s;

-- name: dead_letters_before
-- One page of the waiting dead letters of the OPDs in scope with a number below :before, newest first, of one topic or
-- (null) of all of production.
-- Index: dead_letter_pkey, backwards.
SELECT l.id, t.name AS topic, l.partition, l."offset", l.fault, l.code, l.field, l.found, l.expected, l.remedy,
       l.received_at
  FROM hub.dead_letter l
  JOIN hub.topic t USING (topic_no)
 WHERE l.settled_at IS NULL
   AND (%(everywhere)s OR split_part(t.name, '.', 2) = ANY(%(opds)s))
   AND l.id < %(before)s
   AND CASE WHEN %(topic)s::text IS NULL THEN starts_with(t.name, 'opd.') ELSE t.name = %(topic)s END
 ORDER BY l.id DESC
 LIMIT %(limit)s;

-- name: causes
-- The waiting dead letters of the OPDs in scope by cause, the commonest first, of one topic or (null) of all. Reads all
-- waiting letters.
SELECT t.name AS topic, l.fault, l.code, l.field, min(l.expected) AS expected, count(*) AS letters,
       max(l.received_at) AS newest_at
  FROM hub.dead_letter l
  JOIN hub.topic t USING (topic_no)
 WHERE l.settled_at IS NULL
   AND (%(everywhere)s OR split_part(t.name, '.', 2) = ANY(%(opds)s))
   AND CASE WHEN %(topic)s::text IS NULL THEN starts_with(t.name, 'opd.') ELSE t.name = %(topic)s END
 GROUP BY t.name, l.fault, l.code, l.field
 ORDER BY letters DESC, t.name, l.code, l.field
 LIMIT %(limit)s;
