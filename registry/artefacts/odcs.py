"""A contract in the Open Data Contract Standard (Bitol, v3.1.0), for catalogues and tools that read it."""

from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

import yaml

from base.titles import human
from registry.artefacts.edition import Edition, deprecation, duration
from registry.artefacts.row_schema import example, field_schema
from schemas.contract import Contract, Field, Kind, Rule

VERSION: Final = "v3.1.0"
_LOGICAL: Final = {
    Kind.STRING: "string",
    Kind.INT: "integer",
    Kind.LONG: "integer",
    Kind.DOUBLE: "number",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamp",
    Kind.DECIMAL: "number",
}
_UNITS: Final = {"tahun": "y", "bulan": "m", "pekan": "w", "hari": "d", "jam": "h", "menit": "min"}


def odcs(edition: Edition) -> dict[str, Any]:
    """The whole contract."""
    contract = edition.contract
    purpose: dict[str, Any] = {"purpose": contract.doc}
    if contract.legal_basis:
        purpose["usage"] = f"Dasar hukum: {contract.legal_basis}"
    if contract.sensitivity != "umum":
        purpose["limitations"] = "Isian yang tidak umum dibaca menurut Hak Akses; data pribadi tersamar."
    return {
        "apiVersion": VERSION,
        "kind": "DataContract",
        "id": str(uuid5(NAMESPACE_URL, contract.subject)),
        "name": contract.name,
        "version": f"{edition.version}.0.0",
        "status": "active",
        "tenant": edition.hub.instance.nama,
        "domain": contract.opd,
        "dataProduct": contract.entity,
        "description": purpose,
        "servers": [
            {
                "server": "hub",
                "type": "kafka",
                "host": edition.hub.bootstrap,
                "format": "avro",
                "description": f"Topik {contract.topic}; registri skema {edition.hub.registry_url}",
            }
        ],
        "schema": [_schema(edition)],
        "support": [{"channel": contract.owner, "tool": "email", "url": f"mailto:{contract.contact}"}],
        "team": _team(edition),
        "slaProperties": _promises(contract),
        "customProperties": _custom(contract),
    }


def odcs_file(edition: Edition) -> bytes:
    """The contract as YAML."""
    text: str = yaml.safe_dump(odcs(edition), allow_unicode=True, sort_keys=False, width=110)
    return text.encode()


def _schema(edition: Edition) -> dict[str, Any]:
    contract = edition.contract
    schema: dict[str, Any] = {
        "name": contract.document.replace("-", "_"),
        "businessName": human(contract.document),
        "physicalName": contract.topic,
        "physicalType": "topic",
        "logicalType": "object",
        "description": contract.doc,
        "properties": [_property(contract, field) for field in contract.fields],
    }
    judged = [*(_rule(rule) for rule in contract.rules), *(_rule(rule) for rule in contract.checks)]
    return schema | ({"quality": judged} if judged else {})


def _property(contract: Contract, field: Field) -> dict[str, Any]:
    raw = next(each for each in contract.schema["fields"] if each["name"] == field.name)
    physical: Any = next(part for part in raw["type"] if part != "null") if field.nullable else raw["type"]
    found: dict[str, Any] = {
        "name": field.name,
        "businessName": human(field.name),
        "description": field.doc,
        "logicalType": _LOGICAL[field.kind],
        "physicalType": physical if isinstance(physical, str) else f"{physical['type']} ({physical['logicalType']})",
        "required": not field.nullable,
        "classification": str(field.sensitivity),
    }
    if field.name in contract.key:
        found |= {"primaryKey": True, "primaryKeyPosition": contract.key.index(field.name) + 1}
    options = _options(contract, field)
    if options:
        found["logicalTypeOptions"] = options
    if field.example is not None:
        found["examples"] = [example(field)]
    custom = _field_custom(contract, field)
    if custom:
        found["customProperties"] = custom
    if field.specific:
        found["tags"] = ["data-spesifik"]
    return found


def _options(contract: Contract, field: Field) -> dict[str, Any]:
    if field.kind in {Kind.DATE, Kind.TIMESTAMP}:
        limits = {"minimum": field.minimum, "maximum": field.maximum}
        return {word: limit.isoformat() for word, limit in limits.items() if isinstance(limit, date)}
    known = field_schema(contract, field)
    words = ("minLength", "maxLength", "pattern") if field.kind is Kind.STRING else ("minimum", "maximum")
    options = {word: known[word] for word in words if word in known}
    if field.kind is Kind.STRING and field.format:
        options["format"] = field.format
    if field.kind is Kind.DECIMAL and isinstance(known.get("multipleOf"), int | float):
        options["multipleOf"] = known["multipleOf"]
    return options


def _field_custom(contract: Contract, field: Field) -> list[dict[str, Any]]:
    told: dict[str, Any] = {
        "enum": list(field.enum) if field.enum else None,
        "codes": field.codes,
        "references": f"{field.reference.entity}.{field.reference.field}" if field.reference else None,
        "onMissing": str(field.reference.on_missing) if field.reference else None,
        "isReplacedBy": field.is_replaced_by or None,
        "survivorship": field.survivorship if field.survivorship != "priority" else None,
        "maximumToday": field.maximum_today or None,
        "deprecated": deprecation(contract, field),
    }
    return [{"property": name, "value": value} for name, value in told.items() if value is not None]


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "description": rule.message,
        "type": "custom",
        "engine": "simpul",
        "implementation": rule.expression,
        "dimension": "consistency",
        "severity": "error" if rule.severity == "error" else "warning",
    }


def _team(edition: Edition) -> dict[str, Any]:
    contract = edition.contract
    members = [{"username": contract.contact, "name": contract.owner, "role": "owner"}]
    if contract.deputy:
        members.append({"username": contract.contact, "name": contract.deputy, "role": "deputy"})
    return {"name": edition.agency, "members": members}


def _promises(contract: Contract) -> list[dict[str, Any]]:
    promised = {"frequency": contract.freshness}
    if contract.retention:
        promised |= {"retention": contract.retention["history"], "retentionOfEvents": contract.retention["events"]}
    found = []
    for name, iso in promised.items():
        count, unit = duration(iso)
        found.append({"property": name, "value": count, "unit": _UNITS[unit]})
    return found


def _custom(contract: Contract) -> list[dict[str, Any]]:
    told: dict[str, Any] = {
        "entity": contract.entity,
        "priority": contract.priority,
        "mayCreate": contract.may_create,
        "sensitivity": str(contract.sensitivity),
        "parkFor": contract.park_for,
        "parkThen": contract.park_then,
        "massChangeDeletes": _share(contract.mass_change_deletes),
        "massChangeChanges": _share(contract.mass_change_changes),
    }
    return [{"property": name, "value": value} for name, value in told.items()]


def _share(share: float) -> float:
    return float(Decimal(str(share)))
