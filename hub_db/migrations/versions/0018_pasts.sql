-- Which tables hold what is said of an entity, so that a key's past can be found from its rows -------

-- A document that speaks about an entity, as `hub_db/entities.py` has it. `key`: its columns that hold the entity's key.
create table hub.speaker (
    entity       text collate "C" not null,
    topic        text collate "C" not null,
    place        integer not null,
    feeds        boolean not null,
    table_schema text not null,
    table_name   text not null,
    row_key      text[] not null,
    key          text[] not null,
    primary key (entity, topic)
);

-- Which rows of a feeding document have ever named a record of another entity: a row that names another one now is
-- found from here.
create table hub.fed (
    entity  text collate "C" not null,
    key     text collate "C" not null,
    topic   text collate "C" not null,
    row_key text collate "C" not null,
    primary key (entity, key, topic, row_key)
);

-- The events of a release: they went in with it, later than the batch in which they came.
create table hub.release_event (
    topic_no   integer not null,
    partition  integer not null,
    "offset"   bigint not null,
    release_id bigint not null references hub.release (id),
    primary key (topic_no, partition, "offset")
);

-- When the hub took an event. Indexes: topic_pkey, batch_ends_once.
create function hub.taken_at(of_topic_no integer, of_partition integer, at_offset bigint) returns timestamptz
    language sql stable set search_path = pg_catalog, pg_temp as $$
    select b.tx_at from hub.topic n join hub.batch b using (topic_id)
     where n.topic_no = of_topic_no and b.partition = of_partition and b.next_offset > at_offset
     order by b.next_offset limit 1
$$;

-- When it went in: with its batch, or with its release. Index: release_event_pkey.
create function hub.went_in_at(of_topic_no integer, of_partition integer, at_offset bigint) returns timestamptz
    language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(
        (select r.tx_at from hub.release_event e join hub.release r on r.id = e.release_id
          where e.topic_no = of_topic_no and e.partition = of_partition and e."offset" = at_offset),
        hub.taken_at(of_topic_no, of_partition, at_offset))
$$;

-- The newest accepted event of each row that says, or once said, something about a record. Indexes: the primary keys of
-- the sources' tables, that of a feed's column, fed_pkey.
create function hub.heads(of_entity text, wanted text)
    returns table (topic text, row_key text, topic_no integer, partition integer, "offset" bigint)
    language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    speaker hub.speaker;
    parts text[] := string_to_array(wanted, '|');
    marks constant text := 't._topic_no, t._partition, t._offset';
    row_text text;
    matches text;
begin
    for speaker in select s.* from hub.speaker s where s.entity = of_entity order by s.place loop
        row_text := (select string_agg(format('t.%I', c.name), ' || ''|'' || ' order by c.place)
                       from unnest(speaker.row_key) with ordinality as c (name, place));
        if speaker.feeds then
            matches := (select string_agg(format('t.%I = split_part(f.row_key, ''|'', %s)', c.name, c.place), ' and ')
                          from unnest(speaker.row_key) with ordinality as c (name, place));
            return query execute format(
                'select $1, %1$s, %2$s from %3$I.%4$I t where t.%5$I = $2 and not t._deleted'
                ' union select $1, %1$s, %2$s from hub.fed f join %3$I.%4$I t on %6$s'
                '  where f.entity = $3 and f.key = $2 and f.topic = $1',
                row_text, marks, speaker.table_schema, speaker.table_name, speaker.key[1], matches)
                using speaker.topic, wanted, of_entity;
        elsif cardinality(parts) = cardinality(speaker.key) then
            matches := (select string_agg(format('t.%I = %L', c.name, parts[c.place]), ' and ')
                          from unnest(speaker.key) with ordinality as c (name, place));
            return query execute format('select $1, %s, %s from %I.%I t where %s',
                                        row_text, marks, speaker.table_schema, speaker.table_name, matches)
                using speaker.topic;
        end if;
    end loop;
end $$;

-- A record's accepted events, newest first for each row that speaks about it, with the bytes they came in: at most
-- `most` of each row or, with `until`, the one that held then. Found from the rows and the links to the event before,
-- so that it costs what the record's own past is long. Index: history_pkey.
create function hub.past(of_entity text, wanted text, until timestamptz, most integer)
    returns table (topic text, row_key text, depth integer, topic_no integer, partition integer, "offset" bigint,
                   epoch integer, sequence bigint, schema_id integer, ce_id text, event_time timestamptz, load text,
                   value bytea, taken_at timestamptz, went_in_at timestamptz, has_earlier boolean)
    language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    head record;
