-- Raising, changing and closing notices: what any room may do in its own transaction.

-- name: standing
-- How bad the notice of a cause is that is not closed; nobody else can change it before this transaction ends.
-- Index: notice_of_cause.
select severity, level from notice.notice where cause = %(cause)s and state <> 'closed' for update;

-- name: raise_notice
-- Raises a cause, or says again that it lasts: one row per cause that is not closed, which keeps the worst that it ever
-- was. Returns the notice, whether it is new, the earlier notice of the cause, and the office that has it.
-- Indexes: notice_of_cause, notice_closed_of_cause.
insert into notice.notice as n (cause, kind, severity, level, urgent, opd, role, at_opd, at_role, title, body, link,
                                matter, raised_at, last_seen_at, previous)
select %(cause)s, %(kind)s, %(severity)s, %(level)s, %(urgent)s, %(opd)s, %(role)s, %(opd)s, %(role)s, %(title)s,
       %(body)s, %(link)s, %(matter)s, %(now)s, %(now)s,
       (select max(id) from notice.notice where cause = %(cause)s and state = 'closed')
on conflict (cause) where state <> 'closed' do update
   set count = n.count + 1, last_seen_at = greatest(n.last_seen_at, excluded.last_seen_at),
       severity = case when array_position(array['info', 'perhatian', 'gangguan'], n.severity)
                            < array_position(array['info', 'perhatian', 'gangguan'], excluded.severity)
                       then excluded.severity else n.severity end,
       level = greatest(n.level, excluded.level), urgent = n.urgent or excluded.urgent,
       title = excluded.title, body = excluded.body, link = excluded.link, matter = excluded.matter
returning n.id, n.count = 1 as fresh, n.previous, n.at_opd, n.at_role;

-- name: reopen_as_worse
-- A notice that somebody had acknowledged or silenced is open again, as it has become worse. Index: notice_pkey.
update notice.notice set state = 'open', acknowledged_at = null, silent_until = null, escalate_at = null
 where id = %(id)s and state <> 'closed';

-- name: add_step
-- What happened to a notice. A step that nobody is to be told of is planned at once.
insert into notice.step (notice, act, at, actor, opd, role, note, planned_at)
values (%(notice)s, %(act)s, %(at)s, %(actor)s, %(opd)s, %(role)s, %(note)s,
        case when %(tell)s then null else %(at)s::timestamptz end);

-- name: close_causes
-- Closes what is not closed of these causes. Index: notice_of_cause.
update notice.notice set state = 'closed', closed_at = %(now)s, escalate_at = null
 where cause = any(%(causes)s) and state <> 'closed'
returning id, severity, at_opd, at_role;

-- name: claim
-- A notice that somebody is about to change. Index: notice_pkey.
select state, cause, at_opd, at_role from notice.notice where id = %(id)s for update;

-- name: acknowledge
-- Somebody has it in hand: it is not escalated further. Index: notice_pkey.
update notice.notice set state = 'acknowledged', acknowledged_at = %(now)s, escalate_at = null where id = %(id)s;

-- name: silence
-- Says nothing more until a moment, and is not escalated before. Index: notice_pkey.
update notice.notice
   set silent_until = %(until)s,
       escalate_at = case when state = 'open' then greatest(escalate_at, %(until)s) end
 where id = %(id)s;

-- name: close
-- Somebody says that it is over. Index: notice_pkey.
update notice.notice set state = 'closed', closed_at = %(now)s, escalate_at = null where id = %(id)s;

-- name: open_causes
-- Causes that begin with a prefix and are not closed. Index: notice_of_cause (collation "C").
select cause from notice.notice where starts_with(cause, %(prefix)s) and state <> 'closed' order by cause;
