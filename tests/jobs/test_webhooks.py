"""Webhooks: signed, to the outside only, once, briefly. Every case against a real server."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from psycopg import Connection
from pydantic import SecretStr

from identity.actors import Actor
from identity.permissions import Role
from identity.principals import Scope
from jobs.channels import outward, signature, webhooks
from jobs.channels.letter import End, Letter
from jobs.channels.webhook import Webhook
from jobs.delivery import Delivered
from jobs.errors import NotPossible
from jobs.notices import raise_notice
from jobs.notices_loop import channels, notify
from jobs.notices_settings import NoticeSettings, WebhookSettings
from tests.conftest import Database
from tests.eventually import eventually
from tests.jobs.offices import ADMIN, NOW, OPERATOR, a_notice, add_opds, appoint, settings, worked

HERE = ip_network("127.0.0.1/32")
MASTER = SecretStr("kunci-induk-webhook")
ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
Talk = Callable[[socket.socket], None]


class Receiver:
    """A server on the loopback address that keeps what it was sent and answers as it is told."""

    def __init__(self, talk: Talk | None = None) -> None:
        self.talk = talk or (lambda line: line.sendall(ANSWER))
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.lines = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self.listener.accept()
            except OSError:
                return
            with line:
                self.lines += 1
                try:
                    self._read(line)
                    self.talk(line)
                except OSError:
                    continue

    def _read(self, line: socket.socket) -> None:
        seen = b""
        while b"\r\n\r\n" not in seen:
            more = line.recv(65536)
            if not more:
                return
            seen += more
        head, _, body = seen.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        headers = {name: value for name, _, value in (row.partition(": ") for row in rest)}
        while len(body) < int(headers["Content-Length"]):
            body += line.recv(65536)
        self.requests.append(({"": first, **headers}, body))


@contextmanager
def receiving(talk: Talk | None = None) -> Iterator[Receiver]:
    receiver = Receiver(talk)
    try:
        yield receiver
    finally:
        receiver.listener.close()


def way(receiver: Receiver | None = None, **more: Any) -> WebhookSettings:
    """Settings that list the loopback address and the receiver's port."""
    told: dict[str, Any] = {"key": MASTER}
    if receiver is not None:
        told |= {"networks": (HERE,), "ports": (80, 443, receiver.port)}
    return WebhookSettings(**{**told, **more})


def letter(url: str, **facts: Any) -> Letter:
    return Letter("n1.s1.w7", "n1", url, "", "", "", NOW, facts or {"title": "Ruang disk tipis."}, key="7.1")


# Where it may go.


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("http://127.0.0.1/", "private-address", id="loopback"),
        pytest.param("http://127.0.0.1:22/", "port", id="port 22"),
        pytest.param("http://[::1]/", "private-address", id="loopback of IPv6"),
        pytest.param("http://0x7f.1/", "private-address", id="loopback in hex"),
        pytest.param("http://2130706433/", "private-address", id="loopback as one number"),
        pytest.param("http://0/", "private-address", id="this host"),
        pytest.param("http://localhost/", "private-address", id="localhost"),
        pytest.param("http://169.254.169.254/latest/meta-data", "private-address", id="link-local"),
        pytest.param("http://10.1.2.3/", "private-address", id="private 10"),
        pytest.param("http://172.16.0.1/", "private-address", id="private 172"),
        pytest.param("http://192.168.0.1/", "private-address", id="private 192"),
        pytest.param("http://100.64.0.1/", "private-address", id="carrier's NAT"),
        pytest.param("http://224.0.0.1/", "private-address", id="multicast"),
        pytest.param("http://[::ffff:127.0.0.1]/", "private-address", id="mapped loopback"),
        pytest.param("http://[::ffff:10.0.0.1]/", "private-address", id="mapped private"),
        pytest.param("http://[64:ff9b::7f00:1]/", "private-address", id="NAT64 of loopback"),
        pytest.param("http://[2002:7f00:1::]/", "private-address", id="6to4 of loopback"),
        pytest.param("http://[fe80::1]/", "private-address", id="link-local of IPv6"),
        pytest.param("http://[fd00::1]/", "private-address", id="unique local"),
        pytest.param("file:///etc/passwd", "scheme", id="file"),
        pytest.param("ftp://example.com/", "scheme", id="ftp"),
        pytest.param("gopher://example.com/", "scheme", id="gopher"),
        pytest.param("https://example.com:22/", "port", id="ssh"),
        pytest.param("https://user:secret@example.com/", "host", id="credentials"),
        pytest.param("https:///", "host", id="no host"),
        pytest.param("https://ex ample.com/", "url", id="blank"),
        pytest.param("https://example.com/\r\nHost: x", "url", id="line end"),
        pytest.param("https://example.com:99999/", "url", id="no port"),
        pytest.param("https://exa\u202emple.com/", "url", id="control sign"),
    ],
)
def test_what_lies_inside_is_never_asked(url: str, reason: str) -> None:
    outcome = Webhook(way()).send(letter(url))

    assert (outcome.end, outcome.reason) == (End.REFUSED, f"forbidden-{reason}")


