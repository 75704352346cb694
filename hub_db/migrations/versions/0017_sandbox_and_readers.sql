-- Sandbox -------------------------------------------------------------------------------------------
-- Newest rows of the topics uji.<opd>.<document>, a table per document, made from its contract. Their ledger, history,
-- parking lot and dead letters stand in `hub` under those topics; 0 as their round says that no round takes them.

create schema uji;
comment on schema uji is 'Sandbox: newest rows per document, of invented data; never published.';
grant usage on schema uji to simpul_intake;

-- Readers -------------------------------------------------------------------------------------------
-- The topics that grants have: the process of jobs says which are open and how their records are written, the publisher
-- in which round a topic got its newest whole copy.

create table hub.reader_topic (
    grant_id  bigint primary key,
    entity    text collate "C" not null,
    topic     text collate "C" not null unique,
    schema_id integer not null,
    schema    jsonb not null,
    open      boolean not null,
    round     bigint
);
grant select, update (round) on hub.reader_topic to simpul_publisher;
