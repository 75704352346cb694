-- name: standing
-- Per document: topic, records, accepted, known, parked, dead, in final states. A scan of a few hundred rows.
select d.topic, coalesce(sum(o.records), 0)::bigint, coalesce(sum(o.accepted), 0)::bigint,
       coalesce(sum(o.known), 0)::bigint, coalesce(sum(o.parked), 0)::bigint, coalesce(sum(o.dead), 0)::bigint
  from hub.document d
  left join hub.topic t on t.name = d.topic
  left join hub.consumer_offset o using (topic_id)
 group by d.topic order by d.topic;

-- name: outbox
-- One row: changes and letters that no round has taken, and rounds not confirmed. The partial indexes on round.
select (select count(*) from hub.batch where round is null and accepted > 0)
     + (select count(*) from hub.release where round is null)
     + (select count(*) from hub.dead_letter where round is null)
     + (select count(*) from hub.round where published_at is null);

-- name: span
-- One row: seconds since the epoch of the intake's first fetch and of its last commit; null where there is none.
select extract(epoch from (select min(fetched_at) from hub.batch where kind = 'batch'))::float8,
       extract(epoch from max(pg_xact_commit_timestamp(xmin)))::float8 from hub.consumer_offset where records > 0;
