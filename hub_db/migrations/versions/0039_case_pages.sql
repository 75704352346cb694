-- Cases: what is watched, what is said, what follows what ----------------------------------------------

-- What was promised for documents that live, and is broken: `<watch>:<document>`. Before, only freshness was watched.
alter table board.standing rename column stale to breaches;
update board.standing
   set breaches = array(select 'freshness:' || document from unnest(breaches) as document order by 1)
 where breaches <> '{}';

create or replace function sop.make_board(name text) returns void language plpgsql
    set search_path = pg_catalog, pg_temp as $make$
begin
    execute format($ddl$
        create schema %1$I;

        -- Where the reader of the topic stands; moved in the transaction that draws the event.
        create table %1$I.place (
            topic       text collate "C" primary key,
            next_offset bigint not null,
            last_number bigint not null
        );

        -- Each event of the topic, as it stands there.
        create table %1$I.event (
            "case"      text collate "C" not null,
            version     integer not null,
            opd         text collate "C" not null,
            kind        text collate "C" not null,
            case_state  text not null,
            at          timestamptz not null,
            "on"        date not null,
            actor       text collate "C" not null,
            role        text,
            unit        text,
            acting      text,
            stage       integer,
            round       integer,
            expected    text,
            state       text,
            returned_to integer,
            met         boolean,
            manual      boolean not null,
            reason      text,
            documents   text[] not null,
            target      date,
            due         date,
            days_used   integer,
            days_left   integer,
            detail      jsonb not null,
            primary key ("case", version)
        );

        -- Each case as its events have made it. Nothing here depends on the day on which it is read.
        create table %1$I.standing (
            number       text collate "C" primary key,
            opd          text collate "C" not null,
            documents    text[] not null,
            procedure    integer not null,
            decree       text not null,
            state        text not null,
            version      integer not null,
            stage        integer,
            round        integer,
            stage_state  text,
            entered      date,
            target       date,
            due          date,
            held_from    date,
            held_until   date,
            held_days    integer not null,
            met          jsonb not null,
            holder       text not null,
            spells       jsonb not null,
            returns      jsonb not null,
            outside      integer[] not null,
            breaches     text[] not null,
            withdrawn    text[] not null,
            submitted_on date,
            ended_on     date,
            last_kind    text,
            last_actor   text collate "C",
            last_at      timestamptz
        );
        create index standing_of_stage on %1$I.standing (stage, due, number) where stage is not null;
        create index standing_of_state on %1$I.standing (state, number);
        create index standing_of_opd on %1$I.standing (opd, number);

        -- Each attempt at a stage that was begun.
        create table %1$I.attempt (
            "case"    text collate "C" not null,
            stage     integer not null,
            round     integer not null,
            opd       text collate "C" not null,
            procedure integer not null,
            state     text not null,
            entered   date not null,
            target    date,
            due       date,
            ended     date,
            ended_by  text collate "C",
            days      integer,
            held_days integer not null,
            manual    boolean not null,
            primary key ("case", stage, round)
        );
        create index attempt_of_stage on %1$I.attempt (stage, ended) where ended is not null;

        grant usage on schema %1$I to simpul_web, simpul_intake, simpul_jobs;
        grant select on all tables in schema %1$I to simpul_web, simpul_intake, simpul_jobs;
        grant insert, update, delete on all tables in schema %1$I to simpul_intake;
    $ddl$, name);
end
$make$;

-- The case whose integration a case changes: an incompatible contract, a new document, a new reader of personal data.
alter table sop."case" add column follows text collate "C" references sop."case" (number);
create index case_that_follows on sop."case" (follows) where follows is not null;

-- What people say about a case, in their own words. It stands in no event: the topic is kept for ever, and words may tell
-- more than they should. Nothing is changed or removed; a comment is corrected by a further one, once.
create table sop.comment (
    id       bigint generated always as identity primary key,
    "case"   text collate "C" not null references sop."case" (number),
    stage    integer,
    round    integer,
    by       text collate "C" not null,
    role     text,
    unit     text collate "C",
    said     text not null,
    at       timestamptz not null,
    corrects bigint unique references sop.comment (id),
    constraint comment_says_something check (length(btrim(said)) between 1 and 2000)
);
create index comment_of_case on sop.comment ("case", id);
create trigger comment_is_append_only before update or delete or truncate on sop.comment
    for each statement execute function sop.refuse();
grant select, insert on sop.comment to simpul_web;

-- Notices that tell several offices of one matter: a person who holds several of them is told once.
alter table notice.notice add column matter text collate "C";
create index notice_of_matter on notice.notice (matter) where state <> 'closed' and matter is not null;

-- What the watch has last reported on `sop.fact` of each document that a case wants watched.
create table notice.watched (
    document    text collate "C" not null,
    watch       text collate "C" not null,
    broken      boolean not null,
    reported_at timestamptz not null,
    primary key (document, watch)
);
grant select, insert, update on notice.watched to simpul_jobs;