def test_a_server_inside_hears_nothing_unless_it_is_listed() -> None:
    with receiving() as receiver:
        url = f"http://127.0.0.1:{receiver.port}/"
        closed = Webhook(way(receiver, networks=())).send(letter(url))
        listed = Webhook(way(receiver)).send(letter(url))

    assert (closed.end, listed.end, receiver.lines) == (End.REFUSED, End.SENT, 1)


def test_a_name_is_asked_once_and_the_connection_goes_to_that_very_address() -> None:
    """A name server that gives an allowed address first and one inside afterwards wins nothing."""
    answers = [["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]]
    asked: list[str] = []

    def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    with receiving() as receiver:
        outcome = Webhook(way(receiver), resolve=resolve).send(letter(f"http://hook.example:{receiver.port}/"))

    assert (outcome.end, asked, receiver.lines) == (End.SENT, ["hook.example"], 1)
    assert receiver.requests[0][0]["Host"] == f"hook.example:{receiver.port}"


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param(["93.184.215.14", "127.0.0.1"], id="public, then private"),
        pytest.param(["127.0.0.1", "93.184.215.14"], id="private, then public"),
        pytest.param(["::ffff:192.168.0.1"], id="mapped"),
    ],
)
def test_a_name_with_any_address_inside_is_refused(addresses: list[str]) -> None:
    outcome = Webhook(way(), resolve=lambda _host, _port: addresses).send(letter("https://hook.example/"))

    assert (outcome.end, outcome.reason) == (End.REFUSED, "forbidden-private-address")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("192.0.2.1", False),
        ("240.0.0.1", False),
    ],
)
def test_what_is_public_is_public(address: str, public: object) -> None:
    assert outward.is_public(ip_address(address)) is public


# What comes back.


def test_a_redirect_is_not_followed() -> None:
    with receiving() as inside:
        target = f"Location: http://127.0.0.1:{inside.port}/\r\n\r\n"
        with receiving(lambda line: line.sendall(f"HTTP/1.1 302 Found\r\n{target}".encode())) as receiver:
            outcome = Webhook(way(receiver)).send(letter(f"http://127.0.0.1:{receiver.port}/"))

    assert (outcome.end, outcome.reason) == (End.LATER, "http-302")
    assert (receiver.lines, inside.lines) == (1, 0)


def flood(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
    for _ in range(100_000):  # 10 GB, if anybody took it
        line.sendall(b"x" * 100_000)


def test_of_an_answer_of_ten_gigabytes_only_the_status_is_read() -> None:
    with receiving(flood) as receiver:
        outcome = Webhook(way(receiver)).send(letter(f"http://127.0.0.1:{receiver.port}/"))

    assert outcome.end is End.SENT


def endless_head(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 100 Continue\r\n")
    for _ in range(100_000):
        line.sendall(b"X-More: " + b"x" * 4000 + b"\r\n")


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        pytest.param(endless_head, "answer-too-long", id="headers without end"),
        pytest.param(lambda line: line.sendall(b"\x00" * 100_000), "answer-too-long", id="not HTTP"),
        pytest.param(lambda line: line.close(), "no-answer", id="hangs up"),
        pytest.param(lambda line: line.sendall(b"HTTP/1.1 500 Oops\r\n\r\n"), "http-500", id="a fault of the receiver"),
        pytest.param(lambda line: line.sendall(b"HTTP/1.1 429 Slow\r\n\r\n"), "http-429", id="too fast for it"),
    ],
)
def test_what_is_no_success_is_tried_again(talk: Talk, reason: str) -> None:
    with receiving(talk) as receiver:
        outcome = Webhook(way(receiver)).send(letter(f"http://127.0.0.1:{receiver.port}/"))

    assert (outcome.end, outcome.reason) == (End.LATER, reason)


