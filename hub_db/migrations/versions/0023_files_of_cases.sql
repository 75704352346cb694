-- Files of cases -------------------------------------------------------------------------------------
-- What people hand in for a case. The bytes stand once, by their hash; which case they were handed in for, under which
-- name and by whom, and who has opened them, are rows of their own. Nothing is changed or removed.

create table sop.file (
    sha256    text collate "C" primary key,
    media     text collate "C" not null,
    size      integer not null,
    content   bytea not null,
    stored_at timestamptz not null,
    constraint file_is_its_hash check (encode(sha256(content), 'hex') = sha256),
    constraint file_is_as_large_as_it_says check (size = octet_length(content)),
    constraint file_is_at_most_20_mb check (size between 1 and 20971520)
);
-- Nearly all of it is compressed already.
alter table sop.file alter column content set storage external;

create table sop.file_handed_in (
    id     bigint generated always as identity primary key,
    "case" text collate "C" not null references sop."case" (number),
    sha256 text collate "C" not null references sop.file (sha256),
    name   text not null,
    by     text collate "C" not null,
    at     timestamptz not null,
    constraint file_handed_in_has_a_name check (length(name) between 1 and 150)
);
create index file_handed_in_for_case on sop.file_handed_in ("case", id);

create table sop.file_opened (
    id     bigint generated always as identity primary key,
    "case" text collate "C" not null references sop."case" (number),
    sha256 text collate "C" not null references sop.file (sha256),
    by     text collate "C" not null,
    at     timestamptz not null
);
create index file_opened_of_case on sop.file_opened ("case", id);

create trigger file_is_append_only before update or delete or truncate on sop.file
    for each statement execute function sop.refuse();
create trigger file_handed_in_is_append_only before update or delete or truncate on sop.file_handed_in
    for each statement execute function sop.refuse();
create trigger file_opened_is_append_only before update or delete or truncate on sop.file_opened
    for each statement execute function sop.refuse();

-- Rights: people hand in and open on the pages; no other process meets these bytes.
grant select, insert on sop.file, sop.file_handed_in, sop.file_opened to simpul_web;