begin
    for head in select h.* from hub.heads(of_entity, wanted) h loop
        return query
            with recursive chain as (
                select 1 as depth, h.*, hub.went_in_at(h.topic_no, h.partition, h."offset") as went_in_at
                  from hub.history h
                 where h.topic_no = head.topic_no and h.partition = head.partition and h."offset" = head."offset"
                union all
                select c.depth + 1, h.*, hub.went_in_at(h.topic_no, h.partition, h."offset")
                  from chain c
                  join hub.history h on h.topic_no = c.before_topic_no and h.partition = c.before_partition
                                    and h."offset" = c.before_offset
                 where case when until is null then c.depth < most else c.went_in_at > until end)
            select head.topic, head.row_key, c.depth, c.topic_no, c.partition, c."offset", c.epoch, c.sequence,
                   c.schema_id, c.ce_id, c.event_time, c.load, c.value,
                   hub.taken_at(c.topic_no, c.partition, c."offset"), c.went_in_at, c.before_offset is not null
              from chain c
             where until is null or c.went_in_at <= until
             order by c.depth;
    end loop;
end $$;

-- Masked reading of pasts ---------------------------------------------------------------------------
-- What came in bytes cannot be masked here. So the page's role gets the bytes of a record that has personal values only
-- for an entry of the audit that was committed before, one per record, as values in the clear (docs/decisions/0017).

-- Whether no field of the entity is personal.
alter table masked.entity add column open boolean not null default false;

-- Asks for the pasts of rows: one entry per row. `searched`: the addresses are keys that somebody typed.
create function masked.ask_past(
    entity text, addresses text[], searched boolean, purpose text, actor text, actor_kind text, role text, opd text)
    returns bigint[]
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    asked masked.entity := masked.entity_named(entity);
    keys text[] := array(select case when searched then a.address else masked.key_at(asked, a.address) end
                           from unnest(addresses) with ordinality as a (address, place) order by a.place);
    entries bigint[];
begin
    if cardinality(addresses) not between 1 and 100 then
        raise exception 'a look is at 1 to 100 rows' using errcode = 'invalid_parameter_value';
    end if;
    if searched and length(btrim(coalesce(purpose, ''))) < 20 then
        raise exception 'a search needs a purpose' using errcode = 'invalid_parameter_value';
    end if;
    if array_position(keys, null) is not null then
        raise exception 'no such row' using errcode = 'no_data_found';
    end if;
    with written as (
        insert into audit.entry (actor, actor_kind, role, opd, act, subject, purpose, details)
        select ask_past.actor, ask_past.actor_kind, ask_past.role, ask_past.opd, 'records.past',
               masked.pseudonym(asked.entity, k.key), ask_past.purpose,
               jsonb_build_object('entity', asked.entity, 'owner', asked.owner, 'searched', searched)
          from unnest(keys) with ordinality as k (key, place) order by k.place
        returning id)
    select array_agg(w.id order by w.id) into entries from written w;
    return entries;
end $$;

-- Tells the past that an entry of the audit asks for, if it was committed within the last minute by an earlier
-- transaction. `key_is`: the row's address. An entry of a look in the clear asks for the past, too.
create function masked.tell_past(entry_no bigint, address text, until timestamptz, most integer)
    returns table (key_is text, topic text, row_key text, depth integer, topic_no integer, partition integer,
                   "offset" bigint, epoch integer, sequence bigint, schema_id integer, ce_id text,
                   event_time timestamptz, load text, value bytea, taken_at timestamptz, went_in_at timestamptz,
                   has_earlier boolean)
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
    return query
        select case when asked.personal then masked.handle_of(asked.entity, wanted) else wanted end, p.*
          from hub.past(asked.entity, wanted, until, least(most, 1000)) p;
end $$;

-- The past of a row in which nothing is personal, nor in what other documents feed it with. Needs no entry.
create function masked.open_past(entity text, address text, until timestamptz, most integer)
    returns table (key_is text, topic text, row_key text, depth integer, topic_no integer, partition integer,
                   "offset" bigint, epoch integer, sequence bigint, schema_id integer, ce_id text,
                   event_time timestamptz, load text, value bytea, taken_at timestamptz, went_in_at timestamptz,
                   has_earlier boolean)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
    asked masked.entity := masked.entity_named(entity);
begin
    if not asked.open or exists (select from hub.speaker s where s.entity = asked.entity and s.feeds) then
        raise exception 'the past of this entity is told for an entry of the audit' using errcode = 'insufficient_privilege';
    end if;
    return query select address, p.* from hub.past(asked.entity, address, until, least(most, 1000)) p;
end $$;

-- Sources that count --------------------------------------------------------------------------------
-- Whether a document's rows are in golden records: what its tables and the fold are made for. It follows the state of its
-- source (`hub_db/restating.py`).

alter table hub.document add column counts boolean not null default true;

-- Entities whose records must be reckoned anew: how often that was asked for, and up to which asking it is done.
create table hub.recount (
    entity text collate "C" primary key,
    asked  bigint not null,
    done   bigint not null default 0
);

-- Rights --------------------------------------------------------------------------------------------

revoke all on function hub.taken_at(integer, integer, bigint), hub.went_in_at(integer, integer, bigint),
    hub.heads(text, text), hub.past(text, text, timestamptz, integer),
    masked.ask_past(text, text[], boolean, text, text, text, text, text),
    masked.tell_past(bigint, text, timestamptz, integer), masked.open_past(text, text, timestamptz, integer)
    from public;
