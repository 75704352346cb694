-- name: unused
-- Grants in force that began before a moment and were not used since. A look under the grant is told by the audit, whoever
-- looked; what the grant opens without a look (limited fields) is read by any of the reader's tokens that is for the
-- document and may read. The longest idle first. Indexes: entry_by_grant, service_token_of_system, document_pkey.
select g.id, g.reader, g.entity, g.fields, g.purpose, g.until, u.begun_at, u.looked_at, u.token_at
  from identity."grant" g
  left join identity.agreement a on a.number = g.agreement
 cross join lateral (
        select coalesce(g.starts_at, g.granted_at) as begun_at,
               (select max(e.at) from audit.entry e
                 where e.details ? 'grant' and e.details ->> 'grant' = g.id::text
                   and e.act in ('records.unmask', 'records.search')) as looked_at,
               (select max(t.last_used_at)
                  from identity.service_token t join identity.system s on s.id = t.system_id
                 where s.opd = g.reader and 'records.view' = any (t.permissions)
                   and exists (select from hub.document d, jsonb_array_elements(d.contract -> 'fields') f
                                where d.entity = g.entity and (t.documents is null or d.document = any (t.documents))
                                  and f ->> 'name' = any (g.fields) and f ->> 'sensitivity' = 'terbatas'
                                  and f -> 'specific' is distinct from 'true')) as token_at) u
 where g.revoked_at is null and %(now)s < least(g.ends_at, a.ends_at, a.ended_at) and u.begun_at <= %(since)s
   and coalesce(greatest(u.looked_at, u.token_at), '-infinity') < %(since)s
   and (%(everywhere)s or g.reader = any(%(opds)s))
 order by coalesce(greatest(u.looked_at, u.token_at), u.begun_at), g.id;

-- name: due
-- Grants that are over, of which the reader has not said yet that the data are deleted, unless another grant of the
-- same reader covers the fields and lasts longer; the oldest first. A few hundred rows, read whole.
with each as (
    select g.id, g.reader, g.entity, g.fields, g.purpose, g.revoked_at is not null as revoked,
           least(g.ends_at, g.revoked_at, a.ends_at, a.ended_at) as over_at
      from identity."grant" g left join identity.agreement a on a.number = g.agreement)
select e.id, e.reader, e.entity, e.fields, e.purpose, e.revoked, e.over_at
  from each e
 where e.over_at <= %(now)s and (%(everywhere)s or e.reader = any(%(opds)s))
   and not exists (select from identity.deletion d where d.grant_id = e.id)
   and not exists (select from each n
                    where n.reader = e.reader and n.entity = e.entity and n.fields @> e.fields
                      and (n.over_at, n.id) > (e.over_at, e.id))
 order by e.over_at, e.id;

-- name: document_of
-- The document of a grant: that of its request, else the entity's first source. Index: access_request_grant_id_key.
select coalesce((select r.document from identity.access_request r where r.grant_id = g.id),
                (select d.opd || '.' || d.document from hub.document d where d.entity = g.entity
                  order by coalesce((d.contract #>> '{contract,priority}')::integer, 1), d.topic limit 1),
                g.entity)
  from identity."grant" g where g.id = %(id)s;

-- name: confirm
-- Its grant, if nobody had confirmed it.
insert into identity.deletion (grant_id, confirmed_at, confirmed_by, role, opd, how)
values (%(id)s, %(now)s, %(by)s, %(role)s, %(opd)s, %(how)s)
on conflict do nothing returning grant_id;

-- name: deletion
-- What a reader said of the data of a grant. Index: deletion_pkey.
select d.grant_id, d.confirmed_at, d.confirmed_by, d.how from identity.deletion d where d.grant_id = %(id)s;
