-- Audit, its chain, and grants.

-- Audit ---------------------------------------------------------------------------------------------
-- An entry stands in the transaction of the act that it tells of. A sealer numbers and chains what is committed.

create schema audit;
comment on schema audit is 'Who did what: entries, and the chain that shows whether one was changed or taken away.';

create table audit.entry (
    id          bigint generated always as identity primary key,
    -- the writing transaction: the sealer finds what was committed late by it (docs/explanation/audit.md)
    transaction xid8 not null default pg_current_xact_id(),
    at          timestamptz not null default clock_timestamp(),
    actor       text collate "C" not null,
    actor_kind  text not null,
    role        text,
    opd         text,
    act         text collate "C" not null,
    subject     text collate "C",
    purpose     text,
    details     jsonb not null default '{}',
    constraint entry_actor_kind check (actor_kind in ('person', 'token', 'system', 'command')),
    constraint entry_act_is_dotted check (act ~ '^[a-z][a-z_]*(\.[a-z][a-z_]*)+$'),
    constraint entry_at_is_finite check (isfinite(at)),
    constraint entry_details_are_an_object check (jsonb_typeof(details) = 'object'),
    -- what has no canonical text cannot be sealed, so it does not get in by any road
    constraint entry_details_have_whole_numbers check (not details @?
        '$.** ? (@.type() == "number" && (@.floor() != @ || @.abs() > 9007199254740991))')
);
create index entry_by_transaction on audit.entry (transaction);
create index entry_by_time on audit.entry (at);
create index entry_by_act on audit.entry (act, at);
create index entry_by_actor on audit.entry (actor, at);
create index entry_by_opd on audit.entry (opd, at);
create index entry_by_subject on audit.entry (subject, at) where subject is not null;
create index entry_by_owner on audit.entry ((details ->> 'owner'), at) where details ? 'owner';

-- A link seals one entry: its number without a gap, and SHA-256 over the hash before it and the entry.
create table audit.link (
    number        bigint primary key,
    entry_id      bigint not null unique,
    previous_hash bytea not null,
    hash          bytea not null,
    -- when this was written, every committed entry of a smaller transaction had its link
    settled       xid8 not null,
    sealed_at     timestamptz not null default clock_timestamp(),
    constraint link_counts_from_one check (number >= 1),
    constraint link_hashes_are_sha256 check (octet_length(previous_hash) = 32 and octet_length(hash) = 32)
);

create function audit.refuse() returns trigger language plpgsql as $$
begin
    raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'insufficient_privilege';
end $$;

create trigger entry_is_append_only before update or delete or truncate on audit.entry
    for each statement execute function audit.refuse();
create trigger link_is_append_only before update or delete or truncate on audit.link
    for each statement execute function audit.refuse();
-- also in sessions that replicate
alter table audit.entry enable always trigger entry_is_append_only;
alter table audit.link enable always trigger link_is_append_only;

grant usage on schema audit to simpul_intake, simpul_publisher, simpul_registry, simpul_web, simpul_jobs;
-- Not the number and not the transaction: those are the database's to say.
grant insert (at, actor, actor_kind, role, opd, act, subject, purpose, details) on audit.entry
    to simpul_intake, simpul_publisher, simpul_registry, simpul_web, simpul_jobs;
grant select on audit.entry, audit.link to simpul_web, simpul_jobs;
grant insert on audit.link to simpul_jobs;

-- Grants --------------------------------------------------------------------------------------------
-- What an OPD may read of an entity beyond the mask: which fields, what for, on which basis, until when.

-- A PKS: the agreement without which no individual population data are used (Permendagri 102/2019 jo. 17/2023).
create table identity.agreement (
    number       text collate "C" primary key,
    reader       text collate "C" not null references identity.opd (code),
    elements     text[] not null,
    purpose      text not null,
    until        date not null,
    ends_at      timestamptz not null,
    added_by     text not null,
    added_at     timestamptz not null default clock_timestamp(),
    ended_at     timestamptz,
    ended_by     text,
    ended_reason text,
    constraint agreement_names_elements check (cardinality(elements) > 0),
    constraint agreement_end_is_whole check (num_nonnulls(ended_at, ended_by, ended_reason) in (0, 3))
);

