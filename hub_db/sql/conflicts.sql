-- name: last_round
-- The newest round, 0 before the first one. Index: round_pkey.
select coalesce(max(id), 0) from hub.round;

-- name: contested_topics
-- Documents of which one version said two things: topic by topic through an index, contested_is_one_content.
with recursive topics as (
    (select topic from hub.contested order by topic limit 1)
    union all
    select (select c.topic from hub.contested c where c.topic > t.topic order by c.topic limit 1)
      from topics t where t.topic is not null)
select topic from topics where topic is not null;

-- name: anything_contested
-- Whether a version said two things and nobody has looked at it. Index: contested_to_look_at.
select exists (select from hub.contested where looked_at is null);

-- name: take_contested
-- The next keys of which a version said two things; they are looked at. Index: contested_to_look_at.
update hub.contested c set looked_at = %(now)s
  from (select id from hub.contested where looked_at is null order by id limit %(most)s) next
 where c.id = next.id
returning c.topic, c.key;

-- name: place
-- How far the changes of an entity are read. Index: conflict_place_pkey.
select generation, round, kind, part, "offset", key from hub.conflict_place where entity = %(entity)s;

-- name: set_place
-- The changes of an entity are read up to here. Index: conflict_place_pkey.
insert into hub.conflict_place (entity, generation, round, kind, part, "offset", key)
values (%(entity)s, %(generation)s, %(round)s, %(kind)s, %(part)s, %(offset)s, %(key)s)
on conflict (entity) do update
   set generation = excluded.generation, round = excluded.round, kind = excluded.kind, part = excluded.part,
       "offset" = excluded."offset", key = excluded.key;

-- name: changed
-- Keys that changed after a place, in the order of rounds; one may be told more than once. Indexes: as in the function.
select round, kind_of, part_of, offset_of, key_of
  from hub.changed_keys(%(entity)s, %(round)s, %(kind)s, %(part)s, %(offset)s, %(key)s, %(last)s, %(most)s);

-- name: end
-- Ends the causes of some rows that were not found again; one line per conflict. Index: conflict_of_key.
with told as (
    select t.kind, t.key, t.key_b, t.about, t.source_a, t.source_b
      from jsonb_to_recordset(%(found)s) as t (kind text, key text, key_b text, about text, source_a text,
                                               source_b text)),
gone as (
    update hub.conflict c set state = 'ended', closed_at = %(now)s
     where c.entity = %(entity)s and (%(all)s or c.key = any(%(keys)s::text[])) and c.kind = any(%(kinds)s)
       and (%(source)s::text is null or c.source_b = %(source)s) and c.state <> 'ended'
       and not exists (select from told t
                        where (t.kind, t.key, t.key_b, t.about, t.source_a, t.source_b)
                            = (c.kind, c.key, c.key_b, c.about, c.source_a, c.source_b))
    returning c.id)
select g.id, hub.note_conflict(g.id, 'ended', null, null, %(by)s, 'system', null, null, %(now)s) from gone g;

-- name: enter
-- Enters causes that were found; one line per conflict that is new or has become something else, with what it was and
-- is. A decision holds for the values that were seen. Index: conflict_is_one_cause.
with told as (
    select t.kind, t.key, t.key_b, t.about, t.source_a, t.source_b, decode(t.seen, 'hex') as seen, t.shown, t.seen_of,
           array(select jsonb_array_elements_text(t.hints)) as hints
      from jsonb_to_recordset(%(found)s) as t (kind text, key text, key_b text, about text, source_a text,
                                               source_b text, seen text, shown jsonb, hints jsonb, seen_of jsonb)),
was as materialized (
    select c.id, c.state, c.seen
      from hub.conflict c
      join told t on (t.kind, %(entity)s, t.key, t.key_b, t.about, t.source_a, t.source_b)
                   = (c.kind, c.entity, c.key, c.key_b, c.about, c.source_a, c.source_b)),
