-- name: add_agreement
-- A PKS, under its number.
INSERT INTO identity.agreement (number, reader, elements, purpose, until, ends_at, added_by, added_at)
VALUES (%(number)s, %(reader)s, %(elements)s, %(purpose)s, %(until)s, %(ends_at)s, %(by)s, %(now)s);

-- name: agreement
-- One PKS. Index: agreement_pkey.
SELECT number, reader, elements, purpose, until, ends_at, added_by, added_at, ended_at, ended_by, ended_reason
  FROM identity.agreement WHERE number = %(number)s;

-- name: agreements
-- Every PKS of one reader or (null) of all, the next to end first. A few dozen rows, read whole.
SELECT number, reader, elements, purpose, until, ends_at, added_by, added_at, ended_at, ended_by, ended_reason
  FROM identity.agreement
 WHERE %(everywhere)s OR reader = ANY(%(opds)s)
 ORDER BY ends_at, number;

-- name: end_agreement
-- Its number, if it had not ended.
UPDATE identity.agreement SET ended_at = %(now)s, ended_by = %(by)s, ended_reason = %(reason)s
 WHERE number = %(number)s AND ended_at IS NULL RETURNING number;

-- name: add_grant
-- The number of a new grant.
INSERT INTO identity."grant" (reader, entity, fields, purpose, legal_basis, specific_basis, agreement, until, ends_at,
                              granted_by, granted_at, starts_at)
VALUES (%(reader)s, %(entity)s, %(fields)s, %(purpose)s, %(legal_basis)s, %(specific_basis)s, %(agreement)s, %(until)s,
        %(ends_at)s, %(by)s, %(now)s, %(starts_at)s)
RETURNING id;

-- name: revoke_grant
-- Reader and entity of a grant, if it had not been revoked.
UPDATE identity."grant" SET revoked_at = %(now)s, revoked_by = %(by)s, revoked_reason = %(reason)s
 WHERE id = %(id)s AND revoked_at IS NULL RETURNING reader, entity;

-- name: grants
-- Every grant of some readers or of all, in force or not, newest first. A few hundred rows, read whole.
SELECT g.id, g.reader, g.entity, g.fields, g.purpose, g.legal_basis, g.specific_basis, g.agreement, g.until,
       least(g.ends_at, a.ends_at, a.ended_at) AS ends_at, g.granted_by, g.granted_at, g.revoked_at, g.revoked_by,
       g.revoked_reason, g.starts_at
  FROM identity."grant" g
  LEFT JOIN identity.agreement a ON a.number = g.agreement
 WHERE %(everywhere)s OR g.reader = ANY(%(opds)s)
 ORDER BY g.id DESC;

-- name: grants_in_force
-- The grants of some readers that hold at a moment: begun, not revoked, not over, and their PKS neither. Index:
-- grant_of_reader, agreement_pkey.
SELECT g.id, g.reader, g.entity, g.fields, g.purpose, g.legal_basis, g.specific_basis, g.agreement, g.until,
       least(g.ends_at, a.ends_at, a.ended_at) AS ends_at, g.granted_by, g.granted_at, g.revoked_at, g.revoked_by,
       g.revoked_reason, g.starts_at
  FROM identity."grant" g
  LEFT JOIN identity.agreement a ON a.number = g.agreement
 WHERE g.reader = ANY(%(opds)s) AND g.revoked_at IS NULL
   AND %(on)s < least(g.ends_at, a.ends_at, a.ended_at) AND (g.starts_at IS NULL OR g.starts_at <= %(on)s)
 ORDER BY g.id;

-- name: grants_of_agreement
-- The grants that stand on a PKS and are not revoked. Index: grant_by_agreement.
SELECT count(*) FROM identity."grant" WHERE agreement = %(number)s AND revoked_at IS NULL;
