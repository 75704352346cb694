"""Sources that speak about one record at the same moment, and a second source that comes while the first is at work."""

from collections.abc import Iterator, Sequence
from threading import Thread
from typing import Any

import pytest

from cli.stack.local import Stack
from hub_db import provision
from hub_db.connection import connect, transaction
from hub_db.event_frames import Judged
from schemas.contract import Contract
from schemas.names import SchemaId
from tests.conftest import Database, one_database
from tests.consumers.batches import Event
from tests.eventually import eventually
from tests.hub_db.residents import ALL, NEWCOMERS, PATIENTS, RESIDENTS, TEACHERS, gone, said
from tests.promises.roads import NEVER, Road

A, B, C, D = RESIDENTS, NEWCOMERS, PATIENTS, TEACHERS
GOLDEN = "select nik, _deleted, nama, surel, telepon from reference.warga order by nik"


class Session(Thread):
    """Settles one batch in a session of its own."""

    def __init__(self, road: Road, database: Database, judged: Judged) -> None:
        super().__init__(daemon=True)
        self.road, self.judged, self.failure = road, judged, None
        self.conn = connect(database.dsn("simpul_intake"), process="second")

    def run(self) -> None:
        try:
            with transaction(self.conn):
                self.road.settle(self.conn, self.judged)
        except Exception as error:  # noqa: BLE001
            self.failure = error  # type: ignore[assignment]
        finally:
            self.conn.close()

    def end(self) -> None:
        self.join(timeout=20)
        assert (self.is_alive(), self.failure) == (False, None)


def waits(road: Road, process: str) -> bool:
    """Whether that session waits for a lock of another."""
    query = "select count(*) from pg_stat_activity where application_name = %s and wait_event_type = 'Lock'"
    return bool(road.owner.execute(query, (process,)).fetchall()[0][0])


@pytest.fixture(scope="module")
def meeting(stack: Stack, template: str) -> Iterator[tuple[Road, Database]]:
    with one_database(stack, template) as database:
        road = Road(database, NEVER, ALL)
        yield road, database
        road.close()


WHOLE = [("r", False, "A", "a", "1")]
MEETINGS: list[Any] = [
    pytest.param(
        [(A, said(A, "r", 1, nama="-"))],
        (A, said(A, "r", 2, nama="A", surel="a")),
        (C, said(C, "r", 1, telepon="1")),
        WHOLE,
        id="a creator and a patient",
    ),
    pytest.param(
        [(A, said(A, "r", 1, nama="A", surel="a"))],
        (C, said(C, "r", 1, nama="C")),
        (D, said(D, "g", 1, nik="r", hp="1")),
        WHOLE,
        id="a patient and a teacher",
    ),
    pytest.param(
        [],
        (A, said(A, "r", 1, nama="A")),
        (B, said(B, "r", 2, nama="B", surel="a")),
        [("r", False, "A", "a", None)],
        id="two creators",
    ),
    pytest.param(
        [],
        (B, said(B, "r", 2, nama="B", surel="a")),
        (A, said(A, "r", 1, nama="A")),
        [("r", False, "A", "a", None)],
        id="two creators, the lower one first",
    ),
    pytest.param(
        [],
        (A, said(A, "r", 1, nama="A", surel="a")),
        (D, said(D, "g", 1, nik="r", hp="1")),
        WHOLE,
        id="a creator, then a teacher",
    ),
    pytest.param(
        [],
        (D, said(D, "g", 1, nik="r", hp="1")),
        (A, said(A, "r", 1, nama="A", surel="a")),
        WHOLE,
        id="a teacher, then a creator",
    ),
    pytest.param(
        [(A, said(A, "r", 1, nama="A"))],
        (A, gone(A, "r", 2)),
        (B, said(B, "r", 1, nama="B")),
        [("r", False, "B", None, None)],
        id="the last creator goes while another comes",
    ),
]


@pytest.mark.parametrize(("before", "first", "second", "record"), MEETINGS)
def test_two_sources_at_once_lose_nothing(
    meeting: tuple[Road, Database],
    before: Sequence[tuple[Contract, Event]],
    first: tuple[Contract, Event],
    second: tuple[Contract, Event],
    record: list[Any],
) -> None:
    road, database = meeting
    road.begin()
    for contract, event in before:
        road.take(contract, [event])
    other = Session(road, database, road.judge(second[0], [second[1]]))

    with transaction(road.conn):
        road.settle(road.conn, road.judge(first[0], [first[1]]))
        other.start()
        eventually(lambda: waits(road, "second"), until=bool)
    other.end()

    assert road.owner.execute(GOLDEN).fetchall() == record


