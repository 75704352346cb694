-- name: letters
-- Number and date of the letter by which each of these cases was submitted. Index: event_is_in_its_turn.
select "case", detail->>'letter' as letter, (detail->>'dated')::date as dated
  from sop.event
 where "case" = any(%(numbers)s) and kind = 'case.submitted';

-- name: contacts
-- Who is to be called about each of these cases. Index: case_pkey.
select number, contact_name as name, contact_phone as phone
  from sop."case"
 where number = any(%(numbers)s) and contact_name <> '';

-- name: living_with
-- Cases of whose living integration a document is, the newest first, each with the open cases that change it. Reads each
-- case once; indexes: standing_pkey, case_that_follows.
select s.number, array(select f.number from sop."case" f
                        where f.follows = s.number and f.state not in ('closed', 'cancelled') order by f.number)
  from board.standing s
 where s.state in ('live', 'closed') and %(document)s = any(s.documents) and %(document)s <> all(s.withdrawn)
   and (%(everywhere)s or s.opd = any(%(opds)s))
 order by s.number desc
 limit 1;
