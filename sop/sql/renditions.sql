-- name: next_version
-- The version that the next frozen paper of a slot has, under the case's lock. Index: rendition_in_its_turn.
select coalesce(max(version), 0) + 1 from sop.rendition where "case" = %(case)s and slot = %(slot)s;

-- name: add_rendition
-- A paper that waits for its signatures; its bytes are in sop.file.
insert into sop.rendition (code, "case", slot, version, stage, round, title, sha256, size, letter, dated, parties, origin, by, at)
values (%(code)s, %(case)s, %(slot)s, %(version)s, %(stage)s, %(round)s, %(title)s, %(sha256)s, %(size)s, %(letter)s,
        %(dated)s, %(parties)s, %(origin)s, %(by)s, %(at)s);

-- name: renditions_of_case
-- The frozen papers of a case, each slot's in order, with the signed file that was accepted last. Indexes:
-- rendition_in_its_turn, signature_of_case.
select r.code, r."case", r.slot, r.version, r.stage, r.round, r.title, r.sha256, r.size, r.letter, r.dated, r.parties, r.by,
       r.at, max(r.version) over (partition by r.slot) as newest,
       (select s.sha256 from sop.signature s
         where s."case" = r."case" and s.slot = r.slot and s.version = r.version
         order by s.at desc limit 1) as signed
  from sop.rendition r
 where r."case" = %(case)s
 order by r.slot, r.version;

-- name: rendition_by_code
-- One frozen paper by the code in its address. Indexes: rendition_pkey, rendition_in_its_turn, signature_of_case.
select r.code, r."case", r.slot, r.version, r.stage, r.round, r.title, r.sha256, r.size, r.letter, r.dated, r.parties, r.by,
       r.at,
       (select max(o.version) from sop.rendition o where o."case" = r."case" and o.slot = r.slot) as newest,
       (select s.sha256 from sop.signature s
         where s."case" = r."case" and s.slot = r.slot and s.version = r.version
         order by s.at desc limit 1) as signed
  from sop.rendition r
 where r.code = %(code)s;

-- name: agency_of_rendition
-- The agency whose case it is. Indexes: rendition_pkey, case_pkey.
select c.opd, coalesce(o.name, c.opd) as name
  from sop.rendition r join sop."case" c on c.number = r."case" left join identity.opd o on o.code = c.opd
 where r.code = %(code)s;

-- name: add_signature
-- One signature of a file that was accepted; nothing when the same file had been accepted for the slot before.
insert into sop.signature ("case", slot, sha256, place, version, signer, unit, issuer, certificate, signed_at, stamped, by, at)
values (%(case)s, %(slot)s, %(sha256)s, %(place)s, %(version)s, %(signer)s, %(unit)s, %(issuer)s, %(certificate)s,
        %(signed_at)s, %(stamped)s, %(by)s, %(at)s)
on conflict do nothing;

-- name: signatures_of_case
-- The signatures of a case's accepted files, each file's in their order. Index: signature_of_case.
select slot, sha256, place, version, signer, unit, issuer, certificate, signed_at, stamped, at
  from sop.signature
 where "case" = %(case)s
 order by at, slot, sha256, place;

-- name: origin_of
-- What a frozen paper was made from. Index: rendition_pkey.
select origin from sop.rendition where code = %(code)s;
