-- name: report
-- Enters a fact; nothing when its ce_id is known. Index: fact_ce_id_key.
insert into hub.fact (ce_id, kind, key, source, actor, role, unit, data, occurred_at)
values (%(ce_id)s, %(kind)s, %(key)s, %(source)s, %(actor)s, %(role)s, %(unit)s, %(data)s, %(occurred_at)s)
on conflict do nothing;

-- name: try_lead
-- One publisher of facts at a time; the lock lives as long as the session.
select pg_try_advisory_lock(%(lock)s);

-- name: any_unsent
-- Whether a fact waits. Index: fact_unsent.
select exists (select from hub.fact where sent_at is null);

-- name: number_committed
-- Numbers all facts that this snapshot sees and no earlier one saw, in the order in which their transactions were
-- committed: a transaction that began after another one's commit has the later time. Within one transaction, and on a
-- server that keeps no commit times, by the number drawn when they were reported. Indexes: fact_unsent, fact_number_key.
with fresh as (
    select id,
           row_number() over (
               order by case when current_setting('track_commit_timestamp') = 'on'
                             then pg_xact_commit_timestamp(xmin) end nulls first, id)
           + (select coalesce(max(number), 0) from hub.fact) as number
      from hub.fact
     where sent_at is null and number is null)
update hub.fact set number = fresh.number from fresh where fact.id = fresh.id;

-- name: unsent
-- Numbered facts that Kafka is not known to have, in their order. Index: fact_unsent.
select number, ce_id, kind, key, source, actor, role, unit, data, occurred_at
  from hub.fact
 where sent_at is null and number is not null
 order by number
 limit %(limit)s;

-- name: mark_sent
-- Kafka has the facts of this stretch. Index: fact_number_key.
update hub.fact set sent_at = clock_timestamp()
 where number between %(first)s and %(last)s and sent_at is null;

-- name: enter_topic
-- A topic of the hub's own with the schema of its messages. Index: own_topic_pkey.
insert into hub.own_topic (topic, schema_id, schema) values (%(topic)s, %(schema_id)s, %(schema)s)
on conflict (topic) do update
   set schema_id = excluded.schema_id, schema = excluded.schema, registered_at = clock_timestamp()
 where own_topic.schema_id <> excluded.schema_id;

-- name: schema_of_topic
-- The schema of a topic of the hub's own. Index: own_topic_pkey.
select schema_id, schema from hub.own_topic where topic = %(topic)s;
