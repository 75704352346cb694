-- name: add_file
-- The bytes under their hash; nothing when they are there already. Index: file_pkey.
insert into sop.file (sha256, media, size, content, stored_at)
values (%(sha256)s, %(media)s, %(size)s, %(content)b, %(at)s)
on conflict do nothing;

-- name: hand_in
-- That they were handed in for a case.
insert into sop.file_handed_in ("case", sha256, name, by, at)
values (%(case)s, %(sha256)s, %(name)s, %(by)s, %(at)s);

-- name: opened
-- That somebody opened them.
insert into sop.file_opened ("case", sha256, by, at) values (%(case)s, %(sha256)s, %(by)s, %(at)s);

-- name: file_of_case
-- The bytes, if they were handed in for this case, under the newest name. Indexes: file_handed_in_for_case, file_pkey.
select h.name, f.media, f.content as data
  from sop.file_handed_in h join sop.file f using (sha256)
 where h."case" = %(case)s and h.sha256 = %(sha256)s
 order by h.id desc
 limit 1;

-- name: files_of_case
-- What was handed in for a case, oldest first, without the bytes. Indexes: file_handed_in_for_case, file_pkey.
select h.sha256, h.name, f.media, f.size, h.by, h.at
  from sop.file_handed_in h join sop.file f using (sha256)
 where h."case" = %(case)s
 order by h.id;

-- name: openings_of_case
-- Who has opened which file of a case, oldest first. Index: file_opened_of_case.
select sha256, by, at from sop.file_opened where "case" = %(case)s order by id;