create table identity."grant" (
    id             bigint generated always as identity primary key,
    reader         text collate "C" not null references identity.opd (code),
    entity         text collate "C" not null,
    fields         text[] not null,
    purpose        text not null,
    legal_basis    text not null,
    specific_basis text,
    agreement      text collate "C" references identity.agreement (number),
    until          date not null,
    ends_at        timestamptz not null,
    granted_by     text not null,
    granted_at     timestamptz not null default clock_timestamp(),
    revoked_at     timestamptz,
    revoked_by     text,
    revoked_reason text,
    constraint grant_names_fields check (cardinality(fields) > 0),
    constraint grant_revocation_is_whole check (num_nonnulls(revoked_at, revoked_by, revoked_reason) in (0, 3))
);
create index grant_of_reader on identity."grant" (reader, entity) where revoked_at is null;
create index grant_by_agreement on identity."grant" (agreement) where agreement is not null;

grant usage on schema identity to simpul_publisher;
grant select on identity.agreement, identity."grant" to simpul_web, simpul_jobs, simpul_registry, simpul_publisher;
grant insert on identity.agreement, identity."grant" to simpul_web;
grant update (ended_at, ended_by, ended_reason) on identity.agreement to simpul_web;
grant update (revoked_at, revoked_by, revoked_reason) on identity."grant" to simpul_web;

-- Masked reading ------------------------------------------------------------------------------------
-- The page's role reads reference rows only through what stands here (docs/decisions/0008): views that mask, made from
-- contracts, and functions that run as the owner. Values in the clear come from `masked.tell` alone, for an entry of
-- the audit that was committed before.

create schema masked;
comment on schema masked is 'Reference rows as they may be shown, and the only door to their values in the clear.';

-- The two padded keys of HMAC-SHA-256 for each use. For the owner alone.
create table masked.secret (
    name  text primary key,
    inner_pad bytea not null,
    outer_pad bytea not null,
    constraint secret_pads_are_blocks check (octet_length(inner_pad) = 64 and octet_length(outer_pad) = 64)
);

-- The entities that have a view. `personal`: the key is a person's number, so that rows are addressed by a handle.
create table masked.entity (
    entity   text collate "C" primary key,
    owner    text not null,
    personal boolean not null,
    key      text[] not null
);

create function masked.hmac(secret_name text, message bytea) returns bytea
    language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    secret masked.secret;
begin
    select s.* into strict secret from masked.secret s where s.name = secret_name;
    return sha256(secret.outer_pad || sha256(secret.inner_pad || message));
end $$;

-- What the audit says for a person: "<entity>:<64 hexadecimal digits>". As identity/pseudonyms.py.
create function masked.pseudonym(entity text, key text) returns text
    language sql stable set search_path = pg_catalog, pg_temp as $$
    select entity || ':' || encode(
        masked.hmac('audit', convert_to(entity, 'UTF8') || '\x00'::bytea || convert_to(key, 'UTF8')), 'hex')
$$;

-- Covers or uncovers: XOR with a key stream that begins with `start`.
create function masked.cover(start bytea, content bytea) returns bytea
    language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    stream bytea := '';
    covered bytea := content;
begin
    for block in 0 .. (length(content) - 1) / 32 loop
        stream := stream || masked.hmac('cover', start || int4send(block));
    end loop;
    for place in 0 .. length(content) - 1 loop
        covered := set_byte(covered, place, get_byte(content, place) # get_byte(stream, place));
    end loop;
    return covered;
end $$;

-- A row's address: its key, encrypted (synthetic IV: the first 16 bytes of an HMAC of entity and key, from which the key
-- stream begins). The same key has the same handle for ever, and a handle that was not made here opens nothing.
create function masked.handle_of(entity text, key text) returns text
    language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    content bytea := convert_to(key, 'UTF8');
    start bytea := substr(masked.hmac('handle', convert_to(entity, 'UTF8') || '\x00'::bytea || content), 1, 16);
begin
    return translate(encode(start || masked.cover(start, content), 'base64'), E'+/=\n', '-_');
end $$;

-- The key behind a handle; null for what is no handle of this entity.
create function masked.key_of(entity text, handle text) returns text
    language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    sealed bytea;
    content bytea;
