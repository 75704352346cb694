"""Many at once: one id per schema, versions without a gap, no error."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from random import Random
from typing import Any

import psycopg

from tests.eventually import eventually
from tests.registry.registering import register_all
from tests.registry.server import Server, serving

THREADS = 8
PROCESSES, THREADS_OF_EACH = 4, 13


def schema(number: int) -> str:
    return f'{{"type":"record","name":"r","fields":[{{"name":"a{number}","type":"int","default":0}}]}}'


def test_threads_that_register_at_once_agree_on_every_id(registry: Server) -> None:
    work = [(f"s{subject}", number) for subject in range(4) for number in range(10)] * THREADS
    Random(4).shuffle(work)

    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(lambda job: (job[1], registry.register(job[0], schema(job[1])).json()["id"]), work))

    ids = dict(answers)
    assert len(set(ids.values())) == 10  # a schema that two added at once may have used up an id more
    assert all(ids[number] == schema_id for number, schema_id in answers)
    for subject in ("s0", "s1", "s2", "s3"):
        assert registry.ask(f"/subjects/{subject}/versions") == (200, list(range(1, 11)))


def test_two_servers_over_one_database_agree(database: Any) -> None:
    dsn = database.dsn("simpul_registry")
    with serving(dsn) as first, serving(dsn) as second, ThreadPoolExecutor(THREADS) as threads:
        work = [(server, number) for number in range(20) for server in (first, second)] * 2
        answers = list(threads.map(lambda job: (job[1], job[0].register("s", schema(job[1])).json()["id"]), work))
        versions = first.ask("/subjects/s/versions")

    assert len(set(answers)) == 20
    assert len({schema_id for _, schema_id in answers}) == 20
    assert versions == (200, list(range(1, 21)))


def test_four_processes_register_twenty_schemas_at_once(registry: Server, database: Any) -> None:
    """52 registrations under way at any moment."""
    subjects, texts = ["s1", "s2"], [schema(number) for number in range(20)]
    spawned = multiprocessing.get_context("spawn")
    dsn = database.dsn("simpul_registry").get_secret_value()
    with spawned.Manager() as manager, ProcessPoolExecutor(PROCESSES, mp_context=spawned) as processes:
        start = manager.Barrier(PROCESSES)
        running = [
            processes.submit(register_all, dsn, subjects, texts, THREADS_OF_EACH, seed, start)
            for seed in range(PROCESSES)
        ]
        made = [each for process in running for each in process.result()]

    assert len(made) == PROCESSES * len(subjects) * len(texts)
    assert len({schema_id for _, _, schema_id, _ in made}) == 20
    assert len({(text, schema_id) for _, text, schema_id, _ in made}) == 20
    assert len({(subject, text, version) for subject, text, _, version in made}) == 40
    for subject in subjects:
        assert registry.ask(f"/subjects/{subject}/versions") == (200, list(range(1, 21)))


def test_a_registration_that_failed_leaves_nothing_and_the_id_is_not_reused(registry: Server, database: Any) -> None:
    registry.register("s", schema(1))
    with database.connect() as connection:
        connection.execute("INSERT INTO registry.schema (fingerprint, schema_text) VALUES (sha256('x'), 'x')")
        connection.rollback()

    assert registry.register("s", schema(2)).json()["id"] == 3
    assert registry.ask("/schemas/ids/2")[0] == 404


def test_a_withdrawn_version_keeps_its_number_and_the_schema_its_id(registry: Server, database: Any) -> None:
    registry.register("s", schema(1))
    registry.register("s", schema(2))
    with database.connect("simpul_registry", autocommit=True) as connection:
        connection.execute("UPDATE registry.version SET deleted = true WHERE version = 2")

    assert registry.ask("/subjects/s/versions/latest")[1]["version"] == 1
    assert registry.ask("/schemas/ids/2/subjects") == (200, [])
    assert registry.register("s", schema(2)).json()["id"] == 2
    assert registry.ask("/subjects/s/versions") == (200, [1, 3])


def test_registrations_of_one_subject_wait_for_one_another(registry: Server, database: Any) -> None:
    """A slow transaction of the same subject delays, and costs neither an error nor a number."""
    registry.register("s", schema(1))
    with database.connect() as held, ThreadPoolExecutor(1) as thread:
        held.execute("LOCK TABLE registry.version IN SHARE ROW EXCLUSIVE MODE")
        late = thread.submit(registry.register, "s", schema(2))
        with database.connect(autocommit=True) as other:
            wait_for_lock(other)
        held.rollback()

    assert late.result().json()["id"] == 2


def wait_for_lock(connection: psycopg.Connection) -> None:
    question = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'registry.version'::regclass"
    eventually(lambda: connection.execute(question).fetchone(), until=lambda row: row is not None and row[0] > 0)
