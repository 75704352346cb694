-- Persons as the search for duplicates meets them; read and written by the owner. Index of all that names a key:
-- person_pkey.

-- name: place
-- Up to which change of an entity's records they are entered. Index: person_place_pkey.
select round, kind, part, "offset", key from hub.person_place where entity = %(entity)s;

-- name: set_place
-- They are entered up to here. Index: person_place_pkey.
insert into hub.person_place (entity, round, kind, part, "offset", key)
values (%(entity)s, %(round)s, %(kind)s, %(part)s, %(offset)s, %(key)s)
on conflict (entity) do update
   set round = excluded.round, kind = excluded.kind, part = excluded.part, "offset" = excluded."offset",
       key = excluded.key;

-- name: take_out
-- Takes records out; the terms that they had, one a line.
with gone as (delete from hub.person where entity = %(entity)s and key = any(%(keys)s) returning terms)
select unnest(terms || 0::bigint) from gone;

-- name: put_in
-- Enters records that are to be compared. `blocks` and `terms` are arrays as text.
insert into hub.person (entity, key, blocks, terms, due)
select %(entity)s, n.key, n.blocks::bigint[], n.terms::bigint[], true
  from unnest(%(keys)s::text[], %(blocks)s::text[], %(terms)s::text[]) as n (key, blocks, terms)
 order by n.key;

-- name: count_terms
-- How many more or fewer persons bear some terms. Index: person_term_pkey.
insert into hub.person_term as t (entity, term, persons)
select %(entity)s, n.term, n.persons
  from unnest(%(terms)s::bigint[], %(persons)s::bigint[]) as n (term, persons)
 order by n.term
on conflict (entity, term) do update set persons = t.persons + excluded.persons;

-- name: persons
-- How many persons bear some terms. Index: person_term_pkey.
select term, persons from hub.person_term where entity = %(entity)s and term = any(%(terms)s);

-- name: due
-- The next records that have changed since they were compared. Index: person_due.
select key from hub.person where entity = %(entity)s and due order by key limit %(limit)s;

-- name: met
-- The pairs of records of which one is named and which share a block that is not too large, each once, smaller key
-- first. Index: person_of_block.
with named as (
    select key, unnest(blocks) as block from hub.person where entity = %(entity)s and key = any(%(keys)s)),
sizes as (
    select b.block, m.key
      from (select distinct block from named) b
     cross join lateral (
           select p.key from hub.person p
            where p.blocks @> array[b.block] and p.entity = %(entity)s
            limit %(largest)s + 1) m),
small as (select block from sizes group by block having count(*) between 2 and %(largest)s)
select distinct least(n.key, s.key), greatest(n.key, s.key)
  from named n
  join small using (block)
  join sizes s using (block)
 where n.key <> s.key
 order by 1, 2;

-- name: compared
-- These records are compared.
update hub.person set due = false where entity = %(entity)s and key = any(%(keys)s) and due;

-- name: end_pairs
-- Ends the probable duplicates with one of these records that were not found again; one line each. Indexes:
-- conflict_of_key, conflict_of_key_b.
with told as (select t.key, t.key_b from unnest(%(found)s::text[], %(found_b)s::text[]) as t (key, key_b)),
gone as (
    update hub.conflict c set state = 'ended', closed_at = %(now)s
     where c.entity = %(entity)s and c.kind = 'duplicate' and c.state <> 'ended'
       and (c.key = any(%(keys)s) or (c.key_b <> '' and c.key_b = any(%(keys)s)))
       and not exists (select from told t where (t.key, t.key_b) = (c.key, c.key_b))
    returning c.id)
select g.id, hub.note_conflict(g.id, 'ended', null, null, %(by)s, 'system', null, null, %(now)s) from gone g;