grant execute on function masked.ask_past(text, text[], boolean, text, text, text, text, text),
    masked.tell_past(bigint, text, timestamptz, integer), masked.open_past(text, text, timestamptz, integer)
    to simpul_web;

grant select, insert on hub.fed, hub.release_event to simpul_intake;
grant select on hub.speaker to simpul_intake, simpul_publisher, simpul_web;
grant select on hub.recount to simpul_web, simpul_jobs;

-- Changes since a round -----------------------------------------------------------------------------

-- Which keys of an entity changed in the rounds from `round_no` to `last_round`, in the order of rounds and, within a
-- round, of the ledger; after a place in that order. A key may be told more than once. Indexes: batch_of_round,
-- history_pkey, release_of_round, release_key_pkey, change_of_round, change_key_pkey.
create function hub.changed_keys(
    of_entity text, round_no bigint, at_kind integer, at_part bigint, at_offset bigint, at_key text, last_round bigint,
    most integer)
    returns table (round bigint, kind_of integer, part_of bigint, offset_of bigint, key_of text)
    language sql stable set search_path = pg_catalog, pg_temp as $$
    with batches as (
        select b.round, b.id, n.topic_no, b.partition, b.first_offset, b.next_offset
          from hub.batch b join hub.topic n using (topic_id) join hub.document d on d.topic = n.name
         where b.round between round_no and last_round and d.entity = of_entity
           and (b.round, 0, b.id) >= (round_no, at_kind, at_part)
         order by b.round, b.id limit most),
    releases as (
        select l.round, l.id
          from hub.release l join hub.topic n using (topic_id) join hub.document d on d.topic = n.name
         where l.round between round_no and last_round and d.entity = of_entity
           and (l.round, 1, l.id) >= (round_no, at_kind, at_part)
         order by l.round, l.id limit most),
    changes as (
        select c.round, c.id from hub.change c
         where c.round between round_no and last_round and c.entity = of_entity
           and (c.round, 2, c.id) >= (round_no, at_kind, at_part)
         order by c.round, c.id limit most)
    select found.round, found.kind_of, found.part_of, found.offset_of, found.key_of
      from (
        select b.round, 0 as kind_of, b.id as part_of, h."offset" as offset_of, h.key as key_of
          from batches b cross join lateral (
               select h."offset", h.key from hub.history h
                where h.topic_no = b.topic_no and h.partition = b.partition
                  and h."offset" >= b.first_offset and h."offset" < b.next_offset
                  and (b.round, 0, b.id, h."offset") > (round_no, at_kind, at_part, at_offset)
                order by h."offset" limit most) h
        union all
        select l.round, 1, l.id, -1, k.key
          from releases l cross join lateral (
               select k.key from hub.release_key k
                where k.release_id = l.id and (l.round, 1, l.id, k.key) > (round_no, at_kind, at_part, at_key)
                order by k.key limit most) k
        union all
        select c.round, 2, c.id, -1, k.key
          from changes c cross join lateral (
               select k.key from hub.change_key k
                where k.change_id = c.id and (c.round, 2, c.id, k.key) > (round_no, at_kind, at_part, at_key)
                order by k.key limit most) k) found
     order by found.round, found.kind_of, found.part_of, found.offset_of, found.key_of
     limit most
$$;

-- The same for the page's role, with whether there is a record now; only where no key is personal, as the order of
-- arrival says something of persons. A key that never had a record is left out.
create function masked.changed_keys(
    entity text, round_no bigint, at_kind integer, at_part bigint, at_offset bigint, at_key text, last_round bigint,
    most integer)
    returns table (round bigint, kind_of integer, part_of bigint, offset_of bigint, key_of text, deleted boolean)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    asked masked.entity := masked.entity_named(entity);
    is_key text := (select string_agg(format('t.%I = split_part(k.key_of, ''|'', %s)', c.name, c.place), ' and ')
                      from unnest(asked.key) with ordinality as c (name, place));
begin
    if asked.personal then
        raise exception 'changes of persons are for topics' using errcode = 'insufficient_privilege';
    end if;
    return query execute format(
        'select k.round, k.kind_of, k.part_of, k.offset_of, k.key_of, t._deleted'
        '  from hub.changed_keys($1, $2, $3, $4, $5, $6, $7, $8) k left join reference.%I t on %s',
        asked.entity, is_key)
        using asked.entity, round_no, at_kind, at_part, at_offset, at_key, last_round, least(most, 500);
end $$;

revoke all on function hub.changed_keys(text, bigint, integer, bigint, bigint, text, bigint, integer),
    masked.changed_keys(text, bigint, integer, bigint, bigint, text, bigint, integer) from public;
grant execute on function masked.changed_keys(text, bigint, integer, bigint, bigint, text, bigint, integer)
    to simpul_web;
