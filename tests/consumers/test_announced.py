"""A file that would change too much waits for a person before anything of it is sent; then all of it arrives."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hub_db import loads
from hub_db.announced import State
from hub_db.connection import connect, transaction
from identity.actors import Actor
from jobs import load_verdicts
from producers import announcing, csv_publish
from producers.csv_publish import Summary
from producers.errors import LoadRefused, LoadWaits, NotAnnounced
from producers.publisher import Publisher
from schemas.wire.registry_client import RegistryClient
from tests.hub import Hub
from tests.hub_db.documents import NOW

ZONE = ZoneInfo("Asia/Jakarta")
WHY = "Berkas sudah dicocokkan dengan OPD."


def file_of(path: Path, rows: int, changed: int = 0) -> Path:
    """Places, of which the first ones are as of a day later."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["kode", "nama", "induk", "sumber_diubah"])
        for number in range(rows):
            at = NOW + timedelta(days=number < changed)
            writer.writerow([f"x{number}", "A", "", at.isoformat()])
    return path


def publish(hub: Hub, path: Path) -> Summary:
    """As the command does it."""
    with RegistryClient(hub.registry) as registry:
        file = csv_publish.examine_for(path, hub.places)
        announced = csv_publish.announcement(file, hub.places, ZONE, system="uji")
        load = announcing.announce(registry, hub.places, announced).load
        with Publisher(hub.stack.kafka(), registry, hub.places, load=load) as publisher:
            summary = csv_publish.publish(file, publisher, ZONE)
        announcing.finish(registry, hub.places, load, sent=summary.sent, refused=summary.rejected)
        return summary


def say(hub: Hub, load: str, *, approved: bool) -> None:
    """A steward's yes or no, with the rights of the pages."""
    with connect(hub.database.dsn("simpul_web"), process="test") as conn, transaction(conn):
        by, now = Actor.command("uji"), datetime.now(UTC)
        load_verdicts.decide(conn, hub.places.topic, load, approved=approved, reason=WHY, by=by, now=now)


def test_a_file_that_changes_too_much_is_sent_after_a_yes_and_not_before(hub: Hub, tmp_path: Path) -> None:
    publish(hub, file_of(tmp_path / "pertama.csv", 100))
    with hub.worker():
        hub.settled(100)
        with pytest.raises(LoadWaits, match=r"mengubah 62 % dari 100 baris yang ada \(62 baris\); batas kontrak 30 %"):
            publish(hub, file_of(tmp_path / "kedua.csv", 120, changed=62))
        with transaction(hub.owner):
            waiting, first = loads.loads(hub.owner, hub.places.topic, limit=9)
        sent_before = hub.totals()[0]
        say(hub, waiting.name, approved=True)

        summary = publish(hub, tmp_path / "kedua.csv")
        hub.settled(220)
    with transaction(hub.owner):
        second = loads.one(hub.owner, hub.places.topic, waiting.name)

    assert sent_before == 100
    assert waiting.announced is not None
    assert (waiting.announced.state, waiting.arrived) == (State.WAITING, None)
    assert first.arrived is not None
    assert (first.arrived.came, first.arrived.created, first.arrived.changed) == (100, 100, 0)
    assert (summary.sent, summary.rejected) == (120, 0)
    assert second is not None
    assert second.announced is not None
    assert second.arrived is not None
    assert (second.announced.state, second.announced.sent, second.announced.sampled) == (State.APPROVED, 120, 120)
    counts, came = second.announced.counts, second.arrived
    assert (counts.created, counts.changed, counts.unchanged, counts.deleted) == (20, 62, 38, 0)
    assert (came.came, came.created, came.changed, came.deleted) == (120, 20, 62, 0)
    acts = hub.ask("select act, subject from audit.entry where act like 'load.%'")
    assert acts == [("load.approve", f"load:{hub.places.topic}/{waiting.name}")]


def test_a_file_that_was_refused_or_cannot_be_announced_is_not_sent(hub: Hub, tmp_path: Path) -> None:
    publish(hub, file_of(tmp_path / "pertama.csv", 100))
    with hub.worker():
        hub.settled(100)
    path = file_of(tmp_path / "kedua.csv", 100, changed=31)
    with pytest.raises(LoadWaits):
        publish(hub, path)
    say(hub, csv_publish.load_name(csv_publish.examine_for(path, hub.places)), approved=False)

    with pytest.raises(LoadRefused, match=WHY):
        publish(hub, path)
    file = csv_publish.examine_for(path, hub.places)
    announced = csv_publish.announcement(file, hub.places, ZONE, system="uji")
    nowhere = hub.registry.model_copy(update={"url": "http://127.0.0.1:9"})
    with RegistryClient(nowhere) as registry, pytest.raises(NotAnnounced, match="tidak ada lagi yang dikirim"):
        announcing.announce(registry, hub.places, announced)

    end = hub.stack.kafka()
    assert log_end(hub) == 100, end.bootstrap
    assert hub.ask("select count(*) from hub.load_verdict where not approved") == [(1,)]


def log_end(hub: Hub) -> int:
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(**hub.stack.kafka().kafka_python())
    try:
        return sum(consumer.end_offsets([TopicPartition(hub.places.topic, number) for number in (0, 1)]).values())
    finally:
        consumer.close()
