-- Boards --------------------------------------------------------------------------------------------
-- What pages read of cases: a projection of the topic `sop.status`, made by its reader (`simpul stages`). It may be
-- thrown away at any time: `simpul cases rebuild` makes it anew beside the old one and lets the two change places. So
-- the tables are made by a function, in a schema of their own, and hang on nothing else.

create function sop.make_board(name text) returns void language plpgsql set search_path = pg_catalog, pg_temp as $make$
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
            stale        text[] not null,
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
revoke execute on function sop.make_board(text) from public;

select sop.make_board('board');

-- States of sources that a decision elsewhere asks for; the process of jobs brings them about, each once.
create table hub.source_wish (
    id       bigint generated always as identity primary key,
    opd      text collate "C" not null,
    document text collate "C" not null,
    state    text collate "C" not null,
    cause    text collate "C" not null unique,
    by       text not null,
    role     text,
    unit     text,
    reason   text not null,
    asked_at timestamptz not null,
    done_at  timestamptz,
    outcome  text,
    constraint source_wish_ends_with_an_outcome check ((done_at is null) = (outcome is null))
);
create index source_wish_open on hub.source_wish (id) where done_at is null;
grant insert on hub.source_wish to simpul_intake;
grant select on hub.source_wish to simpul_intake, simpul_web, simpul_jobs;
