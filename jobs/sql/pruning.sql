-- What the daily job throws away. Each returns nothing; how many rows went is the statement's row count.
-- Each reads its table whole, or an index by time where there is one: once a night.

-- name: sessions
-- Sessions that ended long ago.
delete from identity.session where expires_at < clock_timestamp() - make_interval(days => %(days)s);

-- name: links
-- Links that can open nothing any more.
delete from identity.link where expires_at < clock_timestamp() - make_interval(days => %(days)s);

-- name: devices
-- Devices that nobody has signed in from for long. A forgotten device is asked more, nothing else.
delete from identity.device where last_used_at < clock_timestamp() - make_interval(days => %(days)s);

-- name: tries
-- Failed tries that delay nobody any more. Index: tries_by_time.
delete from identity.tries where last_at < clock_timestamp() - make_interval(days => %(days)s);

-- name: sign_in_minutes
-- Sums of sign-ins that the watch has long looked at.
delete from identity.sign_in_minute where minute < clock_timestamp() - make_interval(days => %(days)s);

-- name: jobs
-- Jobs that ended long ago. Index: job_ended.
delete from jobs.job where finished_at < clock_timestamp() - make_interval(days => %(days)s);

-- name: ticks
-- Moments of the schedule, but the newest of each: it says what was enqueued already. Index: tick_made.
delete from jobs.tick t
 where made_at < clock_timestamp() - make_interval(days => %(days)s)
   and due_at < (select max(due_at) from jobs.tick newest where newest.name = t.name);

-- name: profiles
-- Profiles of days that nothing is compared with any more; a year and some weeks can be looked at.
delete from hub.profile where day < current_date - %(days)s;

-- name: registers
-- What an estimate grows from, of days that are over. They stay over: a worker behind by so long begins anew.
update hub.profile set registers = null where registers is not null and day < current_date - %(days)s;

-- name: stale_batches
-- Batches that were older than what the hub had, long ago.
delete from hub.stale_batch where at < clock_timestamp() - make_interval(days => %(days)s);
