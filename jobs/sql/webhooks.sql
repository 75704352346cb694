-- Programs of offices that want to be told.

-- name: add_webhook
-- A new webhook; returns its number.
insert into notice.webhook (opd, role, url, made_by, made_at)
values (%(opd)s, %(role)s, %(url)s, %(made_by)s, %(now)s)
returning id, generation;

-- name: renew_key
-- The next generation of a webhook's key; the one before it ends at once. Index: webhook_pkey.
update notice.webhook set generation = generation + 1 where id = %(id)s and disabled_at is null returning generation;

-- name: disable_webhook
-- Tells it nothing more. Index: webhook_pkey.
update notice.webhook set disabled_at = %(now)s where id = %(id)s and disabled_at is null;

-- name: webhooks
-- The webhooks of some OPDs, or of all. Index: webhook_pkey.
select id, opd, role, url, generation, made_by, made_at, disabled_at
  from notice.webhook
 where %(everywhere)s or opd = any(%(opds)s)
 order by id;
