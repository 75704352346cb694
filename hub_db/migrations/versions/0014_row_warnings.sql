-- Warnings of rows ----------------------------------------------------------------------------------
-- Each table of a document's newest rows has a column with the codes of what is told of a row, a blank between them; null
-- where nothing is. Tables that contracts make get it where they are made (hub_db/reference_tables.py, provisioning.py);
-- here are those that stand already. Rows that were taken before are told of with their next event.

-- Where a document's newest rows are: in a table of its own (named by hub_db/reference_tables.py, `source_table`) where
-- several documents speak about the entity, else in the entity's.
create function hub.rows_of(document hub.document) returns regclass
    language sql stable set search_path = pg_catalog, pg_temp as $$
    select coalesce(
        to_regclass(format('source.%I', document.opd || '_' || replace(document.document, '-', '_'))),
        to_regclass(format('reference.%I', document.entity)))
$$;

do $$
declare
    tables record;
begin
    for tables in
        select distinct c.oid::regclass as rows, c.relname
          from hub.document d
          join pg_class c on c.oid in (hub.rows_of(d), to_regclass(format('uji.%I', d.opd || '_' || replace(d.document, '-', '_'))))
    loop
        execute format('alter table %s add column if not exists _warnings text', tables.rows);
        execute format('create index if not exists %I on %s (_deleted) where _warnings is not null',
                       tables.relname || '_warned', tables.rows);
    end loop;
end $$;

-- What is told of the live rows of a document, and of how many. Index: <table>_warned.
create function hub.warned(of_topic text) returns table (codes text, rows bigint)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    found hub.document;
begin
    for found in select d.* from hub.document d where d.topic = of_topic and hub.rows_of(d) is not null
    loop
        return query execute format(
            'select t._warnings, count(*) from %s t where not t._deleted and t._warnings is not null group by 1',
            hub.rows_of(found));
    end loop;
end $$;

-- What is told of the rows behind one record, by document; `address` as in `masked.one`. Codes tell something of values:
-- the reader shows a code to those only who may see the values of its fields. Index: the primary key.
create function masked.warnings(entity text, address text) returns table (topic text, codes text)
    language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    asked masked.entity := masked.entity_named(entity);
    parts text[] := string_to_array(masked.key_at(asked, address), '|');
    found hub.document;
begin
    for found in select d.* from hub.document d
                  where d.entity = asked.entity and hub.rows_of(d) is not null order by d.topic
    loop
        return query execute format(
            'select $1, t._warnings from %s t where not t._deleted and t._warnings is not null and %s',
            hub.rows_of(found),
            (select string_agg(format('t.%I = %L', k.name, parts[k.place]), ' and ')
               from jsonb_array_elements_text(found.contract -> 'contract' -> 'key') with ordinality as k (name, place)))
            using found.topic;
    end loop;
end $$;

-- Rights --------------------------------------------------------------------------------------------

revoke all on function hub.rows_of(hub.document), hub.warned(text), masked.warnings(text, text) from public;
grant execute on function hub.warned(text), masked.warnings(text, text) to simpul_web;
