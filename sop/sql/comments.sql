-- name: add_comment
-- A comment; nothing when what it corrects was corrected already. Index: comment_corrects_key.
insert into sop.comment ("case", stage, round, by, role, unit, said, at, corrects)
values (%(case)s, %(stage)s, %(round)s, %(by)s, %(role)s, %(unit)s, %(said)s, %(at)s, %(corrects)s)
on conflict (corrects) do nothing
returning id, "case", stage, round, by, role, unit, said, at, corrects;

-- name: comments_of_case
-- What was said about a case, oldest first. Index: comment_of_case.
select id, "case", stage, round, by, role, unit, said, at, corrects
  from sop.comment
 where "case" = %(case)s
 order by id;
