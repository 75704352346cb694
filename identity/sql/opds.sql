-- name: add_opd
-- Adds an agency; no row when its code is there already.
insert into identity.opd (code, name, short_name, walidata)
values (%(code)s, %(name)s, %(short_name)s, %(walidata)s)
on conflict (code) do nothing
returning code;

-- name: put_opd
-- Adds an agency or brings its names up to date; gives a row only when something changed.
insert into identity.opd as had (code, name, short_name, walidata)
values (%(code)s, %(name)s, %(short_name)s, %(walidata)s)
on conflict (code) do update
   set name = excluded.name, short_name = excluded.short_name, walidata = excluded.walidata
 where (had.name, had.short_name, had.walidata) is distinct from (excluded.name, excluded.short_name, excluded.walidata)
returning code;

-- name: no_walidata_but
-- Takes the office of data guardian from every other agency. Index: opd_one_walidata.
update identity.opd set walidata = false where walidata and code <> %(code)s;

-- name: opds
-- Every agency that the reader may see, by its name.
select code, name, short_name, walidata, active
  from identity.opd
 where %(everywhere)s or code = any(%(opds)s)
 order by name, code;

-- name: opd
-- One agency. Index: opd_pkey.
select code, name, short_name, walidata, active from identity.opd where code = %(code)s;

-- name: set_opd_active
-- Switches an agency on or off; no row when it was so already. Index: opd_pkey.
update identity.opd set active = %(active)s where code = %(code)s and active <> %(active)s returning code;

-- name: add_system
-- Adds a system of an agency; no row when its code is there already.
insert into identity.system (opd, code, name) values (%(opd)s, %(code)s, %(name)s)
on conflict (opd, code) do nothing
returning id;

-- name: systems
-- The systems of the agencies that the reader may see. Index: system_opd_code_key.
select id, opd, code, name, active
  from identity.system
 where %(everywhere)s or opd = any(%(opds)s)
 order by opd, code;

-- name: system
-- One system, by its agency and its code. Index: system_opd_code_key.
select id, opd, code, name, active from identity.system where opd = %(opd)s and code = %(code)s;

-- name: set_system_active
-- Switches a system on or off; no row when it was so already. Index: system_opd_code_key.
update identity.system set active = %(active)s
 where opd = %(opd)s and code = %(code)s and active <> %(active)s
returning id;
