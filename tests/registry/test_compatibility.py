"""Schema resolution by the specification, and the seven levels. Verdicts are the specification's, not this code's."""

import json
from typing import Any

import pytest

from registry.avro_resolution import Definitions, mismatches
from registry.compatibility import Level
from tests.registry.server import Server


def record(*fields: Any, name: str = "r", **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def enum(*symbols: str, name: str = "e", **more: Any) -> dict[str, Any]:
    return {"type": "enum", "name": name, "symbols": list(symbols), **more}


def fixed(size: int, name: str = "f") -> dict[str, Any]:
    return {"type": "fixed", "name": name, "size": size}


def decimal(precision: int, scale: int) -> dict[str, Any]:
    return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}


def listed(kind: Any) -> dict[str, Any]:
    return {"type": "array", "items": kind}


def mapped(kind: Any) -> dict[str, Any]:
    return {"type": "map", "values": kind}


A_INT, A_LONG = field("a", "int"), field("a", "long")
B_DEFAULT = field("b", "int", default=0)
NODE = record(field("next", ["null", "r"], default=None))
LONG_NODE = record(field("next", ["null", "r"], default=None), field("v", "long", default=1))

# reader, writer: the reader reads all that the writer writes
READABLE = [
    *((kind, kind) for kind in ("null", "boolean", "int", "long", "float", "double", "bytes", "string")),
    ("long", "int"), ("float", "int"), ("float", "long"), ("double", "int"), ("double", "long"), ("double", "float"),
    ("bytes", "string"), ("string", "bytes"),
    (listed("int"), listed("int")), (listed("long"), listed("int")), (listed("string"), listed("bytes")),
    (mapped("int"), mapped("int")), (mapped("double"), mapped("float")),
    (enum("A", "B"), enum("A")), (enum("A", "B", "C"), enum("A", "B", "C")),
    (enum("A", "U", default="U"), enum("A", "B")), (fixed(4), fixed(4)),
    (["int"], "int"), (["long"], "int"), (["int", "string"], "string"), (["null", "int"], "null"),
    ("int", ["int"]), ("long", ["int", "long"]), (["int", "string"], ["string", "int"]), ([], []),
    (["double"], ["int", "float", "long"]), (["string", "long"], ["bytes", "int"]),
    (record(), record()), (record(A_INT), record(A_INT)), (record(), record(A_INT)), (record(A_LONG), record(A_INT)),
    (record(B_DEFAULT), record(A_INT)), (record(A_INT, B_DEFAULT), record(A_INT)),
    (record(field("b", "int", aliases=["a"])), record(A_INT)),
    (record(A_INT, name="new", aliases=["r"]), record(A_INT)),
    (record(A_INT, name="x.r"), record(A_INT, name="y.r")),
    (record(field("u", ["null", "int"], default=None)), record()),
    (NODE, NODE), (LONG_NODE, NODE), (NODE, LONG_NODE),
    (record(field("d", decimal(10, 2))), record(field("d", decimal(10, 2)))),
]  # fmt: skip

