"""Fetching the jars of Apache Kafka, from a real HTTP server on this machine."""

import hashlib
import socket
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from cli.stack import jars
from cli.stack.errors import StackError

CONTENTS = {"one": b"first jar " * 20_000, "two": b"second jar " * 10}


class Repository(SimpleHTTPRequestHandler):
    """A Maven repository that answers range requests and remembers them."""

    asked: list[tuple[str, str | None]]

    def __init__(self, *arguments: object, asked: list[tuple[str, str | None]], **more: object) -> None:
        self.asked = asked
        super().__init__(*arguments, **more)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.asked.append((self.path, wanted))
        if wanted is None:
            super().do_GET()
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        content = Path(self.translate_path(self.path)).read_bytes()[start:]
        self.send_response(206)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing on the tests' output."""


class Served:
    """A repository with two jars, their lock, and an empty cache folder."""

    def __init__(self, folder: Path) -> None:
        self.files, self.cache, self.lock = folder / "repository", folder / "cache", folder / "jars.lock"
        self.asked: list[tuple[str, str | None]] = []
        lines = []
        for name, content in CONTENTS.items():
            place = self.files / "org" / "example" / name / "1.0"
            place.mkdir(parents=True)
            (place / f"{name}-1.0.jar").write_bytes(content)
            lines.append(f"org.example:{name}:1.0 {hashlib.sha256(content).hexdigest()} {len(content)}\n")
        self.lock.write_text("".join(lines))
        handler = partial(Repository, directory=str(self.files), asked=self.asked)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def fetch(self) -> list[Path]:
        return jars.ensure(self.cache, self.address, lambda *_: None, self.lock)

    def cached(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.cache.iterdir() if path.name != ".lock"}


WHOLE = {f"{name}-1.0.jar": content for name, content in CONTENTS.items()}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_all_jars_are_fetched_once_in_the_order_of_the_lock(served: Served) -> None:
    first = served.fetch()
    asked = len(served.asked)

    assert served.fetch() == first == [served.cache / "one-1.0.jar", served.cache / "two-1.0.jar"]
    assert served.cached() == WHOLE
    assert asked == len(served.asked) == 2


def test_a_download_goes_on_where_it_was_cut_off(served: Served) -> None:
    served.cache.mkdir()
    (served.cache / "one-1.0.jar.part").write_bytes(CONTENTS["one"][:70_000])

    served.fetch()

    assert ("/org/example/one/1.0/one-1.0.jar", "bytes=70000-") in served.asked
    assert served.cached() == WHOLE


def test_a_wrong_checksum_names_the_file_and_removes_it(served: Served) -> None:
    place = served.files / "org" / "example" / "two" / "1.0" / "two-1.0.jar"
    place.write_bytes(CONTENTS["two"].swapcase())

    with pytest.raises(StackError, match=r"two-1\.0\.jar rusak") as caught:
        served.fetch()

    assert "\n" not in str(caught.value)
    assert not {"two-1.0.jar", "two-1.0.jar.part"} & served.cached().keys()


def test_a_jar_that_was_changed_in_the_cache_is_found_and_removed(served: Served) -> None:
    served.fetch()
    (served.cache / "one-1.0.jar").write_bytes(b"something else")

    with pytest.raises(StackError, match=r"one-1\.0\.jar rusak"):
        served.fetch()

    served.fetch()
    assert served.cached() == WHOLE


def test_a_part_of_another_file_does_not_poison_the_next_try(served: Served) -> None:
    served.cache.mkdir()
    (served.cache / "one-1.0.jar.part").write_bytes(b"x" * 100)

    with pytest.raises(StackError, match="rusak"):
        served.fetch()

    served.fetch()
    assert served.cached() == WHOLE


def test_without_a_network_the_line_says_what_to_do(served: Served) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"

    with pytest.raises(StackError, match=r"tidak dapat diunduh dari .* Periksa jaringan") as caught:
        jars.ensure(served.cache, address, lambda *_: None, served.lock)

    assert "\n" not in str(caught.value)
    assert served.cached() == {}


def test_the_lock_of_the_repository_is_whole() -> None:
    locked = jars.locked()

    assert len({jar.file_name for jar in locked}) == len(locked) > 80
    assert {len(jar.sha256) for jar in locked} == {64}
    assert {jar.version for jar in locked if jar.artifact in {"kafka_2.13", "kafka-clients", "kafka-server"}} == {
        "4.3.1"
    }
