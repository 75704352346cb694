-- What the watch has told on `sop.fact` of documents that cases depend on.

-- name: watched_documents
-- Documents in production that are of an integration that lives, or of a case at one of these stages; with when the last
-- such stage began. Reads each case once; indexes: standing_pkey, event_pkey, document_pkey.
select d.opd || '.' || d.document, max(e.at)
  from board.standing s
  join hub.document d on d.opd || '.' || d.document = any(s.documents)
  left join board.event e on e."case" = s.number and e.kind = 'stage.started' and e.stage = s.stage and e.round = s.round
                         and s.stage = any(%(stages)s::integer[])
 where s.stage = any(%(stages)s::integer[])
    or s.state in ('live', 'closed') and d.opd || '.' || d.document <> all(s.withdrawn)
 group by 1
 order by 1;

-- name: note_reports
-- Notes what is told of these documents, and returns those of which it is news: told for the first time, changed, or not
-- told since a stage began that asks for it. Index: watched_pkey.
insert into notice.watched as w (document, watch, broken, reported_at)
select told.document, %(watch)s, told.broken, %(now)s
  from unnest(%(documents)s::text[], %(broken)s::boolean[]) as told (document, broken)
 order by told.document
on conflict (document, watch) do update set broken = excluded.broken, reported_at = excluded.reported_at
 where w.broken <> excluded.broken
    or w.reported_at < (select asked.since
                          from unnest(%(documents)s::text[], %(since)s::timestamptz[]) as asked (document, since)
                         where asked.document = w.document)
returning document, broken;
