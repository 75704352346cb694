-- name: place
-- Where the reader of the topic stands. Index: place_pkey.
select next_offset, last_number from board.place where topic = %(topic)s;

-- name: open_place
-- A reader begins at the topic's start.
insert into board.place (topic, next_offset, last_number) values (%(topic)s, 0, 0) on conflict do nothing;

-- name: advance_place
-- Moves on from the number that was last; nothing when somebody else did. Index: place_pkey.
update board.place set next_offset = %(next_offset)s, last_number = %(number)s
 where topic = %(topic)s and last_number = %(last)s;

-- name: add_event
-- An event of the topic.
insert into board.event ("case", version, opd, kind, case_state, at, "on", actor, role, unit, acting, stage, round,
                         expected, state, returned_to, met, manual, reason, documents, target, due, days_used,
                         days_left, detail)
values (%(case)s, %(version)s, %(opd)s, %(kind)s, %(case_state)s, %(at)s, %(on)s, %(actor)s, %(role)s, %(unit)s,
        %(acting)s, %(stage)s, %(round)s, %(expected)s, %(state)s, %(returned_to)s, %(met)s, %(manual)s, %(reason)s,
        %(documents)s, %(target)s, %(due)s, %(days_used)s, %(days_left)s, %(detail)s);

-- name: events
-- What the topic tells of a case, in order. Index: event_pkey.
select "case", opd, version, kind, case_state, at, "on", actor, role, unit, acting, stage, round, expected, state,
       returned_to, met, manual, reason, documents, target, due, days_used, days_left, detail
  from board.event
 where "case" = %(case)s
 order by version;

-- name: put_standing
-- A case as it stands now. Index: standing_pkey.
insert into board.standing (number, opd, documents, procedure, decree, state, version, stage, round, stage_state, entered,
                            target, due, held_from, held_until, held_days, met, holder, spells, returns, outside, breaches,
                            withdrawn, submitted_on, ended_on, last_kind, last_actor, last_at)
values (%(number)s, %(opd)s, %(documents)s, %(procedure)s, %(decree)s, %(state)s, %(version)s, %(stage)s, %(round)s,
        %(stage_state)s, %(entered)s, %(target)s, %(due)s, %(held_from)s, %(held_until)s, %(held_days)s, %(met)s, %(holder)s,
        %(spells)s, %(returns)s, %(outside)s, %(breaches)s, %(withdrawn)s, %(submitted_on)s, %(ended_on)s, %(last_kind)s,
        %(last_actor)s, %(last_at)s)
on conflict (number) do update
   set state = excluded.state, version = excluded.version, stage = excluded.stage, round = excluded.round,
       stage_state = excluded.stage_state, entered = excluded.entered, target = excluded.target, due = excluded.due,
       held_from = excluded.held_from, held_until = excluded.held_until, held_days = excluded.held_days,
       met = excluded.met, holder = excluded.holder, spells = excluded.spells, returns = excluded.returns, outside = excluded.outside,
       breaches = excluded.breaches, withdrawn = excluded.withdrawn, submitted_on = excluded.submitted_on,
       ended_on = excluded.ended_on, last_kind = excluded.last_kind, last_actor = excluded.last_actor,
       last_at = excluded.last_at;

-- name: put_attempt
-- An attempt as it stands now. Index: attempt_pkey.
insert into board.attempt ("case", stage, round, opd, procedure, state, entered, target, due, ended, ended_by, days,
                           held_days, manual)
values (%(case)s, %(stage)s, %(round)s, %(opd)s, %(procedure)s, %(state)s, %(entered)s, %(target)s, %(due)s, %(ended)s,
        %(ended_by)s, %(days)s, %(held_days)s, %(manual)s)
on conflict ("case", stage, round) do update
   set state = excluded.state, entered = excluded.entered, target = excluded.target, due = excluded.due,
       ended = excluded.ended, ended_by = excluded.ended_by, days = excluded.days, held_days = excluded.held_days,
       manual = excluded.manual;

-- name: drop_attempt
-- An attempt that a correction has taken back. Index: attempt_pkey.
delete from board.attempt where "case" = %(case)s and stage = %(stage)s and round = %(round)s;

-- name: version
-- How far the board has read a case. Index: standing_pkey.
select version from board.standing where number = %(number)s;

-- name: standing
-- One case. Index: standing_pkey.
select number, opd, documents, procedure, decree, state, version, stage, round, stage_state, entered, target, due,
       held_from, held_until, held_days, met, holder, spells, returns, outside, breaches, withdrawn, submitted_on, ended_on,
       last_kind, last_actor, last_at
  from board.standing
 where number = %(number)s;

