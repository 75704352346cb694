-- Notices -------------------------------------------------------------------------------------------
-- What people are told. Whoever raises a notice writes its row and a step, in its own transaction; the notifier
-- turns steps into deliveries.

create schema notice;
comment on schema notice is 'Notices to people, how they were delivered, and what the watch has seen.';

-- One row per cause while it lasts. A cause that comes back later is another row, which names the earlier one.
create table notice.notice (
    id              bigint generated always as identity primary key,
    cause           text collate "C" not null,
    kind            text collate "C" not null,
    severity        text not null,
    level           smallint not null default 0,
    urgent          boolean not null default false,
    opd             text collate "C" not null,
    role            text collate "C" not null,
    at_opd          text collate "C" not null,
    at_role         text collate "C" not null,
    title           text not null,
    body            text not null,
    link            text not null default '',
    state           text not null default 'open',
    count           integer not null default 1,
    raised_at       timestamptz not null,
    last_seen_at    timestamptz not null,
    acknowledged_at timestamptz,
    silent_until    timestamptz,
    escalations     smallint not null default 0,
    escalate_at     timestamptz,
    closed_at       timestamptz,
    previous        bigint references notice.notice (id),
    constraint notice_severity_is_known check (severity in ('info', 'perhatian', 'gangguan')),
    constraint notice_state_is_known check (state in ('open', 'acknowledged', 'closed')),
    constraint notice_closes_once check ((state = 'closed') = (closed_at is not null)),
    constraint notice_acknowledged_has_a_time check (state <> 'acknowledged' or acknowledged_at is not null),
    constraint notice_title_is_short check (length(title) between 1 and 200),
    constraint notice_body_is_no_book check (length(body) <= 4000),
    constraint notice_is_seen_in_order check (last_seen_at >= raised_at)
);
create unique index notice_of_cause on notice.notice (cause) where state <> 'closed';
create index notice_closed_of_cause on notice.notice (cause, id) where state = 'closed';
create index notice_not_closed on notice.notice (id) where state <> 'closed';
create index notice_of_office on notice.notice (opd, role, id);
create index notice_to_escalate on notice.notice (escalate_at) where state = 'open';

-- What happened to a notice, in order. A step that people are to be told of waits until it is planned.
create table notice.step (
    id         bigint generated always as identity primary key,
    notice     bigint not null references notice.notice (id),
    act        text not null,
    at         timestamptz not null,
    actor      text not null,
    opd        text collate "C" not null,
    role       text collate "C" not null,
    note       text not null default '',
    planned_at timestamptz,
    constraint step_act_is_known check (act in ('raised', 'recurred', 'worse', 'escalated', 'acknowledged', 'silenced',
                                                'closed'))
);
create index step_of_notice on notice.step (notice, id);
create index step_unplanned on notice.step (id) where planned_at is null;

-- Deliveries ----------------------------------------------------------------------------------------

-- Where an office's own program wants to be told. Its key is reckoned, not stored.
create table notice.webhook (
    id          bigint generated always as identity primary key,
    opd         text collate "C" not null,
    role        text collate "C",
    url         text not null,
    generation  integer not null default 1,
    made_by     text not null,
    made_at     timestamptz not null,
    disabled_at timestamptz,
    constraint webhook_url_is_short check (length(url) between 8 and 500)
);
create index webhook_of_office on notice.webhook (opd) where disabled_at is null;

-- One row is one message to one person or program. `dedupe` names it for ever: a retry carries the same name.
create table notice.delivery (
    id          bigint generated always as identity primary key,
    dedupe      text collate "C" not null unique,
    notice      bigint references notice.notice (id),
    step        bigint references notice.step (id),
    person      bigint,
    webhook     bigint references notice.webhook (id),
    opd         text collate "C",
    role        text collate "C",
    acting      text,
    channel     text not null,
    mode        text not null default 'single',
    in_digest   bigint references notice.delivery (id),
    state       text not null default 'due',
    due_at      timestamptz not null,
    made_at     timestamptz not null,
    attempts    integer not null default 0,
    lease_until timestamptz,
    sent_at     timestamptz,
    seen_at     timestamptz,
    reason      text,
    constraint delivery_channel_is_known check (channel in ('app', 'email', 'webhook')),
    constraint delivery_mode_is_known check (mode in ('single', 'member', 'digest')),
    constraint delivery_state_is_known check (state in ('due', 'sent', 'refused', 'given_up', 'dropped')),
    constraint delivery_has_one_receiver check (num_nonnulls(person, webhook) = 1 and (channel = 'webhook') = (webhook is not null)),
    constraint delivery_is_of_a_notice check ((mode = 'digest') = (notice is null)),
    constraint delivery_sent_has_a_time check ((state = 'sent') = (sent_at is not null))
);
create index delivery_due on notice.delivery (due_at) where state = 'due' and mode <> 'member';
create index delivery_for_digest on notice.delivery (person) where state = 'due' and mode = 'member';
create index delivery_of_notice on notice.delivery (notice);
create index delivery_of_digest on notice.delivery (in_digest) where in_digest is not null;
create index delivery_unseen on notice.delivery (person, notice) where channel = 'app' and seen_at is null;

