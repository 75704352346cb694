"""Publishes a CSV file as one document: what can be sent is sent, the rest comes back with line and reason."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Final

from producers.announcing import Announcement, SampledRow
from producers.csv_file import REASON_COLUMN, CsvFile, Line, examine
from producers.csv_values import read_row
from producers.publisher import Publisher
from producers.rejected_rows import RejectedRows, restored
from schemas import event_key
from schemas.contract import Contract, Value
from schemas.reasons import reject
from schemas.rejection import Rejection
from schemas.validator import Validator
from schemas.wire.avro import milliseconds

_SAMPLE_BYTES: Final = 600_000  # the registry takes a megabyte
_SAMPLE_OVERHEAD: Final = 60  # of a row, besides its key
_SET_ROWS: Final = 2_000  # rows validated together: enough to make the rules cheap, few enough to see progress

Progress = Callable[[int, int], None]  # rows done, rows in all


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a file's rows: rows = sent + rejected."""

    rows: int
    sent: int
    rejected: int
    rejected_file: Path | None
    codes: Mapping[str, int]  # first reason's code → rows
    load: str
    seconds: float


def load_name(file: CsvFile) -> str:
    """The load to which the file's events belong (`ce_simpulload`): the same for the same bytes."""
    return f"csv-{file.digest[:32]}"


def examine_for(path: Path, contract: Contract) -> CsvFile:
    """Read the file to its end and match its columns with the contract's fields. Raises FileRefused."""
    known = [str(field.name) for field in contract.fields]
    required = [str(field.name) for field in contract.fields if not field.nullable]
    return examine(path, known=known, required=required)


def announcement(file: CsvFile, contract: Contract, zone: tzinfo, *, system: str, epoch: int = 0) -> Announcement:
    """What is said of the file before it is sent. A file says nothing of deletes; what its rows do to those that are
    there is reckoned by the hub from a sample."""
    rows = [_read(file, contract, line, zone) for line in file.sample]
    readable = [row for row in rows if isinstance(row, dict)]
    verdicts = Validator(contract).check_all(readable, accepted_on=datetime.now(zone).date())
    sent = [_sampled(contract, each, epoch) for each in verdicts if isinstance(each, dict)]
    drawn, sample = _that_fit(sent, len(rows))
    load = load_name(file)
    return Announcement(load, system, file.rows, (drawn, sample), sha256=file.digest)


def _sampled(contract: Contract, values: dict[str, Value], epoch: int) -> SampledRow:
    changed = values["sumber_diubah"]
    assert isinstance(changed, datetime)  # noqa: S101 (the loader asks for this field)
    sequence = milliseconds(changed) if contract.sequence_required else None
    return SampledRow(event_key.of_values(contract, values), sequence, epoch)


def _that_fit(sample: list[SampledRow], drawn: int) -> tuple[int, list[SampledRow]]:
    """As many as one announcement may hold, every so-manieth of them, and how many were drawn for those."""
    size = sum(len(row.key.encode()) + _SAMPLE_OVERHEAD for row in sample)
    step = -(-size // _SAMPLE_BYTES) or 1
    return -(-drawn // step), sample[::step]


def publish(file: CsvFile, publisher: Publisher, zone: tzinfo, progress: Progress = lambda *_: None) -> Summary:
    """Send the file's rows and wait until Kafka has them. Raises what the publisher raises.

    Run again it sends the same events: each row's version is its time of change at the source.
    """
    started = time.monotonic()
    codes: Counter[str] = Counter()
    done = 0
    with RejectedRows(file) as rejected_rows:
        for lines in _sets(file.lines()):
            for line, reasons in _send(file, publisher, lines, zone):
                rejected_rows.add(line, reasons)
                codes[reasons[0].code] += 1
            done += len(lines)
            progress(done, file.rows)
        publisher.flush()
    return Summary(
        rows=done,
        sent=done - rejected_rows.count,
        rejected=rejected_rows.count,
        rejected_file=rejected_rows.path if rejected_rows.count else None,
        codes=dict(codes.most_common()),
        load=load_name(file),
        seconds=time.monotonic() - started,
    )


def _sets(lines: Iterator[Line]) -> Iterator[list[Line]]:
    gathered: list[Line] = []
    for line in lines:
        gathered.append(line)
        if len(gathered) == _SET_ROWS:
            yield gathered
            gathered = []
    if gathered:
        yield gathered


def _send(
    file: CsvFile, publisher: Publisher, lines: list[Line], zone: tzinfo
) -> list[tuple[Line, tuple[Rejection, ...]]]:
    """Send a set of rows; those that were not sent, in the file's order."""
    refused: dict[int, tuple[Line, tuple[Rejection, ...]]] = {}
    readable: list[tuple[int, dict[str, Value]]] = []
    for place, line in enumerate(lines):
        row = _read(file, publisher.contract, line, zone)
        if isinstance(row, dict):
            readable.append((place, row))
        else:
            refused[place] = line, row
    for rejected in publisher.send_all([row for _, row in readable]):
        place = readable[rejected.place][0]
        refused[place] = lines[place], rejected.reasons
    return [refused[place] for place in sorted(refused)]


def _read(file: CsvFile, contract: Contract, line: Line, zone: tzinfo) -> dict[str, Value] | tuple[Rejection, ...]:
    if len(line.cells) != len(file.fields):
        return (reject("csv-columns", None, f"{len(line.cells)} sel", f"{len(file.fields)} sel"),)
    cells = line.cells
    if REASON_COLUMN in file.header:
        cells = [restored(cell) for cell in cells]
    named = {name: cell for name, cell in zip(file.fields, cells, strict=True) if name is not None}
    return read_row(contract, named, zone)
