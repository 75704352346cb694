-- What those who ask for jobs do: enqueue, look, pause, resume, cancel.

-- name: register_kind
-- A kind as this release knows it; nothing is written when nothing changed.
insert into jobs.kind as k (name, title, at_once) values (%(name)s, %(title)s, %(at_once)s)
    on conflict (name) do update set title = excluded.title, at_once = excluded.at_once
 where (k.title, k.at_once) is distinct from (excluded.title, excluded.at_once);

-- name: enqueue
-- The new job's number and true; or that of the open job with the same key, and false. No row: an unknown kind.
-- Index: job_of_key.
insert into jobs.job (kind, title, arguments, key, asked_by, total)
select name, coalesce(%(title)s, title), %(arguments)s, %(key)s, %(by)s, %(total)s
  from jobs.kind
 where name = %(kind)s
    on conflict (kind, key) where state in ('queued', 'running', 'paused') do update set key = excluded.key
returning id, xmax = 0 as is_new;

-- name: give_turn
-- A turn for a job; wakes the workers at COMMIT.
select jobs.give_turn(%(job)s);

-- name: find
-- One job. Index: job_pkey.
select id, uid, kind, title, arguments, key, asked_by, state, cursor, done, total, tries, turn, worker, message,
       not_before, created_at, started_at, moved_at, finished_at
  from jobs.job
 where id = %(job)s;

-- name: list_jobs
-- Jobs, those that are open first, each group newest first. Indexes: job_unfinished, job_ended.
(select id, uid, kind, title, arguments, key, asked_by, state, cursor, done, total, tries, turn, worker, message,
       not_before, created_at, started_at, moved_at, finished_at
   from jobs.job
  where state in ('queued', 'running', 'paused') and (%(kind)s::text is null or kind = %(kind)s)
  order by id desc limit %(limit)s)
union all
(select id, uid, kind, title, arguments, key, asked_by, state, cursor, done, total, tries, turn, worker, message,
       not_before, created_at, started_at, moved_at, finished_at
   from jobs.job
  where finished_at is not null and (%(kind)s::text is null or kind = %(kind)s)
  order by finished_at desc limit %(limit)s)
 limit %(limit)s;

-- name: change_state
-- The job in its new state, if it was in one that allows it. Index: job_pkey.
-- The step in hand, if there is one, finds another state than 'running' and is rolled back.
update jobs.job
   set state = %(to)s,
       message = %(message)s,
       tries = 0,
       finished_at = case when %(to)s = 'cancelled' then clock_timestamp() end
 where id = %(job)s and state = any(%(from)s)
returning *;
