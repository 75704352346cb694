"""Plans are kept while the tables are about as large as they were, and made anew when they may have doubled."""

from collections import Counter

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import plans
from hub_db.connection import connect
from hub_db.plans import FEWEST, SECONDS, Age
from schemas.names import TopicName
from tests.conftest import Database

ONE, OTHER = TopicName("opd.uji.satu"), TopicName("opd.uji.dua")


@pytest.mark.parametrize(("before", "lasts"), [(0, FEWEST), (FEWEST - 1, FEWEST), (50_000, 50_000)])
def test_plans_last_until_as_many_records_came_again(before: int, lasts: int) -> None:
    found = [Age(0.0, Counter({ONE: before}), Counter({ONE: since})).is_over(ONE, 0.0) for since in (lasts - 1, lasts)]

    assert found == [False, True]


def test_plans_last_no_longer_than_others_may_write_unseen() -> None:
    age = Age(10.0, Counter({ONE: 1_000_000}), Counter({ONE: 1}))

    assert [age.is_over(ONE, 10.0 + seconds) for seconds in (SECONDS / 2, SECONDS)] == [False, True]


def renewals(conn: Connection[TupleRow], batches: list[tuple[TopicName, int]]) -> list[int]:
    """The batches before which plans were forgotten."""
    found = []
    for number, (topic, records) in enumerate(batches):
        before = plans._ages[conn]
        plans.renew(conn, topic, records)
        if plans._ages[conn] is not before:
            found.append(number)
    return found


def test_a_growing_table_has_its_plans_made_anew_ever_more_rarely(database: Database) -> None:
    with connect(database.dsn("simpul_intake"), process="test") as conn:
        plans.keep(conn)

        assert renewals(conn, [(ONE, 1_000)] * 16) == [1, 2, 4, 8]


def test_a_document_that_begins_beside_a_large_one_has_its_plans_made_anew(database: Database) -> None:
    with connect(database.dsn("simpul_intake"), process="test") as conn:
        plans.keep(conn)

        assert renewals(conn, [(ONE, 100_000), (OTHER, 1_000), (OTHER, 1_000), (ONE, 1)]) == [2]
