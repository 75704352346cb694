-- What a draft of a contract would do to the stored rows, as a job reckoned it: counts, and a few rows that are masked.

create table registry.draft_effect (
    draft_id    bigint primary key references registry.draft (id),
    effect      jsonb not null,
    reckoned_at timestamptz not null default clock_timestamp(),
    constraint draft_effect_is_an_object check (jsonb_typeof(effect) = 'object')
);

-- Reckoned by the process of jobs; the values are read on a connection of the publisher's role, in a read-only
-- transaction, for that role reads reference rows already. Old letters are decoded by the schema they were written with.
grant usage on schema registry to simpul_jobs, simpul_publisher;
grant select (id, schema_text) on registry.draft to simpul_jobs;
grant select, insert, update on registry.draft_effect to simpul_jobs;
grant select on registry.draft_effect to simpul_web;
grant select (id, schema_text) on registry.schema to simpul_publisher;
