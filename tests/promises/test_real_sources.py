"""Promises 4, 5 and 6 on a real bus: residents, patients and employees make one golden record, which tells its sources,
and the published topic is the table."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from psycopg.rows import dict_row

from cli.demo.log_reader import read as read_log
from cli.stack.local import Stack
from hub_db import layouts
from hub_db.pasts import past, statements_of
from hub_db.why import FieldWhy, why
from schemas.contract import Contract
from schemas.loader import read
from schemas.names import EntityName, EventKey, FieldName
from schemas.stored_rows import stored_rows
from schemas.wire.framing import unframe
from tests.conftest import one_database
from tests.eventually import eventually
from tests.hub import Hub, make_hub
from tests.identity.real_rows import EMPLOYEES, PATIENTS, RESIDENTS, nik, row
from tests.schemas.contracts import schema_of

SHE, HE, NOBODY = nik(1), nik(2), nik(3)
NIP = "199008172015032901"
EMPLOYEE = {
    "nip": NIP,
    "nik": SHE,
    "nama": "KENARI SURATAN",
    "jenis": "PNS",
    "jabatan": "JF-0001",
    "opd": "contoh",
    "tmt": date(2015, 3, 1),
    "status": "AKTIF",
    "telepon": "+6281200000001",
}


def own(hub: Hub, contract: Contract) -> Contract:
    """The contract under the hub's own agency; its rows wait for no regions, offices or positions."""
    schema = schema_of(contract)
    schema["contract"]["opd"] = hub.opd
    schema["namespace"] = f"id.example.{hub.opd}"
    for field in schema["fields"]:
        field.pop("references", None)
        field.pop("onMissing", None)
        field.pop("isReplacedBy", None)
    return read(schema, file=f"{contract.document}.avsc")


class Town:
    """A hub with the three documents, and what stands in it."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.documents = {each.name: own(hub, each) for each in (RESIDENTS, PATIENTS, EMPLOYEES)}
        hub.open_documents(*self.documents.values(), partitions=2)

    def send(self, contract: Contract, key: str, version: int, **values: Any) -> None:
        document = self.documents[contract.name]
        event = self.hub.event(document, key, version, row(contract, version, **values))
        self.hub.send(document, [event])

    def why(self, key: str, field: str) -> FieldWhy:
        entity = layouts.entity_now(self.hub.owner, EntityName("penduduk"))
        assert entity is not None
        found = why(entity, statements_of(self.hub.owner, entity, EventKey(key), self.past(key)))
        assert found is not None
        return found.fields[FieldName(field)]

    def past(self, key: str) -> list[Any]:
        entity = layouts.entity_now(self.hub.owner, EntityName("penduduk"))
        assert entity is not None
        return past(self.hub.owner, entity, EventKey(key))

    def name(self, contract: Contract) -> str:
        return self.documents[contract.name].name


@pytest.fixture(scope="module")
def town(stack: Stack, template: str) -> Iterator[Town]:
    with one_database(stack, template) as database, make_hub(database) as hub:
        made = Town(hub)
        with hub.worker(), hub.publisher():
            made.send(PATIENTS, SHE, 1, nik=SHE, telepon="+6281200000002")  # before the resident: waits
            made.send(PATIENTS, NOBODY, 1, nik=NOBODY)  # waits for ever
            made.send(EMPLOYEES, NIP, 1, **EMPLOYEE)
            made.send(RESIDENTS, SHE, 1, nik=SHE, nama="KENARI LAMA")
            made.send(RESIDENTS, HE, 1, nik=HE, nama="MURAI SURATAN", jenis_kelamin="P")
            hub.settled(5, parked=1)
            made.send(RESIDENTS, SHE, 2, nik=SHE, nama="KENARI SURATAN")
            made.send(RESIDENTS, HE, 2, nik=HE, nama="MURAI SURATAN", jenis_kelamin="P", alamat="JL. UJI NO. 2")
            hub.settled(7, parked=1)
            eventually(lambda: waiting(hub), until=lambda count: count == 0)
        yield made


def waiting(hub: Hub) -> int:
    """What is not published yet."""
    return int(
        hub.ask(
            "select (select count(*) from hub.batch where round is null and accepted > 0)"
            " + (select count(*) from hub.release where round is null)"
            " + (select count(*) from hub.change where round is null)"
            " + (select count(*) from hub.round where published_at is null)"
        )[0][0]
    )


def test_each_field_tells_its_source_and_its_event(town: Town) -> None:
    name, phone = town.why(SHE, "nama"), town.why(SHE, "telepon")

    assert name.holds is not None
    assert phone.holds is not None
    assert (name.holds.value, name.holds.source) == ("KENARI SURATAN", town.name(RESIDENTS))
    assert (phone.holds.value, phone.holds.source) == ("+6281200000001", town.name(EMPLOYEES))
    assert [(each.value, each.source) for each in name.losers] == [("KENARI S", town.name(PATIENTS))]
    assert [(each.value, each.source) for each in phone.losers] == [("+6281200000002", town.name(PATIENTS))]
    assert [each.origin.value for each in name.past if each.origin] == ["KENARI SURATAN", "KENARI LAMA"]
    place = town.hub.ask(
        'select t.name, h.partition, h."offset", h.ce_id from hub.history h join hub.topic t using (topic_no)'
        " where h.key = %s and t.name = %s and h.sequence = 2",
        SHE,
        town.documents[RESIDENTS.name].topic,
    )[0]
    event = name.holds.event
    assert (event.topic, event.place.partition, event.place.offset, event.ce_id) == place


def test_the_event_that_is_told_stands_in_the_log(town: Town) -> None:
    for field in ("nama", "telepon"):
        holds = town.why(SHE, field).holds
        assert holds is not None
        (record,) = [
            each
            for each in read_log(town.hub.stack.kafka(), [holds.event.topic])
            if (each.partition, each.offset) == holds.event.place[1:]
        ]
        assert record.value == holds.event.value
        assert dict(record.headers)["ce_id"] == holds.event.ce_id.encode()


def test_the_published_topic_is_the_table(town: Town) -> None:
    last = {
        each.key: each.value
        for each in read_log(town.hub.stack.kafka(), ["reference.penduduk"])
        if any(name == "simpul_source" and value and town.hub.opd in value.decode() for name, value in each.headers)
    }
    schemas = dict(town.hub.ask("select id, schema_text from registry.schema"))
    published = {}
    for key, value in last.items():
        assert value is not None
        framed = unframe(value)
        assert isinstance(framed, tuple)
        published[(key or b"").decode()] = stored_rows(schemas[framed[0]]).read(value)

    with town.hub.owner.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("table reference.penduduk").fetchall()
    table = {found["nik"]: {name: value for name, value in found.items() if not name.startswith("_")} for found in rows}
    assert published == table
    assert set(table) == {SHE, HE}
    assert len(table[SHE]) > 20
