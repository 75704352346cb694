-- One leader schedules. Index of all: the primary keys.

-- name: clock
-- The database's time, by which all processes schedule.
select clock_timestamp();

-- name: lead
-- The term of a new leader; no row while another one's time is not over.
update jobs.leader
   set term = term + 1, holder = %(holder)s, until = clock_timestamp() + make_interval(secs => %(lease_s)s)
 where until < clock_timestamp()
returning term;

-- name: hold
-- The database's time, and the leader's lease begins anew. No row: the term is over.
-- The row stays locked until COMMIT, so what stands in the same transaction is the leader's alone.
update jobs.leader
   set until = clock_timestamp() + make_interval(secs => %(lease_s)s)
 where term = %(term)s and until >= clock_timestamp()
returning clock_timestamp();

-- name: resign
-- Ends a term, so that another process need not wait for it.
update jobs.leader set until = clock_timestamp() where term = %(term)s and until > clock_timestamp();

-- name: last_ticks
-- The newest moment of each schedule that has enqueued.
select name, max(due_at) from jobs.tick where name = any(%(names)s) group by name;

-- name: add_tick
-- A moment that has enqueued; a second time it breaks the key, and with it the transaction.
insert into jobs.tick (name, due_at, term, job) values (%(name)s, %(due)s, %(term)s, %(job)s);
