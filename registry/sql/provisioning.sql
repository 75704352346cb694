-- name: documents
-- The contract of each document that has a table; a few dozen rows, read whole.
select topic, contract from hub.document order by topic;

-- name: lead
-- Whether this session is the one that keeps Kafka now; it is until it ends.
select pg_try_advisory_lock(%(lock)s);

-- name: standing
-- One text that is another as soon as something that Kafka must follow is another: documents, states, systems and
-- agencies switched on and off, grants that hold. Small tables, read whole.
select md5(concat_ws(E'\n',
    (select string_agg(concat_ws(' ', topic, schema_id), ',' order by topic) from hub.document),
    (select string_agg(concat_ws(' ', opd, document, number), ',' order by opd, document, number)
       from hub.source_state),
    (select string_agg(concat_ws(' ', id, active), ',' order by id) from identity.system),
    (select string_agg(concat_ws(' ', code, active), ',' order by code) from identity.opd),
    (select string_agg(concat_ws(' ', g.id, g.revoked_at is null
                                            and coalesce(g.starts_at <= %(now)s, true)
                                            and %(now)s < least(g.ends_at, a.ends_at, a.ended_at)), ',' order by g.id)
       from identity."grant" g left join identity.agreement a on a.number = g.agreement)));

-- name: generations
-- One number that grows whenever something in how entities are put together is another. A few dozen rows, read whole.
select coalesce(sum(generation), 0)::bigint from hub.entity;
