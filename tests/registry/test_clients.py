"""Clients that others wrote work with the registry without knowing that it is ours."""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.schema_registry import (
    ConfigCompatibilityLevel,
    Metadata,
    MetadataProperties,
    Schema,
    SchemaReference,
    SchemaRegistryClient,
    SchemaRegistryError,
    ServerConfig,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from tests.registry.server import PASSWORDS, WRITER, Server

ADDRESS = {"type": "record", "name": "x.address", "fields": [{"name": "street", "type": "string"}]}
PERSON = {
    "type": "record",
    "name": "x.person",
    "fields": [{"name": "name", "type": "string"}, {"name": "home", "type": "x.address"}],
}
VISIT = {"type": "record", "name": "visit", "fields": [{"name": "place", "type": "string"}]}
GROWN = VISIT | {"fields": [*VISIT["fields"], {"name": "count", "type": "int", "default": 7}]}
KAFKAJS = Path(__file__).parent / "kafkajs"
NPM_WITHIN_S, NODE_WITHIN_S = 120, 60


@pytest.fixture
def client(strict_registry: Server) -> Iterator[SchemaRegistryClient]:
    """Confluent's own client, signed in as the writer."""
    password = PASSWORDS[WRITER].get_secret_value()
    with SchemaRegistryClient({"url": strict_registry.url, "basic.auth.user.info": f"{WRITER}:{password}"}) as client:
        yield client


def on(topic: str) -> SerializationContext:
    return SerializationContext(topic, MessageField.VALUE)


def avro(schema: Any, *references: SchemaReference) -> Schema:
    return Schema(json.dumps(schema), "AVRO", references=list(references))


def test_confluents_serializer_round_trips_with_references(client: SchemaRegistryClient) -> None:
    client.register_schema("address", avro(ADDRESS))
    schema = avro(PERSON, SchemaReference("x.address", "address", 1))
    serialize, deserialize = AvroSerializer(client, schema), AvroDeserializer(client)
    value = {"name": "SITI", "home": {"street": "Jl. Contoh"}}

    framed = serialize(value, on("people"))

    assert framed is not None
    assert deserialize(framed, on("people")) == value
    assert client.get_latest_version("people-value").schema.references == [SchemaReference("x.address", "address", 1)]
    assert client.get_referenced_by("address", 1) == [int.from_bytes(framed[1:5], "big")]


def test_confluents_serializer_takes_the_latest_version_and_normalises(client: SchemaRegistryClient) -> None:
    client.register_schema("visits-value", avro(VISIT), normalize_schemas=True)
    newest = client.register_schema("visits-value", avro(GROWN), normalize_schemas=True)
    told = {"auto.register.schemas": False, "use.latest.version": True, "normalize.schemas": True}
    serialize = AvroSerializer(client, json.dumps(VISIT), conf=told)

    framed = serialize({"place": "Balai", "count": 1}, on("visits"))

    assert framed is not None
    assert int.from_bytes(framed[1:5], "big") == newest
    assert AvroDeserializer(client)(framed, on("visits")) == {"place": "Balai", "count": 1}
    old_reader = AvroDeserializer(client, json.dumps(VISIT))
    assert old_reader(framed, on("visits")) == {"place": "Balai"}


def test_confluents_client_manages_subjects(client: SchemaRegistryClient) -> None:
    first = client.register_schema_full_response("s", avro(VISIT))
    assert client.lookup_schema("s", avro(VISIT)).version == 1
    assert client.get_schema_by_guid(str(client.get_version("s", 1).guid)).schema_str == json.dumps(VISIT)
    assert client.test_compatibility("s", avro(GROWN))
    assert not client.test_compatibility("s", avro({"type": "record", "name": "other", "fields": []}))
    assert client.test_compatibility_all_versions("s", avro(GROWN))
    with pytest.raises(SchemaRegistryError) as refused:
        client.register_schema("s", avro({"type": "string"}))
    assert (refused.value.http_status_code, refused.value.error_code) == (409, 409)

    client.set_config("s", ServerConfig(compatibility=ConfigCompatibilityLevel.FULL))
    assert client.get_config("s").compatibility_level == "FULL"
    client.update_mode("s", "READONLY")
    assert client.get_mode("s") == "READONLY"
    client.delete_mode("s")
    assert client.get_subjects(subject_prefix="s") == ["s"]
    assert client.get_schema_types() == ["AVRO"]
    assert client.get_contexts() == ["."]
    assert [(v.subject, v.version) for v in client.get_schema_versions(int(first.schema_id or 0))] == [("s", 1)]
    assert client.delete_version("s", 1) == 1
    assert client.get_versions("s", deleted=True) == [1]
    assert client.delete_subject("s", permanent=True) == [1]
    with pytest.raises(SchemaRegistryError) as gone:
        client.get_versions("s")
    assert (gone.value.http_status_code, gone.value.error_code) == (404, 40401)


def test_confluents_client_finds_a_version_by_its_metadata(client: SchemaRegistryClient) -> None:
    marked = Metadata(None, MetadataProperties({"stage": "uji"}), None)
    client.register_schema("m", Schema(json.dumps(VISIT), "AVRO", metadata=marked))
    client.register_schema("m", Schema(json.dumps(GROWN), "AVRO"))

    found = client.get_latest_with_metadata("m", {"stage": "uji"})

    assert found.version == 1
    assert found.schema.metadata is not None
    assert found.schema.metadata.properties == marked.properties


def test_kafkajs_round_trips(strict_registry: Server, client: SchemaRegistryClient, tmp_path: Path) -> None:
    framed = AvroSerializer(client, json.dumps(VISIT))({"place": "Pasar"}, on("foreign"))
    assert framed is not None
    node = install_kafkajs(tmp_path)
    password = PASSWORDS[WRITER].get_secret_value()
    arguments = [strict_registry.url, WRITER, password, "kafkajs-value", base64.b64encode(framed).decode()]

    done = subprocess.run(
        [*node, "round_trip.js", *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=NODE_WITHIN_S
    )

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["decoded"] == {"place": "Balai Desa", "count": 3}
    assert said["theirs"] == {"place": "Pasar"}
    assert said["id"] == said["latest"] == said["found"]
    theirs = AvroDeserializer(client)(base64.b64decode(said["encoded"]), on("kafkajs"))
    assert theirs == said["decoded"]


def install_kafkajs(folder: Path) -> list[str]:
    """Install the locked packages, each against its hash; the command that runs node."""
    for file in KAFKAJS.iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    programs = Path(sys.executable).parent  # the wheel's node and npm
    path = os.pathsep.join([str(programs), os.environ.get("PATH", "")])
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(
        [str(programs / "npm"), "ci", *quiet],
        cwd=folder,
        check=True,
        timeout=NPM_WITHIN_S,
        env={**os.environ, "PATH": path},
    )
    return [str(programs / "node")]
