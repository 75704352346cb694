-- name: provision_alone
-- One provisioning at a time; readers go on.
lock table hub.document in share row exclusive mode;

-- name: hold
-- The entities' generations and whether a steward has ruled of their records, which nobody can change before this
-- transaction ends. Index: entity_pkey.
select entity, generation, ruled from hub.hold_entities(%(entities)s);

-- name: take
-- Waits until nobody holds the entity, and lets nobody hold it before this transaction ends.
select hub.take_entity(%(entity)s);

-- name: create_together
-- Several transactions may bring records of the entity into being at a time.
select pg_advisory_xact_lock_shared(hub.creation_lock(%(entity)s));

-- name: create_alone
-- Nobody else brings records of the entity into being before this transaction ends.
select pg_advisory_xact_lock(hub.creation_lock(%(entity)s));

-- name: next_generation
-- What is known of the entity is no longer so. Index: entity_pkey.
insert into hub.entity (entity, generation) values (%(entity)s, 1)
on conflict (entity) do update set generation = hub.entity.generation + 1;

-- name: ruled_from_now_on
-- Folds of the entity look for rulings; whoever holds the entity sees it next time. Index: entity_pkey.
update hub.entity set ruled = true where entity = %(entity)s and not ruled;

-- name: is_ruled
-- Whether folds of the entity look for rulings. Index: entity_pkey.
select ruled from hub.entity where entity = %(entity)s;

-- name: contracts
-- All contracts of the hub.
select topic, contract::text from hub.document order by topic;

-- name: enter_document
-- The document with its contract as it is now. Index: document_pkey.
insert into hub.document (topic, opd, document, entity, subject, schema_id, contract, counts)
values (%(topic)s, %(opd)s, %(document)s, %(entity)s, %(subject)s, %(schema_id)s, %(contract)s, %(counts)s)
on conflict (topic) do update set schema_id = excluded.schema_id, contract = excluded.contract
 where (hub.document.schema_id, hub.document.contract) is distinct from (excluded.schema_id, excluded.contract);

-- name: checks_of_table
-- Names of a table's checks.
select conname from pg_constraint where conrelid = to_regclass(%(table)s) and contype = 'c' order by conname;

-- name: columns_of_table
-- Names of a table's columns.
select attname from pg_attribute where attrelid = to_regclass(%(table)s) and attnum > 0 and not attisdropped;

-- name: published_as
-- An entity's generation, the schema id of its (first) document, and that of its golden record if it has one.
-- Indexes: entity_pkey, own_topic_pkey.
select e.generation,
       (select d.schema_id from hub.document d where d.entity = e.entity order by d.topic limit 1),
       (select o.schema_id from hub.own_topic o where o.topic = %(topic)s)
  from hub.entity e
 where e.entity = %(entity)s;

-- name: no_speakers
-- Forgets who speaks about an entity. Index: speaker_pkey.
delete from hub.speaker where entity = %(entity)s;

-- name: add_speaker
-- A document that speaks about an entity, and where its rows are. Index: speaker_pkey.
insert into hub.speaker (entity, topic, place, feeds, table_schema, table_name, row_key, key)
values (%(entity)s, %(topic)s, %(place)s, %(feeds)s, %(table_schema)s, %(table_name)s, %(row_key)s, %(key)s);

-- name: generation
-- An entity's generation. Index: entity_pkey.
select generation from hub.entity where entity = %(entity)s;

-- name: resting
-- The documents that do not count in golden records.
select opd || '.' || document from hub.document where not counts;

-- name: out_of_step
-- Documents whose newest state says otherwise than their tables are made for. A few dozen documents, read whole.
-- Index: source_state_pkey.
select d.topic, s.state = 'aktif'
  from hub.document d
  join lateral (
       select s.state from hub.source_state s
        where s.opd = d.opd and s.document = d.document
        order by s.number desc limit 1) s on true
 where d.counts <> (s.state = 'aktif')
 order by d.topic;

-- name: set_counts
-- Whether a document counts from now on. Index: document_pkey.
update hub.document set counts = %(counts)s where topic = %(topic)s;

-- name: ask_recount
-- The records of an entity are to be reckoned anew. Index: recount_pkey.
insert into hub.recount (entity, asked) values (%(entity)s, 1)
on conflict (entity) do update set asked = hub.recount.asked + 1;

-- name: open_recounts
-- Entities whose records are to be reckoned anew.
select entity from hub.recount where asked > done order by entity;

-- name: recount
-- How often an entity's records were asked to be reckoned anew. Index: recount_pkey.
select asked from hub.recount where entity = %(entity)s;

-- name: recounted
-- All of an entity's records were reckoned anew, by what was asked for up to then. Index: recount_pkey.
update hub.recount set done = %(asked)s where entity = %(entity)s and done < %(asked)s;

-- name: list_change
-- Lists keys for the next round.
with entered as (insert into hub.change (entity, cause) values (%(entity)s, %(cause)s) returning id)
insert into hub.change_key (change_id, key) select entered.id, k.key from entered, unnest(%(keys)s::text[]) as k (key);
