-- Decisions that golden records follow --------------------------------------------------------------
-- What a steward ruled of a field of a record: which of two sources is right, for the values that he saw. A decision
-- about several fields is a row for each, and holds for all of them or for none. Rows are only added; one that was taken
-- back, or followed by another decision about the same conflict, has ended.

create table hub.ruling (
    id          bigint generated always as identity primary key,
    conflict_id bigint not null references hub.conflict (id),
    entity      text collate "C" not null,
    key         text collate "C" not null,  -- may be a person's number
    field       text collate "C" not null,
    source_a    text collate "C" not null,  -- <opd>.<document>
    source_b    text collate "C" not null,
    choice      text collate "C" not null,
    seen        bytea not null,             -- hub.both_seen of the two values
    before      text collate "C",           -- whose value the record had: a, b, both, neither
    decided_at  timestamptz not null,
    ended_at    timestamptz,
    constraint ruling_choice_is_known check (choice in ('a', 'b')),
    constraint ruling_seen_is_sha256 check (octet_length(seen) = 32)
);
create index ruling_of_key on hub.ruling (entity, key);
create unique index ruling_in_force on hub.ruling (conflict_id, field) where ended_at is null;

-- The fingerprint of what two sources say of a field, from their texts (`hub_db/rulings.py`).
create function hub.both_seen(a text, b text) returns bytea
    language sql immutable parallel safe
    return sha256(convert_to(char_length(a)::text || ':' || a || b, 'UTF8'));

-- By field, the fingerprint for which a ruling upon it would hold: hexadecimal.
alter table hub.conflict add column seen_of jsonb not null default '{}';

-- Whether a steward has ever ruled of an entity's records: only then their fold asks for rulings.
alter table hub.entity add column ruled boolean not null default false;

drop function hub.hold_entities(text[]);
create function hub.hold_entities(names text[]) returns table (entity text, generation bigint, ruled boolean)
    language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_advisory_xact_lock_shared(hub.entity_lock(n)) from unnest(names) as n;
    return query select e.entity, e.generation, e.ruled from hub.entity e where e.entity = any (names) order by e.entity;
end $$;

-- A steward's decision upon the values as they are at a revision; false when they changed meanwhile or it is not open.
-- Of two sources that differ it is a ruling: B's value for B, A's for A and where B's row is of somebody else.
create or replace function hub.decide_conflict(
    of_conflict bigint, at_revision integer, choice text, reason text, due date, by text, by_kind text, role text,
    opd text, at timestamptz) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
    update hub.conflict c
       set state = case decide_conflict.choice when 'ask' then 'asked' else 'decided' end,
           choice = decide_conflict.choice, decided_seen = c.seen, due_on = due, closed_at = at
     where c.id = of_conflict and c.revision = at_revision and c.state = 'open';
    if not found then
        return false;
    end if;
    update hub.ruling r set ended_at = at where r.conflict_id = of_conflict and r.ended_at is null;
    if decide_conflict.choice <> 'ask' then
        insert into hub.ruling (conflict_id, entity, key, field, source_a, source_b, choice, seen, before, decided_at)
        select c.id, c.entity, c.key, f.key, c.source_a, c.source_b,
               case decide_conflict.choice when 'b' then 'b' else 'a' end, decode(f.value, 'hex'), w.follows, at
          from hub.conflict c cross join jsonb_each_text(c.seen_of) f
          left join masked.conflict_follows(of_conflict) w on w.field = f.key
         where c.id = of_conflict and c.kind in ('agree', 'two_persons');
    end if;
    perform hub.note_conflict(of_conflict, 'decided', choice, reason, by, by_kind, role, opd, at);
    return true;
end $$;

