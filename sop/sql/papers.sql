-- name: contracts_of_subjects
-- Of each subject its newest text: what is in force, or else the newest draft that was not withdrawn; with the version,
-- the draft's number and its state. Indexes: version_pkey, schema_pkey, draft_of_subject.
select s.subject, v.version, v.schema_text as in_force, d.id as draft, d.state as draft_state, d.schema_text as drafted
  from unnest(%(subjects)s::text[]) as s (subject)
  left join lateral (
       select v.version, t.schema_text
         from registry.version v join registry.schema t on t.id = v.schema_id
        where v.subject = s.subject and not v.deleted
        order by v.version desc limit 1) v on true
  left join lateral (
       select d.id, d.state, d.schema_text
         from registry.draft d
        where d.subject = s.subject and d.state <> 'withdrawn' and d.in_force_at is null
        order by d.id desc limit 1) d on true
 order by s.subject;

-- name: tallies_of_topics
-- Final states of the events of topics, over all partitions and incarnations. Index: topic_name_incarnation_key.
select t.name, sum(o.records)::bigint as records, sum(o.accepted)::bigint as accepted, sum(o.known)::bigint as known,
       sum(o.parked)::bigint as parked, sum(o.dead)::bigint as dead
  from hub.topic t join hub.consumer_offset o on o.topic_id = t.topic_id
 where t.name = any(%(topics)s)
 group by t.name;

-- name: faults_of_topics
-- Returned events by reason, the most frequent first. Indexes: topic_name_incarnation_key,
-- dead_letter_topic_no_partition_offset_key.
select t.name as topic, l.code, coalesce(l.field, '') as field, min(l.expected) as expected, count(*) as count,
       count(l.settled_at) as settled
  from hub.topic t join hub.dead_letter l on l.topic_no = t.topic_no
 where t.name = any(%(topics)s)
 group by 1, 2, 3
 order by 5 desc, 1, 2, 3
 limit %(limit)s;

-- name: accesses
-- Grants in force on a day, to these entities or of this reader. A few hundred rows, walked.
select g.reader, g.entity, g.fields, g.purpose, g.agreement, g.until
  from identity."grant" g
 where g.revoked_at is null and g.until >= %(on)s and (g.entity = any(%(entities)s) or g.reader = %(reader)s)
 order by g.reader, g.entity, g.id;

-- name: officers
-- Names and offices of people. Index: person_name_key.
select name, shown_name, office from identity.person where name = any(%(names)s);

-- name: agencies
-- Full names of the agencies, all of them.
select code, name from identity.opd;

-- name: systems
-- Names of an agency's systems that are in use. Index: system_opd_code_key.
select name from identity.system where opd = %(opd)s and active order by code;
