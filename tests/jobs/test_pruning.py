"""The daily job removes what is old, and nothing that is not."""

from typing import Any

from hub_db.connection import connect
from jobs import pruning, turns
from jobs.job import State, Turn
from jobs.kinds import Kind, register
from tests.jobs.workshop import Workshop

PERSON = "insert into identity.person (name, shown_name, office) values ('siti', 'Siti', 'Operator') returning id"
# Per part: a row that is %s days old.
ROWS = {
    "sessions": "insert into identity.session (token_sha256, person_id, second_factor, started_at, seen_at, expires_at,"
    " address, user_agent) select sha256(%(age)s::text::bytea), id, false, t, t, t, '', '' from identity.person, {at}",
    "links": "insert into identity.link (token_sha256, person_id, purpose, issued_by, issued_at, expires_at)"
    " select sha256(%(age)s::text::bytea), id, 'invitation', 'x', t, t from identity.person, {at}",
    "devices": "insert into identity.device (token_sha256, person_id, first_used_at, last_used_at, user_agent)"
    " select sha256(%(age)s::text::bytea), id, t, t, '' from identity.person, {at}",
    "tries": "insert into identity.tries (kind, key_sha256, failures, begun_at, last_at)"
    " select 'name', sha256(%(age)s::text::bytea), 1, t, t from {at}",
    "sign_in_minutes": "insert into identity.sign_in_minute (minute) select t from {at}",
    "jobs": "insert into jobs.job (kind, title, asked_by, state, finished_at)"
    " select 'tick', '', '', 'done', t from {at}",
    "ticks": "insert into jobs.tick (name, due_at, term, job, made_at) select 'x', t, 1, 1, t from {at}",
    "profiles": "insert into hub.profile (topic, day, field, seen, looked_at, nulls, different)"
    " select 'x', t::date, 'a', 1, 1, 0, 1 from {at}",
    "registers": "insert into hub.profile (topic, day, field, seen, looked_at, nulls, different, registers)"
    " select 'y', t::date, 'a', 1, 1, 0, 1, decode(repeat('00', 512), 'hex') from {at}",
    "stale_batches": "insert into hub.stale_batch"
    " (topic, topic_no, partition, first_offset, next_offset, records, older, at)"
    " select 'x', topic_no, 0, %(age)s, %(age)s + 1, 1, 1, t from hub.topic, {at}",
}
TOPIC = (
    "insert into hub.topic (topic_id, name, document, incarnation) values (gen_random_uuid(), 'x', 'x', 0) returning 1"
)
# What is left of a part, where that is not its table.
LEFT = {
    "profiles": "select from hub.profile where topic = 'x'",
    "registers": "select from hub.profile where registers is not null",
}
AT = "(select clock_timestamp() - make_interval(days => %(age)s) as t) at"


def rows(workshop: Workshop) -> dict[str, int]:
    left = {
        part: f"select from {statement.split()[2]}" for part, statement in pruning.SQL.items()
    }  # delete from <table>
    return {part: len(workshop.ask(query)) for part, query in (left | LEFT).items()}


def prune(workshop: Workshop) -> Any:
    register(workshop.owner, [pruning.KIND])
    job = workshop.enqueue("prune")
    (turn,) = workshop.ask("select turn from jobs.job where id = %s", job)[0]
    with connect(workshop.database.dsn("simpul_jobs"), process="test") as conn:
        now = turns.claim(conn, job, Turn(turn), "test")
        while now is not None and now.state is State.RUNNING:
            now = turns.take_step(conn, pruning.KIND, now)
    return now


def test_old_rows_go_and_young_ones_stay(workshop: Workshop) -> None:
    workshop.ask(PERSON)
    workshop.ask(TOPIC)
    register(workshop.owner, [Kind("tick", "Berdetak", pruning.prune)])
    for part, statement in ROWS.items():
        for age in (0, pruning.KEPT_DAYS[part] - 1, pruning.KEPT_DAYS[part] + 1):
            workshop.owner.execute(statement.format(at=AT).encode(), {"age": age})
    assert set(rows(workshop).values()) == {3}

    done = prune(workshop)

    assert rows(workshop) == dict.fromkeys(ROWS, 2) | {"jobs": 3}  # the job that pruned is one of them
    assert (done.state, done.done, done.message) == (State.DONE, len(ROWS), f"{len(ROWS)} baris lama dihapus.")


def test_the_newest_moment_of_a_schedule_stays_however_old_it_is(workshop: Workshop) -> None:
    for age in (400, 500):
        workshop.owner.execute(ROWS["ticks"].format(at=AT).encode(), {"age": age})

    prune(workshop)

    assert workshop.ask("select count(*), max(due_at) < now() - interval '399 days' from jobs.tick") == [(1, True)]


def test_every_part_is_pruned_and_tested() -> None:
    assert set(ROWS) == set(pruning.SQL) == set(pruning.KEPT_DAYS)