def test_a_receiver_that_is_gone_is_not_asked_again() -> None:
    with receiving(lambda line: line.sendall(b"HTTP/1.1 410 Gone\r\n\r\n")) as receiver:
        outcome = Webhook(way(receiver)).send(letter(f"http://127.0.0.1:{receiver.port}/"))

    assert (outcome.end, outcome.reason) == (End.REFUSED, "http-410")


def drip(line: socket.socket) -> None:
    pause = threading.Event()
    for sign in b"HTTP/1.1 200 OK" * 20:
        line.sendall(bytes([sign]))
        pause.wait(0.1)


@pytest.mark.parametrize(
    "talk", [pytest.param(drip, id="a byte at a time"), pytest.param(lambda _: threading.Event().wait(3), id="silence")]
)
def test_all_of_it_has_one_deadline(talk: Talk) -> None:
    with receiving(talk) as receiver:
        outcome = Webhook(way(receiver, timeout_s=0.5)).send(letter(f"http://127.0.0.1:{receiver.port}/"))

    assert (outcome.end, outcome.reason) == (End.LATER, "timeout")


def test_a_silent_name_server_has_the_same_deadline() -> None:
    def resolve(_host: str, _port: int) -> Sequence[str]:
        threading.Event().wait(5)
        return ["8.8.8.8"]

    outcome = Webhook(way(timeout_s=0.3), resolve=resolve).send(letter("https://hook.example/"))

    assert (outcome.end, outcome.reason) == (End.LATER, "name-timeout")


def test_the_deadline_is_ten_seconds_at_most() -> None:
    with pytest.raises(ValueError, match="less than or equal to 10"):
        way(timeout_s=11)
    assert (way().timeout_s, way().answer_bytes, way().ports) == (10, 65_536, (80, 443))


# The signature.


def test_the_receiver_can_tell_that_it_was_us() -> None:
    with receiving() as receiver:
        Webhook(way(receiver)).send(letter(f"http://127.0.0.1:{receiver.port}/hook?a=1", title="Ruang disk tipis."))

    ((headers, body),) = receiver.requests
    key = signature.key_of(MASTER, "7.1")
    now = datetime.now(UTC)
    assert headers[""] == "POST /hook?a=1 HTTP/1.1"
    assert headers["X-Simpul-Delivery"] == "n1.s1.w7"
    assert json.loads(body) == {"title": "Ruang disk tipis."}
    assert signature.is_genuine(key, body, headers, now)
    assert not signature.is_genuine(key, body + b" ", headers, now)
    assert not signature.is_genuine(signature.key_of(MASTER, "7.2"), body, headers, now)
    assert not signature.is_genuine(key, body, {**headers, "X-Simpul-Time": str(int(now.timestamp()) + 60)}, now)


@pytest.mark.parametrize(("seconds", "believed"), [(0, True), (300, True), (301, False), (-300, True), (-301, False)])
def test_a_message_is_believed_for_five_minutes(seconds: int, believed: object) -> None:
    key, body = signature.key_of(MASTER, "7.1"), b"{}"

    headers = signature.sign(key, body, NOW)

    assert signature.is_genuine(key, body, headers, NOW + timedelta(seconds=seconds)) is believed


@pytest.mark.parametrize("seconds", ["", "-1", "1e9", "٣", "9" * 400], ids=["none", "minus", "float", "digits", "long"])
def test_a_time_that_is_none_is_not_believed(seconds: str) -> None:
    headers = {**signature.sign(b"k", b"", NOW), signature.TIME: seconds}

    assert signature.is_genuine(b"k", b"", headers, NOW) is False


# From a cause to an office's program.


@pytest.fixture
def conn(database: Database) -> Iterator[Connection[Any]]:
    with database.connect(autocommit=True) as owner, database.connect("simpul_jobs", autocommit=True) as connection:
        add_opds(owner)
        appoint(owner, "dewi", ADMIN)
        yield connection


def tell(conn: Connection[Any], told: NoticeSettings, now: datetime = NOW) -> Delivered:
    return notify(conn, told, channels(told), worked, now=now).delivered


BY = Actor("admin1", "person", Role.ADMINISTRATOR, "kominfo")


