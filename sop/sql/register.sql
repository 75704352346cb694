-- name: letters_and_contacts
-- Of each case of these agencies (null: of all) the letter by which it was submitted and who is to be called, the latter
-- for cases of the agencies in `calling` (null: of all). Indexes: case_of_opd, event_is_in_its_turn.
select c.number, e.detail ->> 'letter' as letter, (e.detail ->> 'dated')::date as dated,
       case when %(calling)s::text[] is null or c.opd = any(%(calling)s) then c.contact_name else '' end as contact_name,
       case when %(calling)s::text[] is null or c.opd = any(%(calling)s) then c.contact_phone else '' end as contact_phone
  from sop."case" c
  left join sop.event e on e."case" = c.number and e.kind = 'case.submitted'
 where %(opds)s::text[] is null or c.opd = any(%(opds)s)
 order by c.number;