# The second source ----------------------------------------------------------------------------------

ALONE = "select nik, _deleted, nama, surel from reference.warga order by nik"


@pytest.fixture
def alone(database: Database) -> Iterator[Road]:
    """A hub that knows one source, with three records and a tombstone; the patients' log is there, the document not."""
    road = Road(database, NEVER, (RESIDENTS, PATIENTS), provisioned=(RESIDENTS,))
    road.begin()
    road.take(A, [said(A, key, 1, nama=key.upper(), surel="s") for key in "abc"])
    road.take(A, [said(A, "d", 1), gone(A, "d", 2)])
    yield road
    road.close()


def test_a_second_source_takes_over_what_the_first_has_said(alone: Road) -> None:
    before = alone.owner.execute(ALONE).fetchall()
    changes = "select count(*) from hub.batch where round is null union all select count(*) from hub.change"
    unpublished = alone.owner.execute(changes).fetchall()

    provision(alone.owner, PATIENTS, SchemaId(1))

    assert alone.owner.execute(ALONE).fetchall() == before
    assert alone.owner.execute("select nik, _deleted, nama from source.uji_warga order by nik").fetchall() == [
        *((key, False, key.upper()) for key in "abc"),
        ("d", True, None),
    ]
    assert alone.owner.execute(changes).fetchall() == unpublished

    alone.take(C, [said(C, "a", 1, nama="X", telepon="1"), said(C, "d", 1, telepon="2"), said(C, "e", 1)])
    tally = alone.take(A, [said(A, "a", 1, nama="A"), said(A, "b", 2, nama="B2"), said(A, "e", 1, nama="E")])

    assert (tally.known, tally.accepted) == (1, 2)
    alone.release()
    query = "select nik, _deleted, nama, telepon from reference.warga order by nik"
    assert alone.owner.execute(query).fetchall() == [
        ("a", False, "A", "1"),
        ("b", False, "B2", None),
        ("c", False, "C", None),
        ("d", True, None, None),
        ("e", False, "E", None),
    ]
    waiting = "select key, field, missing_entity, missing_key from hub.parked"
    assert alone.owner.execute(waiting).fetchall() == [("d", "nik", "warga", "d")]


def test_provisioning_twice_changes_nothing(alone: Road) -> None:
    def state() -> list[Any]:
        return alone.owner.execute(
            "select (select array_agg((entity, generation)::text) from hub.entity),"
            " (select array_agg(attrelid::regclass || '.' || attname order by 1) from pg_attribute"
            "  where attrelid in ('source.uji_warga'::regclass, 'reference.warga'::regclass))"
        ).fetchall()

    provision(alone.owner, PATIENTS, SchemaId(1))
    before = state()
    alone.take(A, [said(A, "a", 2, nama="A2")])

    provision(alone.owner, PATIENTS, SchemaId(1))
    provision(alone.owner, RESIDENTS, SchemaId(1))

    assert state() == before
    assert alone.owner.execute(ALONE).fetchall()[0] == ("a", False, "A2", None)


def test_provisioning_waits_for_a_batch_under_way(alone: Road, database: Database) -> None:
    owner = connect(database.dsn(), process="owner")
    provisioning = Thread(target=provision, args=(owner, PATIENTS, SchemaId(1)), daemon=True)

    with transaction(alone.conn):
        alone.settle(alone.conn, alone.judge(A, [said(A, "a", 2, nama="LATE")]))
        provisioning.start()
        eventually(lambda: waits(alone, "owner"), until=bool)
    provisioning.join(timeout=20)
    owner.close()

    assert alone.owner.execute("select nama from source.uji_warga where nik = 'a'").fetchall() == [("LATE",)]


def test_a_batch_waits_for_provisioning_and_then_knows_of_the_second_source(alone: Road, database: Database) -> None:
    owner = connect(database.dsn(), process="owner")
    batch = Session(alone, database, alone.judge(A, [said(A, "a", 2, nama="LATE"), said(A, "z", 1, nama="Z")]))

    with transaction(owner):
        provision(owner, PATIENTS, SchemaId(1))
        batch.start()
        eventually(lambda: waits(alone, "second"), until=bool)
    batch.end()
    owner.close()

    own = "select nik, nama from source.uji_warga where nik in ('a', 'z') order by nik"
    golden = "select nik, nama from reference.warga where nik in ('a', 'z') order by nik"
    wanted = [("a", "LATE"), ("z", "Z")]
    assert (alone.owner.execute(own).fetchall(), alone.owner.execute(golden).fetchall()) == (wanted, wanted)