-- name: open_and_drawn
-- Cases in some states whose newest event is on the board. Indexes: case_pkey, standing_of_state.
select b.number, b.opd, b.documents, b.procedure, b.decree, b.state, b.version, b.stage, b.round, b.stage_state, b.entered,
       b.target, b.due, b.held_from, b.held_until, b.held_days, b.met, b.holder, b.spells, b.returns, b.outside, b.breaches,
       b.withdrawn, b.submitted_on, b.ended_on, b.last_kind, b.last_actor, b.last_at
  from board.standing b join sop."case" c on c.number = b.number and c.version = b.version
 where c.state = any(%(states)s) and (%(everywhere)s or c.opd = any(%(opds)s))
 order by b.number;

-- name: events_not_drawn
-- What happened to those of which the board is behind, each in order. Indexes: standing_pkey, event_is_in_its_turn.
select e."case", c.opd, e.version, e.kind, e.case_state, e.at, e."on", e.actor, e.role, e.unit, e.acting, e.stage, e.round,
       e.expected, e.state, e.returned_to, e.met, e.manual, e.reason, e.documents, e.target, e.due, e.days_used,
       e.days_left, e.detail
  from sop."case" c join sop.event e on e."case" = c.number
 where c.state = any(%(states)s) and (%(everywhere)s or c.opd = any(%(opds)s))
   and not exists (select from board.standing b where b.number = c.number and b.version = c.version)
 order by e."case", e.version;

-- name: counts
-- Cases by stage, and how many of them are late on a day, due on it, held, or ready to be confirmed. Reads each open case
-- once; index: standing_of_stage.
select stage, count(*) as cases, count(*) filter (where due < %(on)s) as overdue,
       count(*) filter (where due = %(on)s) as today, count(*) filter (where stage_state = 'held') as held,
       count(*) filter (where stage_state = 'ready') as ready
  from board.standing
 where stage is not null and (%(everywhere)s or opd = any(%(opds)s)) and number <> all(%(without)s)
   and (%(opd)s::text is null or opd = %(opd)s) and (%(holder)s::text is null or holder = %(holder)s)
   and (%(due_from)s::date is null or due >= %(due_from)s) and (%(due_until)s::date is null or due <= %(due_until)s)
   and (%(year)s::integer is null or extract(year from submitted_on) = %(year)s)
   and (%(numbers)s::text[] is null or number = any(%(numbers)s))
 group by stage;

-- name: cards
-- Of each stage those that are due first, at most so many. Index: standing_of_stage, a few rows of it for each stage.
select s.number, s.opd, s.documents, s.procedure, s.decree, s.state, s.version, s.stage, s.round, s.stage_state,
       s.entered, s.target, s.due, s.held_from, s.held_until, s.held_days, s.met, s.holder, s.spells, s.returns, s.outside,
       s.breaches, s.withdrawn, s.submitted_on, s.ended_on, s.last_kind, s.last_actor, s.last_at
  from unnest(%(stages)s::integer[]) as wanted (stage)
 cross join lateral (
select number, opd, documents, procedure, decree, state, version, stage, round, stage_state, entered, target, due,
       held_from, held_until, held_days, met, holder, spells, returns, outside, breaches, withdrawn, submitted_on,
       ended_on, last_kind, last_actor, last_at
  from board.standing
 where stage = wanted.stage and (%(everywhere)s or opd = any(%(opds)s)) and number <> all(%(without)s)
   and (%(opd)s::text is null or opd = %(opd)s) and (%(holder)s::text is null or holder = %(holder)s)
   and (%(due_from)s::date is null or due >= %(due_from)s) and (%(due_until)s::date is null or due <= %(due_until)s)
   and (%(year)s::integer is null or extract(year from submitted_on) = %(year)s)
   and (%(numbers)s::text[] is null or number = any(%(numbers)s))
 order by due, number
 limit %(limit)s) as s
 order by s.stage, s.due, s.number;

-- name: register
-- Cases by number, the newest first, one page before %(before)s. Indexes: standing_pkey, standing_of_opd.
select number, opd, documents, procedure, decree, state, version, stage, round, stage_state, entered, target, due,
       held_from, held_until, held_days, met, holder, spells, returns, outside, breaches, withdrawn, submitted_on,
       ended_on, last_kind, last_actor, last_at
  from board.standing
 where (%(everywhere)s or opd = any(%(opds)s)) and number <> all(%(without)s)
   and (%(opd)s::text is null or opd = %(opd)s) and (%(holder)s::text is null or holder = %(holder)s)
   and (%(due_from)s::date is null or due >= %(due_from)s) and (%(due_until)s::date is null or due <= %(due_until)s)
   and (%(year)s::integer is null or extract(year from submitted_on) = %(year)s)
   and (%(numbers)s::text[] is null or number = any(%(numbers)s))
   and (%(states)s::text[] is null or state = any(%(states)s)) and (%(before)s::text is null or number < %(before)s)
 order by number desc
 limit %(limit)s;

