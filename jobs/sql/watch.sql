-- The watch itself.

-- name: looked
-- When each rule last looked, and whether it could see. Index: rule_pkey.
select name, looked_at, reason from notice.rule;

-- name: was_blind
-- Whether a rule could not see when it last looked. Index: rule_pkey.
select reason is not null from notice.rule where name = %(name)s;

-- name: note_look
-- A rule has looked. Index: rule_pkey.
insert into notice.rule (name, looked_at, findings, reason) values (%(name)s, %(now)s, %(findings)s, %(reason)s)
on conflict (name) do update
   set looked_at = excluded.looked_at, findings = excluded.findings, reason = excluded.reason;
