"""The topics of a document as AsyncAPI 3.0: its agency writes, refused events come back, readers read."""

from typing import Any, Final

from base.titles import human
from registry.artefacts.edition import Edition, json_bytes
from registry.artefacts.events import example_events
from registry.provisioning.topics import retention
from schemas.contract import Contract
from schemas.texts import MAX_KEY_BYTES
from schemas.wire.headers import MAX_EPOCH, MAX_ID, MAX_SEQUENCE, event_type

VERSION: Final = "3.0.0"
AVRO: Final = "application/vnd.apache.avro+json;version=1.9.0"
_BINDING: Final = "0.5.0"  # of AsyncAPI's Kafka bindings


def asyncapi(edition: Edition) -> dict[str, Any]:
    """The whole text."""
    contract = edition.contract
    return {
        "asyncapi": VERSION,
        "id": f"urn:simpul:{contract.opd}:{contract.document}:{edition.version}",
        "info": {
            "title": f"Simpul: {edition.title}",
            "version": str(edition.version),
            "description": f"{contract.doc} Nilai memakai bingkai Confluent: bita 0, nomor skema 4 bita, badan Avro.",
            "contact": {"name": contract.owner, "email": contract.contact},
        },
        "defaultContentType": "application/avro",
        "servers": {
            "hub": {
                "host": edition.hub.bootstrap,
                "protocol": "kafka-secure",
                "description": f"Registri skema: {edition.hub.registry_url}",
                "security": [{"$ref": "#/components/securitySchemes/scram"}],
                "bindings": {
                    "kafka": {
                        "schemaRegistryUrl": edition.hub.registry_url,
                        "schemaRegistryVendor": "confluent",
                        "bindingVersion": _BINDING,
                    }
                },
            }
        },
        "channels": _channels(contract),
        "operations": _operations(contract),
        "components": {
            "securitySchemes": {
                "scram": {"type": "scramSha512", "description": f"Pengguna opd-{contract.opd} dan kata sandinya."}
            },
            "messages": {"change": _change(edition), "delete": _delete(contract), "returned": _returned(contract)},
        },
    }


def asyncapi_file(edition: Edition) -> bytes:
    """The text as a file."""
    return json_bytes(asyncapi(edition))


def _channels(contract: Contract) -> dict[str, Any]:
    kept = int(retention(contract).total_seconds() * 1_000)
    raw = {"cleanup.policy": ["delete"], "retention.ms": kept}
    change = {"$ref": "#/components/messages/change"}
    delete = {"$ref": "#/components/messages/delete"}
    return {
        "changes": {
            "address": contract.topic,
            "title": "Perubahan dari OPD",
            "messages": {"change": change, "delete": delete},
            "bindings": {"kafka": {"topicConfiguration": raw, "bindingVersion": _BINDING}},
        },
        "returned": {
            "address": contract.dead_letter_topic,
            "title": "Data dikembalikan",
            "messages": {"returned": {"$ref": "#/components/messages/returned"}},
            "bindings": {"kafka": {"topicConfiguration": raw, "bindingVersion": _BINDING}},
        },
        "reference": {
            "address": f"{contract.reference_topic}.{{grant}}",
            "title": f"Data Rujukan {human(contract.entity)}",
            "description": "Satu topik untuk tiap Hak Akses, hanya berisi isian yang disebutnya.",
            "parameters": {"grant": {"description": "Nomor Hak Akses."}},
            "messages": {"delete": delete},
            "bindings": {"kafka": {"topicConfiguration": {"cleanup.policy": ["compact"]}, "bindingVersion": _BINDING}},
        },
    }


def _operations(contract: Contract) -> dict[str, Any]:
    return {
        "publish": {
            "action": "send",
            "channel": {"$ref": "#/channels/changes"},
            "summary": f"OPD {contract.opd} mengirim perubahan; tidak ada pengguna lain yang boleh.",
        },
        "read_returned": {
            "action": "receive",
            "channel": {"$ref": "#/channels/returned"},
            "summary": "OPD membaca apa yang dikembalikan, beserta alasannya.",
        },
        "read_reference": {
            "action": "receive",
            "channel": {"$ref": "#/channels/reference"},
            "summary": "Pengguna Data membaca Data Rujukan menurut Hak Aksesnya.",
        },
    }


def _change(edition: Edition) -> dict[str, Any]:
    contract = edition.contract
    good = example_events(edition)["good"][0]
    return {
        "name": event_type(contract),
        "title": f"{human(contract.document)} berubah",
        "contentType": "application/avro",
        "headers": _headers(contract),
        "payload": {"schemaFormat": AVRO, "schema": contract.schema},
        "examples": [{"name": "lengkap", "headers": good["headers"], "payload": good["value"]}],
        "bindings": {
            "kafka": {
                "key": _key(contract),
                "schemaIdLocation": "payload",
                "schemaIdPayloadEncoding": "confluent",
                "schemaLookupStrategy": "TopicNameStrategy",
                "bindingVersion": _BINDING,
            }
        },
    }


def _delete(contract: Contract) -> dict[str, Any]:
    return {
        "name": f"{event_type(contract)}.delete",
        "title": f"{human(contract.document)} dihapus",
        "summary": "Kunci dengan nilai null.",
        "headers": _headers(contract),
        "payload": {"type": "null"},
        "bindings": {"kafka": {"key": _key(contract), "bindingVersion": _BINDING}},
    }


def _returned(contract: Contract) -> dict[str, Any]:
    return {
        "name": f"{event_type(contract)}.returned",
        "title": "Kejadian yang dikembalikan",
        "summary": "Kunci, nilai, dan header semula, bita demi bita, ditambah header dengan alasannya.",
        "contentType": "application/octet-stream",
        "payload": {"type": ["string", "null"], "format": "binary"},
    }


def _key(contract: Contract) -> dict[str, Any]:
    return {
        "type": "string",
        "maxLength": MAX_KEY_BYTES,
        "description": f"UTF-8: {' lalu | lalu '.join(contract.key)}",
    }


def _headers(contract: Contract) -> dict[str, Any]:
    """CloudEvents 1.0, Kafka binary mode, and what the hub adds."""
    required = ["ce_id", "ce_source", *(["ce_sequence"] if contract.sequence_required else [])]
    return {
        "type": "object",
        "required": required,
        "properties": {
            "ce_specversion": {"type": "string", "const": "1.0"},
            "ce_id": {"type": "string", "minLength": 1, "maxLength": MAX_ID},
            "ce_source": {"type": "string", "pattern": f"^/opd/{contract.opd}/[a-z0-9][a-z0-9._-]{{0,62}}$"},
            "ce_type": {"type": "string", "const": event_type(contract)},
            "ce_subject": {"type": "string", "description": "Kunci."},
            "ce_time": {"type": "string", "format": "date-time", "description": "Jam sumber; tidak menentukan urutan."},
            "ce_sequence": _number(MAX_SEQUENCE, "Versi baris di sumber; naik pada setiap perubahan kunci itu."),
            "ce_simpulepoch": _number(MAX_EPOCH, "Naik ketika sumber memulai ulang penomorannya."),
            "ce_simpulload": {"type": "string", "maxLength": MAX_ID, "description": "Muatan tempat kejadian ini."},
        },
    }


def _number(highest: int, text: str) -> dict[str, Any]:
    return {"type": "string", "pattern": "^[0-9]{1,19}$", "description": f"{text} 0 sampai {highest}."}
