-- From steps of notices to deliveries: the notifier's half.

-- name: steps_to_tell
-- Steps of which nobody has been told yet, the oldest first, for this notifier alone; with the end of the same cause's
-- earlier notice. Index: step_unplanned.
select s.id, s.act, s.opd, s.role, n.id, n.severity, n.urgent, n.state, n.silent_until, n.at_opd, n.at_role, n.raised_at,
       p.closed_at, coalesce(n.matter, n.cause), n.kind
  from notice.step s
  join notice.notice n on n.id = s.notice
  left join notice.notice p on p.id = n.previous
 where s.planned_at is null
 order by s.id
 limit %(limit)s
   for update of s skip locked;

-- name: told_of_matter
-- People who were told of a matter by another notice that is not closed. Indexes: notice_of_cause, notice_of_matter,
-- delivery_of_notice.
select distinct d.person
  from notice.notice n join notice.delivery d on d.notice = n.id
 where n.state <> 'closed' and n.id <> %(notice)s and (n.cause = %(matter)s or n.matter = %(matter)s)
   and d.person is not null;

-- name: told_of_notice
-- People who were told of a notice. Index: delivery_of_notice.
select distinct person from notice.delivery where notice = %(notice)s and person is not null;

-- name: step_planned
-- Its deliveries are written. Index: step_pkey.
update notice.step set planned_at = %(now)s where id = %(id)s;

-- name: add_delivery
-- One message; the same one is never added twice. Index: delivery_dedupe_key.
insert into notice.delivery (dedupe, notice, step, person, webhook, opd, role, acting, channel, mode, state, due_at,
                             made_at, sent_at)
values (%(dedupe)s, %(notice)s, %(step)s, %(person)s, %(webhook)s, %(opd)s, %(role)s, %(acting)s, %(channel)s, %(mode)s,
        case when %(channel)s = 'app' then 'sent' else 'due' end, %(due_at)s, %(now)s,
        case when %(channel)s = 'app' then %(now)s::timestamptz end)
on conflict (dedupe) do nothing;

-- name: escalate_later
-- When the office above is to be told. Index: notice_pkey.
update notice.notice
   set escalate_at = case when %(at)s::timestamptz is not null then greatest(%(at)s::timestamptz, silent_until) end
 where id = %(id)s and state = 'open';

-- name: drop_due
-- What a closed notice had still to say is not said. Index: delivery_of_notice.
update notice.delivery set state = 'dropped'
 where notice = %(notice)s and state = 'due' and step <> %(step)s and (lease_until is null or lease_until <= %(now)s);

-- name: told_by_mail
-- Who got a mail of a notice, or a line of a digest: they are told of its end, as the office they hold.
-- Index: delivery_of_notice.
select distinct on (person) person, opd, role from notice.delivery
 where notice = %(notice)s and channel = 'email' and state = 'sent' and mode = 'single'
 order by person, id desc;

-- name: webhooks_of_office
-- An office's own programs. Index: webhook_of_office.
select id from notice.webhook
 where opd = %(opd)s and (role is null or role = %(role)s) and disabled_at is null
 order by id;

-- name: to_escalate
-- Notices that nobody has taken in time. Index: notice_to_escalate.
select id, at_opd, at_role, urgent from notice.notice
 where state = 'open' and escalate_at <= %(now)s and (silent_until is null or silent_until <= %(now)s)
 order by escalate_at
 limit %(limit)s
   for update skip locked;

-- name: escalate
-- Hands a notice to the office above, or stops at the top. Index: notice_pkey.
update notice.notice
   set at_opd = coalesce(%(opd)s, at_opd), at_role = coalesce(%(role)s, at_role), escalate_at = null,
       escalations = escalations + case when %(opd)s::text is null then 0 else 1 end
 where id = %(id)s;

-- name: waiting_for_digest
-- People for whom lines of a digest wait, and their hour. Indexes: delivery_for_digest, preference_pkey.
select distinct d.person, w.digest_hour
  from notice.delivery d left join notice.preference w on w.person = d.person
 where d.state = 'due' and d.mode = 'member' and d.in_digest is null
 order by d.person;

-- name: make_digest
-- A person's digest of a day, once. Index: delivery_dedupe_key.
insert into notice.delivery (dedupe, person, channel, mode, due_at, made_at)
values (%(dedupe)s, %(person)s, 'email', 'digest', %(now)s, %(now)s)
on conflict (dedupe) do nothing
returning id;

-- name: fill_digest
-- Puts the lines that wait into it. Index: delivery_for_digest.
update notice.delivery set in_digest = %(digest)s
 where person = %(person)s and state = 'due' and mode = 'member' and in_digest is null;
