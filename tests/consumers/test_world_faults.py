"""The fault matrix of RELIABILITY.md where the world is at fault: nothing is lost, nothing is there twice, nothing is
dead-lettered, and the intake goes on by itself. The numbers are the matrix's rows."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psutil
import psycopg
import pytest
from kafka.admin import KafkaAdminClient, NewPartitions
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cli.stack.postgres import SUPERUSER
from tests.consumers.test_kills import PARKED, EndState, end_state, publish, publish_people, publish_places
from tests.consumers.test_kills import undisturbed as undisturbed  # a fixture
from tests.eventually import eventually
from tests.hub import SESSION_S, Hub, serve_registry
from tests.hub_db.documents import place_row
from tests.relay import Relay

SESSIONS = sql.SQL("application_name = 'simpul-intake' and datname = current_database()")


@contextmanager
def between(hub: Hub) -> Iterator[tuple[Relay, str]]:
    """A relay before PostgreSQL, and the intake's address behind it."""
    dsn = hub.database.dsn("simpul_intake").get_secret_value()
    target = conninfo_to_dict(dsn)
    relay = Relay((str(target["host"]), int(str(target["port"]))))
    relay.open()
    try:
        yield relay, make_conninfo(dsn, port=relay.port)
    finally:
        relay.talk()
        relay.close()


def told(hub: Hub, words: str) -> bool:
    """Whether the processes' log has the words."""
    return words in hub.log.read_text(encoding="utf-8")


def as_superuser(hub: Hub, query: LiteralString | sql.Composed) -> list[tuple[Any, ...]]:
    """What only the administrator of the server may do."""
    with hub.database.connect(SUPERUSER, autocommit=True) as conn:
        found = conn.execute(query)
        return found.fetchall() if found.description else []


def end_sessions(hub: Hub) -> int:
    """End the intake's sessions, as a server that restarts does; how many."""
    query = sql.SQL("select count(pg_terminate_backend(pid)) from pg_stat_activity where {}")
    return int(as_superuser(hub, query.format(SESSIONS))[0][0])


@pytest.mark.full
@pytest.mark.parametrize("lost", ["COMMIT", "the answer"])
def test_3_a_connection_lost_during_commit_is_never_guessed_about(hub: Hub, undisturbed: EndState, lost: str) -> None:
    records = publish(hub)

    with between(hub) as (relay, dsn), hub.worker(dsn=dsn):
        relay.cut_at(b"COMMIT", passed_on=lost == "the answer")
        hub.settled(records, parked=PARKED)

    assert relay.cuts == 1
    assert end_state(hub, opd=hub.opd) == undisturbed


@pytest.mark.full
def test_5_a_worker_that_was_frozen_settles_nothing_of_what_another_has_taken_over(
    hub: Hub, undisturbed: EndState
) -> None:
    with hub.worker(faults="tx.precommit:1:stop") as frozen:
        records = publish(hub)
        eventually(psutil.Process(frozen.pid).status, until=lambda status: status == psutil.STATUS_STOPPED)
        with hub.worker():
            eventually(
                lambda: end_sessions(hub), until=bool
            )  # what the server does with an idle transaction after 30 s
            hub.settled(records, parked=PARKED, within_s=SESSION_S + 60)
            os.kill(frozen.pid, signal.SIGCONT)
            hub.send(hub.places, [hub.event(hub.places, "x1", 1, place_row("x1"))], partition=0)  # known already
            hub.settled(records + 1, parked=PARKED)

    again = end_state(hub, opd=hub.opd)
    assert {name: again[name] for name in ("tempat", "orang", "history", "letters", "parked")} == {
        name: undisturbed[name] for name in ("tempat", "orang", "history", "letters", "parked")
    }


@pytest.mark.full
def test_11_sessions_that_the_server_ends_are_opened_again(hub: Hub, undisturbed: EndState) -> None:
    records = publish(hub)

    with hub.worker(batch_records=20):
        ended = [eventually(lambda: end_sessions(hub), until=bool) for _ in range(5)]
        hub.settled(records, parked=PARKED)

    assert len(ended) == 5
    assert end_state(hub, opd=hub.opd) == undisturbed


@pytest.mark.full
def test_13_a_line_that_falls_silent_ends_the_worker_and_the_next_one_goes_on(hub: Hub, undisturbed: EndState) -> None:
    records = publish_people(hub)

    with between(hub) as (relay, dsn), hub.worker(dsn=dsn, stuck_after_s=5.0) as deaf:
        hub.settled(records, parked=records)
        relay.fall_silent()
        records += publish_places(hub)
        code = deaf.wait(timeout=60)
    with hub.worker(group=f"{hub.opd}-again"):
        hub.settled(records, parked=PARKED)

    assert code == os.EX_SOFTWARE
    assert end_state(hub, opd=hub.opd) == undisturbed