-- How a person wants to be told; no row means the instance's ways.
create table notice.preference (
    person      bigint primary key,
    mail        text not null default 'each',
    digest_hour smallint,
    quiet_from  time,
    quiet_until time,
    updated_at  timestamptz not null,
    constraint preference_mail_is_known check (mail in ('each', 'digest', 'none')),
    constraint preference_hour_is_of_a_day check (digest_hour between 0 and 23),
    constraint preference_quiet_is_whole check (num_nonnulls(quiet_from, quiet_until) in (0, 2))
);

-- Addresses that a mail server refused for good, as a hash: another address of the same person is tried again.
create table notice.refused_address (
    person         bigint primary key,
    address_sha256 bytea not null,
    reply          text not null,
    refused_at     timestamptz not null,
    constraint refused_address_is_sha256 check (octet_length(address_sha256) = 32)
);

-- The watch -----------------------------------------------------------------------------------------

-- When each rule last looked, and what came of it.
create table notice.rule (
    name      text collate "C" primary key,
    looked_at timestamptz not null,
    findings  integer not null,
    reason    text
);

-- Ends of the interchange topics' logs as they were seen: the age of the first end beyond the hub's position is how
-- far the hub is behind in time, without reading a single record.
create table notice.log_end (
    topic_id   uuid not null,
    partition  integer not null,
    end_offset bigint not null,
    seen_at    timestamptz not null,
    primary key (topic_id, partition, end_offset)
);

-- The ledger is looked at by time; it grows by time, so a block index is enough and costs the intake nothing.
create index batch_by_time on hub.batch using brin (tx_at) with (autosummarize = on, pages_per_range = 16);

-- Sessions that hold a transaction open without work. The owner must be a member of pg_read_all_stats to see other
-- roles' sessions; only their number, role and age go out, never their statements.
create function notice.idle_transactions()
    returns table (pid integer, role_name text, process text, since timestamptz)
    language sql stable security definer set search_path = pg_catalog
as $$
    select a.pid, a.usename::text, a.application_name, a.state_change
      from pg_stat_activity a
     where a.datname = current_database()
       and a.state in ('idle in transaction', 'idle in transaction (aborted)')
$$;
revoke execute on function notice.idle_transactions() from public;

-- Rights --------------------------------------------------------------------------------------------

grant usage on schema notice to simpul_jobs, simpul_web, simpul_registry, simpul_intake, simpul_publisher;

-- Every room may raise a notice, and close what it raised.
grant select, insert, update on notice.notice to simpul_jobs, simpul_web, simpul_registry, simpul_intake, simpul_publisher;
grant select, insert on notice.step to simpul_jobs, simpul_web;
grant insert on notice.step to simpul_registry, simpul_intake, simpul_publisher;
grant update (planned_at) on notice.step to simpul_jobs;

grant select, insert, update on notice.delivery, notice.refused_address, notice.rule to simpul_jobs;
grant select, insert, delete on notice.log_end to simpul_jobs;
grant select on notice.preference, notice.webhook to simpul_jobs;

-- Pages: what a person was told and has seen, how he wants to be told, his office's programs.
grant select on notice.delivery, notice.rule, notice.refused_address to simpul_web;
grant update (seen_at) on notice.delivery to simpul_web;
grant select, insert, update on notice.preference, notice.webhook to simpul_web, simpul_jobs;

-- What the watch looks at: counts, times and places, no column that holds a value.
grant usage on schema hub to simpul_jobs;
grant select on hub.document, hub.topic, hub.batch, hub.consumer_offset, hub.release, hub.round to simpul_jobs;
grant select (id, topic_no, partition, "offset", fault, code, field, received_at, round, settled_at)
    on hub.dead_letter to simpul_jobs;
grant select (topic_no, partition, "offset", topic, field, missing_entity, parked_at) on hub.parked to simpul_jobs;
grant execute on function notice.idle_transactions() to simpul_jobs;
