-- Signed papers of cases -----------------------------------------------------------------------------
-- A paper is frozen to be signed: its bytes are a file, and what they were made from, its letter and the code in its
-- address are kept with it. The next version of a slot supersedes it. Of a file whose signatures hold, each signature is
-- a row. Nothing is changed or removed.

create table sop.rendition (
    code    text collate "C" primary key,
    "case"  text collate "C" not null references sop."case" (number),
    slot    text collate "C" not null,
    version integer not null,
    stage   integer not null,
    round   integer not null,
    title   text not null,
    sha256  text collate "C" not null references sop.file (sha256),
    size    integer not null,
    letter  text not null,
    dated   date not null,
    parties integer not null,
    origin  jsonb not null,
    by      text collate "C" not null,
    at      timestamptz not null,
    constraint rendition_in_its_turn unique ("case", slot, version),
    constraint rendition_is_not_to_be_guessed check (length(code) >= 24),
    constraint rendition_has_a_letter check (length(letter) between 1 and 200),
    constraint rendition_is_signed_by_somebody check (parties >= 1 and version >= 1)
);

create table sop.signature (
    id          bigint generated always as identity primary key,
    "case"      text collate "C" not null references sop."case" (number),
    slot        text collate "C" not null,
    sha256      text collate "C" not null references sop.file (sha256),
    place       integer not null,
    version     integer,
    signer      text not null,
    unit        text not null,
    issuer      text not null,
    certificate text collate "C" not null,
    signed_at   timestamptz,
    stamped     boolean not null,
    by          text collate "C" not null,
    at          timestamptz not null,
    constraint signature_of_case unique ("case", slot, sha256, place),
    constraint signature_is_of_a_frozen_paper foreign key ("case", slot, version)
        references sop.rendition ("case", slot, version)
);

create trigger rendition_is_append_only before update or delete or truncate on sop.rendition
    for each statement execute function sop.refuse();
create trigger signature_is_append_only before update or delete or truncate on sop.signature
    for each statement execute function sop.refuse();

-- Rights: people freeze and sign on the pages.
grant select, insert on sop.rendition, sop.signature to simpul_web;
