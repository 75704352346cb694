"""The rules about what sources send: fields that suddenly look otherwise, and whole sources that have gone stale."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from base.calendar import pinned
from hub_db import epochs, stale
from hub_db.connection import transaction
from hub_db.errors import NoSuchMove
from hub_db.events import Version
from hub_db.profiles import store
from hub_db.profiles.measures import measure
from identity.permissions import Role
from jobs.notices import Office
from jobs.watch_rules import profiles
from jobs.watch_rules import stale as stale_rule
from schemas.contract import Contract
from schemas.rules import dtypes
from tests.hub_db.documents import PLACES, place_row
from tests.hub_db.test_settle import Bench
from tests.jobs.watched import CLOSED_ATTENTION, CLOSED_DISTURBANCE, OPEN_ATTENTION, OPEN_DISTURBANCE, Watched

ON = date(2026, 1, 30)  # a Friday
WORKED = pinned().is_working_day
OF = "\N{NO-BREAK SPACE}%"
REASON = "Cadangan dipulihkan setelah gangguan listrik."


def enter(bench: Bench, day: date, *, without_parent: float, contract: Contract = PLACES) -> None:
    """A day's rows as the intake would add them."""
    rows: list[dict[str, Any]] = [
        place_row(f"k{n}", None if n < 300 * without_parent else "x", f"NAMA {n % 40}") for n in range(300)
    ]
    frame = pl.DataFrame(rows, schema=dtypes(contract.fields), orient="row")
    with transaction(bench.conn):
        store.add(bench.conn, contract, day, len(rows), measure(contract, frame, day))


def past(bench: Bench) -> None:
    """Some weeks in which each day is like the others."""
    for back in range(30, 0, -1):
        day = ON - timedelta(days=back)
        if WORKED(day):
            enter(bench, day, without_parent=0.1 + 0.01 * (day.toordinal() % 3))


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 5, tzinfo=UTC)


def test_profiles_fires_and_closes_when_a_field_is_suddenly_empty(bench: Bench, watched: Watched) -> None:
    past(bench)
    enter(bench, ON, without_parent=1.0)

    titles = watched.look(profiles.RULE, noon(ON))

    assert titles == ["1 isian uji.tempat tiba-tiba lain pada 30 Januari 2026: induk."] * 2
    told = watched.notices(profiles.RULE)
    assert {each.office for each in told} == {Office("uji", Role.OPD_ADMIN), Office("kominfo", Role.STEWARD)}
    assert f"- induk: kosong 100,0{OF}, biasanya 11,0{OF}" in told[0].body
    assert told[0].link == "/katalog/uji/tempat/profil?hari=2026-01-30"
    assert watched.states(profiles.RULE) == OPEN_ATTENTION * 2

    enter(bench, ON + timedelta(days=3), without_parent=0.1)
    assert watched.look(profiles.RULE, noon(ON + timedelta(days=3))) == []
    assert watched.states(profiles.RULE) == CLOSED_ATTENTION * 2


def test_a_day_like_the_others_a_quiet_document_and_a_day_long_ago_call_nobody(bench: Bench, watched: Watched) -> None:
    past(bench)
    enter(bench, ON, without_parent=0.1)
    clean = watched.look(profiles.RULE, noon(ON))
    enter(bench, ON + timedelta(days=3), without_parent=1.0)

    later = watched.look(profiles.RULE, noon(ON + timedelta(days=11)))

    assert (clean, later) == ([], [])


def test_a_field_of_which_somebody_says_that_it_is_so_from_now_on_is_compared_anew(
    bench: Bench, watched: Watched
) -> None:
    past(bench)
    enter(bench, ON, without_parent=1.0)
    store.begin_anew(bench.owner, PLACES.topic, PLACES.fields[2].name, ON, by="uji", reason="Induk tidak diisi lagi.")

    assert watched.look(profiles.RULE, noon(ON)) == []


def send(bench: Bench, keys: range, sequence: int, *, epoch: int = 0, contract: Contract = PLACES) -> None:
    judged = bench.batch(contract, [(f"k{n}", sequence, place_row(f"k{n}")) for n in keys])
    events = [replace(each, version=Version(epoch, sequence)) for each in judged.events]
    bench.settle(contract, replace(judged, events=events))


def test_stale_source_fires_and_closes_with_a_new_epoch(bench: Bench, watched: Watched) -> None:
    send(bench, range(300), 50)
    send(bench, range(150), 1)
    few = watched.look(stale_rule.RULE)
    send(bench, range(150, 300), 1)

    titles = watched.look(stale_rule.RULE)

    assert few == []
    assert titles == ["Sumber uji.tempat tertinggal: 300 dari 300 kejadian terakhir lebih tua daripada isi hub."] * 2
    offices = {each.office for each in watched.notices(stale_rule.RULE)}
    assert offices == {Office("uji", Role.OPD_ADMIN), Office("kominfo", Role.OPERATOR)}
    assert watched.states(stale_rule.RULE) == OPEN_DISTURBANCE * 2
    assert stale.first_places(bench.owner, PLACES.topic) == {0: 300}

    assert begin(bench, seen=0) == 1
    assert watched.look(stale_rule.RULE) == []
    assert watched.states(stale_rule.RULE) == CLOSED_DISTURBANCE * 2

    send(bench, range(300), 1, epoch=1)
    assert bench.ask("select distinct _epoch, _sequence from reference.tempat") == [(1, 1)]
    assert watched.look(stale_rule.RULE) == []


def begin(bench: Bench, *, seen: int, reason: str = REASON) -> int:
    return epochs.begin(
        bench.owner,
        PLACES.topic,
        {"equal": 300},
        seen=seen,
        by="operator",
        by_kind="command",
        role=None,
        reason=reason,
        now=datetime.now(UTC),
    )


def test_an_epoch_begins_once_for_what_was_seen_and_for_a_reason(bench: Bench) -> None:
    begin(bench, seen=0)

    with pytest.raises(NoSuchMove, match="epoch 1"):
        begin(bench, seen=0)
    with pytest.raises(NoSuchMove, match="alasan"):
        begin(bench, seen=1, reason="ya")

    assert [(each.epoch, each.reason, each.comparison) for each in epochs.epochs(bench.owner, PLACES.topic)] == [
        (1, REASON, {"equal": 300})
    ]


def test_the_same_file_sent_again_and_a_few_late_events_are_no_stale_source(bench: Bench, watched: Watched) -> None:
    send(bench, range(300), 50)
    send(bench, range(300), 50)
    send(bench, range(60), 1)
    send(bench, range(300), 51)

    assert watched.look(stale_rule.RULE) == []
    assert bench.ask("select records, older from hub.stale_batch") == [(60, 60)]


def test_a_stale_source_that_sends_newer_events_again_is_told_no_more(bench: Bench, watched: Watched) -> None:
    send(bench, range(300), 50)
    send(bench, range(300), 1)
    before = watched.look(stale_rule.RULE)
    send(bench, range(250), 51)

    assert [len(before), watched.look(stale_rule.RULE)] == [2, []]
