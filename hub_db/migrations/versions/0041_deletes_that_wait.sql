-- A delete behind a newer event that waits, waits with it (docs/decisions/0005): it has no bytes, and so no schema.
alter table hub.parked
    alter column schema_id drop not null,
    alter column value drop not null,
    add constraint parked_bytes_have_a_schema check ((schema_id is null) = (value is null));
