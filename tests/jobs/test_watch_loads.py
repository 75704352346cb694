"""The rules about loads that wait for a yes and partitions that rest."""

from datetime import UTC, datetime

from hub_db import announced, pauses
from hub_db.breaker import Kind, Trip
from identity.permissions import Role
from jobs.notices import Office
from jobs.watch_rules import loads
from tests.dashboard.load_rows import announce_load
from tests.hub_db.documents import PLACES, place_row
from tests.hub_db.test_settle import Bench
from tests.jobs.watched import CLOSED_ATTENTION, CLOSED_DISTURBANCE, OPEN_ATTENTION, OPEN_DISTURBANCE, Watched


def test_waiting_loads_fires_and_closes_with_a_verdict(bench: Bench, watched: Watched) -> None:
    load = announce_load(bench.owner, PLACES.topic).load

    titles = watched.look(loads.WAITING)

    assert titles == ["Muatan data uji.tempat menunggu persetujuan."] * 2
    offices = {each.office for each in watched.notices(loads.WAITING)}
    assert offices == {Office("uji", Role.OPD_ADMIN), Office("kominfo", Role.STEWARD)}
    assert watched.states(loads.WAITING) == OPEN_ATTENTION * 2

    announced.decide(
        bench.owner, PLACES.topic, load, approved=True, reason="Pemutakhiran tahunan yang direncanakan.",
        by="siti", by_kind="person", role=None, now=datetime.now(UTC),
    )  # fmt: skip
    assert watched.look(loads.WAITING) == []
    assert watched.states(loads.WAITING) == CLOSED_ATTENTION * 2


def test_resting_partitions_fires_and_closes_when_it_goes_on(bench: Bench, watched: Watched) -> None:
    stretch = bench.batch(PLACES, [("k", 1, place_row("k"))]).stretch
    number = pauses.begin(bench.owner, stretch, Trip(Kind.STORM, "nik.bentuk", 187, 200, stretch.next_offset))

    titles = watched.look(loads.RESTING)

    assert titles == ["Data uji.tempat dijeda pada partisi 0."]
    assert watched.states(loads.RESTING) == OPEN_DISTURBANCE

    pauses.end(
        bench.owner, number, reason="Kontrak sudah diperbaiki OPD.",
        by="siti", by_kind="person", role=None, now=datetime.now(UTC),
    )  # fmt: skip
    assert watched.look(loads.RESTING) == []
    assert watched.states(loads.RESTING) == CLOSED_DISTURBANCE
