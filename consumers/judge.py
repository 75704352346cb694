"""The verdict on each record of a stretch: a valid event, or a dead letter with the exact reason.

Bad data is a value here, never an exception: one record's fault does not touch its neighbours.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from consumers.documents import Document, Readers
from consumers.records import Record, Records, Refused
from consumers.unpacking import BATCH_BYTES, BATCH_RECORDS, CODECS
from hub_db.event_frames import Judged
from hub_db.events import DeadLetter, Event, Place, Stretch, Version
from schemas import event_key
from schemas.contract import Contract, Value
from schemas.names import EventKey, SchemaId
from schemas.reasons import reject
from schemas.rejection import Fault, Rejection
from schemas.row_warnings import joined
from schemas.wire import headers
from schemas.wire.avro_columns import ColumnReader
from schemas.wire.framing import unframe
from schemas.wire.headers import EventHeaders

ReadersOf = Callable[[SchemaId], Readers | None]
Decoded = tuple[EventHeaders, EventKey, SchemaId | None, Mapping[str, object] | None]


def judge_set(document: Document, readers_of: ReadersOf, stretch: Stretch, records: Records, today: date) -> Judged:
    """Judge a stretch's records: those that are clean as columns, all others one by one."""

    def columns_of(schema_id: SchemaId) -> ColumnReader | None:
        readers = readers_of(schema_id)
        return None if readers is None else readers.columns

    frame, others = document.set_judge.part(columns_of, stretch, records, today)
    judged = judge(document, readers_of, stretch, records.some(others), today)
    if not records.refused:
        return replace(judged, frame=frame)
    letters = [*judged.dead_letters, *map(_whole_batch, records.refused)]
    return replace(judged, frame=frame, dead_letters=sorted(letters, key=lambda letter: letter.offset))


def judge(
    document: Document, readers_of: ReadersOf, stretch: Stretch, records: Sequence[Record], today: date
) -> Judged:
    """Judge records one by one, in offset order. `today` is the day that rules call today."""
    contract = document.contract
    events: list[Event] = []
    letters: list[DeadLetter] = []
    upserts: list[tuple[Record, Decoded]] = []
    for record in records:
        decoded = _decode(contract, readers_of, record)
        if isinstance(decoded, Rejection):
            letters.append(dead_letter(record, (decoded,)))
        elif decoded[3] is None:
            parts = document.validator.check_key(decoded[1])
            if isinstance(parts, Rejection):
                letters.append(dead_letter(record, (parts,)))
            else:
                events.append(_event(contract, stretch, record, decoded, None))
        else:
            upserts.append((record, decoded))
    verdicts = document.validator.check_all([each[1][3] or {} for each in upserts], accepted_on=today)
    rows: list[dict[str, Value]] = []
    accepted: list[Event] = []
    for (record, decoded), verdict in zip(upserts, verdicts, strict=True):
        if not isinstance(verdict, dict):
            letters.append(dead_letter(record, verdict))
        elif event_key.of_values(contract, verdict) != decoded[1]:
            letters.append(dead_letter(record, (event_key.differs(contract),)))
        else:
            rows.append(verdict)
            accepted.append(_event(contract, stretch, record, decoded, verdict))
    for place, codes in document.validator.warnings(rows, accepted_on=today).items():
        accepted[place].warnings = joined(codes)
    events += accepted
    events.sort(key=lambda event: event.place.offset)
    letters.sort(key=lambda letter: letter.offset)
    return Judged(stretch, events, letters, today)


def dead_letter(record: Record, reasons: Sequence[Rejection]) -> DeadLetter:
    """The record as a dead letter, with the bytes it came in."""
    return DeadLetter(
        record.offset,
        record.key,
        record.value,
        [(name.encode("utf-8", "surrogateescape"), value or b"") for name, value in record.headers],
        appended_at(record),
        reasons,
    )


def _whole_batch(refused: Refused) -> DeadLetter:
    """A batch that was not unpacked as one dead letter, with its packed bytes."""
    batch = refused.batch
    found = f"kumpulan {batch.count} rekaman, {len(batch.packed)} bita ({CODECS.get(batch.codec, 'tidak dikenal')})"
    expected = f"paling banyak {BATCH_RECORDS} rekaman dan {BATCH_BYTES // 2**20} MiB setelah dibuka"
    moment = datetime.fromtimestamp(batch.timestamp / 1000, UTC)
    reasons = (reject("batch-too-large", None, found, expected),)
    return DeadLetter(refused.first_offset, None, batch.packed, [], moment, reasons, refused.count)


def appended_at(record: Record) -> datetime | None:
    """When the broker took the record."""
    return None if record.timestamp is None else datetime.fromtimestamp(record.timestamp / 1000, UTC)


def _decode(contract: Contract, readers_of: ReadersOf, record: Record) -> Decoded | Rejection:
    found = headers.read(record.headers, contract)  # type: ignore[arg-type]
    if isinstance(found, Rejection):
        return found
    key = event_key.read(record.key)
    if isinstance(key, Rejection):
        return key
    if record.value is None:
        return found, key, None, None
    framed = unframe(record.value)
    if isinstance(framed, Rejection):
        return framed
    schema_id, body = framed
    readers = readers_of(schema_id)
    if readers is None:
        return Rejection(
            Fault.SCHEMA,
            "schema-unknown",
            None,
            f"nomor skema {schema_id}",
            f"nomor skema yang terdaftar untuk {contract.subject}",
            "Mohon daftarkan skema atau perbarui adaptor, lalu kirim lagi kejadian ini.",
        )
    values = readers.one.read(body)
    return values if isinstance(values, Rejection) else (found, key, schema_id, values)


def _event(
    contract: Contract, stretch: Stretch, record: Record, decoded: Decoded, row: Mapping[str, Value] | None
) -> Event:
    found, key, schema_id, _ = decoded
    return Event(
        Place(stretch.topic_no, stretch.partition, record.offset),
        key,
        # Without a version of its own, an event's version is its place: incarnation, offset.
        Version(found.epoch, found.sequence)
        if contract.sequence_required
        else Version(stretch.topic_no, record.offset),
        schema_id,
        found.ce_id,
        found.time,
        found.load,
        record.value,
        row,
    )