@pytest.mark.full
def test_15_a_table_that_somebody_holds_is_waited_for(hub: Hub, undisturbed: EndState) -> None:
    with psycopg.connect(hub.database.dsn().get_secret_value()) as other, hub.worker():
        other.execute("lock table reference.tempat in access exclusive mode")
        records = publish(hub)
        eventually(lambda: waiting_for_a_lock(hub), until=bool)
        letters = hub.ask("select count(*) from hub.dead_letter where fault = 'database'")
        other.rollback()
        hub.settled(records, parked=PARKED)

    assert letters == [(0,)]
    assert end_state(hub, opd=hub.opd) == undisturbed


def waiting_for_a_lock(hub: Hub) -> bool:
    """Whether the intake waits for a lock."""
    query = sql.SQL("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and {}")
    return bool(as_superuser(hub, query.format(SESSIONS))[0][0])


@pytest.mark.full
def test_15_a_database_that_only_reads_is_waited_for(hub: Hub, undisturbed: EndState) -> None:
    setting = sql.SQL("alter role simpul_intake in database {} {} default_transaction_read_only {}")
    name = sql.Identifier(hub.database.name)
    as_superuser(hub, setting.format(name, sql.SQL("set"), sql.SQL("= on")))

    with hub.worker():
        records = publish(hub)
        eventually(lambda: "25006" in hub.log.read_text(encoding="utf-8"), until=bool)
        as_superuser(hub, setting.format(name, sql.SQL("reset"), sql.SQL("")))
        end_sessions(hub)
        hub.settled(records, parked=PARKED)

    assert end_state(hub, opd=hub.opd) == undisturbed


BROKEN: dict[str, tuple[LiteralString, LiteralString]] = {
    "a column that is gone": (
        "alter table reference.tempat rename nama to bukan_nama",
        "alter table reference.tempat rename bukan_nama to nama",
    ),
    "a right that was taken": (
        "revoke insert on hub.history from simpul_intake",
        "grant insert on hub.history to simpul_intake",
    ),
}


@pytest.mark.full
@pytest.mark.parametrize("fault", BROKEN)
def test_16_a_schema_or_a_right_that_is_not_as_it_must_be_stops_the_worker(
    hub: Hub, undisturbed: EndState, fault: str
) -> None:
    break_it, mend_it = BROKEN[fault]
    records = publish(hub)
    hub.owner.execute(break_it)

    with hub.worker() as stopped:
        code = stopped.wait(timeout=60)
    letters = hub.ask("select count(*) from hub.dead_letter where fault = 'database'")
    hub.owner.execute(mend_it)
    with hub.worker(group=f"{hub.opd}-again"):
        hub.settled(records, parked=PARKED)

    assert code != 0
    assert letters == [(0,)]
    assert end_state(hub, opd=hub.opd) == undisturbed


@pytest.mark.full
def test_36_partitions_that_are_added_under_load_are_read_too(hub: Hub) -> None:
    newer = [hub.event(hub.places, f"x{n}", 2, place_row(f"x{n}", nama="B")) for n in range(60)]
    older = [hub.event(hub.places, f"x{n}", 1, place_row(f"x{n}", nama="A")) for n in range(60)]

    with hub.worker():
        hub.send(hub.places, newer)
        with KafkaAdminClient(**hub.stack.kafka().kafka_python()) as admin:
            admin.create_partitions({hub.places.topic: NewPartitions(5)})
        hub.producer.close()
        hub.producer = hub.make_producer()  # who asks anew how many there are
        for partition in range(5):  # each in another partition than its newer one, but by chance
            hub.send(hub.places, older[partition::5], partition=partition)
        totals = hub.settled(120, within_s=120)

    assert (totals[0], totals[3:]) == (120, (0, 0))
    assert hub.ask("select nama, count(*) from reference.tempat group by nama") == [("B", 60)]
    partitions = "select count(*) from hub.consumer_offset join hub.topic using (topic_id) where name = %s"
    assert hub.ask(partitions, hub.places.topic) == [(5,)]


@pytest.mark.full
def test_20_a_registry_that_names_other_schemas_by_its_ids_is_not_believed(hub: Hub) -> None:
    hub.send(hub.places, [hub.event(hub.places, "x1", 1, place_row("x1"))], partition=0)
    with hub.worker():
        hub.settled(1)
    known = hub.ask("select schema_id from hub.schema_read")
    hub.send(hub.places, [hub.event(hub.places, "x2", 1, place_row("x2"))], partition=0)
    ours = hub.registry

    hub.owner.execute("update registry.schema set schema_text = replace(schema_text, 'Dokumen uji.', 'Lain.')")
    with serve_registry(hub.database) as url:  # one that has nothing in its memory
        hub.registry = ours.model_copy(update={"url": url})
        with hub.worker(group=f"{hub.opd}-2"):
            eventually(lambda: "another schema than before" in hub.log.read_text("utf-8"), until=bool, within_s=60)
            untouched = hub.totals()
    hub.owner.execute("update registry.schema set schema_text = replace(schema_text, 'Lain.', 'Dokumen uji.')")
    hub.registry = ours
    with hub.worker(group=f"{hub.opd}-3"):
        totals = hub.settled(2)

    assert known == [(hub.schema_ids[hub.places.topic],)]
    assert (untouched, totals) == ((1, 1, 0, 0, 0), (2, 2, 0, 0, 0))