begin
    if length(handle) > 720 or handle !~ '^[A-Za-z0-9_-]{23,}$' then
        return null;
    end if;
    sealed := decode(rpad(translate(handle, '-_', '+/'), (length(handle) + 3) / 4 * 4, '='), 'base64');
    content := masked.cover(substr(sealed, 1, 16), substr(sealed, 17));
    if substr(masked.hmac('handle', convert_to(entity, 'UTF8') || '\x00'::bytea || content), 1, 16)
       <> substr(sealed, 1, 16) then
        return null;
    end if;
    return convert_from(content, 'UTF8');
exception
    when invalid_parameter_value then
        return null; -- no base64
end $$;

-- The key behind an address: a handle where the key is personal, else the key itself.
create function masked.key_at(asked masked.entity, address text) returns text
    language sql stable set search_path = pg_catalog, pg_temp as $$
    select case when asked.personal then masked.key_of(asked.entity, address) else address end
$$;

create function masked.entity_named(wanted text) returns masked.entity
    language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    found_entity masked.entity;
begin
    select e.* into found_entity from masked.entity e where e.entity = wanted;
    if not found then
        raise exception 'no such entity' using errcode = 'undefined_table';
    end if;
    return found_entity;
end $$;

-- Columns for a select list; those of a view that begin with an underscore are not for anybody else.
create function masked.select_list(columns text[]) returns text
    language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select from unnest(columns) as c (name) where c.name is null or c.name ~ '^_') then
        raise exception 'no such column' using errcode = 'undefined_column';
    end if;
    return (select string_agg(format('v.%I', c.name), ', ' order by c.place)
              from unnest(columns) with ordinality as c (name, place));
end $$;

-- Where the key of a row is `parts`, on the columns _key_1, _key_2 … of a view.
create function masked.key_condition(parts text[]) returns text
    language sql immutable set search_path = pg_catalog, pg_temp as $$
    select string_agg(format('v.%I = %L', '_key_' || p.place, p.part), ' and ' order by p.place)
      from unnest(parts) with ordinality as p (part, place)
$$;

-- One page of an entity whose key is personal, in the order of its handles: an order that says nothing of the rows.
-- `filters` are compared with what the view shows. Index: those that the filtered columns have.
create function masked.page(entity text, columns text[], filters jsonb, after text, count integer)
    returns table (handle text, shown jsonb)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    asked masked.entity := masked.entity_named(entity);
    secret masked.secret;
    condition text;
    begin_after bytea;
begin
    select s.* into strict secret from masked.secret s where s.name = 'handle';
    perform masked.select_list((select array_agg(f.key) from jsonb_each(filters) f));
    select coalesce(string_agg(format('v.%I = %L', f.key, f.value), ' and '), 'true')
      into condition from jsonb_each_text(filters) f;
    if after is not null then
        if masked.key_of(asked.entity, after) is null then
            raise exception 'no such handle' using errcode = 'no_data_found';
        end if;
        begin_after := substr(decode(
            rpad(translate(after, '-_', '+/'), (length(after) + 3) / 4 * 4, '='), 'base64'), 1, 16);
    end if;
    return query execute format(
        'select masked.handle_of($1, p.key), p.shown from ('
        ' select v._key as key, (select to_jsonb(x) from (select %s) x) as shown, h.place'
        '   from masked.%I v'
        '  cross join lateral (select substr(sha256($3 || sha256($2 ||'
        '        convert_to($1, ''UTF8'') || ''\x00''::bytea || convert_to(v._key, ''UTF8''))), 1, 16) as place) h'
        '  where %s and ($4 is null or h.place > $4) order by h.place limit $5) p order by p.place',
        masked.select_list(columns), asked.entity, condition)
        using asked.entity, secret.inner_pad, secret.outer_pad, begin_after, least(count, 500);
end $$;

-- One row by its address, as the view shows it; null where there is none. Index: the primary key.
create function masked.one(entity text, columns text[], address text) returns jsonb
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    asked masked.entity := masked.entity_named(entity);
    key text := masked.key_at(asked, address);
    parts text[] := string_to_array(key, '|');
    shown jsonb;
begin
    if key is null or cardinality(parts) <> cardinality(asked.key) then
        return null;
    end if;
    execute format('select (select to_jsonb(x) from (select %s) x) from masked.%I v where %s',
                   masked.select_list(columns), asked.entity, masked.key_condition(parts)) into shown;
    return shown;
end $$;

