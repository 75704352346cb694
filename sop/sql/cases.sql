-- name: next_number
-- The year's next number; two who begin wait for each other. Index: case_number_pkey.
insert into sop.case_number (year, last) values (%(year)s, 1)
on conflict (year) do update set last = case_number.last + 1
returning last;

-- name: add_case
-- A case at its first event.
insert into sop."case" (number, opd, documents, state, version, begun_at, follows)
values (%(number)s, %(opd)s, %(documents)s, %(state)s, %(version)s, %(at)s, %(follows)s);

-- name: followers
-- Cases that change the integration of another one. Index: case_that_follows.
select number from sop."case" where follows = %(number)s order by number;

-- name: lock_case
-- The version of a case, under the lock of its decisions. Index: case_pkey.
select version from sop."case" where number = %(number)s for update;

-- name: move_case
-- Notes where the events have brought it; nothing when it is no longer where it was read. Index: case_pkey.
update sop."case" set state = %(state)s, version = %(version)s where number = %(number)s and version = %(before)s;

-- name: set_contact
-- Who is to be called. Index: case_pkey.
update sop."case" set contact_name = %(name)s, contact_phone = %(phone)s where number = %(number)s;

-- name: contact
-- Who is to be called. Index: case_pkey.
select contact_name as name, contact_phone as phone from sop."case" where number = %(number)s;

-- name: add_event
-- An event and its place in the outbox.
with added as (
    insert into sop.event ("case", version, ce_id, command, kind, case_state, at, "on", actor, role, unit, acting, stage,
                           round, expected, state, returned_to, met, manual, reason, documents, target, due, days_used,
                           days_left, detail)
    values (%(case)s, %(version)s, %(ce_id)s, %(command)s, %(kind)s, %(case_state)s, %(at)s, %(on)s, %(actor)s, %(role)s,
            %(unit)s, %(acting)s, %(stage)s, %(round)s, %(expected)s, %(state)s, %(returned_to)s, %(met)s, %(manual)s,
            %(reason)s, %(documents)s, %(target)s, %(due)s, %(days_used)s, %(days_left)s, %(detail)s)
    returning id)
insert into sop.outgoing (event) select id from added;

-- name: events_of_case
-- What happened to a case, in order. Index: event_is_in_its_turn.
select e."case", c.opd, e.version, e.kind, e.case_state, e.at, e."on", e.actor, e.role, e.unit, e.acting, e.stage, e.round,
       e.expected, e.state, e.returned_to, e.met, e.manual, e.reason, e.documents, e.target, e.due, e.days_used,
       e.days_left, e.detail
  from sop.event e join sop."case" c on c.number = e."case"
 where e."case" = %(number)s
 order by e.version;

-- name: versions_of_command
-- The case and the versions that a command made. Index: event_of_command.
select "case", version from sop.event where command = %(command)s order by version;

-- name: known_facts
-- The newest fact of each label about the OPD's documents and systems, or about the case. Index: known_fact_of_opd.
select label, subject, at, ce_id from sop.known_fact
 where opd in (%(opd)s, %(number)s)
 order by number;

-- name: remember_fact
-- Keeps the newest fact of a label about a subject. Index: known_fact_pkey.
insert into sop.known_fact (label, subject, opd, ce_id, at, number)
values (%(label)s, %(subject)s, %(opd)s, %(ce_id)s, %(at)s, %(number)s)
on conflict (label, subject) do update
   set ce_id = excluded.ce_id, at = excluded.at, number = excluded.number
 where known_fact.number < excluded.number;

-- name: cases_of_fact
-- The cases that a fact is about, in one order for all who lock them. Indexes: case_of_opd, case_pkey.
select number from sop."case"
 where (opd = %(opd)s and (not %(of_document)s or %(subject)s = any(documents)) or number = %(subject)s)
   and state not in ('draft', 'cancelled')
 order by number;

-- name: place
-- Where the reader of a topic stands. Index: fact_place_pkey.
select next_offset, last_number from sop.fact_place where topic = %(topic)s;

-- name: open_place
-- A reader begins at the topic's start.
insert into sop.fact_place (topic, next_offset, last_number) values (%(topic)s, 0, 0) on conflict do nothing;

-- name: advance_place
-- Moves on from the number that was last; nothing when somebody else did. Index: fact_place_pkey.
update sop.fact_place set next_offset = %(next_offset)s, last_number = %(number)s
 where topic = %(topic)s and last_number = %(last)s;

-- name: open_cases
-- Cases that the clock still runs for, in one order. A few dozen rows a year.
select number from sop."case" where state in ('running', 'held', 'live') order by number;

-- name: events_of_some
-- What happened to the cases with these numbers, each in order. Index: event_is_in_its_turn.
select e."case", c.opd, e.version, e.kind, e.case_state, e.at, e."on", e.actor, e.role, e.unit, e.acting, e.stage, e.round,
       e.expected, e.state, e.returned_to, e.met, e.manual, e.reason, e.documents, e.target, e.due, e.days_used,
       e.days_left, e.detail
  from sop.event e join sop."case" c on c.number = e."case"
 where e."case" = any(%(numbers)s)
 order by e."case", e.version;
