"""Live figures: who gets what, and who is dropped."""

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from dashboard.settings import Settings
from dashboard.stream import Broadcast
from tests.dashboard.conftest import SESSION_COOKIE, Site
from tests.eventually import eventually


@contextmanager
def listening(site: Site, **headers: str) -> Iterator[Iterator[tuple[str, dict[str, str]]]]:
    """The events of a stream: mark, and the regions in it."""
    with httpx.stream(
        "GET", f"{site.url}/aliran", headers=headers, cookies=site.cookie, timeout=20, trust_env=False
    ) as response:
        assert response.status_code == 200

        def events() -> Iterator[tuple[str, dict[str, str]]]:
            mark = ""
            for line in response.iter_lines():
                name, _, value = line.partition(": ")
                if name == "id":
                    mark = value
                elif name == "data":
                    yield mark, json.loads(value)

        yield events()


async def changes(broadcast: Broadcast, regions: dict[str, str]) -> None:
    broadcast.attach(asyncio.get_running_loop())
    broadcast.publish(regions)
    reached = asyncio.Event()
    asyncio.get_running_loop().call_soon(reached.set)  # after what publishing has left for the loop
    await reached.wait()


def parts(event: bytes) -> dict[str, str]:
    data = next(line for line in event.decode().splitlines() if line.startswith("data: "))
    found: dict[str, str] = json.loads(data.removeprefix("data: "))
    return found


async def published(*regions: dict[str, str]) -> Broadcast:
    broadcast = Broadcast(limit=1, each=1)
    for each in regions:
        await changes(broadcast, each)
    return broadcast


def test_a_reader_gets_only_the_parts_that_changed_since_his_last() -> None:
    broadcast = asyncio.run(published({"a": "1", "b": "1"}, {"a": "1", "b": "2"}))

    assert parts(broadcast.changes(0)[1]) == {"a": "1", "b": "2"}
    assert parts(broadcast.changes(1)[1]) == {"b": "2"}
    assert broadcast.changes(2) == (2, b"")


def test_an_event_is_one_line_whatever_is_in_it() -> None:
    broadcast = asyncio.run(published({"a": "x\n\ndata: y\r\u2028z"}))

    event = broadcast.changes(0)[1]

    assert event.count(b"\n") == 3
    assert parts(event) == {"a": "x\n\ndata: y\r\u2028z"}


@pytest.mark.parametrize(
    "mark", [None, "", "0", "9223372036854775808", "deadbeefdeadbeef-1", "-1", "'; drop table", "x" * 100]
)
def test_a_mark_that_this_process_did_not_write_starts_anew(mark: str | None) -> None:
    broadcast = asyncio.run(published({"a": "1"}))

    assert broadcast.resume(mark) == 0


def test_a_reader_who_comes_back_with_his_mark_gets_what_he_missed(site: Site) -> None:
    with listening(site) as events:
        mark, first = next(events)
    assert set(first) == {"keadaan", "angka", "gambar", "dokumen", "surat", "siaran"}

    with listening(site, **{"Last-Event-ID": mark}) as events:
        _, missed = next(events)

    assert "dokumen" not in missed


def test_another_site_gets_no_stream(site: Site) -> None:
    assert site.get("/aliran", **{"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_stream_too_many_is_refused_and_a_place_becomes_free_again(
    serve: Callable[[Settings], Site], site_settings: Settings
) -> None:
    site = serve(site_settings.model_copy(update={"max_streams": 1}))

    with listening(site):
        refused = site.get("/aliran")

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
    eventually(lambda: site.app.state.site.broadcast.readers, until=lambda readers: readers == 0)
    with listening(site):
        pass


def test_a_stream_ends_in_order_after_its_life(serve: Callable[[Settings], Site], site_settings: Settings) -> None:
    site = serve(site_settings.model_copy(update={"stream_life_s": 1.0}))

    with listening(site) as events:
        seen = [set(parts) for _, parts in events]  # until the server ends it; httpx raises if it is cut off

    assert seen == [{"keadaan"}]


def test_a_reader_who_does_not_read_is_dropped(serve: Callable[[Settings], Site], site_settings: Settings) -> None:
    site = serve(site_settings.model_copy(update={"send_timeout_s": 0.2}))
    broadcast: Broadcast = site.app.state.site.broadcast
    with socket.create_connection(("127.0.0.1", int(site.url.rsplit(":", 1)[1]))) as reader:
        reader.sendall(
            f"GET /aliran HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {SESSION_COOKIE}={site.token}\r\n\r\n".encode()
        )
        eventually(lambda: broadcast.readers, until=lambda readers: readers == 1)
        number = iter(range(1_000_000))

        def flood() -> int:
            broadcast.publish({"banjir": f"{next(number)}" + "x" * 1_000_000})
            return broadcast.readers

        eventually(flood, until=lambda readers: readers == 0)

    assert site.get("/healthz").status_code == 200
