"""The intake worker on a real broker."""

import signal
import zlib
from contextlib import closing

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from consumers.unpacking import BATCH_BYTES
from tests.eventually import eventually
from tests.hub import Hub
from tests.hub_db.documents import person_row, place_row


def test_a_broken_event_does_not_stop_its_neighbours(hub: Hub) -> None:
    good = [hub.event(hub.people, f"p{n}", 1, person_row(f"p{n}", "x")) for n in range(3)]
    broken = (b"p1", b"\x07broken", good[1][2])
    hub.send(hub.places, [hub.event(hub.places, "x", 1, place_row("x"))])
    hub.send(hub.people, [good[0], broken, good[2]], partition=0)

    with hub.worker():
        totals = hub.settled(4)

    assert totals == (4, 3, 0, 0, 1)
    assert hub.ask("select value, code from hub.dead_letter") == [(b"\x07broken", "magic")]
    assert hub.ask("select nomor from reference.orang order by nomor") == [("p0",), ("p2",)]


def test_a_batch_that_holds_too_much_is_one_dead_letter_and_its_neighbours_go_in(hub: Hub) -> None:
    row = hub.event(hub.places, "x", 1, place_row("x"))
    huge = {"max_request_size": 2**28, "compression_type": "gzip"}
    hub.send(hub.places, [row], partition=0)
    with closing(KafkaProducer(**hub.stack.kafka().kafka_python(), **huge)) as producer:
        producer.send(hub.places.topic, key=b"y", value=bytes(BATCH_BYTES), partition=0).get(timeout=60)
    hub.send(hub.places, [hub.event(hub.places, "z", 1, place_row("z"))], partition=0)

    with hub.worker():
        totals = hub.settled(3)

    assert totals == (3, 2, 0, 0, 1)
    ((code, found, offset, value),) = hub.ask('select code, found, "offset", value from hub.dead_letter')
    assert (code, offset) == ("batch-too-large", 1)
    assert "gzip" in found
    assert zlib.decompressobj(31).decompress(value, 99).endswith(bytes(50))
    assert hub.ask("select kode from reference.tempat order by kode") == [("x",), ("z",)]


def test_a_worker_stops_in_order_and_the_next_one_goes_on(hub: Hub) -> None:
    hub.send(hub.places, [hub.event(hub.places, f"x{n}", 1, place_row(f"x{n}")) for n in range(50)])
    with hub.worker() as first:
        hub.settled(50)
        first.send_signal(signal.SIGTERM)
        assert first.wait(timeout=15) == 0

    hub.send(hub.places, [hub.event(hub.places, f"x{n}", 2, place_row(f"x{n}")) for n in range(50)])
    with hub.worker():
        totals = hub.settled(100)

    assert totals == (100, 100, 0, 0, 0)
    assert hub.ask("select count(*), min(_sequence) from reference.tempat") == [(50, 2)]
    chain = "select count(*) from hub.batch b where kind = 'batch' and first_offset is null"
    assert hub.ask(chain) == [(0,)]


def test_group_offsets_follow_the_database(hub: Hub) -> None:
    hub.send(hub.places, [hub.event(hub.places, f"x{n}", 1, place_row(f"x{n}")) for n in range(20)])
    admin = KafkaAdminClient(**hub.stack.kafka().kafka_python())

    def committed() -> int:
        offsets = admin.list_group_offsets({hub.opd: None})[hub.opd]
        return sum(each.offset for tp, each in offsets.items() if tp.topic == hub.places.topic)

    with hub.worker():
        hub.settled(20)
        assert eventually(committed, until=lambda offset: offset == 20) == 20
    admin.close()


def test_two_workers_share_the_partitions_and_a_second_one_may_come_late(hub: Hub) -> None:
    with hub.worker():
        for turn in range(3):
            hub.send(hub.places, [hub.event(hub.places, f"x{n}", turn + 1, place_row(f"x{n}")) for n in range(40)])
        hub.settled(120)
        with hub.worker():
            eventually(lambda: members(hub), until=lambda count: count == 2, within_s=60)
            hub.send(hub.places, [hub.event(hub.places, f"x{n}", 9, place_row(f"x{n}")) for n in range(40)])
            totals = hub.settled(160)

    assert totals == (160, 160, 0, 0, 0)
    assert hub.ask("select count(*), min(_sequence) from reference.tempat") == [(40, 9)]


def members(hub: Hub) -> int:
    """Members of the hub's consumer group, when it is stable."""
    admin = KafkaAdminClient(**hub.stack.kafka().kafka_python())
    try:
        group = admin.describe_groups([hub.opd])[hub.opd]
    finally:
        admin.close()
    return len(group["members"]) if group["group_state"] == "Stable" else 0


def test_one_refused_value_is_found_among_partitions_that_are_settled_together(hub: Hub) -> None:
    hub.owner.execute("alter table reference.tempat add constraint no_x7 check (kode <> 'x7')")
    with hub.worker():
        for turn in range(6):
            for partition in range(2):
                names = [f"x{turn + 1}" if partition else f"y{turn}", f"z{turn}{partition}"]
                events = [hub.event(hub.places, name, 1, place_row(name)) for name in names]
                hub.send(hub.places, events, partition=partition)
        hub.settled(24)
        held = [hub.event(hub.places, name, 1, place_row(name)) for name in ("x7", "w", "v")]
        for partition, event in ((0, held[1]), (1, held[0]), (0, held[2])):
            hub.send(hub.places, [event], partition=partition)
        totals = hub.settled(27)

    assert totals == (27, 26, 0, 0, 1)
    assert hub.ask("select code, key from hub.dead_letter") == [("database:23514", b"x7")]
    assert hub.ask("select count(*) from hub.history") == [(26,)]
