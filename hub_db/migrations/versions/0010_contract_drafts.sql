-- Drafts of governed schemas --------------------------------------------------------------------------
-- Whoever sends a governed schema that is not approved makes a draft of it; only an approval makes a
-- version (docs/decisions/0012-drafts-in-the-registry.md). Texts never change: another text is another draft.

create table registry.draft (
    id                bigint generated always as identity primary key,
    subject           text collate "C" not null,
    opd               text collate "C",                -- whose document it is; null = the hub's own
    fingerprint       bytea not null,
    schema_text       text not null,
    schema_references jsonb not null default '[]'::jsonb,
    metadata          jsonb,
    rule_set          jsonb,
    base_version      integer,                         -- the newest version when the draft was made
    state             text collate "C" not null default 'open',
    author            text collate "C" not null,
    author_kind       text collate "C" not null,
    created_at        timestamptz not null default clock_timestamp(),
    submitted_by      text collate "C",
    approved_by       text collate "C",
    changed_at        timestamptz not null default clock_timestamp(),
    version           integer,                         -- the version it became; null until it holds
    schema_id         integer,
    in_force_at       timestamptz,
    trouble           text,                            -- why an approved draft does not hold yet
    constraint draft_state_is_known check (state in ('open', 'submitted', 'approved', 'withdrawn')),
    constraint draft_text_is_bounded check (octet_length(schema_text) <= 262144),
    constraint draft_is_approved_by_somebody check (state <> 'approved' or approved_by is not null),
    constraint draft_holds_when_approved check (num_nulls(version, schema_id, in_force_at) in (0, 3)
                                                and (version is null or state = 'approved'))
);
-- The same text is the same draft while it lives; one that was withdrawn may be sent again.
create unique index draft_of_one_text on registry.draft (subject, fingerprint)
    where state in ('open', 'submitted') or (state = 'approved' and version is null);
create index draft_of_subject on registry.draft (subject, id);
create index draft_to_enforce on registry.draft (id) where state = 'approved' and version is null;

create table registry.draft_comment (
    id       bigint generated always as identity primary key,
    draft_id bigint not null references registry.draft (id),
    author   text collate "C" not null,
    said     text not null,
    at       timestamptz not null default clock_timestamp(),
    constraint draft_comment_says_something check (length(btrim(said)) between 1 and 2000)
);
create index draft_comment_of_draft on registry.draft_comment (draft_id, id);

-- What happened to a draft, in order.
create table registry.draft_step (
    id       bigint generated always as identity primary key,
    draft_id bigint not null references registry.draft (id),
    step     text collate "C" not null,
    by       text collate "C" not null,
    by_kind  text collate "C" not null,
    role     text collate "C",
    reason   text,
    at       timestamptz not null default clock_timestamp(),
    constraint draft_step_is_known
        check (step in ('drafted', 'submitted', 'returned', 'approved', 'withdrawn', 'enforced'))
);
create index draft_step_of_draft on registry.draft_step (draft_id, id);

-- Rights --------------------------------------------------------------------------------------------

-- The registry makes and finds drafts; it decides nothing and makes no version of a governed subject.
grant select, insert on registry.draft to simpul_registry;
grant insert on registry.draft_step to simpul_registry;

-- The pages read schemas to compare them, and write what people decide. Versions they cannot make: a decision takes
-- effect in the process of jobs, as the owner.
grant usage on schema registry to simpul_web;
grant select on registry.schema, registry.version, registry.reference, registry.scope to simpul_web;
grant select, insert on registry.draft, registry.draft_comment, registry.draft_step to simpul_web;
grant update (state, submitted_by, approved_by, changed_at, trouble) on registry.draft to simpul_web;