def test_an_offices_program_is_told_and_no_other(conn: Connection[Any]) -> None:
    with receiving() as mine, receiving() as others:
        ports = (80, 443, mine.port, others.port)
        told = settings(webhook=way(mine, ports=ports))
        assert told.webhook is not None
        _, key = webhooks.add(
            conn, told.webhook, opd="dinkes", role=None, url=f"http://127.0.0.1:{mine.port}/", by=BY, now=NOW
        )
        webhooks.add(
            conn, told.webhook, opd="dinkes", role="reader", url=f"http://127.0.0.1:{others.port}/", by=BY, now=NOW
        )
        raise_notice(conn, a_notice(office=ADMIN), now=NOW)
        raise_notice(conn, a_notice(cause="hub", office=OPERATOR), now=NOW)

        assert tell(conn, told) == Delivered(sent=1)

    ((headers, body),) = mine.requests
    facts = json.loads(body)
    assert others.requests == []
    assert signature.is_genuine(key.encode(), body, headers, datetime.now(UTC))
    assert facts == {
        "id": headers["X-Simpul-Delivery"],
        "notice": 1,
        "cause": "watch:lag:opd.uji.orang",
        "kind": "watch.lag",
        "act": "raised",
        "at": "2026-01-05T03:05:00+00:00",
        "severity": "gangguan",
        "state": "open",
        "office": {"opd": "dinkes", "role": "opd_admin"},
        "title": "Data orang belum terolah sejak 10 menit.",
        "body": "Mohon periksa penerima data.",
        "short": "[Gangguan] Data orang belum terolah sejak 10 menit. Rincian: https://simpul.example/pemberitahuan/1",
        "count": 1,
        "raised_at": "2026-01-05T03:05:00+00:00",
        "last_seen_at": "2026-01-05T03:05:00+00:00",
        "link": "https://simpul.example/pemberitahuan/1",
    }


def test_a_retry_has_the_same_name(conn: Connection[Any]) -> None:
    answers = [b"HTTP/1.1 503 Later\r\n\r\n", ANSWER]
    with receiving(lambda line: line.sendall(answers.pop(0))) as receiver:
        told = settings(webhook=way(receiver))
        assert told.webhook is not None
        url = f"http://127.0.0.1:{receiver.port}/"
        webhooks.add(conn, told.webhook, opd="dinkes", role="opd_admin", url=url, by=BY, now=NOW)
        raise_notice(conn, a_notice(office=ADMIN), now=NOW)

        first = tell(conn, told)
        second = tell(conn, told, NOW + timedelta(minutes=1))
        eventually(lambda: len(receiver.requests), until=lambda count: count == 2)

    assert (first, second) == (Delivered(put_off=1), Delivered(sent=1))
    assert len({headers["X-Simpul-Delivery"] for headers, _ in receiver.requests}) == 1


def test_a_key_is_shown_once_and_stands_nowhere(conn: Connection[Any], database: Database) -> None:
    told = way()
    number, first = webhooks.add(conn, told, opd="dinkes", role=None, url="https://hook.example/", by=BY, now=NOW)
    second = webhooks.renew_key(conn, told, number, by=BY, now=NOW)
    assert webhooks.disable(conn, number, by=BY, now=NOW)

    with database.connect() as owner:
        dump = str(owner.execute("select w::text from notice.webhook w").fetchall())
        dump += str(owner.execute("select act, details::text from audit.entry order by id").fetchall())
    assert first != second
    assert len(first) == 64
    assert first not in dump
    assert second not in dump
    assert [act in dump for act in ("webhook.add", "webhook.renew", "webhook.disable")] == [True] * 3
    assert [hook.generation for hook in webhooks.hooks(conn, Scope(everywhere=False, opds=frozenset({"dinkes"})))] == [
        2
    ]
    assert webhooks.hooks(conn, Scope(everywhere=False, opds=frozenset({"dinsos"}))) == []
    with pytest.raises(NotPossible):
        webhooks.renew_key(conn, told, number, by=BY, now=NOW)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://hook.example:22/", "https://a:b@hook.example/", "https://x y/"]
)
def test_an_address_that_can_never_be_used_is_refused_when_it_is_added(conn: Connection[Any], url: str) -> None:
    with pytest.raises(NotPossible, match="Alamat webhook"):
        webhooks.add(conn, way(), opd="dinkes", role=None, url=url, by=BY, now=NOW)

    assert webhooks.hooks(conn, Scope(everywhere=True, opds=frozenset())) == []
