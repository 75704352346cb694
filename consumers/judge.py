"""The verdict on each record of a stretch: a valid event, or a dead letter with the exact reason.

Bad data is a value here, never an exception: one record's fault does not touch its neighbours.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import accumulate

import numpy as np

from consumers.documents import Document, Readers
from consumers.records import Record, Records, Refused, joined
from consumers.replayed import LettersOf, look_up, no_letters
from consumers.unpacking import BATCH_BYTES, BATCH_RECORDS, CODECS
from hub_db.event_frames import Batch, EventFrame, Judged
from hub_db.events import Arrival, DeadLetter, Event, Place, Replayed, Stretch, Version
from schemas import event_key, row_warnings
from schemas.contract import Contract, Value
from schemas.names import EventKey, SchemaId
from schemas.reasons import reject
from schemas.rejection import Fault, Rejection
from schemas.wire import headers
from schemas.wire.avro_columns import ColumnReader
from schemas.wire.framing import unframe
from schemas.wire.headers import EventHeaders

ReadersOf = Callable[[SchemaId], Readers | None]
Decoded = tuple[EventHeaders, EventKey, SchemaId | None, Mapping[str, object] | None]


def judge_set(
    document: Document,
    readers_of: ReadersOf,
    stretch: Stretch,
    records: Records,
    today: date,
    letters_of: LettersOf = no_letters,
) -> Judged:
    """Judge a stretch's records: those that are clean as columns, all others one by one."""
    return judge_batch(document, readers_of, [(stretch, records)], today, letters_of).parts[0]


def judge_batch(
    document: Document,
    readers_of: ReadersOf,
    parts: Sequence[tuple[Stretch, Records]],
    today: date,
    letters_of: LettersOf = no_letters,
) -> Batch:
    """Judge stretches of a topic, in the order of their partitions: what is clean in any of them as one set."""

    def columns_of(schema_id: SchemaId) -> ColumnReader | None:
        readers = readers_of(schema_id)
        return None if readers is None else readers.columns

    sizes = [len(records) for _, records in parts]
    partitions = np.repeat(np.array([stretch.partition for stretch, _ in parts], np.int32), sizes)
    together, topic_no = joined([records for _, records in parts]), parts[0][0].topic_no
    frame, others = document.set_judge.part(columns_of, topic_no, together, partitions, today)
    ends = np.searchsorted(others, list(accumulate(sizes)))
    judged: list[Judged] = []
    for (stretch, records), mine, before in zip(
        parts, np.split(others, ends[:-1]), accumulate(sizes[:-1], initial=0), strict=True
    ):
        single = judge(document, readers_of, stretch, records.some((mine - before).tolist()), today, letters_of)
        own = None if frame is None else frame.of_partition(stretch.partition)
        judged.append(_whole(single, own, records))
    return Batch(judged, frame)


def _whole(judged: Judged, frame: EventFrame | None, records: Records) -> Judged:
    """The verdicts on a stretch's records: those one by one, the frame, and the batches that were not unpacked."""
    judged = replace(judged, frame=frame, arrival=lambda offset: arrival(records.at(offset)))
    if not records.refused:
        return judged
    letters = [*judged.dead_letters, *map(_whole_batch, records.refused)]
    return replace(judged, dead_letters=sorted(letters, key=lambda letter: letter.offset))


def judge(
    document: Document,
    readers_of: ReadersOf,
    stretch: Stretch,
    records: Sequence[Record],
    today: date,
    letters_of: LettersOf = no_letters,
) -> Judged:
    """Judge records one by one, in offset order. `today` is the day that rules call today."""
    contract, claims = document.contract, look_up(records, letters_of)
    events: list[Event] = []
    letters: list[DeadLetter] = []
    upserts: list[tuple[Record, Decoded]] = []
    for record in records:
        if record.offset in claims.repeated:
            continue
        replayed = claims.replayed.get(record.offset)
        decoded = claims.refused.get(record.offset) or _open(document, readers_of, record)
        if isinstance(decoded, Rejection):
            letters.append(dead_letter(record, (decoded,), replayed))
        elif decoded[3] is None:
            events.append(_event(contract, stretch, record, decoded, None, replayed))
        else:
            upserts.append((record, decoded))
    verdicts = document.validator.check_all([each[1][3] or {} for each in upserts], accepted_on=today)
    accepted: list[Event] = []
    for (record, decoded), verdict in zip(upserts, verdicts, strict=True):
        replayed = claims.replayed.get(record.offset)
        if not isinstance(verdict, dict):
            letters.append(dead_letter(record, verdict, replayed))
        elif event_key.of_values(contract, verdict) != decoded[1]:
            letters.append(dead_letter(record, (event_key.differs(contract),), replayed))
        else:
            accepted.append(_event(contract, stretch, record, decoded, verdict, replayed))
            accepted[-1].restated = document.validator.restates(decoded[3] or {}, verdict)
    _tell(document, accepted, today)
    events = sorted([*events, *accepted], key=lambda event: event.place.offset)
    letters.sort(key=lambda letter: letter.offset)
    return Judged(stretch, events, letters, today, repeated=len(claims.repeated))


def _tell(document: Document, events: Sequence[Event], today: date) -> None:
    """Note with each row what looks wrong in it."""
    rows = [event.row for event in events if event.row is not None]
    for place, codes in document.validator.warnings(rows, accepted_on=today).items():
        events[place].warnings = row_warnings.joined(codes)


def arrival(record: Record) -> Arrival:
    """How the record came."""
    headers = [(name.encode("utf-8", "surrogateescape"), value or b"") for name, value in record.headers]
    return Arrival(headers, appended_at(record))


def dead_letter(record: Record, reasons: Sequence[Rejection], replayed: Replayed | None = None) -> DeadLetter:
    """The record as a dead letter, with the bytes it came in."""
    return DeadLetter(
        record.offset,
        record.key,
        record.value,
        *arrival(record),
        reasons,
        replayed=replayed,
    )


def unread(record: Record, deaths: int) -> DeadLetter:
    """A record that ended the worker each time it was taken, by itself at last."""
    found = f"pesan yang menghentikan proses penerima {deaths} kali"
    return dead_letter(record, (reject("crash", None, found, "pesan yang dapat dibaca"),))


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


def _open(document: Document, readers_of: ReadersOf, record: Record) -> Decoded | Rejection:
    """The record decoded; the key of a delete is judged here, as it has no values beside it."""
    decoded = _decode(document.contract, readers_of, record)
    if not isinstance(decoded, Rejection) and decoded[3] is None:
        parts = document.validator.check_key(decoded[1])
        return parts if isinstance(parts, Rejection) else decoded
    return decoded


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
    contract: Contract,
    stretch: Stretch,
    record: Record,
    decoded: Decoded,
    row: Mapping[str, Value] | None,
    replayed: Replayed | None,
) -> Event:
    found, key, schema_id, _ = decoded
    first = replayed.first if replayed is not None else Place(stretch.topic_no, stretch.partition, record.offset)
    return Event(
        Place(stretch.topic_no, stretch.partition, record.offset),
        key,
        # Without a version of its own, an event's version is its first place: incarnation, offset.
        Version(found.epoch, found.sequence) if contract.sequence_required else Version(first.topic_no, first.offset),
        schema_id,
        found.ce_id,
        found.time,
        found.load,
        record.value,
        row,
        replayed=replayed,
    )
