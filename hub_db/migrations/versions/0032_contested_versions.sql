-- One version, two contents --------------------------------------------------------------------------
-- What gave way to another event of its key and version, whole: which of the two wins is said by what they say
-- (`hub_db/contents.py`), whichever came first. The winner is in the history, and so is this one if it came first.

create table hub.contested (
    id         bigint generated always as identity primary key,
    topic      text collate "C" not null,
    key        text collate "C" not null,
    epoch      integer not null,
    sequence   bigint not null,
    digest     bytea not null,  -- of what it says
    topic_no   integer not null,
    partition  integer not null,
    "offset"   bigint not null,
    schema_id  integer,
    ce_id      text not null,
    event_time timestamptz,
    value      bytea,           -- null is a delete
    found_at   timestamptz not null default clock_timestamp(),
    looked_at  timestamptz,     -- by the finder of conflicts
    constraint contested_is_one_content unique (topic, key, epoch, sequence, digest)
);
create index contested_to_look_at on hub.contested (id) where looked_at is null;

grant select, insert on hub.contested to simpul_intake;

alter table hub.conflict drop constraint conflict_kind_is_known;
alter table hub.conflict add constraint conflict_kind_is_known
    check (kind in ('agree', 'two_persons', 'check', 'duplicate', 'version', 'new_person'));
