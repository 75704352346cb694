"""The plan of the demo: the same for the same seed, every kind in it, and every expectation what the contract says."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date
from typing import Final

import pytest

from producers import wilayah
from producers.synthetic.kinds import DEAD_LETTERS, KINDS, UNKNOWN_SCHEMA
from producers.synthetic.residents import residents
from producers.synthetic.scenario import Planned, Scenario, summary
from schemas import event_key
from schemas.names import FieldName, SchemaId
from schemas.rejection import Fault, Rejection
from schemas.validator import Validator
from schemas.wire import headers
from schemas.wire.avro import Reader
from schemas.wire.framing import unframe
from tests.schemas import contracts
from tests.schemas.contracts import INSTANCE, TODAY, penduduk

REGIONS, POPULATION = contracts.wilayah(), penduduk()
IDS = {REGIONS.topic: SchemaId(1), POPULATION.topic: SchemaId(2)}
VILLAGES = wilayah.villages_of(INSTANCE.kode)
SEQUENCE: Final = "ce_sequence"


def scenario(count: int, seed: int = 7) -> Scenario:
    return Scenario(REGIONS, POPULATION, IDS, villages=VILLAGES, count=count, seed=seed)


PLANNED = list(scenario(2_000).population())


def by_key() -> dict[bytes | None, list[Planned]]:
    keys: dict[bytes | None, list[Planned]] = defaultdict(list)
    for event in PLANNED:
        keys[event.key].append(event)
    return keys


def first_reason(event: Planned) -> Rejection | None:
    """What our own readers and the contract say of an event by itself, in the order of the hub's judge."""
    about = headers.read(event.headers, POPULATION)
    if isinstance(about, Rejection):
        return about
    key = event_key.read(event.key)
    if isinstance(key, Rejection):
        return key
    if event.value is None:
        parts = VALIDATOR.check_key(key)
        return parts if isinstance(parts, Rejection) else None
    framed = unframe(event.value)
    if isinstance(framed, Rejection):
        return framed
    if framed[0] == UNKNOWN_SCHEMA:
        return Rejection(Fault.SCHEMA, "schema-unknown", None, "", "", "")
    row = READER.read(framed[1])
    verdict = row if isinstance(row, Rejection) else VALIDATOR.check(row, accepted_on=TODAY)
    if isinstance(verdict, Rejection):
        return verdict
    if isinstance(verdict, tuple):
        return verdict[0]
    return None if event_key.of_values(POPULATION, verdict) == key else event_key.differs(POPULATION)


READER, VALIDATOR = Reader(POPULATION.schema), Validator(POPULATION)


def test_the_same_seed_plans_the_same_events() -> None:
    assert list(scenario(300).population()) == list(scenario(300).population())
    assert list(scenario(300).population()) != list(scenario(300, seed=8).population())


@pytest.mark.parametrize("count", [1, 10, 300, 2_000])
def test_however_few_residents_every_kind_of_dead_letter_is_there(count: int) -> None:
    kinds = summary(scenario(count).population()).kinds

    assert kinds["good"] == count
    assert set(DEAD_LETTERS) <= set(kinds)


def test_every_kind_is_planned() -> None:
    assert {event.kind for event in PLANNED} == set(KINDS)
    assert len(DEAD_LETTERS) >= 12


def test_one_event_in_a_hundred_is_a_dead_letter() -> None:
    told = summary(scenario(20_000).population())
    everything = told.published + 91_592

    assert told.dead_letters == round(everything / 100)
    assert {name: told.kinds[name] for name in ("duplicate", "stale", "tombstone", "unknown-region")} == {
        "duplicate": 200,
        "stale": 200,
        "tombstone": 100,
        "unknown-region": 100,
    }


def test_the_summary_adds_up() -> None:
    told = summary(PLANNED)

    assert told.published == len(PLANNED) == told.accepted + told.known + told.parked + told.dead_letters
    assert told.rows == {POPULATION.topic: 2_000 - told.kinds["tombstone"]}


def test_each_event_is_refused_for_the_planned_reason_and_no_other_event_is() -> None:
    reasons = [(event.kind, first_reason(event)) for event in PLANNED]
    found = {(kind, reason and reason.fault, reason and reason.code) for kind, reason in reasons}

    assert found == {(name, kind.fault, kind.code) for name, kind in KINDS.items()}