# reader, writer, every kind of mismatch with its place in the reader
UNREADABLE = [
    ("null", "int", [("TYPE_MISMATCH", "/")]), ("boolean", "int", [("TYPE_MISMATCH", "/")]),
    ("int", "null", [("TYPE_MISMATCH", "/")]), ("int", "boolean", [("TYPE_MISMATCH", "/")]),
    ("int", "long", [("TYPE_MISMATCH", "/")]), ("int", "float", [("TYPE_MISMATCH", "/")]),
    ("int", "double", [("TYPE_MISMATCH", "/")]), ("long", "float", [("TYPE_MISMATCH", "/")]),
    ("long", "double", [("TYPE_MISMATCH", "/")]), ("float", "double", [("TYPE_MISMATCH", "/")]),
    ("double", "string", [("TYPE_MISMATCH", "/")]), ("string", "int", [("TYPE_MISMATCH", "/")]),
    ("bytes", "int", [("TYPE_MISMATCH", "/")]), ("string", fixed(4), [("TYPE_MISMATCH", "/")]),
    (listed("int"), listed("long"), [("TYPE_MISMATCH", "/items")]),
    (mapped("int"), mapped("long"), [("TYPE_MISMATCH", "/values")]),
    (mapped("int"), listed("int"), [("TYPE_MISMATCH", "/")]), (listed("int"), mapped("int"), [("TYPE_MISMATCH", "/")]),
    (enum("A"), enum("A", "B"), [("MISSING_ENUM_SYMBOLS", "/symbols")]),
    (enum("A", name="x"), enum("A"), [("NAME_MISMATCH", "/name")]), (enum("A"), "int", [("TYPE_MISMATCH", "/")]),
    ("int", enum("A"), [("TYPE_MISMATCH", "/")]), (fixed(4), fixed(5), [("FIXED_SIZE_MISMATCH", "/size")]),
    (fixed(4, "g"), fixed(4), [("NAME_MISMATCH", "/name")]),
    ("int", ["int", "long"], [("TYPE_MISMATCH", "/")]), (["int"], "string", [("MISSING_UNION_BRANCH", "/")]),
    (["int"], ["int", "string"], [("MISSING_UNION_BRANCH", "/")]), (["null"], ["int"], [("MISSING_UNION_BRANCH", "/")]),
    (["float"], ["double"], [("MISSING_UNION_BRANCH", "/")]),
    (record(name="x"), record(), [("NAME_MISMATCH", "/name")]), (record(), "int", [("TYPE_MISMATCH", "/")]),
    (record(A_INT), record(), [("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/0")]),
    (record(A_INT), record(A_LONG), [("TYPE_MISMATCH", "/fields/0/type")]),
    (record(field("a", enum("A", default="A"))), record(), [("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/0")]),
    (record(field("a", record(field("b", "int"), name="in"))), record(field("a", record(name="in"))),
     [("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/0/type/fields/0")]),
    (record(A_INT, field("b", "int")), record(A_LONG),
     [("TYPE_MISMATCH", "/fields/0/type"), ("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/1")]),
    (record(field("d", decimal(10, 2))), record(field("d", decimal(10, 3))), [("TYPE_MISMATCH", "/fields/0/type")]),
    (record(field("d", decimal(12, 2))), record(field("d", decimal(10, 2))), [("TYPE_MISMATCH", "/fields/0/type")]),
    (record(field("next", ["null", "r"], default=None), field("v", "long")), NODE,
     [("READER_FIELD_MISSING_DEFAULT_VALUE", "/fields/1")]),
]  # fmt: skip


@pytest.mark.parametrize(("reader", "writer"), READABLE, ids=str)
def test_a_reader_resolves(reader: Any, writer: Any) -> None:
    assert mismatches(Definitions.of(reader), Definitions.of(writer)) == []


@pytest.mark.parametrize(("reader", "writer", "found"), UNREADABLE, ids=str)
def test_a_reader_that_cannot_says_every_reason_and_where(reader: Any, writer: Any, found: list[Any]) -> None:
    reasons = mismatches(Definitions.of(reader), Definitions.of(writer))

    assert [(each.kind, each.path) for each in reasons] == found


ONE = json.dumps(record(A_INT))
GROWN = json.dumps(record(A_INT, B_DEFAULT))  # each reads the other
GROWN_HARD = json.dumps(record(A_INT, field("b", "int")))  # only readable by, not able to read, what came before
LESS = json.dumps(record())
TAKEN = {
    Level.NONE: {ONE, GROWN, GROWN_HARD, LESS},
    Level.BACKWARD: {ONE, GROWN, LESS},
    Level.FORWARD: {ONE, GROWN, GROWN_HARD},
    Level.FULL: {ONE, GROWN},
}


@pytest.mark.parametrize("level", list(Level))
def test_a_level_takes_what_it_says(shared_registry: Server, subject: str, level: Level) -> None:
    shared_registry.register(subject, ONE)
    shared_registry.http.put(f"/config/{subject}", json={"compatibility": level.lower()})

    verdicts = {
        text: shared_registry.http.post(
            f"/compatibility/subjects/{subject}/versions/latest", json={"schema": text}
        ).json()["is_compatible"]
        for text in (ONE, GROWN, GROWN_HARD, LESS)
    }

    taken = TAKEN[Level(level.removesuffix("_TRANSITIVE"))]
    assert {text for text, fine in verdicts.items() if fine} == taken


def test_transitive_looks_at_every_version(shared_registry: Server, subject: str) -> None:
    """b goes in the second version, and comes back without a default in the third: the first cannot be read."""
    first = json.dumps(record(A_INT))
    second = json.dumps(record(A_INT, field("b", "int", default=1)))
    third = json.dumps(record(A_INT, field("b", "int")))
    shared_registry.http.put(f"/config/{subject}", json={"compatibility": "BACKWARD"})
    for text in (first, second):
        assert shared_registry.register(subject, text).status_code == 200
    verbose = f"/compatibility/subjects/{subject}/versions?verbose=true"

    newest = shared_registry.http.post(verbose, json={"schema": third}).json()
    shared_registry.http.put(f"/config/{subject}", json={"compatibility": "BACKWARD_TRANSITIVE"})
    every = shared_registry.http.post(verbose, json={"schema": third}).json()

    assert newest == {"is_compatible": True, "messages": []}
    assert every["is_compatible"] is False
    assert "'/fields/1'" in every["messages"][0]
    assert "{oldSchemaVersion: 1}" in every["messages"]


