-- name: jobs_of_opds
-- Numbers of the jobs that people with a role in one of these OPDs asked for, newest first.
-- Index: job_pkey, backwards; appointment_of_office.
SELECT j.id
  FROM jobs.job j
 WHERE EXISTS (SELECT FROM identity.person p
                 JOIN identity.appointment a ON a.person_id = p.id AND a.ended_at IS NULL
                WHERE p.name = j.asked_by AND a.opd = ANY(%(opds)s))
 ORDER BY j.id DESC
 LIMIT %(limit)s;
