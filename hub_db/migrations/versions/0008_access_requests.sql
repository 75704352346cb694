-- Requests for access -------------------------------------------------------------------------------
-- A reader asks for fields of a document; the owner's office and then the Walidata decide; a grant follows.

-- A grant may begin later than it is given; null = it holds from the moment it was given.
alter table identity."grant" add column starts_at timestamptz;
alter table identity."grant" add constraint grant_begins_before_it_ends check (starts_at is null or starts_at < ends_at);

create or replace function masked.covers(grant_no bigint, by_reader text, of_entity text, wanted text[]) returns boolean
    language sql stable set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from identity."grant" g
          left join identity.agreement a on a.number = g.agreement
         where g.id = grant_no and g.reader = by_reader and g.entity = of_entity and wanted <@ g.fields
           and g.revoked_at is null and clock_timestamp() < g.ends_at
           and (g.starts_at is null or g.starts_at <= clock_timestamp())
           and (g.agreement is null or a.ended_at is null and clock_timestamp() < a.ends_at))
$$;

-- `agreement`: the number of the PKS as the reader tells it; it may not be entered yet, so it refers to nothing.
create table identity.access_request (
    id             bigint generated always as identity primary key,
    reader         text collate "C" not null references identity.opd (code),
    owner          text collate "C" not null references identity.opd (code),
    document       text collate "C" not null,
    entity         text collate "C" not null,
    fields         text[] not null,
    purpose        text not null,
    legal_basis    text not null,
    specific_basis text,
    agreement      text collate "C",
    starts         date not null,
    until          date not null,
    asked_by       text collate "C" not null,
    asked_at       timestamptz not null,
    state          text not null,
    grant_id       bigint unique references identity."grant" (id),
    constraint access_request_names_fields check (cardinality(fields) > 0),
    constraint access_request_is_of_another check (reader <> owner),
    constraint access_request_begins_before_it_ends check (starts <= until),
    constraint access_request_state check (state in
        ('asked', 'agreed', 'decided', 'granted', 'refused', 'withdrawn')),
    constraint access_request_granted_has_a_grant check ((state = 'granted') = (grant_id is not null))
);
create index access_request_of_reader on identity.access_request (reader, id);
create index access_request_of_owner on identity.access_request (owner, id);
create index access_request_undecided on identity.access_request (id) where state in ('asked', 'agreed');

-- What happened to a request, in order; never changed.
create table identity.access_step (
    id      bigint generated always as identity primary key,
    request bigint not null references identity.access_request (id),
    act     text not null,
    at      timestamptz not null,
    actor   text collate "C" not null,
    role    text,
    opd     text,
    reason  text not null default '',
    constraint access_step_act check (act in
        ('ask', 'name_agreement', 'agree', 'decide', 'grant', 'refuse', 'withdraw'))
);
create index access_step_of_request on identity.access_step (request, id);

-- That a reader has deleted what it got under a grant that is over.
create table identity.deletion (
    grant_id     bigint primary key references identity."grant" (id),
    confirmed_at timestamptz not null,
    confirmed_by text collate "C" not null,
    role         text,
    opd          text not null,
    how          text not null
);

create index entry_by_grant on audit.entry ((details ->> 'grant'), at) where details ? 'grant';

create trigger access_step_is_append_only before update or delete or truncate on identity.access_step
    for each statement execute function audit.refuse();

grant select, insert on identity.access_request, identity.access_step, identity.deletion to simpul_web;
grant update (state, grant_id, agreement) on identity.access_request to simpul_web;
grant select on identity.access_request, identity.access_step, identity.deletion to simpul_jobs;
