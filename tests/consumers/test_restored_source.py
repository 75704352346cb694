"""A source that was restored from a backup: told, compared, a new epoch granted, and its data good again."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli import main
from hub_db import stale
from hub_db.connection import transaction
from producers.publisher import Publisher
from schemas.contract import Value
from schemas.names import EventKey
from schemas.wire.registry_client import RegistryClient
from tests.hub import PASSWORD, Hub
from tests.hub_db.documents import place_row

ROWS = 300
REASON = "Cadangan dipulihkan setelah gangguan listrik."


def publish(hub: Hub, rows: Sequence[dict[str, Value]], sequence: int, gone: Sequence[str] = ()) -> int:
    """As an agency's adapter does; the epoch in which it sent."""
    with RegistryClient(hub.registry) as registry, Publisher(hub.stack.kafka(), registry, hub.places) as publisher:
        assert publisher.send_all(rows, sequences=[sequence] * len(rows)) == []
        for key in gone:
            assert publisher.delete(EventKey(key), sequence=sequence, time=datetime.now(UTC)) is None
    return publisher.epoch


@pytest.fixture
def command(hub: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    info, kafka = hub.owner.info, hub.stack.kafka()
    settings = {
        "DATABASE_URL": f"postgresql://{info.host}:{info.port}/{hub.database.name}",
        "KAFKA_BOOTSTRAP": kafka.bootstrap,
        "KAFKA_USERNAME": kafka.username,
        "KAFKA_PASSWORD": kafka.password.get_secret_value(),
        "REGISTRY_URL": hub.registry.url,
        "REGISTRY_USER": hub.registry.user,
        "REGISTRY_PASSWORD": PASSWORD.get_secret_value(),
        "HOME": str(tmp_path / "home"),
        "SECRETS": str(hub.stack.layout.secrets),
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"SIMPUL_{name}", value)

    def run(*words: str, ends: int = main.DONE) -> Any:
        assert main.run(["source", "epoch", f"{hub.opd}.tempat", *words, "--json"]) == ends
        said = capsys.readouterr()
        return json.loads(said.out) if ends == main.DONE else said.err

    return run


def test_a_restored_source_is_compared_gets_a_new_epoch_and_its_data_hold_again(hub: Hub, command: Any) -> None:
    with hub.worker():
        publish(hub, [place_row(f"x{n}") for n in range(ROWS)], 100)
        hub.settled(ROWS)
        nothing = command()
        refused = command("--grant", "--reason", REASON, ends=main.REFUSED)

        restored = [place_row(f"x{n}", nama="LAMA" if n < 40 else "A") for n in range(240)]
        assert publish(hub, restored, 1, gone=["x299"]) == 0
        hub.settled(ROWS + 241)
        with transaction(hub.owner):
            (standing,) = stale.sources(hub.owner, datetime(2026, 1, 1, tzinfo=UTC))
        before = hub.ask("select count(*) from reference.tempat where nama = 'LAMA'")
        compared = command()
        granted = command("--grant", "--reason", REASON)

        assert publish(hub, restored, 1, gone=["x299"]) == 1
        totals = hub.settled(ROWS + 482)

    after = hub.ask("select count(*) filter (where nama = 'LAMA'), count(*) filter (where _deleted),"
                    " count(*) filter (where _epoch = 1), count(*) from reference.tempat")  # fmt: skip
    assert nothing == {"epoch": 0, "comparison": None}
    assert "tidak tertinggal" in refused
    assert standing.is_stale
    assert 200 <= standing.older <= 241  # whole batches, from the newest on
    assert before == [(0,)]
    assert compared == {
        "epoch": 0,
        "granted": None,
        "comparison": {
            "events": 241,
            "keys": 241,
            "equal": 200,
            "different": 40,
            "new": 0,
            "deleted": 1,
            "unsent": 59,
            "unread": 0,
        },
    }
    assert granted == compared | {"granted": 1}
    assert totals[1:3] == (ROWS + 241, 241)  # accepted, known
    assert after == [(40, 1, 241, ROWS)]
    told = hub.ask("select subject, details->>'epoch' from audit.entry where act = 'source.epoch'")
    assert told == [(f"source:{hub.places.topic}", "1")]
