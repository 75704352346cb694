-- Messages that are due: taken under a lease, sent outside any transaction, entered afterwards.

-- name: lease
-- Takes messages that are due and that nobody else has in hand, the oldest first. An expired lease is of a process that
-- died while sending: the message goes out again under the same name. Index: delivery_due.
update notice.delivery set attempts = attempts + 1, lease_until = %(until)s
 where id in (select id from notice.delivery
               where state = 'due' and mode <> 'member' and channel = any(%(channels)s) and due_at <= %(now)s
                 and (lease_until is null or lease_until <= %(now)s)
               order by due_at, id
               limit %(limit)s
                 for update skip locked)
returning id;

-- name: letters
-- Leased messages with all that their text needs. Indexes: delivery_pkey and the keys of what it names.
select d.id, d.dedupe, d.channel, d.mode, d.made_at, d.attempts, d.person, d.opd, d.role, d.acting,
       p.shown_name, p.email, p.disabled_at is not null as disabled, r.address_sha256,
       n.id, n.severity, n.state, n.at_opd, n.at_role, n.title, n.body, n.count, n.raised_at, n.last_seen_at, n.cause,
       n.kind, s.act, s.at, w.id, w.url, w.generation, w.disabled_at is not null as switched_off
  from notice.delivery d
  left join identity.person p on p.id = d.person
  left join notice.refused_address r on r.person = d.person
  left join notice.notice n on n.id = d.notice
  left join notice.step s on s.id = d.step
  left join notice.webhook w on w.id = d.webhook
 where d.id = any(%(ids)s)
 order by d.due_at, d.id;

-- name: lines_of_digest
-- The notices of a digest. Index: delivery_of_digest.
select distinct n.id, n.severity, n.state, n.at_opd, n.at_role, n.title, n.body, n.count, n.raised_at, n.last_seen_at
  from notice.delivery d join notice.notice n on n.id = d.notice
 where d.in_digest = %(digest)s;

-- name: finish
-- How a message ended, and with it the lines of a digest. Indexes: delivery_pkey, delivery_of_digest.
update notice.delivery
   set state = %(state)s, sent_at = case when %(state)s = 'sent' then %(now)s::timestamptz end, lease_until = null,
       reason = %(reason)s
 where (id = %(id)s or in_digest = %(id)s) and state = 'due';

-- name: put_off
-- Tries again later. Index: delivery_pkey.
update notice.delivery set due_at = %(due_at)s, lease_until = null, reason = %(reason)s
 where id = %(id)s and state = 'due';

-- name: put_off_untried
-- The same for a message that was not tried, as its way is closed. Index: delivery_pkey.
update notice.delivery set due_at = %(due_at)s, lease_until = null, reason = %(reason)s, attempts = attempts - 1
 where id = any(%(ids)s) and state = 'due';

-- name: note_refused_address
-- An address that a mail server refused for good. Index: refused_address_pkey.
insert into notice.refused_address (person, address_sha256, reply, refused_at)
values (%(person)s, %(address_sha256)s, %(reply)s, %(now)s)
on conflict (person) do update
   set address_sha256 = excluded.address_sha256, reply = excluded.reply, refused_at = excluded.refused_at;
