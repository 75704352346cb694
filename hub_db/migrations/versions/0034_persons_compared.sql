-- Persons as the search for duplicates meets them ---------------------------------------------------
-- A row per living record of an entity of persons: the blocks in which it meets others, as numbers that tell no name.
-- Only the owner reads them.

create table hub.person (
    entity text collate "C" not null,
    key    text collate "C" not null,
    blocks bigint[] not null,  -- two records that share one are compared
    terms  bigint[] not null,  -- its whole name, then each word of it
    due    boolean not null,   -- whether it has changed since it was compared
    primary key (entity, key)
);
create index person_of_block on hub.person using gin (blocks) with (fastupdate = off);
create index person_due on hub.person (entity, key) where due;

-- How many persons bear a name or a word of it; term 0: how many there are.
create table hub.person_term (
    entity  text collate "C" not null,
    term    bigint not null,
    persons bigint not null,
    primary key (entity, term)
);

-- Up to which change of an entity's records they are entered above.
create table hub.person_place (
    entity   text collate "C" primary key,
    round    bigint not null,
    kind     integer not null,
    part     bigint not null,
    "offset" bigint not null,
    key      text collate "C" not null
);

-- A pair ends when either of its records says otherwise.
create index conflict_of_key_b on hub.conflict (entity, key_b) where key_b <> '';
