-- What the intake has read by, so that a registry that was put in another's place is noticed after a restart too.
create table hub.schema_read (
    schema_id integer primary key,
    fingerprint bytea not null check (octet_length(fingerprint) = 32),
    at timestamptz not null default clock_timestamp()
);
grant select, insert on hub.schema_read to simpul_intake;
