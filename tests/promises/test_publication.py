"""Promise 6: rounds. A reader that rebuilds from the topics gets exactly the tables; dead letters come back whole."""

from collections.abc import Iterator

import pytest

from cli.demo.log_reader import LogRecord, read
from cli.stack.local import Stack
from schemas.contract import Contract, Value
from schemas.loader import read as read_contract
from schemas.rejection import Rejection
from schemas.wire.avro import Reader
from schemas.wire.framing import unframe
from tests.conftest import one_database
from tests.eventually import eventually
from tests.hub import Hub, make_hub
from tests.hub_db.documents import NOW, contract, person_row, place_row, text
from tests.schemas.contracts import schema_of


@pytest.fixture(scope="module")
def published(stack: Stack, template: str) -> Iterator[Hub]:
    """A hub that took creates, updates, deletes, parked rows and broken events while it published."""
    with one_database(stack, template) as database, make_hub(database) as hub, hub.worker(), hub.publisher():
        people = [hub.event(hub.people, f"p{n}", 1, person_row(f"p{n}", f"x{n % 6}")) for n in range(60)]
        hub.send(hub.people, people)
        hub.settled(60, parked=60)
        hub.send(hub.places, [hub.event(hub.places, f"x{n}", 1, place_row(f"x{n}")) for n in range(5)])
        hub.settled(65, parked=10)
        hub.send(hub.people, [hub.event(hub.people, f"p{n}", 2, person_row(f"p{n}", "x0", "BARU")) for n in range(10)])
        hub.settled(75, parked=9)
        hub.send(hub.people, [hub.event(hub.people, f"p{n}", 3, None) for n in range(10, 15)])
        hub.send(hub.people, [(b"bad", b"\x07broken", [*people[0][2], ("extra", b"\xff")])])
        hub.settled(81, parked=8)
        eventually(lambda: left(hub), until=lambda count: count == 0)
        yield hub


def left(hub: Hub) -> int:
    return int(
        hub.ask(
            "select (select count(*) from hub.batch where round is null and accepted > 0)"
            " + (select count(*) from hub.release where round is null)"
            " + (select count(*) from hub.dead_letter where round is null)"
            " + (select count(*) from hub.round where published_at is null)"
        )[0][0]
    )


def of_this_hub(hub: Hub, topic: str) -> list[LogRecord]:
    """The topic's records that this hub published: the tests of one run share the reference topics."""
    source = hub.opd.encode()
    return [
        each
        for each in read(hub.stack.kafka(), [topic])
        if any(
            name == "simpul_source" and value is not None and value.startswith(source) for name, value in each.headers
        )
    ]


def round_of(record: LogRecord) -> int:
    return int(dict(record.headers)["simpul_round"] or b"0")


def rebuilt(hub: Hub) -> dict[str, tuple[str, str]]:
    """The people, as a reader that knows nothing but the topic has them."""
    last = {each.key: each for each in of_this_hub(hub, hub.people.reference_topic)}
    reader = Reader(hub.people.schema)
    found = {}
    for key, record in last.items():
        if record.value is not None:
            framed = unframe(record.value)
            assert not isinstance(framed, Rejection)
            body = reader.read(framed[1])
            assert not isinstance(body, Rejection)
            found[(key or b"").decode()] = (body["nama"], body["tempat"])
    return found


def test_rebuilding_from_the_topic_gives_the_table(published: Hub) -> None:
    last = {each.key: each for each in of_this_hub(published, published.people.reference_topic)}
    found = rebuilt(published)

    table = published.ask("select nomor, nama, tempat from reference.orang where not _deleted")

    assert found == {nomor: (nama, tempat) for nomor, nama, tempat in table}
    assert len(found) == 47
    assert [last[f"p{n}".encode()].value for n in range(10, 15) if f"p{n}" not in found] == [None] * 5


def test_a_key_sees_rounds_that_only_grow_and_that_the_database_knows(published: Hub) -> None:
    records = of_this_hub(published, published.people.reference_topic)
    known = {number for (number,) in published.ask("select id from hub.round where published_at is not null")}
    by_key: dict[bytes | None, list[int]] = {}
    for record in records:
        by_key.setdefault(record.key, []).append(round_of(record))

    assert all(rounds == sorted(set(rounds)) for rounds in by_key.values())
    assert {round_of(record) for record in records} <= known


