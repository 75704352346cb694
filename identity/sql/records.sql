-- name: install_secret
-- Whether the key of a use is now this one; it is never replaced.
INSERT INTO masked.secret AS s (name, inner_pad, outer_pad) VALUES (%(name)s, %(inner_pad)s, %(outer_pad)s)
    ON CONFLICT (name) DO UPDATE SET name = excluded.name
RETURNING s.inner_pad = %(inner_pad)s AND s.outer_pad = %(outer_pad)s;

-- name: enter_entity
-- The entity's line in the list of views.
INSERT INTO masked.entity (entity, owner, personal, key, open)
VALUES (%(entity)s, %(owner)s, %(personal)s, %(key)s, %(open)s)
    ON CONFLICT (entity) DO UPDATE
   SET owner = excluded.owner, personal = excluded.personal, key = excluded.key, open = excluded.open;

-- name: columns
-- The columns of an entity's table.
SELECT a.attname FROM pg_attribute a
 WHERE a.attrelid = to_regclass(format('reference.%%I', %(entity)s::text)) AND a.attnum > 0 AND NOT a.attisdropped;

-- name: page
-- One page of an entity with a personal key, in the order of its handles.
SELECT handle, shown FROM masked.page(%(entity)s, %(columns)s, %(filters)s, %(after)s, %(limit)s);

-- name: one
-- One row by its address; null where there is none.
SELECT masked.one(%(entity)s, %(columns)s, %(address)s);

-- name: those
-- Rows at some addresses, each with its address; null where there is none. One call of the function for each.
SELECT a.address, masked.one(%(entity)s, %(columns)s, a.address) FROM unnest(%(addresses)s::text[]) AS a (address);

-- name: ask
-- The numbers of the audit entries of a look, one per address.
SELECT masked.ask(%(entity)s, %(addresses)s, %(searched)s, %(fields)s, %(grant)s, %(purpose)s,
                  %(actor)s, %(actor_kind)s, %(role)s, %(opd)s);

-- name: tell
-- The values that committed audit entries ask for.
SELECT address, entry_id, told FROM masked.tell(%(entries)s, %(addresses)s);

-- name: looks_since
-- How many rows somebody looked at unmasked since a moment. Index: entry_by_actor.
SELECT count(*) FROM audit.entry
 WHERE actor = %(actor)s AND at >= %(since)s AND act IN ('records.unmask', 'records.search', 'records.past');

-- name: mass_looks
-- Who looked at more rows than :most since a moment, most first. Index: entry_by_act.
SELECT actor, actor_kind, opd, count(*) AS looks FROM audit.entry
 WHERE act IN ('records.unmask', 'records.search', 'records.past') AND at >= %(since)s
 GROUP BY actor, actor_kind, opd HAVING count(*) > %(most)s
 ORDER BY looks DESC, actor;

-- name: ask_past
-- The numbers of the audit entries that ask for pasts, one per address.
SELECT masked.ask_past(%(entity)s, %(addresses)s, %(searched)s, %(purpose)s,
                       %(actor)s, %(actor_kind)s, %(role)s, %(opd)s);

-- name: tell_past
-- The accepted events of the record that a committed audit entry asks for, as `hub_db.pasts.HeldEvent` reads them.
SELECT key_is, topic, row_key, depth, topic_no, partition, "offset", epoch, sequence, schema_id, ce_id, event_time,
       load, value, taken_at, went_in_at, has_earlier
  FROM masked.tell_past(%(entry)s, %(address)s, %(until)s, %(most)s);

-- name: open_past
-- The same for a record in which nothing is personal.
SELECT key_is, topic, row_key, depth, topic_no, partition, "offset", epoch, sequence, schema_id, ce_id, event_time,
       load, value, taken_at, went_in_at, has_earlier
  FROM masked.open_past(%(entity)s, %(address)s, %(until)s, %(most)s);

-- name: tell_rulings
-- What was ruled of the record that a committed audit entry asks for, as `hub_db.rulings.read` reads it.
SELECT number, conflict_id, source_a, source_b, takes_b, fields, seen, decided_at, ended_at
  FROM masked.tell_rulings(%(entry)s, %(address)s);

-- name: open_rulings
-- The same of a record in which nothing is personal.
SELECT number, conflict_id, source_a, source_b, takes_b, fields, seen, decided_at, ended_at
  FROM masked.open_rulings(%(entity)s, %(address)s);

-- name: changed_keys
-- Keys of an entity that changed in some rounds, after a place in their order, and whether each is deleted now; null
-- where it never had a record. Indexes: those of hub.changed_keys.
SELECT round, kind_of, part_of, offset_of, key_of, deleted
  FROM masked.changed_keys(%(entity)s, %(round)s, %(kind)s, %(part)s, %(offset)s, %(key)s, %(last)s, %(limit)s);

-- name: newest_round
-- The newest round that Kafka has; 0 before the first. Index: round's primary key.
SELECT coalesce(max(id), 0) FROM hub.round WHERE published_at IS NOT NULL;
