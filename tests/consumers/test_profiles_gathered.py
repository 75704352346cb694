"""The worker gathers profiles beside its batches: each valid row once, and none twice whatever is killed."""

import signal

from tests.eventually import eventually
from tests.hub import Hub
from tests.hub_db.documents import place_row

SUMS = "select field, seen, looked_at, nulls from hub.profile where topic = %s order by field"


def send_places(hub: Hub, first: int, last: int) -> None:
    places = [hub.event(hub.places, f"x{n}", 1, place_row(f"x{n}")) for n in range(first, last)]
    broken = [(b"q", b"\x07broken", places[0][2])]
    for partition in (0, 1):
        hub.send(hub.places, [*places[partition::2], *broken], partition=partition)


def sums(hub: Hub) -> dict[str, tuple[int, int, int]]:
    return {name: tuple(rest) for name, *rest in hub.ask(SUMS, hub.places.topic)}


def test_a_small_batch_is_looked_at_whole_a_large_one_in_part_and_refused_rows_not_at_all(hub: Hub) -> None:
    with hub.worker():
        send_places(hub, 0, 40)
        hub.settled(42)
        small = eventually(lambda: sums(hub), until=lambda found: found.get("kode", (0,))[0] >= 40)
    send_places(hub, 40, 4_040)
    with hub.worker(group=f"{hub.opd}-again") as worker:
        hub.settled(4_044)
        worker.send_signal(signal.SIGTERM)  # what has gathered is written before it goes
        worker.wait(timeout=30)

    assert small == dict.fromkeys(("induk", "kode", "nama", "sumber_diubah"), (40, 40, 0)) | {"induk": (40, 40, 40)}
    seen, looked_at, nulls = sums(hub)["induk"]
    assert (seen, nulls) == (4_040, looked_at)
    assert 200 <= looked_at < 4_040


def test_a_killed_worker_s_rows_are_in_the_profile_once_or_not_at_all(hub: Hub) -> None:
    send_places(hub, 0, 200)

    with hub.worker(faults="tx.committed:2:kill", batch_records=50) as victim:
        assert victim.wait(timeout=60) == -signal.SIGKILL
    with hub.worker(group=f"{hub.opd}-again") as worker:
        hub.settled(202)
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=30)

    lost = hub.ask("select sum(records) from hub.batch where worker <> (select worker from hub.batch order by id desc"
                   " limit 1)")[0][0]  # fmt: skip
    seen, _, _ = sums(hub)["kode"]
    assert 200 - lost <= seen <= 200