entered as (
    insert into hub.conflict as c (kind, entity, key, key_b, about, source_a, source_b, seen, shown, hints, seen_of,
                                   opened_at)
    select t.kind, %(entity)s, t.key, t.key_b, t.about, t.source_a, t.source_b, t.seen, t.shown, t.hints, t.seen_of,
           %(now)s
      from told t order by t.kind, t.key, t.key_b, t.about, t.source_a, t.source_b
    on conflict on constraint conflict_is_one_cause do update
       set state = case when c.decided_seen is distinct from excluded.seen then 'open'
                        when c.choice = 'ask' then 'asked' else 'decided' end,
           revision = c.revision + (c.seen <> excluded.seen)::integer,
           opened_at = case when c.decided_seen is distinct from excluded.seen and c.state <> 'open'
                            then excluded.opened_at else c.opened_at end,
           closed_at = case when c.decided_seen is distinct from excluded.seen then null
                            else coalesce(c.closed_at, excluded.opened_at) end,
           seen = excluded.seen, shown = excluded.shown, hints = excluded.hints, seen_of = excluded.seen_of
     where c.seen <> excluded.seen or c.state = 'ended' or c.seen_of <> excluded.seen_of
    returning c.id, c.state, c.seen)
select e.id, w.state, e.state
  from entered e left join was w on w.id = e.id
 where w.id is null or w.state = 'ended' or w.seen <> e.seen
 order by e.id;

-- name: note
-- Writes down what happened to conflicts.
select hub.note_conflict(n.id, n.act, null, null, %(by)s, 'system', null, null, %(now)s)
  from unnest(%(ids)s::bigint[], %(acts)s::text[]) as n (id, act);

-- name: overdue
-- Opens again what an OPD was asked and has not mended by its day. Index: conflict_of_state.
update hub.conflict set state = 'open', decided_seen = null, closed_at = null, opened_at = %(now)s
 where state = 'asked' and due_on < %(today)s
returning id;

-- name: conflicts
-- Conflicts as they may be shown, by their numbers.
select id, kind, entity, address, address_b, about, source_a, source_b, state, revision, shown, hints, choice, due_on,
       opened_at, closed_at
  from masked.conflicts(%(states)s, %(kinds)s, %(opds)s, %(number)s, %(after)s, %(most)s);

-- name: counts
-- How many there are, by kind, entity and what they are about.
select kind, entity, about, conflicts from masked.conflict_counts(%(states)s, %(opds)s);

-- name: follows
-- By field, whose value the record of a conflict between two sources has now, is to have, and had before a ruling.
select field, follows, ruled, before from masked.conflict_follows(%(id)s);

-- name: ruled_fields
-- Which fields of a record a steward has ruled of, in which conflict, whose value it is, and since when.
select field, conflict_id, source, decided_at from masked.ruled_fields(%(entity)s, %(address)s);

-- name: row_of
-- Whose record a conflict is about. Index: conflict_pkey.
select entity, key from hub.conflict where id = %(id)s;

-- name: events
-- What happened to a conflict, oldest first. Index: conflict_event_pkey.
select act, choice, reason, by, role, opd, at from hub.conflict_event where conflict_id = %(id)s order by number;

-- name: decide
-- Whether the decision was taken down.
select hub.decide_conflict(%(id)s, %(revision)s, %(choice)s, %(reason)s, %(due)s, %(by)s, %(by_kind)s, %(role)s,
                           %(opd)s, %(at)s);

-- name: take_back
-- Whether the decision was taken back.
select hub.take_back_decision(%(id)s, %(revision)s, %(reason)s, %(by)s, %(by_kind)s, %(role)s, %(opd)s, %(at)s);

-- name: rulings
-- The rulings of one record, a line for each decision. Index: ruling_of_key.
select number, conflict_id, source_a, source_b, takes_b, fields, seen, decided_at, ended_at
  from hub.rulings_of(%(entity)s, %(key)s);
