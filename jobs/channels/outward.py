"""One HTTP POST to an address that somebody else chose: to the outside only, once, briefly (SSRF).

The name is resolved once and the connection goes to that very address; if any of the name's addresses is not public, it
is refused, unless it is listed in the settings. No redirect is followed, and of the answer only the status is read.
"""

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

_HOST = re.compile(r"[A-Za-z0-9.:_-]{1,253}")
_TARGET = re.compile(r"[!-~]*")  # printable ASCII without blanks: nothing that could end the request line
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: [^\r\n]*)?\r?\n")
_SCHEMES = {"http": 80, "https": 443}
_NAT64 = IPv6Network("64:ff9b::/96")


class Forbidden(Exception):
    """The address may not be reached from here; why, as a short code."""


class Failed(Exception):
    """No answer, or none that is HTTP; why, as a short code."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where to and how long."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    ports: tuple[int, ...] = (80, 443)
    timeout_s: float = 10.0
    answer_bytes: int = 65_536


def system_resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as the system knows it, in its order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def check(url: str, limits: Limits) -> SplitResult:
    """The parts of a URL that may be asked for. Raises Forbidden for what no address of its name could mend."""
    if not _TARGET.fullmatch(url):
        raise Forbidden("url")
    try:
        parts = urlsplit(url)
        port = parts.port or _SCHEMES.get(parts.scheme, 0)
    except ValueError as error:
        raise Forbidden("url") from error
    if parts.scheme not in _SCHEMES:
        raise Forbidden("scheme")
    if parts.username is not None or parts.password is not None or not _HOST.fullmatch(parts.hostname or ""):
        raise Forbidden("host")
    if port not in limits.ports:
        raise Forbidden("port")
    return parts


def is_public(address: Address) -> bool:
    """Whether an address is out there for all. Those that carry another one inside are judged by it, or refused."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.sixtofour is not None or address.teredo is not None or address in _NAT64:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def post(
    url: str, body: bytes, headers: Mapping[str, str], limits: Limits, *, resolve: Resolve = system_resolve
) -> int:
    """Send the body and return the status. Raises Forbidden and Failed."""
    deadline = time.monotonic() + limits.timeout_s
    parts = check(url, limits)
    host, port = str(parts.hostname), parts.port or _SCHEMES[parts.scheme]
    address = _address(host, port, limits, resolve, deadline)
    try:
        connection = socket.create_connection((str(address), port), timeout=_left(deadline))
        with connection:
            if parts.scheme == "https":
                connection.settimeout(_left(deadline))
                connection = ssl.create_default_context().wrap_socket(connection, server_hostname=host)
            with connection:
                connection.settimeout(_left(deadline))
                connection.sendall(_request(parts, port, body, headers))
                return _status(connection, limits, deadline)
    except (OSError, ValueError) as error:  # ValueError: a host name that TLS cannot take
        raise Failed(_reason(error)) from None


def _address(host: str, port: int, limits: Limits, resolve: Resolve, deadline: float) -> Address:
    """The one address to go to: the name is asked once, and all it says must be allowed."""
    found = [ip_address(each.partition("%")[0]) for each in _asked(resolve, host, port, deadline)]
    if not found:
        raise Failed("no-address")
    for address in found:
        inner = getattr(address, "ipv4_mapped", None) or address
        if not is_public(address) and not any(inner in network for network in limits.networks):
            raise Forbidden("private-address")
    return found[0]


def _asked(resolve: Resolve, host: str, port: int, deadline: float) -> Sequence[str]:
    """Asks in a thread: a name server that is silent would hold us longer than the deadline."""
    answer: list[Sequence[str] | Exception] = []

    def ask() -> None:
        try:
            answer.append(resolve(host, port))
        except (OSError, UnicodeError) as error:
            answer.append(error)

    thread = threading.Thread(target=ask, name="resolve", daemon=True)
    thread.start()
    thread.join(_left(deadline))
    if not answer:
        raise Failed("name-timeout")
    if isinstance(answer[0], Exception):
        raise Failed("name")
    return answer[0]


def _request(parts: SplitResult, port: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else str(parts.hostname)
    lines = [
        f"POST {target} HTTP/1.1",
        f"Host: {host if port == _SCHEMES[parts.scheme] else f'{host}:{port}'}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def _status(connection: socket.socket, limits: Limits, deadline: float) -> int:
    """The status of the answer; its body is not read. Interim answers (1xx) are passed over."""
    seen = b""
    while True:
        match = _STATUS.match(seen)
        if match and not match[1].startswith(b"1"):
            return int(match[1])
        end = seen.find(b"\r\n\r\n")
        if match and end >= 0:
            seen = seen[end + 4 :]
            continue
        if len(seen) >= limits.answer_bytes:
            raise Failed("answer-too-long")
        connection.settimeout(_left(deadline))
        more = connection.recv(4096)
        if not more:
            raise Failed("no-answer")
        seen += more


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Failed("timeout")
    return left


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "tls"
    return f"connection-{type(error).__name__}"
