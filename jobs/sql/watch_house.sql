-- What the watch asks about the hub's own house.

-- name: database_size
-- Bytes of this database.
select pg_database_size(current_database());

-- name: expiring_tokens
-- Valid service tokens that end soon or ended lately and that no newer one of the same use replaces. Indexes:
-- service_token_of_system, system_pkey.
select t.id, t.hint, s.opd, s.code, t.purpose, t.expires_at
  from identity.service_token t join identity.system s on s.id = t.system_id
 where t.revoked_at is null and t.expires_at <= %(until)s and t.expires_at > %(since)s and s.active
   and not exists (select from identity.service_token n
                    where n.system_id = t.system_id and n.purpose = t.purpose and n.revoked_at is null
                      and n.expires_at > t.expires_at)
 order by t.expires_at, t.id;

-- name: expiring_grants
-- Grants that end soon or ended lately and that no other grant of the same reader and entity outlasts; those that end
-- with their PKS are told by it. With whom the data belong to: the owner of the request, else of the entity's first
-- source. Indexes: grant_of_reader, access_request_grant_id_key.
select g.id, g.reader, g.entity, least(g.ends_at, a.ends_at),
       coalesce((select r.owner from identity.access_request r where r.grant_id = g.id),
                (select d.opd from hub.document d where d.entity = g.entity
                  order by coalesce((d.contract #>> '{contract,priority}')::integer, 1), d.topic limit 1))
  from identity."grant" g left join identity.agreement a on a.number = g.agreement
 where g.revoked_at is null and g.ends_at <= %(until)s and g.ends_at > %(since)s
   and (a.number is null or (a.ended_at is null and a.ends_at > g.ends_at))
   and not exists (select from identity."grant" n
                    where n.reader = g.reader and n.entity = g.entity and n.revoked_at is null
                      and n.ends_at > g.ends_at and n.fields @> g.fields)
 order by g.ends_at, g.id;

-- name: expiring_agreements
-- PKS that end soon or ended lately, with the number of grants that end with them. Index: grant_by_agreement.
select a.number, a.reader, a.ends_at,
       (select count(*) from identity."grant" g where g.agreement = a.number and g.revoked_at is null
                                                   and g.ends_at >= a.ends_at)
  from identity.agreement a
 where a.ended_at is null and a.ends_at <= %(until)s and a.ends_at > %(since)s
 order by a.ends_at, a.number;

-- name: idle_transactions
-- Sessions that have held a transaction open without work since before a moment, and whether the owner of the function
-- may see other roles' sessions at all.
select i.pid, i.role_name, i.process, i.since
  from notice.idle_transactions() i
 where i.since < %(before)s
 order by i.since;

-- name: sees_sessions
-- Whether notice.idle_transactions() sees the sessions of other roles.
select pg_has_role(p.proowner, 'pg_read_all_stats', 'usage')
  from pg_proc p where p.oid = 'notice.idle_transactions()'::regprocedure;

-- name: failed_jobs
-- Jobs that have failed and were neither resumed nor cancelled. Index: job_ended.
select id, kind, title, done, total, finished_at
  from jobs.job where state = 'failed' order by id limit 50;

-- name: stalled_jobs
-- Jobs that should move and have not since a moment. Index: job_unfinished.
select id, kind, title, state, coalesce(moved_at, started_at, created_at)
  from jobs.job
 where state in ('queued', 'running') and coalesce(not_before, '-infinity') < %(before)s
   and greatest(moved_at, started_at, created_at) < %(before)s
 order by id limit 50;

-- name: overdue_messages
-- Mails and webhooks that were tried and still wait, by way: how many, since when. Index: delivery_due.
select channel, count(*), min(made_at)
  from notice.delivery
 where state = 'due' and mode <> 'member' and attempts > 0 and made_at < %(before)s
 group by channel order by channel;
