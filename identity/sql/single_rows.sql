-- name: granted_now
-- Entity and field of all that the grants of reader $1 name that hold at $2, as `grants_in_force` has them. Index:
-- grant_of_reader, agreement_pkey.
SELECT g.entity, f.field
  FROM identity."grant" g
  LEFT JOIN identity.agreement a ON a.number = g.agreement
 CROSS JOIN LATERAL unnest(g.fields) AS f (field)
 WHERE g.reader = $1 AND g.revoked_at IS NULL
   AND $2 < least(g.ends_at, a.ends_at, a.ended_at) AND (g.starts_at IS NULL OR g.starts_at <= $2);
