"""The events that all entrants read, and what a table of them must come to."""

from collections import Counter

import pytest

from bench.peers import floor, measuring, tables
from bench.peers.stream import IN_ORDER_AT_END, Sent, Stream, Truth
from cli import settings
from cli.demo import plan
from schemas.contract import Contract
from schemas.names import SchemaId
from tests.conftest import Database

EVENTS = 12_000


@pytest.fixture(scope="module")
def residents() -> Contract:
    return plan.contracts(settings.load().home)[plan.RESIDENTS]


@pytest.fixture(scope="module")
def stream(residents: Contract) -> Stream:
    return Stream(residents, SchemaId(7), villages=plan.villages(settings.load().home), events=EVENTS, seed=1)


@pytest.fixture(scope="module")
def sent(stream: Stream) -> list[Sent]:
    return list(stream)


def truth_of(stream: Stream, sent: list[Sent]) -> Truth:
    truth = Truth(stream.rows)
    for each in sent:
        truth.note(each)
    return truth


def test_every_version_of_every_key_is_sent_once(sent: list[Sent]) -> None:
    versions = Counter(each.key_number for each in sent)

    assert len(sent) == EVENTS
    assert {(each.key_number, each.version) for each in sent} == {
        (number, version) for number, count in versions.items() for version in range(1, count + 1)
    }
    assert len({each.headers[1] for each in sent}) == EVENTS


def test_some_events_are_late_but_none_among_the_last(stream: Stream, sent: list[Sent]) -> None:
    truth = truth_of(stream, sent)
    late = [number for number, version in truth.last.items() if version < truth.highest[number]]
    newest = {each.key_number: each.version for each in sent[-IN_ORDER_AT_END:]}

    assert late
    assert all(truth.highest[number] == version for number, version in newest.items())


def test_postgresql_reckons_the_same_digest_of_the_rows(
    stream: Stream, sent: list[Sent], residents: Contract, database: Database
) -> None:
    truth = truth_of(stream, sent)
    with database.connect(autocommit=True) as conn:
        table = tables.make(conn, residents, "floor")

        with conn.cursor() as cursor, cursor.copy("copy public.floor from stdin (format binary)") as copy:
            copy.write(floor.encode(residents, [each.value for each in sent]))

        found = measuring.digest(conn, table)
    assert found == truth.digest(truth.last)
    assert found != truth.digest(truth.highest)
