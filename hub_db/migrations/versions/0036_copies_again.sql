-- A reader who has lost what it had gets everything once more: as at the beginning, beside the changes that go on.

-- Have the topic of a grant get a whole copy with the next round; its name, null where it is not fed. Whoever calls
-- notes it in the audit, in the same transaction. Index: reader_topic_pkey.
create function hub.copy_again(of_grant bigint) returns text
    language sql security definer set search_path = pg_catalog, pg_temp as $$
    update hub.reader_topic set round = null where grant_id = of_grant and open returning topic
$$;

revoke all on function hub.copy_again(bigint) from public;
grant execute on function hub.copy_again(bigint) to simpul_web;
