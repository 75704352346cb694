"""A Kafka that somebody else runs: looked at before anything is changed.

Version and TLS are asked for without a client library: before anybody has signed in, and with an answer that tells
what is wrong.
"""

import socket
import ssl
import struct
import time
from typing import Any

from cli.settings import KAFKA_ADMIN, Settings, kafka_settings
from cli.stack.errors import StackError, StackUnreachable
from cli.stack.tls import trusted
from schemas.wire.kafka import KafkaSettings

ANSWER_WITHIN_S = 10.0
OLDEST = "3.0"
LIST_OFFSETS, OLDEST_LIST_OFFSETS = 2, 7  # Kafka 3.0 brought version 7 of this request
API_VERSIONS = struct.pack("!hhih", 18, 0, 1, -1)  # request, its version, our number, no client name


def check(told: Settings) -> None:
    """Whether the hub can work there. Changes nothing. Raises StackError, StackUnreachable."""
    if told.kafka_admin_password is None and not (told.secrets_folder / f"kafka-{told.kafka_admin}").exists():
        raise StackError(
            f"Kata sandi pengguna Kafka {told.kafka_admin} tidak ada: isi SIMPUL_KAFKA_ADMIN_PASSWORD, atau simpan di "
            f"berkas {told.secrets_folder / f'kafka-{told.kafka_admin}'} (mode 0600)."
        )
    kafka = kafka_settings(told.home, KAFKA_ADMIN)
    must_be_new_enough(kafka)
    must_let_in(kafka)


def must_be_new_enough(kafka: KafkaSettings) -> None:
    last: StackError | None = None
    for server in kafka.bootstrap.split(","):
        try:
            versions = api_versions(kafka, server.strip())
        except StackError as error:
            last = error
            continue
        if versions.get(LIST_OFFSETS, 0) < OLDEST_LIST_OFFSETS:
            raise StackError(f"Kafka di {server} terlalu lama; perlu versi {OLDEST} atau lebih baru.")
        return
    if last is not None:
        raise last


def api_versions(kafka: KafkaSettings, server: str) -> dict[int, int]:
    """The highest version of each request that a broker knows."""
    with linked(kafka, server) as link:
        try:
            link.sendall(struct.pack("!i", len(API_VERSIONS)) + API_VERSIONS)
            (size,) = struct.unpack("!i", exactly(link, 4))
            if not 10 <= size <= 1 << 16:
                raise ValueError
            answer = exactly(link, size)
            _number, error, count = struct.unpack_from("!ihi", answer)
            if error or not 0 < count <= (size - 10) // 6:
                raise ValueError
            rows = [struct.unpack_from("!hhh", answer, 10 + 6 * row) for row in range(count)]
        except (OSError, ValueError, struct.error) as error:
            hint = "SASL_PLAINTEXT" if kafka.security_protocol == "SASL_SSL" else "SASL_SSL"
            raise StackError(
                f"Yang menjawab di {server} bukan Kafka, atau Kafka yang perlu SIMPUL_KAFKA_SECURITY_PROTOCOL={hint}."
            ) from error
    return {key: highest for key, _lowest, highest in rows}


def linked(kafka: KafkaSettings, server: str) -> socket.socket:
    """A connection to a broker, with TLS where it is wanted."""
    host, _, port = server.rpartition(":")
    try:
        link = socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_WITHIN_S)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StackUnreachable(
            f"Kafka tidak menjawab di {server}: {reason}. Periksa SIMPUL_KAFKA_BOOTSTRAP dan jaringan."
        ) from error
    if kafka.security_protocol == "SASL_PLAINTEXT":
        return link
    try:
        return trusted(kafka.ca_file, "SIMPUL_KAFKA_CA_FILE").wrap_socket(link, server_hostname=host.strip("[]"))
    except ssl.SSLCertVerificationError as error:
        raise StackError(
            f"Sertifikat TLS Kafka di {server} tidak dapat dipercaya ({error.verify_message}). "
            "Isi SIMPUL_KAFKA_CA_FILE dengan berkas CA yang benar."
        ) from error
    except OSError as error:
        raise StackError(
            f"Kafka di {server} tidak memakai TLS. Nyalakan TLS di sana, atau isi "
            "SIMPUL_KAFKA_SECURITY_PROTOCOL=SASL_PLAINTEXT bila jaringannya tertutup."
        ) from error


def exactly(link: socket.socket, size: int) -> bytes:
    """So many bytes, or ValueError when the other side has ended before."""
    found = b""
    while len(found) < size:
        part = link.recv(size - len(found))
        if not part:
            raise ValueError
        found += part
    return found


def must_let_in(kafka: KafkaSettings) -> None:
    """Whether the admin's password is right. Asked of librdkafka, which tells apart what others call a timeout."""
    from confluent_kafka import KafkaError, KafkaException
    from confluent_kafka.admin import AdminClient

    said: list[int] = []
    told: dict[str, Any] = {
        **kafka.librdkafka(),
        "client.id": "simpul-look",
        "error_cb": lambda error: said.append(error.code()),
        "log_level": 0,
    }
    client = AdminClient(told)
    deadline = time.monotonic() + ANSWER_WITHIN_S
    while True:
        try:
            client.list_topics(timeout=1)
            return
        except KafkaException:
            client.poll(0)
        if KafkaError._AUTHENTICATION in said:  # the library's public name for it
            raise StackError(
                f"Kafka di {kafka.bootstrap} menolak pengguna {kafka.username}: nama atau kata sandinya salah, atau di "
                "sana tidak ada SCRAM-SHA-512. Periksa SIMPUL_KAFKA_ADMIN dan kata sandinya."
            )
        if time.monotonic() > deadline:
            raise StackUnreachable(
                f"Kafka di {kafka.bootstrap} tidak menjawab setelah tersambung; mungkin advertised.listeners di sana "
                "menunjuk alamat yang tidak terjangkau dari mesin ini."
            )
