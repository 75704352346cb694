"""Who uses the fields that a contract changes: grants that hold, and other documents."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.connection import translated
from hub_db.statements import load
from identity.grants import all_grants
from identity.principals import Scope
from schemas import expressions
from schemas.contract import Contract
from schemas.expressions import JOINT

SQL = load("registry", "sql/effect.sql")


@dataclass(frozen=True, slots=True)
class GrantUse:
    """A grant that names touched fields."""

    grant: int
    reader: str  # OPD
    fields: tuple[str, ...]
    until: date


@dataclass(frozen=True, slots=True)
class DocumentUse:
    """Another document that refers to touched fields, checks by them, or supplies them too."""

    document: str  # "<opd>.<document>"
    how: str  # Indonesian
    fields: tuple[str, ...]


def grants_of(
    conn: Connection[TupleRow], contract: Contract, touched: Collection[str], now: datetime
) -> tuple[GrantUse, ...]:
    """The grants on the contract's entity that hold now and name a touched field, by reader."""
    with translated():
        held = [grant for grant in all_grants(conn, Scope(everywhere=True, opds=frozenset())) if grant.holds(now)]
    uses = (
        GrantUse(grant.id, grant.reader, tuple(name for name in grant.fields if name in touched), grant.until)
        for grant in held
        if grant.entity == contract.entity
    )
    return tuple(sorted((use for use in uses if use.fields), key=lambda use: (use.reader, use.grant)))


def documents_of(conn: Connection[TupleRow], contract: Contract, touched: Collection[str]) -> tuple[DocumentUse, ...]:
    """The other documents that are open here and meet a touched field."""
    with translated():
        others = [schema for (schema,) in conn.execute(SQL["contracts"], {"topic": contract.topic}).fetchall()]
    return tuple(use for schema in others for use in _uses(schema, contract, touched))


def _uses(schema: Mapping[str, Any], contract: Contract, touched: Collection[str]) -> Iterable[DocumentUse]:
    said = schema["contract"]
    name = f"{said['opd']}.{said['document']}"
    referring = {
        field["name"]: field["references"].partition(".")[2]
        for field in schema["fields"]
        if field.get("references", "").partition(".")[0] == contract.entity
    }
    checked = {
        used.partition(JOINT)[2]
        for check in said.get("checks", ())
        for used in expressions.names(check["expression"])
        if used.partition(JOINT)[0] in referring
    }
    fed = {target for feed in said.get("feeds", ()) if feed["entity"] == contract.entity for target in feed["fields"]}
    shared = {field["name"] for field in schema["fields"]} if said["entity"] == contract.entity else set()
    for how, fields in (
        ("merujuk", set(referring.values())),
        ("memeriksa", checked),
        ("mengisi juga", fed),
        ("sumber entitas yang sama", shared),
    ):
        found = tuple(sorted(fields & set(touched)))
        if found:
            yield DocumentUse(name, how, found)
