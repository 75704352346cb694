"""Returned events go back to their topics and count once: `dlq replay` on a real broker, kills in between."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from consumers import replay
from consumers.documents import Document
from consumers.judge import judge
from consumers.records import ReadRecord
from hub_db.events import Place, Replayed, Stretch, Version
from hub_db.letters import Filter, Letter, LetterId
from identity.actors import Actor
from jobs import replays
from jobs.errors import NotPossible
from jobs.job import JobId
from jobs.kinds import register
from jobs.queue import find
from schemas.contract import Contract
from schemas.loader import read
from schemas.names import EventKey, SchemaId
from schemas.validator import Validator
from schemas.wire.headers import LETTER, EventHeaders, write
from tests.approval import approve
from tests.eventually import eventually
from tests.hub import ROOT, Hub
from tests.hub_db.documents import DAY, NOW, PLACES, person_row, place_row

LONG = "A" * 50  # the contract takes 40, its next version 60
BY = Actor.command("uji")
LETTERS = "select id, code, tries, replay_of, outcome from hub.dead_letter order by id"


@pytest.fixture
def returned(hub: Hub) -> Hub:
    """Three names that are too long, and one event that is broken for good; nothing is running."""
    register(hub.owner, [replay.kind(hub.stack.kafka)])
    hub.send(hub.places, [hub.event(hub.places, "x", 1, place_row("x"))])
    people = [hub.event(hub.people, f"p{n}", 7, person_row(f"p{n}", "x", LONG)) for n in range(3)]
    hub.send(hub.people, [*people, (b"q", b"\x07broken", people[0][2])], partition=0)
    with hub.worker():
        hub.settled(5)
    return hub


def wider(contract: Contract) -> Contract:
    """The contract's next version, which takes longer names."""
    schema = json.loads(json.dumps(dict(contract.schema)))
    for field in schema["fields"]:
        if field["name"] == "nama":
            field["maxLength"] = 60
    return read(schema, file="orang.avsc")


def ask(hub: Hub, **wanted: object) -> JobId:
    with hub.owner.transaction():
        return replays.ask(hub.owner, Filter(**wanted), by=BY).job  # type: ignore[arg-type]


@contextmanager
def jobs_process(hub: Hub, faults: str = "", **more: Any) -> Iterator["subprocess.Popen[str]"]:
    kafka = hub.stack.kafka()
    told = {
        "kafka": {**kafka.model_dump(), "password": kafka.password.get_secret_value()},
        "jobs": {
            "dsn": hub.database.dsn("simpul_jobs").get_secret_value(),
            "worker": "uji",
            "lease_s": 1.0,
            "look_every_s": 0.1,
            "faults": faults,
        },
        **more,
    }
    command = [sys.executable, "-m", "tests.run_process", "replay"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(told))
            process.stdin.close()
            yield process
        finally:
            process.kill()


def run(hub: Hub, job: JobId) -> None:
    with jobs_process(hub):
        eventually(lambda: find(hub.owner, job).finished_at, until=bool, within_s=30)


def test_what_is_refused_again_stays_a_letter_and_what_is_good_now_goes_in(returned: Hub) -> None:
    before = returned.ask(LETTERS)
    run(returned, ask(returned, topic=returned.people.topic))
    with returned.worker():
        returned.settled(9)
        refused = returned.ask(LETTERS)
        approve(returned.owner, wider(returned.people))
        run(returned, ask(returned, code="maxLength"))
        totals = returned.settled(12)

    ids = [row[0] for row in before]
    assert [row[1:] for row in before] == [(code, 0, None, None) for code in ["maxLength"] * 3 + ["magic"]]
    assert [row[4] for row in refused] == ["refused"] * 4 + [None] * 4
    assert sorted(row[1:4] for row in refused[4:]) == sorted(
        (code, 1, number) for code, number in zip(["maxLength"] * 3 + ["magic"], ids, strict=True)
    )
    assert totals == (12, 4, 0, 0, 8)
    assert returned.ask("select nomor, nama, _sequence from reference.orang order by nomor") == [
        (f"p{n}", LONG, 7) for n in range(3)
    ]
    assert returned.ask("select code, tries from hub.dead_letter where settled_at is null") == [("magic", 1)]
    ended = 'select l.outcome, h.key from hub.dead_letter l join hub.history h on (h.topic_no, h.partition, h."offset")'
    ended += " = (l.settled_topic_no, l.settled_partition, l.settled_offset) order by 2"
    assert returned.ask(ended) == [("accepted", f"p{n}") for n in range(3)]
    acts = "select subject, details ->> 'letters' from audit.entry where act = 'dead_letters.replay' order by at"
    assert returned.ask(acts) == [(f"topic:{returned.people.topic}", "4"), ("topic:*", "3")]


