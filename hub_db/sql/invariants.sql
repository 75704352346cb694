-- What must hold in the hub's tables whatever broke. Each statement counts breaches: 0 is right. Each reads whole tables;
-- it is asked by a person, and after every fault that a test makes.

-- name: batches_that_do_not_add_up
-- I1. Stretches of the log whose records are not accepted, known, parked and dead together.
select count(*) from hub.batch where records <> accepted + known + parked + dead;

-- name: parked_events_that_are_lost
-- I1. Partitions in which parked events are neither parked still, nor released, nor returned.
select count(*)
  from (select b.topic_id, b.partition, sum(b.parked) as went_in from hub.batch b group by 1, 2) lot
  join hub.topic t using (topic_id)
 where lot.went_in <> (select count(*) from hub.parked p where p.topic_no = t.topic_no and p.partition = lot.partition)
                    + coalesce((select sum(r.accepted + r.known + r.dead) from hub.release r
                                 where r.topic_id = lot.topic_id and r.partition = lot.partition), 0);

-- name: totals_that_are_not_the_ledgers
-- I1, I3. Partitions whose totals are not those of their batches and releases.
select count(*)
  from hub.consumer_offset o
 cross join lateral (select sum(b.records) as records, sum(b.accepted) as accepted, sum(b.known) as known,
                            sum(b.dead) as dead, max(b.next_offset) as next_offset
                       from hub.batch b where b.topic_id = o.topic_id and b.partition = o.partition) l
 cross join lateral (select coalesce(sum(r.accepted), 0) as accepted, coalesce(sum(r.known), 0) as known,
                            coalesce(sum(r.dead), 0) as dead
                       from hub.release r where r.topic_id = o.topic_id and r.partition = o.partition) r
 where (o.records, o.accepted, o.known, o.dead, o.next_offset)
    is distinct from (l.records, l.accepted + r.accepted, l.known + r.known, l.dead + r.dead, l.next_offset)
    or o.records <> o.accepted + o.known + o.parked + o.dead;

-- name: partitions_with_holes
-- I2. Partitions whose stretches do not follow one another from one beginning to the position.
select count(*)
  from (select count(*) filter (where kind = 'genesis') as begins,
               sum(next_offset - first_offset) filter (where kind <> 'genesis') as passed,
               max(next_offset) - min(next_offset) as far
          from hub.batch group by topic_id, partition) chain
 where begins <> 1 or coalesce(passed, 0) <> far;

-- name: places_that_end_twice
-- I4. Places of the log that are accepted, parked and returned more than once altogether.
select count(*)
  from (select 1
          from (select topic_no, partition, "offset" from hub.history
                union all
                select topic_no, partition, "offset" from hub.parked
                union all
                select topic_no, partition, "offset" from hub.dead_letter) ended
         group by topic_no, partition, "offset" having count(*) > 1) twice;

-- name: history_links_that_lead_nowhere
-- I6. Accepted events that name an event before them which is not in the history.
select count(*)
  from hub.history h
 where h.before_offset is not null
   and not exists (select from hub.history b
                    where (b.topic_no, b.partition, b."offset")
                        = (h.before_topic_no, h.before_partition, h.before_offset) and b.key = h.key);

-- name: changes_without_their_round
-- I8. Changes whose round the database does not know; 0 is the round of what is never published.
select (select count(*) from hub.batch b where b.round <> 0 and not exists (select from hub.round r where r.id = b.round))
     + (select count(*) from hub.release b where b.round <> 0
                         and not exists (select from hub.round r where r.id = b.round))
     + (select count(*) from hub.change b where b.round <> 0 and not exists (select from hub.round r where r.id = b.round))
     + (select count(*) from hub.dead_letter b where b.round <> 0
                         and not exists (select from hub.round r where r.id = b.round));

-- name: letters_that_changed
-- I9. Returned events whose bytes are not those of their SHA-256.
select count(*) from hub.dead_letter where sha256(coalesce(value, '')) <> sha256;

-- name: replays_that_lead_nowhere
-- I9. Returned events that were accepted by a replay that is in no history, or refused again without another letter.
select count(*)
  from hub.dead_letter l
 where (l.outcome = 'accepted' and not exists (select from hub.history h
                                                where (h.topic_no, h.partition, h."offset")
                                                    = (l.settled_topic_no, l.settled_partition, l.settled_offset)))
    or (l.outcome = 'refused' and not exists (select from hub.dead_letter n where n.replay_of = l.id));