-- Whether a grant covers these fields now.
create function masked.covers(grant_no bigint, by_reader text, of_entity text, wanted text[]) returns boolean
    language sql stable set search_path = pg_catalog, pg_temp as $$
    select exists (
        select from identity."grant" g
          left join identity.agreement a on a.number = g.agreement
         where g.id = grant_no and g.reader = by_reader and g.entity = of_entity and wanted <@ g.fields
           and g.revoked_at is null and clock_timestamp() < g.ends_at
           and (g.agreement is null or a.ended_at is null and clock_timestamp() < a.ends_at))
$$;

-- Asks for values in the clear: one entry of the audit per row, whose numbers come back in the order of `addresses`.
-- Nothing is told until they are committed. `searched`: the addresses are keys that somebody typed.
create function masked.ask(
    entity text, addresses text[], searched boolean, fields text[], grant_no bigint, purpose text,
    actor text, actor_kind text, role text, reader text) returns bigint[]
    language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
    asked masked.entity := masked.entity_named(entity);
    keys text[] := array(select case when searched then a.address else masked.key_at(asked, a.address) end
                           from unnest(addresses) with ordinality as a (address, place) order by a.place);
    entries bigint[];
begin
    if cardinality(addresses) not between 1 and 100 then
        raise exception 'a look is at 1 to 100 rows' using errcode = 'invalid_parameter_value';
    end if;
    if length(btrim(coalesce(purpose, ''))) < 20 then
        raise exception 'a look needs a purpose' using errcode = 'invalid_parameter_value';
    end if;
    if array_position(keys, null) is not null then
        raise exception 'no such row' using errcode = 'no_data_found';
    end if;
    if cardinality(fields) = 0 or not masked.covers(grant_no, reader, asked.entity, fields) then
        raise exception 'no grant covers this' using errcode = 'insufficient_privilege';
    end if;
    with written as (
        insert into audit.entry (actor, actor_kind, role, opd, act, subject, purpose, details)
        select ask.actor, ask.actor_kind, ask.role, reader,
               case when searched then 'records.search' else 'records.unmask' end,
               masked.pseudonym(asked.entity, k.key), ask.purpose,
               jsonb_build_object('entity', asked.entity, 'owner', asked.owner, 'fields', to_jsonb(fields),
                                  'grant', grant_no)
          from unnest(keys) with ordinality as k (key, place) order by k.place
        returning id)
    select array_agg(w.id order by w.id) into entries from written w;
    return entries;
end $$;

-- Tells the values that entries of the audit ask for, if they were committed within the last minute by an earlier
-- transaction: whoever rolls back has seen nothing. A row that is not there is left out.
create function masked.tell(entries bigint[], addresses text[]) returns table (address text, entry_id bigint, told jsonb)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    entry audit.entry;
    asked masked.entity;
    key text;
    parts text[];
    wanted text[];
begin
    for place in 1 .. cardinality(entries) loop
        select e.* into entry from audit.entry e
         where e.id = entries[place] and e.act in ('records.unmask', 'records.search')
           and e.transaction is distinct from pg_current_xact_id_if_assigned()
           and e.at > clock_timestamp() - interval '1 minute';
        if not found then
            raise exception 'no committed entry of the audit asks for this' using errcode = 'insufficient_privilege';
        end if;
        asked := masked.entity_named(entry.details ->> 'entity');
        key := case when entry.act = 'records.search' then addresses[place]
                    else masked.key_at(asked, addresses[place]) end;
        wanted := array(select jsonb_array_elements_text(entry.details -> 'fields'));
        if key is null or masked.pseudonym(asked.entity, key) <> entry.subject
           or not masked.covers((entry.details ->> 'grant')::bigint, entry.opd, asked.entity, wanted) then
            raise exception 'the entry of the audit asks for something else' using errcode = 'insufficient_privilege';
        end if;
        parts := string_to_array(key, '|');
        if cardinality(parts) = cardinality(asked.key) then
            entry_id := entry.id;
            address := case when asked.personal then masked.handle_of(asked.entity, key) else key end;
            execute format(
                'select (select jsonb_object_agg(f.key, f.value) from jsonb_each(v._clear) f where f.key = any($1))'
                ' from masked.%I v where %s', asked.entity, masked.key_condition(parts)) into told using wanted;
            if told is not null then
                return next;
            end if;
        end if;
    end loop;
end $$;

grant usage on schema masked to simpul_web;
revoke execute on all functions in schema masked from public;
grant execute on function masked.page, masked.one, masked.ask, masked.tell to simpul_web;
