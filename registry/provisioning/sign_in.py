"""Whether a broker lets somebody in with a password: one exchange of SCRAM, and the door is closed again.

A broker tells nobody whether a password is the one it has; and a client library tries a wrong one until its time is up.
"""

import socket
import struct

from kafka.net.sasl.scram import ScramClient
from pydantic import SecretStr

from registry.errors import KafkaUnreachable
from schemas.wire.kafka import KafkaSettings

WITHIN_S = 10.0
_HANDSHAKE, _AUTHENTICATE = 17, 36  # requests of Kafka's protocol
_LARGEST = 1 << 16


def lets_in(way: KafkaSettings, name: str, password: SecretStr) -> bool:
    """Raises KafkaUnreachable when no broker answers."""
    for server in way.bootstrap.split(","):
        try:
            with _linked(way, server.strip()) as link:
                return _exchange(link, way.sasl_mechanism, name, password)
        except OSError:
            continue
    raise KafkaUnreachable(f"Kafka at {way.bootstrap} accepts no connection")


def _exchange(link: socket.socket, mechanism: str, name: str, password: SecretStr) -> bool:
    client = ScramClient(name, password.get_secret_value(), mechanism)
    if _ask(link, _HANDSHAKE, _text(mechanism))[0]:
        return False
    failed, first = _ask(link, _AUTHENTICATE, _bytes(client.first_message()))
    if failed:
        return False
    client.process_server_first_message(first)
    failed, last = _ask(link, _AUTHENTICATE, _bytes(client.final_message()))
    if failed:
        return False
    client.process_server_final_message(last)  # the broker knows the password too
    return True


def _ask(link: socket.socket, key: int, body: bytes) -> tuple[int, bytes]:
    """The error and, of an authentication, what the broker says (requests of version 1)."""
    request = struct.pack("!hhi", key, 1, 0) + _text("simpul-provisioning") + body
    link.sendall(struct.pack("!i", len(request)) + request)
    (size,) = struct.unpack("!i", _exactly(link, 4))
    if not 6 <= size <= _LARGEST:
        raise OSError("no answer of a broker")
    answer = _exactly(link, size)
    (error,) = struct.unpack_from("!h", answer, 4)
    if key == _HANDSHAKE or error:
        return error, b""
    (message,) = struct.unpack_from("!h", answer, 6)
    at = 8 + max(message, 0)
    (length,) = struct.unpack_from("!i", answer, at)
    return 0, answer[at + 4 : at + 4 + length]


def _linked(way: KafkaSettings, server: str) -> socket.socket:
    host, _, port = server.rpartition(":")
    link = socket.create_connection((host.strip("[]"), int(port)), timeout=WITHIN_S)
    context = way.ssl_context()
    return link if context is None else context.wrap_socket(link, server_hostname=host.strip("[]"))


def _exactly(link: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = link.recv(size - len(found))
        if not part:
            raise OSError("the broker ended the connection")
        found += part
    return found


def _text(value: str) -> bytes:
    return struct.pack("!h", len(value)) + value.encode()


def _bytes(value: bytes) -> bytes:
    return struct.pack("!i", len(value)) + value
