-- What pages and commands show of notices.

-- name: list_notices
-- Notices of some offices or of all, those that are not closed first, the worst and newest first in each group; one
-- page after :after. With :person, whether that person has seen it. Indexes: notice_not_closed, notice_of_office.
select n.id, n.cause, n.kind, n.severity, n.level, n.urgent, n.opd, n.role, n.at_opd, n.at_role, n.title, n.body, n.link,
       n.state, n.count, n.raised_at, n.last_seen_at, n.acknowledged_at, n.silent_until, n.escalations, n.closed_at,
       n.previous,
       exists (select from notice.delivery d
                where d.notice = n.id and d.channel = 'app' and d.person = %(person)s and d.seen_at is null) as unseen
  from notice.notice n
 where (%(everywhere)s or n.opd = any(%(opds)s) or n.at_opd = any(%(opds)s))
   and (%(states)s::text[] is null or n.state = any(%(states)s))
   and (%(severities)s::text[] is null or n.severity = any(%(severities)s))
   and (%(kind)s::text is null or n.kind = %(kind)s)
 order by n.state = 'closed', array_position(array['gangguan', 'perhatian', 'info'], n.severity), n.id desc
 limit %(limit)s offset %(skip)s;

-- name: one_notice
-- The same of one notice. Index: notice_pkey.
select n.id, n.cause, n.kind, n.severity, n.level, n.urgent, n.opd, n.role, n.at_opd, n.at_role, n.title, n.body, n.link,
       n.state, n.count, n.raised_at, n.last_seen_at, n.acknowledged_at, n.silent_until, n.escalations, n.closed_at,
       n.previous,
       exists (select from notice.delivery d
                where d.notice = n.id and d.channel = 'app' and d.person = %(person)s and d.seen_at is null) as unseen
  from notice.notice n
 where n.id = %(id)s;

-- name: steps
-- What happened to a notice, in order. Index: step_of_notice.
select act, at, actor, opd, role, note from notice.step where notice = %(id)s order by id;

-- name: messages
-- How many messages of a notice went which way and how they ended. Index: delivery_of_notice.
select channel, state, count(*), max(sent_at) from notice.delivery where notice = %(id)s group by 1, 2 order by 1, 2;

-- name: earlier
-- Earlier notices of the same cause, the newest first. Index: notice_closed_of_cause.
select id, severity, raised_at, closed_at from notice.notice
 where cause = %(cause)s and state = 'closed' and id < %(id)s
 order by id desc limit %(limit)s;

-- name: counts
-- Of what is not closed and lies in some OPDs: all, disturbances, not taken by anybody; and what a person has not seen.
-- Indexes: notice_not_closed, delivery_unseen.
select count(*), count(*) filter (where severity = 'gangguan'), count(*) filter (where state = 'open'),
       (select count(*) from notice.delivery d join notice.notice m on m.id = d.notice
         where d.person = %(person)s and d.channel = 'app' and d.seen_at is null and m.state <> 'closed')
  from notice.notice
 where state <> 'closed' and (%(everywhere)s or opd = any(%(opds)s) or at_opd = any(%(opds)s));

-- name: mark_seen
-- A person has looked at a notice. Index: delivery_unseen.
update notice.delivery set seen_at = %(now)s
 where person = %(person)s and notice = %(id)s and channel = 'app' and seen_at is null;

-- name: looks
-- When each rule of the watch last looked. Index: rule_pkey.
select name, looked_at, findings, reason from notice.rule order by name;
