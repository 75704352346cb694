"""A document gets its next version while its events flow: nothing stops, nothing is lost, old rows read the default."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from identity.actors import Actor
from producers.synthetic.documents import Documents
from registry.governance import drafts, enforcement, review
from registry.schema_text import parse
from schemas.contract import Contract, Value
from schemas.loader import read
from schemas.names import SchemaId
from tests.eventually import eventually
from tests.hub import Hub, make_hub
from tests.schemas.contracts import INSTANCE, TODAY, penduduk, schema_of

SOURCE, REVIEWER, PROCESS = Actor.command("sari"), Actor.command("budi"), Actor.process("jobs")
CHUNK = 100
MORE: list[dict[str, Any]] = [
    {"name": "surel", "type": ["null", "string"], "default": None, "maxLength": 100, "example": "sari@contoh.example"},
    {"name": "jumlah_anak", "type": ["null", "int"], "default": None, "minimum": 0, "maximum": 30, "example": "2"},
]


def own(hub: Hub, *, more: bool) -> Contract:
    """`penduduk` of the hub's own agency, whose rows wait for nobody; with the two fields of its next version."""
    schema = schema_of(penduduk())
    schema["contract"]["opd"] = hub.opd
    schema["namespace"] = f"id.example.{hub.opd}"
    for field in schema["fields"]:
        field.pop("references", None)
        field.pop("onMissing", None)
        field.pop("isReplacedBy", None)
    if more:
        schema["fields"] += [each | {"doc": f"Isian {each['name']}.", "sensitivity": "pribadi"} for each in MORE]
    return read(schema, file="penduduk.avsc")


def approved(hub: Hub, contract: Contract) -> SchemaId:
    """The whole road: draft, submitted, approved by another, and enforced while the table is in use."""
    now = datetime.now(UTC)
    with hub.owner.transaction():
        found = drafts.find_or_make(hub.owner, contract.subject, parse(json.dumps(contract.schema)), by=SOURCE, now=now)
        review.submit(hub.owner, found.id, walidata=INSTANCE.sop.walidata, by=SOURCE, now=now)
        review.approve(hub.owner, found.id, "Dua isian baru.", by=REVIEWER, instance=INSTANCE, now=now)
    with hub.database.connect(autocommit=True) as owner:
        eventually(
            lambda: enforcement.enforce_approved(owner, by=PROCESS, now=datetime.now(UTC)), until=bool, within_s=30
        )
    row = hub.ask("select schema_id from registry.draft where id = %s", found.id)[0]
    return SchemaId(row[0])


@pytest.fixture
def residents(database: Any) -> Iterator[Hub]:
    with make_hub(database) as hub:
        hub.open_documents(own(hub, more=False), partitions=2)
        yield hub


@pytest.mark.parametrize(
    "count", [pytest.param(2_000, id="2,000"), pytest.param(100_000, id="100,000", marks=pytest.mark.full)]
)
@pytest.mark.timeout(600)
def test_two_fields_come_while_old_and_new_events_flow(residents: Hub, count: int) -> None:
    hub, half = residents, count // 2
    old, new = own(hub, more=False), own(hub, more=True)
    rows = Documents(old, seed=9, accepted_on=TODAY).good(count)
    before = [hub.event(old, str(row["nik"]), 1, dict(row)) for row in rows[:half]]
    going = threading.Event()

    def send_old() -> None:
        for start in range(0, half, CHUNK):
            hub.send(old, before[start : start + CHUNK])
            if start >= half // 4:
                going.set()  # a good part stands in the table, and the rest is still to come

    with hub.worker() as worker:
        sender = threading.Thread(target=send_old)
        sender.start()
        assert going.wait(60)
        hub.schema_ids[new.topic] = approved(hub, new)
        more: dict[str, Value] = {"surel": "sari@contoh.example", "jumlah_anak": 2}
        after = [hub.event(new, str(row["nik"]), 1, {**row, **more}) for row in rows[half:]]
        for start in range(0, half, CHUNK):
            hub.send(new, after[start : start + CHUNK])
        sender.join()
        totals = hub.settled(count, within_s=300)
        assert worker.poll() is None

    assert totals == (count, count, 0, 0, 0)
    assert hub.ask("select jumlah_anak, surel, count(*) from reference.penduduk group by 1, 2 order by 1") == [
        (2, "sari@contoh.example", half),
        (None, None, half),
    ]


def test_an_event_ahead_of_the_hub_waits_until_its_version_holds(residents: Hub) -> None:
    """The registry may serve a version before the hub's tables have it only when somebody goes round the approval."""
    hub = residents
    old, new = own(hub, more=False), own(hub, more=True)
    row = dict(Documents(old, seed=9, accepted_on=TODAY).good(1)[0])
    with hub.worker():
        earlier = hub.ask("select schema_id, contract from hub.document where topic = %s", old.topic)[0]
        hub.schema_ids[new.topic] = approved(hub, new)
        later = hub.ask("select schema_id, contract from hub.document where topic = %s", old.topic)[0]
        put = "update hub.document set schema_id = %s, contract = %s where topic = %s"
        hub.owner.execute(put, (earlier[0], json.dumps(earlier[1]), old.topic))
        hub.send(new, [hub.event(new, str(row["nik"]), 1, row | {"surel": None, "jumlah_anak": 3})])
        eventually(lambda: "the hub reads by version 1" in hub.log.read_text(), until=bool, within_s=30)
        waiting = hub.totals()

        hub.owner.execute(put, (later[0], json.dumps(later[1]), old.topic))
        totals = hub.settled(1)

    assert (waiting[0], totals) == (0, (1, 1, 0, 0, 0))
    assert hub.ask("select jumlah_anak from reference.penduduk") == [(3,)]


def test_a_field_that_went_is_read_past_in_events_of_the_earlier_version(residents: Hub) -> None:
    hub = residents
    full = own(hub, more=False)
    schema = schema_of(full)
    schema["fields"] = [field for field in schema["fields"] if field["name"] != "golongan_darah"]
    less = read(schema, file="penduduk.avsc")
    row = dict(Documents(full, seed=9, accepted_on=TODAY).good(1)[0])

    with hub.worker():
        approved(hub, less)
        hub.send(full, [hub.event(full, str(row["nik"]), 1, row)])
        totals = hub.settled(1)

    assert totals == (1, 1, 0, 0, 0)
    assert hub.ask("select golongan_darah from reference.penduduk") == [(None,)]
