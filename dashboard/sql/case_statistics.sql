-- What the statistics of integration requests count, off the boards, of the cases that somebody may see. Drafts count for
-- nothing. `upto` holds, for each day from `first` on, the working days up to it.

-- name: in_all
-- Cases that were submitted, those that ended, and how many working days half of these took at most: of all years
-- (year null) and of each. Reads each case once.
select year, count(*), count(ended_on), percentile_cont(0.5) within group (order by age)
  from (select extract(year from submitted_on)::integer as year, ended_on,
               (%(upto)s::integer[])[ended_on - %(first)s::date + 1]
               - (%(upto)s::integer[])[submitted_on - %(first)s::date + 1] as age
          from board.standing
         where submitted_on is not null and (%(everywhere)s or opd = any(%(opds)s))
           and (%(opd)s::text is null or opd = %(opd)s)
           and (%(year)s::integer is null or extract(year from submitted_on) = %(year)s)) as s
 group by grouping sets ((), (year))
 order by year nulls first;

-- name: by_stage
-- Attempts by stage: confirmed, with how long they took, late, and sent back. Reads each attempt once.
select a.stage, count(*) filter (where a.state = 'done') as done,
       percentile_cont(0.5) within group (order by a.days) filter (where a.state = 'done') as median_days,
       max(a.days) filter (where a.state = 'done') as longest,
       count(*) filter (where a.state = 'done' and a.ended > a.due) as late,
       count(*) filter (where a.state = 'returned') as returned
  from board.attempt a join board.standing s on s.number = a."case"
 where s.submitted_on is not null and (%(everywhere)s or s.opd = any(%(opds)s))
   and (%(opd)s::text is null or s.opd = %(opd)s)
   and (%(year)s::integer is null or extract(year from s.submitted_on) = %(year)s)
 group by a.stage;

-- name: by_agency
-- Cases by agency: who had the ball for how many working days up to a day, and how often something was sent back. Reads
-- each case once.
select s.opd, count(*) as cases, count(s.ended_on) as ended,
       coalesce(sum(d.at_opd), 0)::bigint as at_opd, coalesce(sum(d.at_kominfo), 0)::bigint as at_kominfo,
       coalesce(sum(d.held), 0)::bigint as held, coalesce(sum(r.returns), 0)::bigint as returns
  from board.standing s
 cross join lateral (
       select sum(days) filter (where holder = 'opd') as at_opd, sum(days) filter (where holder = 'kominfo') as at_kominfo,
              sum(days) filter (where holder = 'held') as held
         from (select spell ->> 0 as holder,
                      (%(upto)s::integer[])[coalesce((spell ->> 2)::date, greatest((spell ->> 1)::date, %(on)s::date))
                                            - %(first)s::date + 1]
                      - (%(upto)s::integer[])[(spell ->> 1)::date - %(first)s::date + 1] as days
                 from jsonb_array_elements(s.spells) as spell) as each_spell) as d
 cross join lateral (
       select sum((edge ->> 2)::integer) as returns from jsonb_array_elements(s.returns) as edge) as r
 where s.submitted_on is not null and (%(everywhere)s or s.opd = any(%(opds)s))
   and (%(opd)s::text is null or s.opd = %(opd)s)
   and (%(year)s::integer is null or extract(year from s.submitted_on) = %(year)s)
 group by s.opd
 order by s.opd;

-- name: weeks
-- Week by week, the newest first: cases that were submitted and that ended, attempts that were confirmed and sent back,
-- decisions that made an integration live; and at the week's end the open cases and those that were late. Reads each case
-- and each attempt once for each week.
select w.first, w.last, s.submitted, s.ended, a.confirmed, a.returned, a.live, s.open, a.late
  from (select first::date as first, least(first::date + 6, %(on)s::date) as last
          from generate_series(%(first)s::date, %(on)s::date, interval '7 days') as first) as w
 cross join lateral (
       select count(*) filter (where submitted_on >= w.first) as submitted,
              count(*) filter (where ended_on between w.first and w.last) as ended,
              count(*) filter (where ended_on is null or ended_on > w.last) as open
         from board.standing
        where submitted_on <= w.last and (%(everywhere)s or opd = any(%(opds)s))
          and (%(opd)s::text is null or opd = %(opd)s)) as s
 cross join lateral (
       select count(*) filter (where state = 'done' and ended between w.first and w.last) as confirmed,
              count(*) filter (where state = 'returned' and ended between w.first and w.last) as returned,
              count(*) filter (where state = 'done' and ended between w.first and w.last and stage = %(deciding)s) as live,
              count(distinct "case") filter (where due < w.last and (ended is null or ended > w.last)) as late
         from board.attempt
        where entered <= w.last and (ended is null or ended >= w.first) and (%(everywhere)s or opd = any(%(opds)s))
          and (%(opd)s::text is null or opd = %(opd)s)) as a
 order by w.first desc;

-- name: first_day
-- The day on which the oldest case was submitted; null for none. Reads each case once.
select min(submitted_on) from board.standing;
