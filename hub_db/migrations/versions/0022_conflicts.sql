-- Conflicts (Tidak Padan) ---------------------------------------------------------------------------
-- One row per cause, for ever: it is open, decided, asked of an OPD, or ended (its cause is gone). What happened to it is
-- in hub.conflict_event, which only grows.

create table hub.conflict (
    id           bigint generated always as identity primary key,
    kind         text collate "C" not null,
    entity       text collate "C" not null,  -- whose row it is about
    key          text collate "C" not null,  -- of that row; may be a person's number
    key_b        text collate "C" not null default '',  -- of the other row of a duplicate
    about        text collate "C" not null,  -- the field, or the check
    source_a     text collate "C" not null,  -- <opd>.<document>
    source_b     text collate "C" not null,
    state        text collate "C" not null default 'open',
    seen         bytea not null,             -- SHA-256 of the compared values
    revision     integer not null default 1, -- grows when these change
    shown        jsonb not null,             -- both sides as they may be shown: personal values masked
    hints        text[] not null default '{}',
    choice       text collate "C",           -- of the last decision
    decided_seen bytea,                      -- the values for which it holds
    due_on       date,                       -- until when an OPD was asked
    opened_at    timestamptz not null,
    closed_at    timestamptz,
    constraint conflict_is_one_cause unique (kind, entity, key, key_b, about, source_a, source_b),
    constraint conflict_state_is_known check (state in ('open', 'decided', 'asked', 'ended')),
    constraint conflict_kind_is_known check (kind in ('agree', 'two_persons', 'check', 'duplicate')),
    constraint conflict_seen_is_sha256 check (octet_length(seen) = 32)
);
create index conflict_of_state on hub.conflict (state, kind, id);
create index conflict_of_key on hub.conflict (entity, key);

create table hub.conflict_event (
    conflict_id bigint not null references hub.conflict (id),
    number      integer not null,
    act         text collate "C" not null,  -- opened, changed, reopened, stands, ended, decided
    revision    integer not null,
    choice      text collate "C",
    reason      text,
    by          text not null,
    by_kind     text not null,
    role        text,
    opd         text,
    at          timestamptz not null,
    primary key (conflict_id, number)
);

create function hub.conflict_event_stays() returns trigger language plpgsql as $$
begin
    raise exception 'events of conflicts are never changed' using errcode = 'insufficient_privilege';
end $$;
create trigger conflict_event_stays before update or delete on hub.conflict_event
    for each row execute function hub.conflict_event_stays();

-- Up to which change of an entity's records the finder has read, and by which generation of its contracts.
create table hub.conflict_place (
    entity     text collate "C" primary key,
    generation bigint not null,
    round      bigint not null,
    kind       integer not null,
    part       bigint not null,
    "offset"   bigint not null,
    key        text collate "C" not null
);

-- Enters what happened to a conflict.
create function hub.note_conflict(
    of_conflict bigint, act text, choice text, reason text, by text, by_kind text, role text, opd text, at timestamptz)
    returns void language sql volatile set search_path = pg_catalog, pg_temp as $$
    insert into hub.conflict_event (conflict_id, number, act, revision, choice, reason, by, by_kind, role, opd, at)
    select c.id, (select count(*) + 1 from hub.conflict_event e where e.conflict_id = c.id), act, c.revision, choice,
           reason, by, by_kind, role, opd, at
      from hub.conflict c where c.id = of_conflict
$$;

-- A steward's decision upon the values as they are at a revision; false when they changed meanwhile or it is not open.
create function hub.decide_conflict(
    of_conflict bigint, at_revision integer, choice text, reason text, due date, by text, by_kind text, role text,
    opd text, at timestamptz) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
    update hub.conflict c
       set state = case decide_conflict.choice when 'ask' then 'asked' else 'decided' end,
           choice = decide_conflict.choice, decided_seen = c.seen, due_on = due, closed_at = at
     where c.id = of_conflict and c.revision = at_revision and c.state = 'open';
    if not found then
        return false;
    end if;
    perform hub.note_conflict(of_conflict, 'decided', choice, reason, by, by_kind, role, opd, at);
    return true;
end $$;

-- Conflicts as the page's role may see them: a row with a personal key by its handle. `opds` null: of all agencies.
-- Index: conflict_of_state.
create function masked.conflicts(states text[], kinds text[], opds text[], number bigint, after bigint, most integer)
    returns table (id bigint, kind text, entity text, address text, address_b text, about text, source_a text,
                   source_b text, state text, revision integer, shown jsonb, hints text[], choice text, due_on date,
                   opened_at timestamptz, closed_at timestamptz)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select c.id, c.kind, c.entity, case when e.personal then masked.handle_of(c.entity, c.key) else c.key end,
           case when c.key_b = '' then '' when e.personal then masked.handle_of(c.entity, c.key_b) else c.key_b end,
           c.about, c.source_a, c.source_b, c.state, c.revision, c.shown, c.hints, c.choice, c.due_on, c.opened_at,
           c.closed_at
      from hub.conflict c join masked.entity e on e.entity = c.entity
     where (states is null or c.state = any(states)) and (kinds is null or c.kind = any(kinds))
       and (number is null or c.id = number) and c.id > after
       and (opds is null or split_part(c.source_a, '.', 1) = any(opds) or split_part(c.source_b, '.', 1) = any(opds))
     order by c.id limit least(most, 200)
$$;

-- How many conflicts are in a state, by kind and what they are about. Index: conflict_of_state.
create function masked.conflict_counts(states text[], opds text[])
    returns table (kind text, entity text, about text, conflicts bigint)
    language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select c.kind, c.entity, c.about, count(*) from hub.conflict c
     where c.state = any(states)
       and (opds is null or split_part(c.source_a, '.', 1) = any(opds) or split_part(c.source_b, '.', 1) = any(opds))
     group by 1, 2, 3 order by 4 desc, 1, 2, 3
$$;

-- Rights --------------------------------------------------------------------------------------------

revoke all on function hub.note_conflict(bigint, text, text, text, text, text, text, text, timestamptz),
    hub.decide_conflict(bigint, integer, text, text, date, text, text, text, text, timestamptz),
    masked.conflicts(text[], text[], text[], bigint, bigint, integer), masked.conflict_counts(text[], text[])
    from public;
grant execute on function
    hub.decide_conflict(bigint, integer, text, text, date, text, text, text, text, timestamptz),
    masked.conflicts(text[], text[], text[], bigint, bigint, integer), masked.conflict_counts(text[], text[])
    to simpul_web;
grant select on hub.conflict_event to simpul_web;
