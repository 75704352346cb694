-- name: current
-- The newest row of each document; a few dozen documents, read whole. Index: source_state_pkey.
select distinct on (opd, document) opd, document, number, state, by, by_kind, role, reason, at
  from hub.source_state
 order by opd, document, number desc;

-- name: history
-- All rows of one document, oldest first. Index: source_state_pkey.
select opd, document, number, state, by, by_kind, role, reason, at
  from hub.source_state
 where opd = %(opd)s and document = %(document)s
 order by number;

-- name: one_at_a_time
-- Nothing; held until the transaction ends, so that two people who decide at once decide one after the other.
select pg_advisory_xact_lock(hashtextextended('hub.source_state ' || %(source)s, 0));

-- name: begin
-- The first row of a document, unless it has one. Index: source_state_pkey.
insert into hub.source_state (opd, document, number, state, by, by_kind, role, reason, at)
values (%(opd)s, %(document)s, 1, %(state)s, %(by)s, %(by_kind)s, %(role)s, %(reason)s, %(at)s)
on conflict (opd, document, number) do nothing;

-- name: next
-- The next row of a document.
insert into hub.source_state (opd, document, number, state, by, by_kind, role, reason, at)
values (%(opd)s, %(document)s, %(number)s, %(state)s, %(by)s, %(by_kind)s, %(role)s, %(reason)s, %(at)s);

-- name: topics_to_read
-- The topic of each document that was ever in production (or before states were written down), and those of the sandbox,
-- as soon as the table for their rows is there. A few dozen documents, read whole. Index: source_state_pkey.
select d.topic
  from hub.document d
 where not exists (select from hub.source_state s where s.opd = d.opd and s.document = d.document)
    or exists (select from hub.source_state s
                where s.opd = d.opd and s.document = d.document and s.state in ('pratinjau', 'aktif'))
union all
select 'uji.' || d.opd || '.' || d.document
  from hub.document d
 where to_regclass('uji.' || quote_ident(d.opd || '_' || replace(d.document, '-', '_'))) is not null;
