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
