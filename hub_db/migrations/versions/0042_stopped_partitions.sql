-- Lets a stopped partition be looked at again: its records are back. False where it is not stopped. Index:
-- stopped_partition_pkey.
create function hub.end_stop(of_topic uuid, of_partition integer) returns boolean
    language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
    with gone as (delete from hub.stopped_partition s
                   where s.topic_id = of_topic and s.partition = of_partition returning true)
    select exists (select from gone)
$$;

-- Rights --------------------------------------------------------------------------------------------

revoke all on function hub.end_stop(uuid, integer) from public;
grant execute on function hub.end_stop(uuid, integer) to simpul_web;
