-- name: try_lead
-- One publisher at a time; the lock lives as long as the session.
select pg_try_advisory_lock(%(lock)s);

-- name: anything_new
-- Whether something waits for a round. Indexes: batch_unpublished, release_unpublished, change_unpublished,
-- dead_letter_unpublished.
select exists (select from hub.batch where round is null and accepted > 0)
    or exists (select from hub.release where round is null)
    or exists (select from hub.change where round is null)
    or exists (select from hub.dead_letter l join hub.topic t using (topic_no)
                where l.round is null and t.name <> all(%(shut)s));

-- name: unconfirmed
-- Rounds of which nobody knows whether Kafka has them. Index: round_open.
select coalesce(array_agg(id), '{}') from hub.round where published_at is null;

-- name: give_back_batches
-- Changes of unconfirmed rounds wait for a new round. Index: batch_of_round.
update hub.batch set round = null where round = any(%(rounds)s);

-- name: give_back_releases
-- The same for releases. Index: release_of_round.
update hub.release set round = null where round = any(%(rounds)s);

-- name: give_back_changes
-- The same for changes without an event of the entity's own. Index: change_of_round.
update hub.change set round = null where round = any(%(rounds)s);

-- name: give_back_letters
-- The same for dead letters. Index: dead_letter_of_round.
update hub.dead_letter set round = null where round = any(%(rounds)s);

-- name: close_given_back
-- A round that gave its changes back is closed without records.
update hub.round set published_at = clock_timestamp(), records = 0, letters = 0 where id = any(%(rounds)s);

-- name: highest_round
-- The highest round that was ever begun. Index: round_pkey.
select coalesce(max(id), 0) from hub.round;

-- name: published_documents
-- The documents of which records are published, and their entities. A few hundred rows, read whole.
select opd || '.' || document, entity from hub.document;

-- name: go_on_behind
-- The next round has a number behind this one.
select setval('hub.round_id_seq', greatest(%(round)s, (select last_value from hub.round_id_seq)));

-- name: open_round
-- The next round.
insert into hub.round default values returning id;

-- name: take_batches
-- All batches that this snapshot sees and no round has. Index: batch_unpublished.
update hub.batch set round = %(round)s where round is null and accepted > 0;

-- name: take_releases
-- All releases likewise. Index: release_unpublished.
update hub.release set round = %(round)s where round is null;

-- name: take_changes
-- All changes without an event of the entity's own likewise. Index: change_unpublished.
update hub.change set round = %(round)s where round is null;

-- name: take_letters
-- All dead letters likewise, but for those of documents whose topic takes none now. Index: dead_letter_unpublished.
update hub.dead_letter l set round = %(round)s
  from hub.topic t
 where l.round is null and t.topic_no = l.topic_no and t.name <> all(%(shut)s);

-- name: entities_of_round
-- Entities of which a round changes records. Indexes: batch_of_round, release_of_round, change_of_round.
select d.entity
  from (select topic_id from hub.batch where round = %(round)s
        union
        select topic_id from hub.release where round = %(round)s) changed
  join hub.topic t using (topic_id)
  join hub.document d on d.topic = t.name
union
select entity from hub.change where round = %(round)s
 order by 1;

-- name: letters_of_round
-- The dead letters of a round with everything that goes with them. Index: dead_letter_of_round.
select l.id, t.name, l.partition, l."offset", l.key, l.value, l.headers, l.fault, l.code, l.field, l.found, l.expected,
       l.remedy, l.sha256
  from hub.dead_letter l join hub.topic t using (topic_no)
 where l.round = %(round)s
 order by l.id;

-- name: close_round
-- Kafka has the round.
update hub.round set published_at = clock_timestamp(), records = %(records)s, letters = %(letters)s
 where id = %(round)s;
