-- The watch itself.

-- name: looked
-- When each rule last looked. Index: rule_pkey.
select name, looked_at from notice.rule;

-- name: note_look
-- A rule has looked. Index: rule_pkey.
insert into notice.rule (name, looked_at, findings, reason) values (%(name)s, %(now)s, %(findings)s, %(reason)s)
on conflict (name) do update
   set looked_at = excluded.looked_at, findings = excluded.findings, reason = excluded.reason;
