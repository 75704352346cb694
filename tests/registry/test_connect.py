"""Apicurio's Avro converter in a Kafka Connect worker, against our registry: what it writes and what it reads."""

import json
import secrets
import subprocess
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.schema_registry import Schema, SchemaReference, SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from cli.stack.local import Stack
from tests.eventually import eventually
from tests.registry.connect import SINK, SOURCE, converter, worker
from tests.registry.server import PASSWORDS, READER, WRITER, Server

# The schema that the converter makes of a line in a field, in another spelling of its own text.
LINE = (
    '{"namespace": "io.confluent.connect.avro", "name": "ConnectDefault", "type": "record",'
    ' "fields": [{"type": {"type": "string"}, "name": "baris"}]}'
)
PLACE = {"type": "record", "name": "x.tempat", "fields": [{"name": "desa", "type": "string"}]}
PERSON = {
    "type": "record",
    "name": "x.orang",
    "fields": [{"name": "nama", "type": "string"}, {"name": "tempat", "type": "x.tempat"}],
}
WITHIN_S = 120


@pytest.mark.timeout(240)
def test_a_connect_worker_writes_and_reads_with_apicurios_converter(
    stack: Stack, strict_registry: Server, tmp_path: Path
) -> None:
    prefix = f"connect.{secrets.token_hex(4)}"
    topics = {name: f"{prefix}.{name}" for name in ("baru", "dikenal", "terakhir", "rujukan")}
    admin = KafkaAdminClient(**stack.kafka().kafka_python())
    admin.create_topics([NewTopic(each, 1, 1) for each in topics.values()])
    admin.close()
    for name in ("dikenal", "terakhir"):
        strict_registry.register(f"{topics[name]}-value", LINE).raise_for_status()
    (tmp_path / "masuk.txt").write_text("satu\ndua\n", encoding="utf-8")
    password = {user: secret.get_secret_value() for user, secret in PASSWORDS.items()}

    with confluent(strict_registry) as client:
        send_with_reference(stack, client, topics["rujukan"])
        connectors = {
            "baru": lines_to(
                topics["baru"], converter(strict_registry.url, WRITER, password[WRITER], auto_register="true")
            ),
            "dikenal": lines_to(topics["dikenal"], converter(strict_registry.url, READER, password[READER])),
            "terakhir": lines_to(
                topics["terakhir"], converter(strict_registry.url, READER, password[READER], find_latest="true")
            ),
            "keluar": {
                "connector.class": SINK,
                "topics": ",".join(topics.values()),
                "file": "keluar.txt",
                **converter(strict_registry.url, READER, password[READER]),
            },
        }
        with worker(stack, tmp_path, connectors) as running:
            read = eventually(
                lambda: lines_of(running, tmp_path), until=lambda found: len(found) >= 7, within_s=WITHIN_S
            )
        received = {name: values(stack, client, topic) for name, topic in topics.items() if name != "rujukan"}

    assert sorted(read) == sorted(
        ["Struct{baris=satu}", "Struct{baris=dua}"] * 3 + ["Struct{nama=SITI,tempat=Struct{desa=Contoh}}"]
    )
    assert received == {name: [{"baris": "satu"}, {"baris": "dua"}] for name in ("baru", "dikenal", "terakhir")}
    assert {name: strict_registry.ask(f"/subjects/{topic}-value/versions") for name, topic in topics.items()} == (
        dict.fromkeys(topics, (200, [1]))
    )


def confluent(server: Server) -> SchemaRegistryClient:
    password = PASSWORDS[WRITER].get_secret_value()
    return SchemaRegistryClient({"url": server.url, "basic.auth.user.info": f"{WRITER}:{password}"})


def lines_to(topic: str, options: dict[str, object]) -> dict[str, object]:
    """Sends each line of the file as a record with one field."""
    return {
        "connector.class": SOURCE,
        "file": "masuk.txt",
        "topic": topic,
        "transforms": "field",
        "transforms.field.type": "org.apache.kafka.connect.transforms.HoistField$Value",
        "transforms.field.field": "baris",
        **options,
    }


def send_with_reference(stack: Stack, client: SchemaRegistryClient, topic: str) -> None:
    """One record whose schema refers to another subject."""
    client.register_schema(f"{topic}.tempat", Schema(json.dumps(PLACE), "AVRO"))
    schema = Schema(json.dumps(PERSON), "AVRO", references=[SchemaReference("x.tempat", f"{topic}.tempat", 1)])
    context = SerializationContext(topic, MessageField.VALUE)
    framed = AvroSerializer(client, schema)({"nama": "SITI", "tempat": {"desa": "Contoh"}}, context)
    producer = KafkaProducer(**stack.kafka().kafka_python())
    producer.send(topic, framed)
    producer.close(timeout=10)


def lines_of(running: "subprocess.Popen[bytes]", folder: Path) -> list[str]:
    """What the sink has written so far."""
    assert running.poll() is None, (folder / "connect.log").read_text(encoding="utf-8", errors="replace")[-3_000:]
    file = folder / "keluar.txt"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def values(stack: Stack, client: SchemaRegistryClient, topic: str) -> list[Any]:
    """Both records of a topic, as Confluent's deserializer reads them."""
    context = SerializationContext(topic, MessageField.VALUE)
    consumer = KafkaConsumer(topic, **stack.kafka().kafka_python(), auto_offset_reset="earliest")
    try:
        return [AvroDeserializer(client)(next(consumer).value, context) for _ in range(2)]
    finally:
        consumer.close()