-- Takes a decision back; false when it is another one, or none.
create function hub.take_back_decision(
    of_conflict bigint, at_revision integer, reason text, by text, by_kind text, role text, opd text, at timestamptz)
    returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
    update hub.conflict c
       set state = 'open', choice = null, decided_seen = null, due_on = null, closed_at = null, opened_at = at
     where c.id = of_conflict and c.revision = at_revision and c.state in ('decided', 'asked');
    if not found then
        return false;
    end if;
    update hub.ruling r set ended_at = at where r.conflict_id = of_conflict and r.ended_at is null;
    perform hub.note_conflict(of_conflict, 'taken_back', null, reason, by, by_kind, role, opd, at);
    return true;
end $$;

-- What pages and pasts are told ---------------------------------------------------------------------

-- All rulings of one record, a line for each decision. Index: ruling_of_key.
create function hub.rulings_of(of_entity text, of_key text)
    returns table (number bigint, conflict_id bigint, source_a text, source_b text, takes_b boolean, fields text[],
                   seen bytea[], decided_at timestamptz, ended_at timestamptz)
    language sql stable set search_path = pg_catalog, pg_temp as $$
    select min(r.id), r.conflict_id, r.source_a, r.source_b, r.choice = 'b', array_agg(r.field order by r.field),
           array_agg(r.seen order by r.field), r.decided_at, r.ended_at
      from hub.ruling r where r.entity = of_entity and r.key = of_key
     group by r.conflict_id, r.source_a, r.source_b, r.choice, r.decided_at, r.ended_at
     order by 1
$$;

-- The rulings of the record that an entry of the audit asks for; as masked.tell_past tells its past.
create function masked.tell_rulings(entry_no bigint, address text)
    returns table (number bigint, conflict_id bigint, source_a text, source_b text, takes_b boolean, fields text[],
                   seen bytea[], decided_at timestamptz, ended_at timestamptz)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    entry audit.entry;
    asked masked.entity;
    wanted text;
begin
    select e.* into entry from audit.entry e
     where e.id = entry_no and e.act in ('records.past', 'records.unmask', 'records.search')
       and e.transaction is distinct from pg_current_xact_id_if_assigned()
       and e.at > clock_timestamp() - interval '1 minute';
    if not found then
        raise exception 'no committed entry of the audit asks for this' using errcode = 'insufficient_privilege';
    end if;
    asked := masked.entity_named(entry.details ->> 'entity');
    wanted := case when entry.act = 'records.search' or (entry.details ->> 'searched')::boolean then address
                   else masked.key_at(asked, address) end;
    if wanted is null or masked.pseudonym(asked.entity, wanted) <> entry.subject then
        raise exception 'the entry of the audit asks for something else' using errcode = 'insufficient_privilege';
    end if;
    return query select r.* from hub.rulings_of(asked.entity, wanted) r;
end $$;

-- The same of a record in which nothing is personal.
create function masked.open_rulings(entity text, address text)
    returns table (number bigint, conflict_id bigint, source_a text, source_b text, takes_b boolean, fields text[],
                   seen bytea[], decided_at timestamptz, ended_at timestamptz)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    asked masked.entity := masked.entity_named(entity);
begin
    if not asked.open or exists (select from hub.speaker s where s.entity = asked.entity and s.feeds) then
        raise exception 'the rulings of this entity are told for an entry of the audit' using errcode = 'insufficient_privilege';
    end if;
    return query select r.* from hub.rulings_of(asked.entity, address) r;
end $$;

-- Which fields of a record a steward has ruled of, for the values as the finder knows them; no value and no key.
-- Index: ruling_of_key.
create function masked.ruled_fields(entity text, address text)
    returns table (field text, conflict_id bigint, source text, decided_at timestamptz)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select distinct on (r.field) r.field, r.conflict_id, case r.choice when 'b' then r.source_b else r.source_a end,
           r.decided_at
      from masked.entity_named(ruled_fields.entity) e
      join hub.ruling r on r.entity = e.entity and r.key = masked.key_at(e, address) and r.ended_at is null
      join hub.conflict c on c.id = r.conflict_id and c.state = 'decided'
     order by r.field, r.choice = 'b' desc, r.id desc
$$;

