-- name: sweep_tries
-- Counts that nobody waits for any more; %(before)s: without a try since. Index: tries_by_time.
delete from identity.tries where last_at < %(before)s;

-- name: sweep_sessions
-- Sessions over since %(before)s. Index: session_by_expiry.
delete from identity.session where expires_at < %(before)s;

-- name: sweep_devices
-- Devices not used since %(before)s.
delete from identity.device where last_used_at < %(before)s;

-- name: sweep_links
-- Links over since %(before)s.
delete from identity.link where expires_at < %(before)s;

-- name: sweep_minutes
-- Counts of sign-ins older than %(before)s. Index: sign_in_minute_pkey.
delete from identity.sign_in_minute where minute < %(before)s;