-- name: count_register
-- How many there are on all its pages. Reads each case once.
select count(*)
  from board.standing
 where (%(everywhere)s or opd = any(%(opds)s)) and number <> all(%(without)s)
   and (%(opd)s::text is null or opd = %(opd)s) and (%(holder)s::text is null or holder = %(holder)s)
   and (%(due_from)s::date is null or due >= %(due_from)s) and (%(due_until)s::date is null or due <= %(due_until)s)
   and (%(year)s::integer is null or extract(year from submitted_on) = %(year)s)
   and (%(numbers)s::text[] is null or number = any(%(numbers)s))
   and (%(states)s::text[] is null or state = any(%(states)s));

-- name: kinds
-- What the register can be searched for: agencies that have cases, and years in which they were submitted. Reads each
-- case once.
select coalesce(array_agg(distinct opd), '{}') as opds,
       coalesce(array_agg(distinct extract(year from submitted_on)::integer) filter (where submitted_on is not null), '{}')
           as years
  from board.standing
 where %(everywhere)s or opd = any(%(opds)s);

-- name: waiting
-- Numbers and due dates of the cases of which something waits for a person: drafts of agencies whose admin he
-- is, what lies with agencies that he works for, and stages that want a confirmation or a word of an office of his (the
-- rows of the four lists; null: of any agency, the confirmation). Reads each open case once; index: standing_of_stage.
select number, due
  from board.standing s
 where number <> all(%(without)s)
   and (state = 'draft' and opd = any(%(admin_of)s)
        or stage is not null and stage_state <> 'held'
           and (holder = 'opd' and opd = any(%(works_for)s)
                or exists (select from unnest(%(procedures)s::integer[], %(stages)s::integer[], %(units)s::text[],
                                              %(codes)s::text[]) as asked (procedure, stage, unit, code)
                            where asked.procedure = s.procedure and asked.stage = s.stage
                              and (asked.unit is null or asked.unit = s.opd)
                              and (asked.code is null
                                   or not s.met @> jsonb_build_array(jsonb_build_array(asked.code, ''))))));

-- name: some_standing
-- The cases with these numbers. Index: standing_pkey.
select number, opd, documents, procedure, decree, state, version, stage, round, stage_state, entered, target, due,
       held_from, held_until, held_days, met, holder, spells, returns, outside, breaches, withdrawn, submitted_on,
       ended_on, last_kind, last_actor, last_at
  from board.standing
 where number = any(%(numbers)s);

-- name: not_drawn_since
-- When the oldest event happened that is not on the boards; null where all are. Indexes: outgoing_unsent,
-- outgoing_number_key, event_pkey.
select min(at)
  from sop.event
 where id in ((select min(event) from sop.outgoing where sent_at is null),
              (select event from sop.outgoing
                where number > coalesce((select last_number from board.place where topic = %(topic)s), 0)
                order by number limit 1));

-- name: behind
-- Cases that have changed since the boards drew them, and how many there are: those first that this person has changed.
-- Reads each case once; indexes: case_pkey, standing_pkey, event_is_in_its_turn.
select c.number, count(*) over ()
  from sop."case" c left join board.standing b on b.number = c.number
 where b.version is distinct from c.version and (%(everywhere)s or c.opd = any(%(opds)s))
 order by exists (select from sop.event e
                   where e."case" = c.number and e.version > coalesce(b.version, 0) and e.actor = %(me)s) desc,
          c.number desc
 limit %(limit)s;

-- name: attempts
-- The attempts of a case that were begun, in order. Index: attempt_pkey.
select stage, round, state, entered, target, due, ended, ended_by, days, held_days, manual
  from board.attempt
 where "case" = %(case)s
 order by entered, stage, round;

-- name: durations
-- Working days that each closed case has spent in a stage, all rounds together, of the newest so many cases. Indexes:
-- standing_of_state, attempt_pkey.
select a.stage, array_agg(a.days order by a.days)
  from (select a.stage, a."case", sum(a.days)::integer as days
          from (select number from board.standing
                 where state = 'closed' and procedure = %(procedure)s
                 order by number desc limit %(limit)s) as closed
          join board.attempt a on a."case" = closed.number
         where a.ended is not null and a.days is not null
         group by a.stage, a."case") as a
 group by a.stage;

-- name: lock_place
-- Nobody draws an event until the end of this transaction.
lock table board.place in access exclusive mode;
