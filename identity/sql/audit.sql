-- name: record
-- One entry; `at` is the database's clock unless it is given.
INSERT INTO audit.entry (at, actor, actor_kind, role, opd, act, subject, purpose, details)
VALUES (coalesce(%(at)s::timestamptz, clock_timestamp()), %(actor)s, %(actor_kind)s, %(role)s, %(opd)s, %(act)s,
        %(subject)s, %(purpose)s, %(details)s);
