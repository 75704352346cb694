-- name: all
-- Every topic of a grant, open or not. A few hundred rows, read whole.
select grant_id, entity, topic, schema_id, schema, open, round from hub.reader_topic order by grant_id;

-- name: enter
-- The topic as it is to be fed from now on. Whoever reads by another schema, or was away, needs a whole copy. Index:
-- reader_topic_pkey.
insert into hub.reader_topic (grant_id, entity, topic, schema_id, schema, open)
values (%(grant_id)s, %(entity)s, %(topic)s, %(schema_id)s, %(schema)s, true)
on conflict (grant_id) do update
   set schema_id = excluded.schema_id, schema = excluded.schema, open = true, round = null;

-- name: close
-- Topics that are fed no longer. Index: reader_topic_pkey.
update hub.reader_topic set open = false where grant_id = any(%(grants)s) and open;

-- name: waiting
-- Open topics that wait for a whole copy. A few hundred rows, read whole.
select topic from hub.reader_topic where open and round is null order by topic;

-- name: copied
-- Topics that get their whole copy in a round. Index: reader_topic_pkey.
update hub.reader_topic set round = %(round)s where grant_id = any(%(grants)s);

-- name: copy_again
-- The topic of a grant that gets a whole copy once more with the next round; null where none is fed.
select hub.copy_again(%(grant)s);

-- name: give_back
-- Topics of which nobody knows whether they got their copy wait for another one. A few hundred rows, read whole.
update hub.reader_topic set round = null where round = any(%(rounds)s);
