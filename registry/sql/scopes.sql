-- name: scopes
-- config and mode of each of :scopes that has any. Primary key.
SELECT scope, config, mode FROM registry.scope WHERE scope = ANY(%(scopes)s);

-- name: put_config
-- The merged configuration of :scope: what was there, with the members of :config laid over it. Primary key.
INSERT INTO registry.scope AS s (scope, config, changed_by) VALUES (%(scope)s, %(config)s, %(by)s)
ON CONFLICT (scope) DO UPDATE
   SET config = coalesce(s.config, '{}'::jsonb) || excluded.config, changed_by = excluded.changed_by,
       changed_at = clock_timestamp()
RETURNING config;

-- name: put_mode
-- Nothing. Primary key.
INSERT INTO registry.scope (scope, mode, changed_by) VALUES (%(scope)s, %(mode)s, %(by)s)
ON CONFLICT (scope) DO UPDATE
   SET mode = excluded.mode, changed_by = excluded.changed_by, changed_at = clock_timestamp();

-- name: drop_scope
-- Nothing; forgets what is neither configured nor in a mode. Primary key.
DELETE FROM registry.scope WHERE scope = %(scope)s AND (config IS NULL OR %(part)s = 'config')
                             AND (mode IS NULL OR %(part)s = 'mode');

-- name: clear_config
-- Nothing; the mode stays. Primary key.
UPDATE registry.scope SET config = NULL WHERE scope = %(scope)s AND mode IS NOT NULL;

-- name: clear_mode
-- Nothing; the configuration stays. Primary key.
UPDATE registry.scope SET mode = NULL WHERE scope = %(scope)s AND config IS NOT NULL;

-- name: forget_scope
-- Nothing; configuration and mode of a subject that is gone. Primary key.
DELETE FROM registry.scope WHERE scope = %(scope)s;

-- name: aliased
-- The subjects whose configuration says that they are another name of :subject. Walks the table, which is small.
SELECT scope FROM registry.scope WHERE config ->> 'alias' = %(subject)s ORDER BY scope;

-- name: epoch
-- The numbering in which the source of :subject is; 0 when none was begun. Index: epoch_pkey.
SELECT coalesce(max(e.epoch), 0) FROM hub.epoch e WHERE e.topic || '-value' = %(subject)s;
