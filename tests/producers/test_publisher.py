"""The publisher on a real broker: what the contract accepts arrives once and whole, the rest comes back."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from producers.errors import DeliveryFailed, DocumentUnknown, KafkaUnreachable
from producers.publisher import Delivery, Publisher
from schemas.names import DocumentName, EventKey
from schemas.wire import headers
from schemas.wire.avro import Reader
from schemas.wire.framing import unframe
from schemas.wire.headers import EventHeaders
from tests.producers.conftest import Exchange
from tests.schemas.contracts import CHANGED, RESIDENT, TODAY

KEY = EventKey(RESIDENT["nik"])
VERSION = 1_767_596_700_000  # CHANGED in milliseconds


def resident(serial: int, **changes: Any) -> dict[str, Any]:
    return RESIDENT | {"nik": f"32011317089{90000 + serial}"} | changes


def identities(exchange: Exchange) -> list[str]:
    return [dict(record.headers())["ce_id"].decode() for record in exchange.log()]


def test_a_row_arrives_under_its_key_in_its_frame_with_its_headers(exchange: Exchange) -> None:
    with Publisher(exchange.kafka, exchange.registry, exchange.contract, system="siak", load="csv-1") as publisher:
        assert publisher.send(RESIDENT) == ()

    (record,) = exchange.log()
    framed = unframe(record.value())
    assert isinstance(framed, tuple)
    decoded = Reader(exchange.contract.schema).read(framed[1])
    found = headers.read(record.headers(), exchange.contract)
    latest = exchange.registry.latest(exchange.contract.subject)
    assert record.key() == KEY.encode()
    assert latest is not None
    assert framed[0] == latest.id
    assert isinstance(decoded, dict)
    assert decoded == RESIDENT | {"tanggal_lahir": 7533, "sumber_diubah": VERSION}
    assert isinstance(found, EventHeaders)
    assert found == EventHeaders(found.ce_id, "/opd/disdukcapil/siak", CHANGED, VERSION, 0, "csv-1")


def test_the_same_change_is_the_same_event_and_another_is_not(exchange: Exchange) -> None:
    rows = [RESIDENT, RESIDENT, RESIDENT | {"alamat": "JL. LAIN"}, RESIDENT | {"sumber_diubah": CHANGED + timedelta(1)}]
    for row in rows:
        with Publisher(exchange.kafka, exchange.registry, exchange.contract) as publisher:
            publisher.send(row)

    first, second, other, newer = identities(exchange)
    assert first == second
    assert len({first, other, newer}) == 3


def test_rows_that_the_contract_refuses_are_not_sent_and_their_neighbours_are(exchange: Exchange) -> None:
    rows = [resident(1), resident(2, agama="0"), resident(3), resident(4, status="GANDA"), resident(5)]

    with Publisher(exchange.kafka, exchange.registry, exchange.contract) as publisher:
        rejected = publisher.send_all(rows)

    assert [(found.place, found.reasons[0].code) for found in rejected] == [
        (1, "codes"),
        (3, "rule:ganda_menunjuk_pengganti"),
    ]
    assert publisher.delivery == Delivery(handed_over=3, confirmed=3, failed=0)
    assert {record.key().decode() for record in exchange.log()} == {rows[place]["nik"] for place in (0, 2, 4)}


def test_a_keys_events_keep_their_order(exchange: Exchange) -> None:
    rows = [RESIDENT | {"sumber_diubah": CHANGED + timedelta(seconds=step)} for step in range(500)]

    with Publisher(exchange.kafka, exchange.registry, exchange.contract) as publisher:
        publisher.send_all(rows)

    sequences = [int(dict(record.headers())["ce_sequence"]) for record in exchange.log()]
    assert sequences == [VERSION + step * 1_000 for step in range(500)]


def test_more_rows_than_may_be_on_the_way_all_arrive(exchange: Exchange) -> None:
    rows = [resident(serial % 9_000 + 1, sumber_diubah=CHANGED + timedelta(seconds=serial)) for serial in range(25_000)]

    with Publisher(exchange.kafka, exchange.registry, exchange.contract) as publisher:
        for start in range(0, len(rows), 5_000):
            assert publisher.send_all(rows[start : start + 5_000]) == []

    assert publisher.delivery == Delivery(handed_over=25_000, confirmed=25_000, failed=0)
    assert len(set(identities(exchange))) == 25_000


def test_a_delete_is_a_null_value_with_a_version(exchange: Exchange) -> None:
    with Publisher(exchange.kafka, exchange.registry, exchange.contract) as publisher:
        assert publisher.delete(KEY, sequence=VERSION + 1, time=CHANGED) is None
        refused = publisher.delete(EventKey("123"), sequence=1)

    (record,) = exchange.log()
    assert (record.key(), record.value()) == (KEY.encode(), None)
    assert dict(record.headers())["ce_sequence"] == str(VERSION + 1).encode()
    assert refused is not None
    assert refused.code == "key-format"


def test_a_sequence_of_the_sources_own_is_the_version(exchange: Exchange) -> None:
    with Publisher(exchange.kafka, exchange.registry, exchange.contract, epoch=2) as publisher:
        assert publisher.send(RESIDENT, sequence=42) == ()
        refused = publisher.send(RESIDENT, sequence=-1)

    (record,) = exchange.log()
    written = dict(record.headers())
    assert (written["ce_sequence"], written["ce_simpulepoch"]) == (b"42", b"2")
    assert [found.code for found in refused] == ["header-sequence"]


def test_today_is_what_the_publisher_is_told(exchange: Exchange) -> None:
    with Publisher(exchange.kafka, exchange.registry, exchange.contract, today=TODAY - timedelta(1)) as publisher:
        assert [found.code for found in publisher.send(RESIDENT | {"tanggal_lahir": TODAY})] == ["maximum"]


def test_an_error_inside_the_block_goes_on_and_what_was_sent_arrives(exchange: Exchange) -> None:
    def interrupted() -> None:
        with Publisher(exchange.kafka, exchange.registry, exchange.contract) as publisher:
            publisher.send(RESIDENT)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert len(exchange.log()) == 1


def test_a_contract_that_the_registry_does_not_have_is_refused(exchange: Exchange) -> None:
    unknown = replace(exchange.contract, document=DocumentName("lain"))

    with pytest.raises(DocumentUnknown, match="tidak terdaftar"):
        Publisher(exchange.kafka, exchange.registry, unknown)


def test_a_wrong_password_is_said_and_nothing_hangs(exchange: Exchange) -> None:
    wrong = exchange.kafka.model_copy(update={"password": SecretStr("salah")})

    with pytest.raises(KafkaUnreachable, match="kata sandi"):
        Publisher(wrong, exchange.registry, exchange.contract).send(RESIDENT)

    gc.collect()  # an unclosed socket would be a warning here, and warnings are errors


def test_events_that_are_not_confirmed_are_an_error(new_exchange: Callable[[Mapping[str, str]], Exchange]) -> None:
    exchange = new_exchange({"max.message.bytes": "200"})  # the broker takes no event of ours

    with (
        pytest.raises(DeliveryFailed, match="3 kejadian belum dikonfirmasi") as failure,
        Publisher(exchange.kafka, exchange.registry, exchange.contract) as publisher,
    ):
        publisher.send_all([resident(serial, alamat="A" * 200) for serial in range(1, 4)])

    assert failure.value.unconfirmed == 3
    assert exchange.log() == []