def test_a_replay_that_is_killed_counts_each_letter_once_and_nobody_settles_one_by_its_number(returned: Hub) -> None:
    approve(returned.owner, wider(returned.people))
    forged = forge(returned, returned.ask(LETTERS)[0][0])
    job = ask(returned, topic=returned.people.topic)

    with jobs_process(returned, "replay.sent:1:kill") as victim:
        assert victim.wait(timeout=60) == -signal.SIGKILL
    run(returned, job)
    with returned.worker():
        totals = returned.settled(5 + forged + 2 * 4)

    assert totals == (16, 4, 4, 0, 8)  # each letter went out twice: its first replay decides
    letters = returned.ask(LETTERS)
    assert [row[1:] for row in letters[:4]] == [("maxLength", 0, None, "accepted")] * 3 + [
        ("magic", 0, None, "refused")
    ]
    assert sorted(row[1:4] for row in letters[4:]) == [*[("header-letter", 0, None)] * 3, ("magic", 1, letters[3][0])]
    assert find(returned.owner, job).done == 4
    for wanted, reason in (
        (Filter(), "sebutkan"),
        (Filter(named=LetterId(letters[0][0])), "sudah diterima"),
        (Filter(named=LetterId(10**9)), "Tidak ada"),
        (Filter(since=datetime(2200, 1, 1, tzinfo=UTC)), "Tidak ada"),
    ):
        with pytest.raises(NotPossible, match=reason), returned.owner.transaction():
            replays.ask(returned.owner, wanted, by=BY)


def forge(hub: Hub, number: int) -> int:
    """Records that name a letter which is not theirs: other bytes, another topic, no number; how many."""
    key, value, headers = hub.event(hub.people, "p0", 8, person_row("p0", "x", "LAIN"))
    other, row, more = hub.event(hub.places, "y", 1, place_row("y"))
    claim = [(LETTER, str(number).encode())]
    hub.send(hub.people, [(key, value, [*headers, *claim])], partition=0)
    hub.send(hub.places, [(other, row, [*more, *claim]), (other, row, [*more, (LETTER, b"x")])])
    return 3


def test_a_replay_of_a_document_without_sequence_has_the_version_of_its_first_place() -> None:
    schema = json.loads(json.dumps(dict(PLACES.schema)))
    schema["contract"]["sequence"] = "none"
    contract = read(schema, file="tempat.avsc")
    first, stretch = Place(3, 1, 5), Stretch(contract.topic, uuid4(), 4, 0, 90, 91, 1)
    headers = [*write(EventHeaders("a-1", "/opd/uji/uji", NOW, 0, 0, None), contract, EventKey("a")), (LETTER, b"12")]
    record = ReadRecord(90, None, b"a", None, headers)
    letter = Letter(Replayed(12, first, 0), b"a", sha256(b"").digest(), is_open=True)
    document = Document(contract, SchemaId(1), Validator(contract))

    judged = judge(document, lambda _: None, stretch, [record], DAY, lambda ids: dict.fromkeys(ids, letter))

    assert [(each.version, each.place) for each in judged.events] == [(Version(3, 5), Place(4, 0, 90))]
