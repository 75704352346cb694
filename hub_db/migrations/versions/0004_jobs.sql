-- The queue of jobs and its schedule.
select 1;
