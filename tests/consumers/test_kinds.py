"""Each kind of dead letter of the scenario: the exact reason, the original bytes, and neighbours unharmed."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from base.instance import load as load_instance
from consumers.documents import Document, Readers
from consumers.judge import judge
from consumers.records import ReadRecord
from hub_db.event_frames import Judged
from hub_db.events import Stretch
from producers.synthetic.kinds import DEAD_LETTERS, KINDS
from producers.synthetic.scenario import Planned, Scenario
from producers.wilayah import villages_of
from schemas.loader import load
from schemas.names import SchemaId
from schemas.validator import Validator
from schemas.wire.avro import Reader

ROOT = Path(__file__).parent.parent.parent
INSTANCE = load_instance(ROOT / "instansi.toml")
REGIONS = load(ROOT / "schemas/avro/kominfo/wilayah.avsc", INSTANCE)
RESIDENTS = load(ROOT / "schemas/avro/disdukcapil/penduduk.avsc", INSTANCE)
IDS = {REGIONS.topic: SchemaId(1), RESIDENTS.topic: SchemaId(2)}
COUNT = 400


def written(event: Planned, offset: int) -> ReadRecord:
    """A planned event as it stands in a log."""
    return ReadRecord(offset, 1_767_596_700_000, event.key, event.value, event.headers)


@pytest.fixture(scope="module")
def events() -> list[Planned]:
    scenario = Scenario(REGIONS, RESIDENTS, IDS, villages=villages_of(INSTANCE.kode), count=COUNT, seed=7)
    return list(scenario.population())


@pytest.fixture(scope="module")
def judged(events: list[Planned]) -> Judged:
    """All events of the scenario in one batch, good and bad side by side."""
    document = Document(RESIDENTS, IDS[RESIDENTS.topic], Validator(RESIDENTS))
    stretch = Stretch(RESIDENTS.topic, uuid4(), 1, 0, 0, len(events), len(events))
    records = [written(event, offset) for offset, event in enumerate(events)]
    readers = Readers(Reader(RESIDENTS.schema), None)
    return judge(document, lambda schema_id: readers if schema_id == 2 else None, stretch, records, date(2026, 1, 5))


def of_kind(events: list[Planned], kind: str) -> Mapping[int, Planned]:
    return {offset: event for offset, event in enumerate(events) if event.kind == kind}


@pytest.mark.parametrize("kind", DEAD_LETTERS)
def test_a_kind_is_dead_lettered_with_its_reason_and_bytes(kind: str, events: list[Planned], judged: Judged) -> None:
    letters = {letter.offset: letter for letter in judged.dead_letters}
    planned = of_kind(events, kind)

    assert planned
    for offset, event in planned.items():
        first = letters[offset].reasons[0]
        assert (first.fault, first.code) == (event.fault, event.code)
        assert first.found
        assert first.expected
        assert first.remedy.startswith("Mohon")
        assert (letters[offset].key, letters[offset].value) == (event.key, event.value)


def test_the_neighbours_of_dead_letters_are_events(events: list[Planned], judged: Judged) -> None:
    alive = {event.place.offset for event in judged.events}

    assert alive == {offset for offset, event in enumerate(events) if KINDS[event.kind].expected != "dead"}


def test_no_reason_quotes_a_value(events: list[Planned], judged: Judged) -> None:
    values = {str(event.row["nik"]) for event in judged.events if event.row is not None}
    values |= {str(event.row["nama"]) for event in judged.events if event.row is not None}
    said = " ".join(reason.sentence() for letter in judged.dead_letters for reason in letter.reasons)

    assert [value for value in values if value in said] == []


def test_a_share_of_one_percent_or_more_is_dead_lettered(judged: Judged) -> None:
    assert len(judged.dead_letters) >= len(DEAD_LETTERS)
    assert len(DEAD_LETTERS) >= 10
