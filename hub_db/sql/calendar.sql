-- name: changes
-- What administrators decided about single days, in the order of their decisions. A handful of rows a year.
select day, closed, reason, decree, by, at from hub.calendar_change order by id;

-- name: add_change
-- One more decision.
insert into hub.calendar_change (day, closed, reason, decree, by)
values (%(day)s, %(closed)s, %(reason)s, %(decree)s, %(by)s);

-- name: decide_one_by_one
-- Until the end of the transaction nobody else decides about the calendar.
select pg_advisory_xact_lock(%(lock)s);