def test_every_change_is_in_exactly_one_round(published: Hub) -> None:
    assert published.ask("select count(*) from hub.batch where accepted > 0 and round is null") == [(0,)]
    assert published.ask("select count(*) from hub.release where round is null") == [(0,)]
    total = published.ask("select sum(records) from hub.round")[0][0]

    records = [*of_this_hub(published, published.people.reference_topic)]
    records += of_this_hub(published, published.places.reference_topic)

    assert len(records) == total


def test_a_dead_letter_comes_back_with_its_bytes_and_the_reason(published: Hub) -> None:
    (letter,) = list(read(published.stack.kafka(), [published.people.dead_letter_topic]))
    headers = dict(letter.headers)

    assert (letter.key, letter.value) == (b"bad", b"\x07broken")
    assert headers["extra"] == b"\xff"
    assert (headers["simpul_fault"], headers["simpul_code"]) == (b"wire", b"magic")
    place = published.ask(
        'select t.name, l.partition, l."offset" from hub.dead_letter l join hub.topic t using (topic_no)'
    )[0]
    assert headers["simpul_place"] == "/".join(map(str, place)).encode()


def test_a_letter_too_large_for_its_topic_travels_as_a_reference(published: Hub) -> None:
    big = b"\x07" + bytes(950_000)
    before = published.totals()[0]

    published.send(published.places, [(b"big", big, published.event(published.places, "big", 1, None)[2])])
    published.settled(before + 1, parked=before)
    eventually(lambda: left(published), until=lambda count: count == 0)

    (letter,) = list(read(published.stack.kafka(), [published.places.dead_letter_topic]))
    assert letter.value == b""
    assert dict(letter.headers)["simpul_truncated"] == b"true"
    assert published.ask("select length(value) from hub.dead_letter where key = 'big'") == [(950_001,)]


def test_a_superseded_key_is_published_with_the_key_that_replaced_it(published: Hub) -> None:
    blocks, before, parked = blocks_of(published), published.totals()[0], published.totals()[3]
    published.open_documents(blocks, partitions=1)
    rows: dict[str, dict[str, Value]] = {
        key: {"kode": key, "pengganti": new, "sumber_diubah": NOW} for key, new in (("b2", None), ("b1", "b2"))
    }

    published.send(blocks, [published.event(blocks, key, 1, row) for key, row in rows.items()])
    published.settled(before + 2, parked=parked)
    eventually(lambda: left(published), until=lambda count: count == 0)

    records = {each.key: dict(each.headers) for each in of_this_hub(published, blocks.reference_topic)}
    assert records[b"b1"]["simpul_replaced_by"] == b"b2"
    assert "simpul_replaced_by" not in records[b"b2"]


def blocks_of(hub: Hub) -> Contract:
    """A document whose rows say which other one replaced them."""
    successor = text("pengganti", nullable=True, references="blok.kode", onMissing="warn", isReplacedBy=True)
    schema = schema_of(contract("blok", "kode", text("kode", maxLength=20), successor))
    schema["contract"]["opd"] = hub.opd
    schema["namespace"] = f"id.example.{hub.opd}"
    return read_contract(schema, file="blok.avsc")


def test_a_name_in_small_letters_is_published_as_it_stands_in_the_table(published: Hub) -> None:
    pupils, before, parked = pupils_of(published), published.totals()[0], published.totals()[3]
    published.open_documents(pupils, partitions=1)
    names = {"s1": "siti aminah", "s2": "BUDI SANTOSO"}

    published.send(
        pupils,
        [
            published.event(pupils, key, 1, {"nomor": key, "nama": name, "sumber_diubah": NOW})
            for key, name in names.items()
        ],
    )
    published.settled(before + 2, parked=parked)
    eventually(lambda: left(published), until=lambda count: count == 0)

    reader, found = Reader(pupils.schema), {}
    for record in of_this_hub(published, pupils.reference_topic):
        framed = unframe(record.value or b"")
        assert not isinstance(framed, Rejection)
        body = reader.read(framed[1])
        assert not isinstance(body, Rejection)
        found[body["nomor"]] = body["nama"]
    assert found == dict(published.ask("select nomor, nama from reference.murid"))
    assert found == {"s1": "SITI AMINAH", "s2": "BUDI SANTOSO"}


def pupils_of(hub: Hub) -> Contract:
    """Pupils of the hub's own agency, whose names have a normal form."""
    made = contract("murid", "nomor", text("nomor", maxLength=20), text("nama", maxLength=40, format="nama-orang"))
    schema = schema_of(made)
    schema["contract"]["opd"] = hub.opd
    schema["namespace"] = f"id.example.{hub.opd}"
    return read_contract(schema, file="murid.avsc")
