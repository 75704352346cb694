-- name: try_lead
-- One publisher of events at a time; the lock lives as long as the session.
select pg_try_advisory_lock(%(lock)s);

-- name: any_unsent
-- Whether an event waits. Index: outgoing_unsent.
select exists (select from sop.outgoing where sent_at is null);

-- name: number_committed
-- Numbers all events that this snapshot sees and no earlier one saw, in the order of commits, and within a transaction in
-- their own (docs/reference/sop-topics.md). Events of one case are in their order on any server, as each is decided under
-- the lock that the one before it has given back. Indexes: outgoing_unsent, outgoing_number_key.
with fresh as (
    select event,
           row_number() over (
               order by case when current_setting('track_commit_timestamp') = 'on'
                             then pg_xact_commit_timestamp(xmin) end nulls first, event)
           + (select coalesce(max(number), 0) from sop.outgoing) as number
      from sop.outgoing
     where sent_at is null and number is null)
update sop.outgoing set number = fresh.number from fresh where outgoing.event = fresh.event;

-- name: unsent
-- Numbered events that Kafka is not known to have, in their order. Indexes: outgoing_unsent, event_pkey, case_pkey.
select o.number, e.ce_id, e."case", c.opd, e.version, e.kind, e.case_state, e.at, e."on", e.actor, e.role, e.unit, e.acting,
       e.stage, e.round, e.expected, e.state, e.returned_to, e.met, e.manual, e.reason, e.documents, e.target, e.due,
       e.days_used, e.days_left, e.detail
  from sop.outgoing o join sop.event e on e.id = o.event join sop."case" c on c.number = e."case"
 where o.sent_at is null and o.number is not null
 order by o.number
 limit %(limit)s;

-- name: mark_sent
-- Kafka has the events of this stretch. Index: outgoing_number_key.
update sop.outgoing set sent_at = clock_timestamp()
 where number between %(first)s and %(last)s and sent_at is null;
