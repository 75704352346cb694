-- What workers do: claim a job, move it step by step, give it back. Index of all that names one job: job_pkey.

-- name: claim
-- The job of a turn, which is running from now on. No row: the turn is not the job's newest, or the job must rest.
update jobs.job
   set state = 'running',
       tries = tries + 1,
       worker = %(worker)s,
       started_at = coalesce(started_at, clock_timestamp())
 where id = %(job)s and turn = %(turn)s and state in ('queued', 'running')
returning *;

-- name: advance
-- The job after a step. No row: it was paused or cancelled, or another turn has it; what the step did must go.
update jobs.job
   set cursor = %(cursor)s,
       done = %(done)s,
       total = coalesce(%(total)s, total),
       message = %(message)s,
       tries = 0,
       moved_at = clock_timestamp(),
       state = case when %(finished)s then 'done' else state end,
       finished_at = case when %(finished)s then clock_timestamp() end
 where id = %(job)s and turn = %(turn)s and state = 'running' and cursor is not distinct from %(seen)s
returning *;

-- name: put_off
-- Whether the job waits again, for a while and without a turn. False: it is not ours any more.
update jobs.job
   set state = 'queued',
       turn = null,
       not_before = clock_timestamp() + make_interval(secs => %(pause_s)s),
       tries = case when %(counts)s then greatest(tries, 1) else 0 end,
       message = %(message)s
 where id = %(job)s and turn = %(turn)s and state = 'running'
returning true;

-- name: fail
-- Whether the job has failed for good. False: it is not ours any more.
update jobs.job
   set state = 'failed', message = %(message)s, finished_at = clock_timestamp()
 where id = %(job)s and turn = %(turn)s and state = 'running'
returning true;

-- name: hand_back
-- Whether the job waits for another turn at once. False: it is not ours any more.
update jobs.job
   set state = 'queued', tries = 0
 where id = %(job)s and turn = %(turn)s and state = 'running'
returning true;

-- name: is_in_order
-- Whether every turn that is in hand belongs to a living worker, and every job that should run has a turn. What the
-- next two find. Indexes: job_unfinished, procrastinate_jobs_pkey; turns are few.
select not exists (
           select from jobs.procrastinate_jobs t
            where t.status <> 'todo'
              and not exists (
                  select from jobs.procrastinate_workers w
                   where w.id = t.worker_id
                     and w.last_heartbeat > clock_timestamp() - make_interval(secs => %(lease_s)s)))
   and not exists (
           select from jobs.job j
            where state in ('queued', 'running')
              and (not_before is null or not_before <= clock_timestamp())
              and not exists (select from jobs.procrastinate_jobs t where t.id = j.turn));

-- name: try_keep
-- Whether this session may put the queue in order now; for the rest of the transaction.
select pg_try_advisory_xact_lock(%(lock)s);

-- name: end_dead_turns
-- Takes away the turns of workers that are gone or whose heartbeat is older than the lease, and how many they were.
with dead as (
    delete from jobs.procrastinate_jobs t
     where t.status <> 'todo'
       and not exists (
           select from jobs.procrastinate_workers w
            where w.id = t.worker_id
              and w.last_heartbeat > clock_timestamp() - make_interval(secs => %(lease_s)s))
    returning t.id)
select count(*) from dead;

-- name: without_turn
-- Jobs that should be worked on and that nothing will bring to a worker. Index: job_unfinished.
select id
  from jobs.job j
 where state in ('queued', 'running')
   and (not_before is null or not_before <= clock_timestamp())
   and not exists (select from jobs.procrastinate_jobs t where t.id = j.turn)
 order by id
 limit 100
   for update skip locked;
