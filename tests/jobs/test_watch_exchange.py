"""The rules about the exchange, fired by real rows and a real log, and closed by the end of their cause."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from base.calendar import pinned
from base.freshness import is_stale
from hub_db import attempts, facts, offsets, pauses, rounds
from hub_db.breaker import Kind, Trip
from hub_db.connection import connect, transaction
from hub_db.errors import LogTruncated
from hub_db.facts import Fact
from identity.actors import Actor
from identity.permissions import Role
from jobs import load_verdicts, pause_ends
from jobs.notices import Office, Severity, State
from jobs.watch import LogEnd
from jobs.watch_log_ends import log_ends
from jobs.watch_rules import lag, loads, logs, outbox, parking, rejects, silence
from tests.conftest import Database
from tests.dashboard.load_rows import announce_load
from tests.eventually import eventually
from tests.hub import make_hub
from tests.hub_db.documents import PEOPLE, PLACES, person_row, place_row
from tests.hub_db.test_settle import Bench
from tests.jobs.watched import (
    CLOSED_ATTENTION,
    CLOSED_DISTURBANCE,
    OPEN_ATTENTION,
    OPEN_DISTURBANCE,
    Watched,
)

WIB = ZoneInfo("Asia/Jakarta")
OF_UJI = Office("uji", Role.OPD_ADMIN)


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


def send(bench: Bench, at: datetime, number: int) -> None:
    """Both documents get an event whose log time is `at`."""
    for contract, row in ((PLACES, place_row(f"x{number}")), (PEOPLE, person_row(f"p{number}", f"x{number}"))):
        judged = bench.batch(contract, [(f"{'x' if contract is PLACES else 'p'}{number}", 1, row)])
        bench.settle(contract, replace(judged, stretch=replace(judged.stretch, appended_at=at)))


def test_silence_fires_and_closes(bench: Bench, watched: Watched) -> None:
    """Promise P1D, last event on a Tuesday: the whole of Wednesday is still in time."""
    send(bench, wib("2026-01-06 10:00"), 1)

    assert watched.look(silence.RULE, wib("2026-01-07 23:59:59")) == []
    assert watched.look(silence.RULE, wib("2026-01-08 00:00:01")) == [
        "Data uji.orang tidak mutakhir: pembaruan terakhir 2 hari kerja lalu, janji 1 hari kerja.",
        "Data uji.tempat tidak mutakhir: pembaruan terakhir 2 hari kerja lalu, janji 1 hari kerja.",
    ]
    assert watched.states(silence.RULE) == OPEN_DISTURBANCE * 2
    assert {row.office for row in watched.notices(silence.RULE)} == {OF_UJI}

    send(bench, wib("2026-01-08 08:00"), 2)
    assert watched.look(silence.RULE, wib("2026-01-08 08:05")) == []
    assert watched.states(silence.RULE) == CLOSED_DISTURBANCE * 2


def test_a_document_that_never_had_an_event_is_silent_from_its_first_day(bench: Bench, watched: Watched) -> None:
    bench.owner.execute("update hub.document set provisioned_at = %s", (wib("2026-01-06 10:00"),))

    assert watched.look(silence.RULE, wib("2026-01-08 00:00:01"))[0] == (
        "Data uji.orang tidak mutakhir: belum pernah ada data, janji 1 hari kerja."
    )


@pytest.mark.parametrize(
    ("since", "freshness", "last_good"),
    [
        pytest.param("2026-01-09 15:00", "P1D", "2026-01-12 23:59:59", id="Friday: Monday is in time"),
        pytest.param("2026-01-10 15:00", "P1D", "2026-01-12 23:59:59", id="Saturday as well"),
        pytest.param("2026-03-17 10:00", "P1D", "2026-03-25 23:59:59", id="over a week of holidays"),
        pytest.param("2026-01-05 10:00", "P7D", "2026-01-12 23:59:59", id="a week"),
        pytest.param("2026-01-03 10:00", "P7D", "2026-01-12 23:59:59", id="a week that ends on a Saturday"),
        pytest.param("2026-01-05 10:00", "PT6H", "2026-01-05 16:00:00", id="six hours"),
        pytest.param("2026-01-05 10:00", "PT30M", "2026-01-05 10:30:00", id="half an hour"),
    ],
)
def test_a_promise_is_kept_until_its_last_second(since: str, freshness: str, last_good: str) -> None:
    good, bad = wib(last_good), wib(last_good) + timedelta(seconds=1)

    def stale(now: datetime) -> bool:
        worked = pinned().is_working_day
        return is_stale(wib(since).astimezone(UTC), freshness, now=now, zone=WIB, worked=worked)

    assert (stale(good), stale(bad)) == (False, True)


def rows(first: int, count: int) -> list[tuple[str, int, dict[str, object]]]:
    return [(f"k{number}", 1, place_row(f"k{number}")) for number in range(first, first + count)]  # type: ignore[misc]


def test_rejects_fires_and_closes(bench: Bench, watched: Watched) -> None:
    bench.settle(PLACES, bench.batch(PLACES, rows(0, 179), dead=20))  # type: ignore[arg-type]
    assert watched.look(rejects.RULE) == []

    bench.settle(PLACES, bench.batch(PLACES, rows(179, 1)))  # type: ignore[arg-type]
    assert watched.look(rejects.RULE) == ["10,0 % data uji.tempat dikembalikan."]
    (row,) = watched.notices(rejects.RULE)
    assert (row.state, row.severity, row.office) == (State.OPEN, Severity.ATTENTION, OF_UJI)
    assert row.body.startswith("20 dari 200 kejadian dalam 24 jam terakhir dikembalikan. Sebab terbanyak: magic.")

    bench.settle(PLACES, bench.batch(PLACES, rows(180, 250)))  # type: ignore[arg-type]
    assert watched.look(rejects.RULE) == []
    assert watched.states(rejects.RULE) == CLOSED_ATTENTION


def test_rejects_end_with_their_window(bench: Bench, watched: Watched) -> None:
    bench.settle(PLACES, bench.batch(PLACES, rows(0, 50), dead=150))  # type: ignore[arg-type]

    assert watched.look(rejects.RULE) == ["75,0 % data uji.tempat dikembalikan."]
    assert watched.states(rejects.RULE) == OPEN_DISTURBANCE
    assert watched.look(rejects.RULE, datetime.now(UTC) + timedelta(hours=25)) == []
    assert watched.states(rejects.RULE) == CLOSED_DISTURBANCE


def test_parking_fires_and_closes(bench: Bench, watched: Watched) -> None:
    bench.settle(PEOPLE, bench.batch(PEOPLE, [("p", 1, person_row("p", "x")), ("q", 1, person_row("q", "x"))]))
    in_a_week = datetime.now(UTC) + timedelta(days=7)

    assert watched.look(parking.RULE, in_a_week - timedelta(hours=1)) == []
    assert watched.look(parking.RULE, in_a_week) == ["2 data uji.orang masih ditunda menunggu rujukan tempat."]
    assert watched.states(parking.RULE) == OPEN_ATTENTION

    bench.settle(PLACES, bench.batch(PLACES, [("x", 1, place_row("x"))]))
    bench.release()
    assert watched.look(parking.RULE, in_a_week) == []
    assert watched.states(parking.RULE) == CLOSED_ATTENTION


def test_outbox_fires_and_closes(bench: Bench, watched: Watched, database: Database) -> None:
    bench.settle(PLACES, bench.batch(PLACES, [("x", 1, place_row("x"))], dead=1))
    later = datetime.now(UTC) + timedelta(minutes=6)
    assert watched.look(outbox.RULE) == []

    found = watched.look(outbox.RULE, later)
    assert [title.partition(" belum terkirim sejak 6 menit")[0] for title in found] == [
        "Perubahan data rujukan",
        "Data yang dikembalikan",
    ]
    assert watched.states(outbox.RULE) == OPEN_DISTURBANCE * 2
    assert all(row.urgent for row in watched.notices(outbox.RULE))

    publisher = connect(database.dsn("simpul_publisher"), process="test")
    rounds.snapshot(publisher)
    with transaction(publisher):
        number = rounds.open_round(publisher)
    assert [title[:29] for title in watched.look(outbox.RULE, later)] == ["Penerbitan yang sudah dimulai"]
    rounds.close_round(publisher, number, records=1, letters=1)
    publisher.close()
    assert watched.look(outbox.RULE, later) == []
    assert watched.states(outbox.RULE) == CLOSED_DISTURBANCE * 3


def test_a_fact_that_does_not_leave_is_seen(watched: Watched, database: Database) -> None:
    with database.connect("simpul_web") as web:
        facts.report(web, Fact("schema.approved", "uji.orang", source="/simpul/uji", occurred_at=datetime.now(UTC)))
    later = datetime.now(UTC) + timedelta(minutes=6)

    assert [title[:9] for title in watched.look(outbox.RULE, later)] == ["Fakta SOP"]
    with database.connect("simpul_publisher") as publisher:
        publisher.execute("update hub.fact set number = 1, sent_at = now()")
    assert watched.look(outbox.RULE, later) == []


def test_lag_fires_and_closes(database: Database, watched: Watched) -> None:
    """A real topic that nobody reads, then a real worker."""
    with make_hub(database, partitions=1) as hub:
        hub.send(hub.places, [hub.event(hub.places, f"x{n}", 1, place_row(f"x{n}")) for n in range(5)])
        started = datetime.now(UTC)

        def look(after_s: float) -> list[str]:
            ours = lambda: [end for end in log_ends(hub.stack.kafka()) if end.topic == hub.places.topic]  # noqa: E731
            return watched.look(lag.RULE, started + timedelta(seconds=after_s), log_ends=ours)

        assert look(0) == []
        assert look(119) == []
        assert look(120) == [f"Data {hub.opd}.tempat belum terolah dan tidak bergerak sejak 2 menit."]
        (row,) = watched.notices(lag.RULE)
        assert (row.state, row.severity, row.urgent) == (State.OPEN, Severity.DISTURBANCE, True)
        assert row.body.startswith(f"5 kejadian {hub.opd}.tempat menunggu.")

        with hub.worker():
            hub.settled(5)
        assert look(180) == []
        assert watched.states(lag.RULE) == CLOSED_DISTURBANCE
        assert hub.ask("select count(*) from notice.log_end") == [(0,)]


def test_a_hub_that_works_but_is_slow_is_told_later_and_milder(bench: Bench, watched: Watched) -> None:
    bench.settle(PLACES, bench.batch(PLACES, rows(0, 5)))  # type: ignore[arg-type]
    ends = [LogEnd(PLACES.topic, bench.ids[PLACES.topic], 0, 0, 100)]
    now = datetime.now(UTC)

    def look(at: datetime) -> list[str]:
        return watched.look(lag.RULE, at, log_ends=lambda: ends)

    assert look(now - timedelta(seconds=900)) == []
    bench.settle(PLACES, bench.batch(PLACES, rows(5, 5)))  # type: ignore[arg-type]
    assert look(now) == ["Data uji.tempat belum terolah, tertinggal 15 menit."]
    assert watched.states(lag.RULE) == OPEN_ATTENTION


def test_how_far_behind_is_the_age_of_the_oldest_end_not_reached(bench: Bench, watched: Watched) -> None:
    """Ends seen at 0, 60 and 120 s; what the hub has reached counts no more."""
    start, topic_id = datetime.now(UTC) - timedelta(hours=1), bench.ids[PLACES.topic]
    for minute, end in enumerate((4, 8, 12)):
        ends = [LogEnd(PLACES.topic, topic_id, 0, 0, end)]
        watched.look(lag.RULE, start + timedelta(minutes=minute), log_ends=lambda ends=ends: ends)
    bench.settle(PLACES, bench.batch(PLACES, rows(0, 5)))  # type: ignore[arg-type]

    watched.look(lag.RULE, start + timedelta(minutes=3), log_ends=lambda: ends)

    kept = bench.owner.execute("select end_offset from notice.log_end order by 1").fetchall()
    assert kept == [(8,), (12,)]


def test_what_retention_took_away_is_not_waited_for(watched: Watched, bench: Bench) -> None:
    ends = [LogEnd(PLACES.topic, uuid4(), 0, first=50, end=50)]
    now = datetime.now(UTC)
    bench.ask("select 1")

    for hours in range(3):
        assert watched.look(lag.RULE, now + timedelta(hours=hours), log_ends=lambda: ends) == []


def test_the_log_ends_are_those_of_kafka(database: Database) -> None:
    with make_hub(database, partitions=2) as hub:
        hub.send(hub.places, [hub.event(hub.places, "x", 1, place_row("x"))] * 3, partition=1)

        found = eventually(
            lambda: [end for end in log_ends(hub.stack.kafka()) if end.topic == hub.places.topic],
            until=lambda ends: [end.end for end in ends] == [0, 3],
        )

    assert [(end.partition, end.first) for end in found] == [(0, 0), (1, 0)]
    assert len({end.topic_id for end in found}) == 1


def test_lost_records_fires_and_closes(bench: Bench, watched: Watched) -> None:
    send(bench, datetime.now(UTC), 1)
    people = {"topic": PEOPLE.topic, "partition": 0, "log_start": 0, "worker": "w"}
    with transaction(bench.conn):
        places = bench.ids[PLACES.topic]
        offsets.open_partition(bench.conn, PLACES.topic, places, 0, log_start=5, log_end=9, worker="w")
    with pytest.raises(LogTruncated) as lost, transaction(bench.conn):
        offsets.open_partition(bench.conn, topic_id=bench.ids[PEOPLE.topic], log_end=0, **people)  # type: ignore[arg-type]
    with transaction(bench.conn):
        offsets.stop(bench.conn, bench.ids[PEOPLE.topic], lost.value)

    assert watched.look(logs.LOST) == [
        "Data uji.orang (partisi 0) dihentikan: log Kafka kehilangan ujungnya.",
        "Data uji.tempat: 4 tempat pesan terhapus dari Kafka sebelum diolah.",
    ]
    assert watched.states(logs.LOST) == OPEN_DISTURBANCE * 2

    with transaction(bench.conn):
        offsets.open_partition(bench.conn, topic_id=uuid4(), log_end=0, **people)  # type: ignore[arg-type]
    assert watched.look(logs.LOST) == [
        "Data uji.tempat: 4 tempat pesan terhapus dari Kafka sebelum diolah.",
        "Topik uji.orang dibuat ulang; hub membacanya dari awal.",
    ]
    assert watched.look(logs.LOST, datetime.now(UTC) + timedelta(days=8)) == []


def test_worker_deaths_fires_and_closes(bench: Bench, watched: Watched) -> None:
    judged = bench.batch(PLACES, [("x1", 1, place_row("x1")), ("x2", 1, place_row("x2"))])
    attempts.begin(bench.conn, judged.stretch, 0, "w")
    assert watched.look(logs.DEATHS) == []

    attempts.begin(bench.conn, judged.stretch, 2, "w")
    assert watched.look(logs.DEATHS) == ["Penerima data uji.tempat berhenti 2 kali pada pesan yang sama."]
    assert watched.states(logs.DEATHS) == OPEN_DISTURBANCE

    bench.settle(PLACES, judged)
    assert watched.look(logs.DEATHS) == []
    assert watched.states(logs.DEATHS) == CLOSED_DISTURBANCE


def test_a_load_that_waits_is_told_to_its_owner_and_to_the_stewards_until_somebody_has_decided(
    bench: Bench, watched: Watched
) -> None:
    announce_load(bench.owner, PLACES.topic)

    assert watched.look(loads.WAITING) == ["Muatan data uji.tempat menunggu persetujuan."] * 2
    assert {row.office for row in watched.notices(loads.WAITING)} == {OF_UJI, Office("kominfo", Role.STEWARD)}
    assert watched.states(loads.WAITING) == OPEN_ATTENTION * 2

    with transaction(bench.owner):
        by, now = Actor.command("uji"), datetime.now(UTC)
        load_verdicts.decide(
            bench.owner, PLACES.topic, "csv-0f3a", approved=True, reason="Sudah dicocokkan.", by=by, now=now
        )
    assert watched.look(loads.WAITING) == []
    assert watched.states(loads.WAITING) == CLOSED_ATTENTION * 2


def test_a_partition_at_rest_is_told_until_it_goes_on_and_is_not_told_to_lag(bench: Bench, watched: Watched) -> None:
    send(bench, datetime.now(UTC), 1)
    judged = bench.batch(PLACES, [("x9", 1, place_row("x9"))])
    with transaction(bench.owner):
        number = pauses.begin(bench.owner, judged.stretch, Trip(Kind.STORM, "magic", 200, 200, 1))
    end = LogEnd(PLACES.topic, judged.stretch.topic_id, judged.stretch.partition, 0, 500)
    later = datetime.now(UTC) + timedelta(hours=1)

    assert watched.look(loads.RESTING) == ["Data uji.tempat dijeda pada partisi 0."]
    assert watched.states(loads.RESTING) == OPEN_DISTURBANCE
    assert watched.look(lag.RULE, log_ends=lambda: [end]) == []
    assert watched.look(lag.RULE, later, log_ends=lambda: [end]) == []

    with transaction(bench.owner):
        pause_ends.end(bench.owner, number, reason="Adaptor diperbaiki.", by=Actor.command("uji"), now=later)
    assert watched.look(loads.RESTING, later) == []
    assert watched.states(loads.RESTING) == CLOSED_DISTURBANCE
    watched.look(lag.RULE, later, log_ends=lambda: [end])
    assert watched.look(lag.RULE, later + timedelta(hours=1), log_ends=lambda: [end]) != []