-- By field of a conflict between two sources, whose value its record has now (of A, of B, of both, or of neither), and
-- what a ruling in force says: whose it is to have, and whose it had before. Indexes: ruling_in_force, the primary keys
-- of the tables of both sources and of the record.
create function masked.conflict_follows(number bigint)
    returns table (field text, follows text, ruled text, before text)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    found_conflict hub.conflict;
    a hub.speaker;
    b hub.speaker;
    key_is text[];
    parts text[];
    tables regclass[];
    name text;
begin
    select c.* into found_conflict from hub.conflict c where c.id = number and c.kind in ('agree', 'two_persons');
    parts := string_to_array(found_conflict.key, '|');
    select s.* into a from hub.speaker s
     where s.entity = found_conflict.entity and s.topic = 'opd.' || found_conflict.source_a and not s.feeds;
    select s.* into b from hub.speaker s
     where s.entity = found_conflict.entity and s.topic = 'opd.' || found_conflict.source_b and not s.feeds;
    key_is := (select s.key from hub.speaker s
                where s.entity = found_conflict.entity and not s.feeds order by s.place limit 1);
    if a.topic is null or b.topic is null or cardinality(parts) <> cardinality(key_is) then
        return;
    end if;
    tables := array[to_regclass(format('reference.%I', found_conflict.entity)),
                    to_regclass(format('%I.%I', a.table_schema, a.table_name)),
                    to_regclass(format('%I.%I', b.table_schema, b.table_name))];
    foreach name in array string_to_array(found_conflict.about, ',') loop
        -- A field that a later contract left out has no column any more.
        continue when exists (
            select from unnest(tables) as t (of_table)
             where not exists (select from pg_attribute c
                                where c.attrelid = t.of_table and c.attname = name and not c.attisdropped));
        return query execute format(
            'select $1, case when r.%1$I is null then null when r.%1$I = a.%1$I and r.%1$I = b.%1$I then ''both'''
            ' when r.%1$I = a.%1$I then ''a'' when r.%1$I = b.%1$I then ''b'' else ''neither'' end, d.choice, d.before'
            ' from reference.%2$I r left join %3$I.%4$I a on %5$s left join %6$I.%7$I b on %8$s'
            ' left join hub.ruling d on d.conflict_id = $2 and d.field = $1 and d.ended_at is null where %9$s',
            name, found_conflict.entity, a.table_schema, a.table_name, hub.key_condition('a', a.key, parts),
            b.table_schema, b.table_name, hub.key_condition('b', b.key, parts), hub.key_condition('r', key_is, parts))
            using name, number;
    end loop;
end $$;

-- SQL: whether the key columns of an alias are these values.
create function hub.key_condition(alias text, names text[], parts text[]) returns text
    language sql immutable set search_path = pg_catalog, pg_temp as $$
    select string_agg(format('%I.%I = %L', alias, n.name, parts[n.place]), ' and ')
      from unnest(names) with ordinality as n (name, place)
$$;

-- Rights --------------------------------------------------------------------------------------------

revoke all on function hub.hold_entities(text[]), hub.both_seen(text, text), hub.rulings_of(text, text),
    hub.key_condition(text, text[], text[]),
    hub.take_back_decision(bigint, integer, text, text, text, text, text, timestamptz),
    masked.tell_rulings(bigint, text), masked.open_rulings(text, text), masked.ruled_fields(text, text),
    masked.conflict_follows(bigint) from public;
grant execute on function hub.hold_entities(text[]), hub.both_seen(text, text) to simpul_intake;
grant select on hub.ruling to simpul_intake;
grant execute on function hub.take_back_decision(bigint, integer, text, text, text, text, text, timestamptz),
    masked.tell_rulings(bigint, text), masked.open_rulings(text, text), masked.ruled_fields(text, text),
    masked.conflict_follows(bigint) to simpul_web;

-- Conflicts that are open are found once more: what a ruling upon them would hold for was not written down.
delete from hub.conflict_place;
