-- Jobs ----------------------------------------------------------------------------------------------
-- The tables, types and functions `procrastinate_*` of this schema were made just before, from 0004_procrastinate.sql.
-- There a row is a *turn*: the leave to work on one job now. What a job is and how far it is stands here.

comment on schema jobs is 'What is long or scheduled: jobs, their turns, the schedule.';

-- What can be asked for; written when a release is prepared or its worker starts.
create table jobs.kind (
    name    text collate "C" primary key,
    title   text not null,
    at_once integer not null,
    constraint kind_is_a_word check (name ~ '^[a-z][a-z0-9_.-]{0,99}$'),
    constraint kind_at_once_is_small check (at_once between 1 and 64)
);

create table jobs.job (
    id          bigint generated always as identity primary key,
    -- Names the job for ever, also after a restored backup gave its number to another one.
    uid         uuid not null default gen_random_uuid() unique,
    kind        text collate "C" not null references jobs.kind (name),
    title       text not null,
    arguments   jsonb not null default '{}',
    key         text collate "C",
    asked_by    text not null,
    state       text not null default 'queued',
    cursor      jsonb,
    done        bigint not null default 0,
    total       bigint,
    -- Turns since the last step that was done: so a step that kills its process is not tried for ever.
    tries       integer not null default 0,
    -- The newest turn; it alone may move the job. Turns are numbered upwards, so this is a fencing token.
    turn        bigint,
    worker      text,
    message     text,
    not_before  timestamptz,
    created_at  timestamptz not null default clock_timestamp(),
    started_at  timestamptz,
    moved_at    timestamptz,
    finished_at timestamptz,
    constraint job_state_is_known check (state in ('queued', 'running', 'paused', 'done', 'failed', 'cancelled')),
    constraint job_ends_once check ((state in ('done', 'failed', 'cancelled')) = (finished_at is not null)),
    constraint job_counts_from_nought check (done >= 0 and total >= 0 and tries >= 0)
);
create unique index job_of_key on jobs.job (kind, key) where state in ('queued', 'running', 'paused');
create index job_unfinished on jobs.job (id) where state in ('queued', 'running', 'paused');
create index job_ended on jobs.job (finished_at) where finished_at is not null;

-- Schedule ------------------------------------------------------------------------------------------

-- Who schedules now. A new leader has a higher term; what an older one still tries to write is rolled back.
create table jobs.leader (
    only_one boolean primary key default true,
    term     bigint not null default 0,
    holder   text,
    until    timestamptz not null default '-infinity',
    constraint leader_is_one check (only_one)
);
insert into jobs.leader default values;

-- A moment of a schedule enqueues once.
create table jobs.tick (
    name    text collate "C" not null,
    due_at  timestamptz not null,
    term    bigint not null,
    job     bigint not null,
    made_at timestamptz not null default clock_timestamp(),
    primary key (name, due_at)
);
create index tick_made on jobs.tick (made_at);

-- Turns ---------------------------------------------------------------------------------------------

-- Gives a job a turn in the emptiest lane of its kind, and wakes the workers; an earlier turn of it is worth nothing
-- from then on. A kind has as many lanes as jobs may run at once; in a lane, procrastinate's lock, one job runs.
-- A function, so that a process that may enqueue need not be able to write turns.
create function jobs.give_turn(_job bigint) returns bigint
    language plpgsql security definer set search_path = jobs, pg_temp
as $$
declare
    _turn bigint;
begin
    select (procrastinate_defer_jobs_v1(array[
               row(j.kind, 'simpul.turn', 0, lane.name, null, jsonb_build_object('job', j.id), null)
               ::procrastinate_job_to_defer_v1]))[1]
      into strict _turn
      from job j
      join kind k on k.name = j.kind
     cross join lateral (
           select k.name || '/' || n as name
             from generate_series(0, k.at_once - 1) n
            order by (select count(*) from procrastinate_jobs t where t.lock = k.name || '/' || n), n
            limit 1) lane
     where j.id = _job;
    update job set turn = _turn, not_before = null where id = _job;
    return _turn;
end $$;

-- The library wakes its workers when a turn is added, not when a lane becomes free for the one that waits in it.
create function jobs.tell_that_the_lane_is_free() returns trigger
    language plpgsql set search_path = jobs, pg_temp
as $$
begin
    if exists (select from procrastinate_jobs t where t.status = 'todo' and t.lock = old.lock) then
        perform pg_notify(
            'procrastinate_queue_v1#' || old.queue_name,
            json_build_object('type', 'job_inserted', 'job_id', old.id)::text);
    end if;
    return old;
end $$;
create trigger lane_is_free after delete on jobs.procrastinate_jobs
    for each row when (old.status = 'doing') execute function jobs.tell_that_the_lane_is_free();

-- The library's functions name their tables without a schema.
do $$
declare
    _function regprocedure;
begin
    for _function in select oid::regprocedure from pg_proc where pronamespace = 'jobs'::regnamespace loop
        execute format('alter function %s set search_path = jobs, pg_temp', _function);
        execute format('revoke execute on function %s from public', _function);
    end loop;
end $$;

-- Rights --------------------------------------------------------------------------------------------

grant usage on schema jobs to simpul_jobs, simpul_web, simpul_registry;

grant select, insert, update, delete on all tables in schema jobs to simpul_jobs;
grant usage on all sequences in schema jobs to simpul_jobs;
grant execute on all functions in schema jobs to simpul_jobs;

grant select on jobs.kind, jobs.job, jobs.tick to simpul_web;
grant select on jobs.kind, jobs.job to simpul_registry;
grant insert (kind, title, arguments, key, asked_by, total) on jobs.job to simpul_web, simpul_registry;
grant update (key, state, tries, message, finished_at) on jobs.job to simpul_web;
grant update (key) on jobs.job to simpul_registry;
grant execute on function jobs.give_turn(bigint) to simpul_web, simpul_registry;
