"""The rows of a round: said by events or put together from columns, each changed key once, and all that is changed."""

from dataclasses import replace
from random import Random

import pytest

from hub_db import round_rows, rounds
from hub_db.connection import connect, transaction
from hub_db.events import Event
from hub_db.round_rows import Row, Said
from hub_db.rounds import RoundNumber
from schemas.contract import Contract, Value
from schemas.names import EventKey, SchemaId
from tests.conftest import Database
from tests.hub_db.documents import PEOPLE, PLACES, person_row, place_row
from tests.hub_db.test_settle import Bench

OWN, EARLIER = SchemaId(1), SchemaId(2)
COLUMNS = {contract.entity: tuple(field.name for field in contract.fields) for contract in (PEOPLE, PLACES)}


class Readers:
    """Who knows nothing but the rounds."""

    def __init__(self, bench: Bench, database: Database) -> None:
        self.bench = bench
        self.conn = connect(database.dsn("simpul_publisher"), process="test")
        rounds.snapshot(self.conn)
        self.rows: dict[str, dict[EventKey, Row | None]] = {contract.entity: {} for contract in (PEOPLE, PLACES)}
        self.by_bytes = self.by_columns = 0

    def publish(self) -> RoundNumber:
        """One round, of which each key comes once, and by bytes as by columns the same."""
        with transaction(self.conn):
            number = rounds.open_round(self.conn)
            for contract in (PEOPLE, PLACES):
                self.rows[contract.entity] |= self.changed(contract, number)
        rounds.close_round(self.conn, number, records=0, letters=0)
        return number

    def changed(self, contract: Contract, number: RoundNumber) -> dict[EventKey, Row | None]:
        entity, key, columns, name = contract.entity, contract.key, COLUMNS[contract.entity], contract.fields[1].name
        came = list(round_rows.rows_said(self.conn, entity, key, columns, number, OWN, name))
        found: dict[EventKey, Row | None] = {}
        for each, row in came:
            if isinstance(row, Said):
                found[each] = tuple(self.bench.stored[row.value].values())
                assert (found[each] or ())[1] == row.successor
                self.by_bytes += 1
            else:
                found[each] = row
                self.by_columns += row is not None
        assert len(found) == len(came)
        assert found == dict(round_rows.rows(self.conn, entity, key, columns, number))
        return found

    def tables(self) -> dict[str, dict[EventKey, Row | None]]:
        return {
            contract.entity: dict(
                round_rows.every_row(self.conn, contract.entity, contract.key, COLUMNS[contract.entity])
            )
            for contract in (PEOPLE, PLACES)
        }


def some_batch(bench: Bench, random: Random) -> None:
    """People and places, some late, some deleted, some of another schema, some who wait for their place."""
    contract = random.choice((PEOPLE, PEOPLE, PLACES))
    rows: list[tuple[str, int, dict[str, Value] | None]] = []
    for _ in range(random.randint(1, 12)):
        version, place = random.randint(1, 40), f"x{random.randint(0, 7)}"
        if random.random() < 0.15:
            rows.append((place if contract is PLACES else f"p{random.randint(0, 15)}", version, None))
        elif contract is PLACES:
            rows.append((place, version, place_row(place, nama=f"N{version}")))
        else:
            key = f"p{random.randint(0, 15)}"
            rows.append((key, version, person_row(key, f"x{version % 8}", f"N{version}")))
    judged = bench.batch(contract, rows)
    events = [bent(each, random.random(), bench) if each.row is not None else each for each in judged.events]
    bench.settle(contract, replace(judged, events=events))


def bent(event: Event, chance: float, bench: Bench) -> Event:
    """One in four is of another schema, and one in six has a text in its bytes that is not in its normal form."""
    if chance < 0.25:
        return replace(event, schema_id=EARLIER)
    if chance < 0.42:
        row = dict(event.row or {})
        value = (event.value or b"") + b" in small letters"
        bench.stored[value] = row | {"nama": str(row["nama"]).lower()}
        return replace(event, value=value, restated=True)
    return event


@pytest.mark.parametrize("seed", range(12))
def test_readers_of_the_rounds_have_the_tables(bench: Bench, database: Database, seed: int) -> None:
    random, readers = Random(seed), Readers(bench, database)

    for _ in range(25):
        some_batch(bench, random)
        if random.random() < 0.4:
            bench.release()
        if random.random() < 0.4:
            readers.publish()
    bench.release()
    readers.publish()

    with transaction(readers.conn):
        assert readers.rows == readers.tables()
    assert readers.by_bytes
    assert readers.by_columns
    readers.conn.close()