def test_an_incompatible_registration_is_refused_with_every_reason(strict_registry: Server) -> None:
    strict_registry.register("s", ONE)

    refused = strict_registry.register("s", GROWN_HARD)

    assert (refused.status_code, refused.json()["error_code"]) == (409, 409)
    assert "READER_FIELD_MISSING_DEFAULT_VALUE" in refused.json()["message"]
    assert strict_registry.ask("/subjects/s/versions") == (200, [1])


CONTRACT = {"opd": "abc", "document": "d", "entity": "d", "key": ["k"], "rules": []}


def contracted(rules: Any = (), **more: Any) -> dict[str, Any]:
    return record(field("k", "string", **more), contract=CONTRACT | {"rules": list(rules)})


RULE = {"name": "r", "expression": "k <> ''", "severity": "error", "message": "m"}


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        pytest.param(contracted(pattern="[0-9]*"), contracted(pattern="[0-9]{3}"), "/fields/0/pattern", id="pattern"),
        pytest.param(contracted(), contracted(pattern="[0-9]{3}"), "/fields/0/pattern", id="new pattern"),
        pytest.param(contracted(format="nik"), contracted(format="no-kk"), "/fields/0/format", id="format"),
        pytest.param(contracted(enum=["A", "B"]), contracted(enum=["A"]), "/fields/0/enum", id="enum"),
        pytest.param(contracted(maxLength=9), contracted(maxLength=8), "/fields/0/maxLength", id="maxLength"),
        pytest.param(contracted(minLength=1), contracted(minLength=2), "/fields/0/minLength", id="minLength"),
        pytest.param(contracted(), contracted([RULE]), "/contract/rules/0", id="new rule"),
        pytest.param(
            contracted(warnOnly=["nik.tanggal"], format="nik"),
            contracted(format="nik"),
            "/fields/0/warnOnly",
            id="warn",
        ),
        pytest.param(
            contracted(references="x.k", isReplacedBy=True),
            contracted(references="x.k"),
            "/fields/0/isReplacedBy",
            id="no longer the replacing key",
        ),
        pytest.param(
            contracted(), contracted() | {"contract": CONTRACT | {"entity": "e"}}, "/contract/entity", id="entity"
        ),
        pytest.param(contracted(), contracted() | {"contract": CONTRACT | {"key": ["x"]}}, "/contract/key", id="key"),
        pytest.param(contracted(), record(field("k", "string")), "/contract", id="gone"),
    ],
)
def test_a_narrower_contract_is_incompatible_backwards_and_a_wider_one_forwards(
    shared_registry: Server, subject: str, before: Any, after: Any, place: str
) -> None:
    def reasons(old: Any, new: Any, level: str, name: str) -> str:
        shared_registry.approve(name, json.dumps(old))
        shared_registry.http.put(f"/config/{name}", json={"compatibility": level})
        path = f"/compatibility/subjects/{name}/versions/latest?verbose=true"
        return " ".join(shared_registry.http.post(path, json={"schema": json.dumps(new)}).json()["messages"])

    assert f"'CONTRACT', description:'The contract at path '{place}'" in reasons(before, after, "BACKWARD", subject)
    assert f"'{place}' of the old schema" in reasons(after, before, "FORWARD", f"{subject}-2")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(contracted(enum=["A"]), contracted(enum=["A", "B"]), id="enum"),
        pytest.param(contracted(maxLength=8), contracted(maxLength=9), id="maxLength"),
        pytest.param(contracted([RULE]), contracted(), id="rule gone"),
        pytest.param(contracted(), contracted([RULE | {"severity": "warn"}]), id="new warning"),
        pytest.param(contracted(doc="x"), contracted(doc="y"), id="doc"),
        pytest.param(contracted(references="x.k"), contracted(references="x.k", isReplacedBy=True), id="replacing key"),
        pytest.param(contracted([RULE]), contracted([RULE | {"message": "other"}]), id="message"),
    ],
)
def test_a_wider_contract_is_compatible_backwards(
    shared_registry: Server, subject: str, before: Any, after: Any
) -> None:
    shared_registry.approve(subject, json.dumps(before))
    shared_registry.http.put(f"/config/{subject}", json={"compatibility": "BACKWARD"})

    path = f"/compatibility/subjects/{subject}/versions/latest"
    assert shared_registry.http.post(path, json={"schema": json.dumps(after)}).json() == {"is_compatible": True}
