"""Example events of a document: good ones, and bad ones with the reason that the hub gives. For tests of adapters."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from registry.artefacts.bends import EXAMPLE_DAY, Row
from registry.artefacts.edition import Edition, json_bytes
from registry.artefacts.example_rows import BadRow, ExampleRows
from registry.artefacts.row_schema import json_value
from schemas import event_key
from schemas.contract import Contract
from schemas.names import EventKey
from schemas.rejection import Rejection
from schemas.validator import Validator
from schemas.wire import headers as wire

SENT_AT: Final = datetime.combine(EXAMPLE_DAY, time(7, 5), UTC)
SYSTEM: Final = "contoh"  # the system that the examples come from
_Headers = list[tuple[str, bytes]]


def example_events(edition: Edition) -> dict[str, Any]:
    """All examples. Values are logical (days in ISO 8601, decimals as numbers), headers are texts.

    The reasons of a bad event are those of its value or, where its value is good, of its headers; an event whose key
    field is bad carries the good key, and the hub tells of the key besides.
    """
    contract = edition.contract
    rows = ExampleRows(contract)
    return {
        "document": contract.name,
        "version": edition.version,
        "topic": contract.topic,
        "subject": contract.subject,
        "acceptedOn": EXAMPLE_DAY.isoformat(),
        "good": list(_good(contract, rows)),
        "warned": [_bad(contract, rows, each) for each in rows.rule_breakers() if not each.rejections],
        "bad": [_bad(contract, rows, each) for each in _refused(rows)] + list(_bad_headers(contract, rows)),
    }


def example_events_file(edition: Edition) -> bytes:
    """The examples as a file."""
    return json_bytes(example_events(edition))


def good_rows(contract: Contract, rows: ExampleRows) -> Iterator[tuple[str, Row]]:
    """The good row, and the one in which only what must be filled is, if rules let it pass."""
    yield "lengkap", rows.good
    least: dict[str, Any] = {field.name: None if field.nullable else rows.good[field.name] for field in contract.fields}
    verdict = Validator(contract).check(least, accepted_on=EXAMPLE_DAY)
    if not isinstance(verdict, tuple) and verdict != rows.good:
        yield "hanya yang wajib", verdict


def _good(contract: Contract, rows: ExampleRows) -> Iterator[dict[str, Any]]:
    for sequence, (about, row) in enumerate(good_rows(contract, rows), 1):
        yield {"about": about} | _event(contract, _key(contract, row), row, sequence, about)
    yield {"about": "hapus"} | _event(contract, _key(contract, rows.good), None, 3, "hapus")


def _refused(rows: ExampleRows) -> Iterator[BadRow]:
    yield from rows.field_breakers()
    yield from (each for each in rows.rule_breakers() if each.rejections)


def _bad(contract: Contract, rows: ExampleRows, bad: BadRow) -> dict[str, Any]:
    key = _key(contract, rows.good if bad.about in contract.key else bad.row)
    return {
        "about": bad.about,
        "code": bad.code,
        "message": bad.message,
        **_event(contract, key, bad.row, 1, f"{bad.about}/{bad.code}"),
        "reasons": [_reason(each) for each in bad.rejections],
    }


def _bad_headers(contract: Contract, rows: ExampleRows) -> Iterator[dict[str, Any]]:
    key = _key(contract, rows.good)
    for name, value in _header_bends(contract):
        about = f"{name}={value.decode()}" if value is not None else f"tanpa {name}"
        event = _event(contract, key, rows.good, 1, about)
        event["headers"].pop(name)
        if value is not None:
            event["headers"][name] = value.decode()
        reason = wire.read([(header, text.encode()) for header, text in event["headers"].items()], contract)
        if isinstance(reason, Rejection):
            yield {
                "about": name,
                "code": reason.code,
                "message": reason.sentence(),
                **event,
                "reasons": [_reason(reason)],
            }


def _header_bends(contract: Contract) -> Iterator[tuple[str, bytes | None]]:
    yield "ce_id", None
    yield "ce_id", b""
    yield "ce_source", None
    yield "ce_source", b"/opd/lain/contoh"
    yield "ce_sequence", None
    yield "ce_sequence", b"1.5"
    yield "ce_simpulepoch", b"-1"
    yield "ce_time", b"2026-08-03 07:05"


def _event(
    contract: Contract, key: EventKey, row: Mapping[str, Any] | None, sequence: int, about: str
) -> dict[str, Any]:
    known = {str(field.name): field for field in contract.fields}
    written = wire.write(
        wire.EventHeaders(
            ce_id=str(uuid5(NAMESPACE_URL, f"{contract.subject}/{about}")),
            source=f"/opd/{contract.opd}/{SYSTEM}",
            time=SENT_AT,
            sequence=sequence,
            epoch=0,
            load=None,
        ),
        contract,
        key,
    )
    value = None if row is None else {name: json_value(known[name], each) for name, each in row.items()}
    return {"key": key, "headers": {name: text.decode() for name, text in written}, "value": value}


def _key(contract: Contract, row: Mapping[str, Any]) -> EventKey:
    return event_key.of_values(contract, row)


def _reason(rejection: Rejection) -> dict[str, Any]:
    return {
        "fault": str(rejection.fault),
        "code": rejection.code,
        "field": rejection.field,
        "found": rejection.found,
        "expected": rejection.expected,
        "remedy": rejection.remedy,
    }
