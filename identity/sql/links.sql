-- name: issue_link
-- Gives the number of the link.
insert into identity.link (token_sha256, person_id, purpose, issued_by, issued_at, expires_at)
values (%(token)s, %(person_id)s, %(purpose)s, %(by)s, %(now)s, %(expires_at)s)
returning id;

-- name: open_link
-- The link of a token, if it may still be used; a demo's link in a demo's database only, but there many times.
-- Index: link_token_sha256_key.
select l.id, l.person_id, p.name, p.shown_name, l.purpose, l.expires_at
  from identity.link l
  join identity.person p on p.id = l.person_id
 where l.token_sha256 = %(token)s and l.expires_at > %(now)s and l.revoked_at is null and p.disabled_at is null
   and case when l.purpose = 'demo' then exists (select 1 from identity.installation where demo)
            else l.redeemed_at is null end;

-- name: redeem_link
-- Marks the link as used; of two who use it at once, one gets no row. Index: link_pkey.
update identity.link set redeemed_at = %(now)s
 where id = %(id)s and revoked_at is null and (redeemed_at is null or purpose = 'demo')
returning id;

-- name: revoke_links
-- Takes back a person's links that were not used. Index: link_of_person.
update identity.link set revoked_at = %(now)s
 where person_id = %(person_id)s and revoked_at is null and (redeemed_at is null or purpose = 'demo')
returning id;

-- name: installation
-- Whether this is a demo's database; no row when nobody has said.
select demo from identity.installation;

-- name: set_installation
-- Says once what kind of database this is.
insert into identity.installation (demo) values (%(demo)s) on conflict do nothing;

-- name: active_administrators
-- Those who can sign in as administrator on a day. Index: appointment_of_person.
select p.id
  from identity.person p
  join identity.password w on w.person_id = p.id
  join identity.appointment a on a.person_id = p.id
 where a.role = 'administrator' and a.ended_at is null and p.disabled_at is null
   and a.from_on <= %(on)s and (a.until_on is null or a.until_on >= %(on)s)
 limit 1;

-- name: waiting_administrator
-- Who was to be the first administrator and has no password yet. Index: link_of_person.
select p.id
  from identity.person p
  join identity.link l on l.person_id = p.id and l.purpose = 'first_administrator'
  join identity.appointment a on a.person_id = p.id and a.role = 'administrator' and a.ended_at is null
 where p.disabled_at is null and not exists (select 1 from identity.password w where w.person_id = p.id)
 order by p.id
 limit 1;

-- name: walidata
-- The agency that is the data guardian. Index: opd_one_walidata.
select code from identity.opd where walidata;
