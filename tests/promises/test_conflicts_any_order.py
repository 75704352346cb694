"""Promise 3 of conflicts: whatever the order of arrival, the batches and the looks, the same are open in the end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.stack.local import Stack
from tests.conftest import one_database
from tests.consumers.batches import Event
from tests.hub_db.residents import gone
from tests.promises.roads import ALWAYS, Road
from tests.promises.test_conflicts import AID, ALL, BORN, PATIENTS, PEOPLE, begin, enter_entities, look, patient, person

# Names by who bears them: the first two are one name.
NAMES = ("SITI AMINAH", "HJ. SITI AMINAH, S.PD.", "SITI AMINAT", "BUDI SANTOSO")
DATES = (BORN, date(1971, 2, 3))
KEYS = ("1",)


@dataclass(frozen=True, slots=True)
class Said:
    """One event: which source says what of which key under which version; no name is a delete."""

    of_patients: bool
    key: str
    version: int
    name: int | None
    born: int

    def event(self) -> Event:
        document = PATIENTS if self.of_patients else PEOPLE
        if self.name is None:
            return gone(document, self.key, self.version)
        if self.of_patients:
            return patient(self.key, self.version, NAMES[self.name], DATES[self.born])
        return person(self.key, self.version, NAMES[self.name], tanggal_lahir=DATES[self.born])


SAID = st.builds(
    Said,
    of_patients=st.booleans(),
    key=st.sampled_from(KEYS),
    version=st.integers(1, 3),
    name=st.sampled_from([0, 1, 2, 3, None]),
    born=st.sampled_from([0, 0, 1]),
)


def newest(said: list[Said], key: str, *, of_patients: bool) -> Said | None:
    """What holds in the end: the highest version, unless it is a delete."""
    found = [each for each in said if each.key == key and each.of_patients is of_patients]
    last = max(found, key=lambda each: each.version, default=None)
    return None if last is None or last.name is None else last


def model(said: list[Said]) -> set[tuple[str, str, str]]:
    """The conflicts that are open in the end: kind, key, what about."""
    open_ones: set[tuple[str, str, str]] = set()
    for key in KEYS:
        a, b = newest(said, key, of_patients=False), newest(said, key, of_patients=True)
        if a is None or b is None:
            continue
        names, dates = {a.name, b.name}, {a.born, b.born}
        differ = [] if len(names) == 1 or names == {0, 1} else ["nama"]
        differ += ["tanggal_lahir"] if len(dates) == 2 else []
        if len(differ) == 2 and 3 in names:
            open_ones.add(("two_persons", key, "nama,tanggal_lahir"))
        else:
            open_ones |= {("agree", key, about) for about in differ}
    return open_ones


@pytest.fixture(scope="module")
def road(stack: Stack, template: str) -> Iterator[Road]:
    with one_database(stack, template) as database:
        made = Road(database, ALWAYS, ALL)
        enter_entities(made)
        yield made
        made.close()


def test_conflicts_are_those_of_the_model_in_any_order(road: Road) -> None:
    @settings(max_examples=40, derandomize=True)
    @given(
        said=st.lists(SAID, min_size=2, max_size=6, unique_by=lambda each: (each.of_patients, each.key, each.version)),
        looks=st.sets(st.integers(0, 4)),
    )
    def law(said: list[Said], looks: set[int]) -> None:
        begin(road)
        for place, each in enumerate(said):
            road.take(PATIENTS if each.of_patients else PEOPLE, [each.event()])
            road.release()
            if place in looks:
                look(road)

        found = look(road)

        assert {each[:3] for each in found if each[-1] == "open"} == model(said)
        assert {each[-1] for each in found} <= {"open", "ended"}
        assert AID.name not in {each[4] for each in found}

    law()
