-- Sources -------------------------------------------------------------------------------------------
-- Where several documents speak about an entity, each has a table of its own here; the entity's table is their fold.

create schema source;
comment on schema source is 'Newest accepted rows per document, of entities about which several documents speak.';
grant usage on schema source to simpul_intake;

-- Counts what changed in how an entity is put together, so that a worker sees it with one small statement.
create table hub.entity (
    entity     text collate "C" primary key,
    generation bigint not null
);
insert into hub.entity (entity, generation) select distinct entity, 1 from hub.document;

-- A batch holds its entities until it commits; provisioning takes them. A function, as each statement in it sees what
-- was committed before that statement, which is after the lock.
create function hub.entity_lock(name text) returns bigint
    language sql immutable return hashtextextended('simpul.entity.' || name, 0);

create function hub.creation_lock(name text) returns bigint
    language sql immutable return hashtextextended('simpul.creation.' || name, 0);

create function hub.hold_entities(names text[]) returns table (entity text, generation bigint)
    language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_advisory_xact_lock_shared(hub.entity_lock(n)) from unnest(names) as n;
    return query select e.entity, e.generation from hub.entity e where e.entity = any (names) order by e.entity;
end $$;

create function hub.take_entity(name text) returns void
    language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_advisory_xact_lock(hub.entity_lock(name));
end $$;

-- Changes without an event of the entity's own documents --------------------------------------------
-- A feed, or a reckoning anew. Such changes list their keys, as releases do.

create table hub.change (
    id     bigint generated always as identity primary key,
    entity text collate "C" not null,
    cause  text not null,
    tx_at  timestamptz not null default clock_timestamp(),
    round  bigint
);
create index change_unpublished on hub.change (id) where round is null;
create index change_of_round on hub.change (round) where round is not null;

create table hub.change_key (
    change_id bigint not null references hub.change (id),
    key       text collate "C" not null,
    primary key (change_id, key)
);

-- Rights --------------------------------------------------------------------------------------------

revoke all on function hub.entity_lock(text), hub.creation_lock(text), hub.hold_entities(text[]), hub.take_entity(text)
    from public;
grant execute on function hub.entity_lock(text), hub.creation_lock(text), hub.hold_entities(text[]) to simpul_intake;

grant select on hub.entity to simpul_intake, simpul_publisher, simpul_web;
grant insert, select on hub.change, hub.change_key to simpul_intake;
grant select on hub.change, hub.change_key to simpul_publisher;
grant update (round) on hub.change to simpul_publisher;
