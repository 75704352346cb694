-- The database itself lets nobody but its owner make a version that needs an approval: a server that answers requests
-- could be told otherwise (docs/decisions/0012-drafts-in-the-registry.md).

create function registry.refuse_unapproved() returns trigger
    language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
    if current_user = pg_get_userbyid((select relowner from pg_class where oid = tg_relid)) then
        return new;
    end if;
    if new.subject ~ '^(opd|reference)\.'
       or exists (select from registry.schema s
                   where s.id = new.schema_id and json_typeof(s.schema_text::json) = 'object'
                     and (s.schema_text::json -> 'contract') is not null) then
        raise exception 'versions of % are made by approval only', new.subject using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;

create trigger version_is_approved before insert or update of subject, schema_id on registry.version
    for each row execute function registry.refuse_unapproved();