def test_later_events_of_a_key_come_after_its_good_one_and_name_the_same_village() -> None:
    for events in by_key().values():
        kinds = [event.kind for event in events]
        if "good" in kinds and len(events) > 1 and events[0].key is not None:
            assert kinds[0] == "good"
            villages = {
                row["kode_wilayah"]
                for event in events
                if event.value is not None and isinstance(row := READER.read(event.value[5:]), dict)
            }
            assert len(villages) == 1


def test_versions_say_which_event_is_newer() -> None:
    newer = {"duplicate": 0, "stale": -1, "update": 1, "tombstone": 1}
    seen: Counter[str] = Counter()
    for events in by_key().values():
        first = int(dict(events[0].headers).get(SEQUENCE, b"0")) if events[0].kind == "good" else 0
        for event in events[1:]:
            if event.kind in newer:
                sequence = int(dict(event.headers)[SEQUENCE])
                assert (sequence > first) - (sequence < first) == newer[event.kind]
                seen[event.kind] += 1

    assert set(seen) == set(newer)


def test_identities_tell_events_apart_but_a_duplicate_from_its_original() -> None:
    counts = Counter(event.identity for event in PLANNED)

    assert {identity for identity, count in counts.items() if count > 1} == {
        event.identity for event in PLANNED if event.kind == "duplicate"
    }
    assert all(dict(event.headers)["ce_id"].decode() == event.identity for event in PLANNED)


def test_dead_letters_have_keys_of_their_own() -> None:
    others = {event.key for event in PLANNED if event.expected != "dead"}

    assert not others & {event.key for event in PLANNED if event.expected == "dead" and event.key is not None}


def test_unknown_regions_are_in_no_table() -> None:
    rows = [READER.read(event.value[5:]) for event in PLANNED if event.kind == "unknown-region" and event.value]

    assert rows
    assert not {row["kode_wilayah"] for row in rows if isinstance(row, dict)} & {row["kode"] for row in wilayah.rows()}


def test_residents_are_valid_synthetic_and_different() -> None:
    people = list(residents(5_000, seed=3, villages=VILLAGES))
    strict = replace(POPULATION, fields=tuple(replace(field, warn_only=frozenset()) for field in POPULATION.fields))

    assert Validator(strict).check_all(people, accepted_on=date(2025, 12, 31)) == people
    assert len({row["nik"] for row in people}) == len(people)
    assert {str(row["nik"])[12] for row in people} == {str(row["no_kk"])[12] for row in people} == {"9"}
    assert {row["kode_wilayah"] for row in people} <= set(VILLAGES)


def test_the_residents_live_in_all_of_the_instances_villages() -> None:
    assert len(VILLAGES) == 284
    assert {row["kode_wilayah"] for row in residents(20_000, seed=1, villages=VILLAGES)} == set(VILLAGES)


def test_the_four_tables_are_one_document() -> None:
    rows = list(wilayah.rows())
    by_code = {row["kode"]: row for row in rows}

    assert Counter(row["tingkat"] for row in rows) == {
        "PROVINSI": 38,
        "KABUPATEN": 514,
        "KECAMATAN": 7_277,
        "KELURAHAN": 8_498,
        "DESA": 75_265,
    }
    assert len(by_code) == len(rows) == 91_592
    assert all(row["induk"] in by_code for row in rows if row["tingkat"] != "PROVINSI")
    assert Validator(REGIONS).check_all(rows, accepted_on=TODAY) == rows


def test_a_region_stands_after_the_one_it_belongs_to() -> None:
    seen = set()
    for row in wilayah.rows():
        assert row["induk"] is None or row["induk"] in seen
        seen.add(row["kode"])


def test_a_village_is_mapped_field_by_field() -> None:
    row = next(row for row in wilayah.rows() if row["kode"] == "35.18.13.1001")

    assert row == {FieldName(field.name): None for field in REGIONS.fields} | {
        "kode": "35.18.13.1001",
        "nama": row["nama"],
        "tingkat": "KELURAHAN",
        "induk": "35.18.13",
        "sumber_diubah": wilayah.EDITION,
    }
