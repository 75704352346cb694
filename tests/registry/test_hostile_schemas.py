"""Schemas that would hurt whoever decodes by them, or whoever reads them: 422 with a reason, and life goes on."""

import json
import tracemalloc
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import schema_text
from registry.errors import InvalidSchema
from schemas.patterns import repeats_a_repetition
from tests.registry.server import Server
from tests.schemas.contracts import penduduk, schema_of


def record(*fields: Any, name: str = "r", **more: Any) -> dict[str, Any]:
    named = [{"name": f"f{number}", "type": kind} for number, kind in enumerate(fields)]
    return {"type": "record", "name": name, "fields": named, **more}


def field(kind: Any, **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": "r", "fields": [{"name": "f", "type": kind, **more}]}


def nested(levels: int, leaf: Any = "int") -> Any:
    for _ in range(levels):
        leaf = {"type": "array", "items": leaf}
    return leaf


def tower(levels: int, width: int, leaf: Any = "null") -> dict[str, Any]:
    """Each level a record that uses the one below `width` times: a small text, width^levels fields."""
    floor = record(*[leaf] * width, name="r0")
    for level in range(1, levels):
        floor = record(floor, *[f"r{level - 1}"] * (width - 1), name=f"r{level}")
    return floor


def enum(**more: Any) -> dict[str, Any]:
    return {"type": "enum", "name": "e", "symbols": ["A", "B"], **more}


HOSTILE = {
    "empty": ("", "Empty schema"),
    "a name of a megabyte": (json.dumps(record(name="n" * 1_000_000)), "larger than 262144 bytes"),
    "a million symbols": (
        '{"type":"enum","name":"e","symbols":["' + '","'.join(map(str, range(1_000_000))) + '"]}',
        "larger",
    ),
    "ten megabytes": (json.dumps(record(doc="x" * 10_000_000)), "larger than 262144 bytes"),
    "100,000 levels": ('{"type":"array","items":' * 100_000, "larger than 262144 bytes"),
    "five megabytes": (json.dumps(record(doc="x" * 5_000_000)), "larger than 262144 bytes"),
    "just over the size": (json.dumps(record(doc="é" * 131_072), ensure_ascii=False), "larger than 262144 bytes"),
    "100,000 fields": (json.dumps(record(*["int"] * 100_000)), "larger than"),
    "5,000 nested arrays": (json.dumps(nested(300)).replace('"int"', "[" * 5_000 + "]" * 5_000), "levels deep"),
    "100,000 brackets": ("[" * 100_000, "levels deep"),
    "501 fields": (record(*["int"] * 501), "more than 500 fields"),
    "501 fields in all": (record(record(*["int"] * 250, name="a"), "a"), "more than 500 fields"),
    "levels of types": (nested(16), "more than 16 levels"),
    "levels by names": (record(tower(9, 1), nested(8, "r8")), "more than 16 levels"),
    "billions of empty fields": (tower(8, 20), "more than 500 fields"),
    "branches of a union": (field(["null", *(record(*["int"] * 100, name=f"b{n}") for n in range(6))]), "500 fields"),
    "recursive": (field(["null", "r"]), "recursive"),
    "recursive by its full name": ({**field(["null", "n.r"]), "namespace": "n"}, "recursive"),
    "mutually recursive": (record(record(["null", "r"], name="b")), "recursive"),
    "array of nulls": (nested(1, "null"), "items of no bytes"),
    "array of empty records": (nested(1, record()), "items of no bytes"),
    "array of records of nulls": (nested(1, record("null", record("null", name="b"))), "items of no bytes"),
    "array of fixed 0": (nested(1, {"type": "fixed", "name": "z", "size": 0}), "items of no bytes"),
    "array of a name without bytes": (record({"type": "fixed", "name": "z", "size": 0}, nested(1, "z")), "no bytes"),
    "fixed of a terabyte": ({"type": "fixed", "name": "z", "size": 2**40}, "size of a fixed"),
    "fixed of size true": ({"type": "fixed", "name": "z", "size": True}, "size of a fixed"),
    "doubled key": ('{"type":"enum","name":"e","symbols":["A"],"type":"enum"}', "'type' stands twice"),
    "doubled key deep in an attribute": ('{"type":"string","x":{"a":1,"a":2}}', "'a' stands twice"),
    "no JSON": ("{", "no JSON"),
    "a bare word": ("string", "no JSON"),
    "NaN": ('{"type":"double","maximum":NaN}', "no JSON number"),
    "Infinity": ('{"type":"double","maximum":-Infinity}', "no JSON number"),
    "1e400": ('{"type":"double","maximum":1e400}', "too large"),
    "10,000 digits": ('{"type":"double","maximum":' + "9" * 10_000 + "}", "too long"),
    "NUL in a text": ({"type": "string", "doc": "a\x00b"}, "NUL"),
    "half a surrogate": ('{"type":"string","doc":"\\ud800"}', "surrogate"),
    "half a surrogate in a key": ('{"type":"string","\\udfff":1}', "surrogate"),
    "name with a path": (record(name="../../x"), "a name has parts"),
    "name with a statement": (record(name="a;drop"), "a name has parts"),
    "name of letters that look alike": (record(name="naмe"), "a name has parts"),
    "name with a line end": (record(name="a\n"), "a name has parts"),
    "long name": (record(name="n" * 256), "a name has parts"),
    "namespace with a hole": (record(namespace="a..b"), "a name has parts"),
    "namespace no text": (record(namespace=1), "namespace is a text"),
    "name of a primitive": (record(name="int"), "already defined"),
    "name twice": (record(record(name="b"), record(name="b")), "already defined"),
    "no name": ({"type": "record", "fields": []}, "need a name"),
    "field name": ({"type": "record", "name": "r", "fields": [{"name": "a-b", "type": "int"}]}, "a field needs a name"),
    "field twice": ({"type": "record", "name": "r", "fields": [{"name": "a", "type": "int"}] * 2}, "stands twice"),
    "field no object": ({"type": "record", "name": "r", "fields": ["int"]}, "a field needs a name"),
    "no fields": ({"type": "record", "name": "r"}, "list of fields"),
    "order": (field("int", order="random"), "order is"),
    "aliases": (field("int", aliases="a"), "aliases are"),
    "no type": (field(None), "a schema is"),
    "type is a number": ("7", "a schema is"),
    "type inside type": ({"type": {"type": "string"}}, "needs a 'type'"),
    "unknown type": ('"strign"', "unknown type"),
    "unknown type in an object": ({"type": "strign"}, "unknown type"),
    "no items": ({"type": "array"}, "a schema is"),
    "empty union": (field([]), "needs a branch"),
    "union in a union": (field(["null", ["int"]]), "directly in a union"),
    "branch twice": (field(["null", "null"]), "twice"),
    "branch twice in two spellings": (field(["string", {"type": "string", "x": 1}]), "twice"),
    "branch twice by name": (record(enum(), ["e", "e"]), "twice"),
    "symbols": (enum(symbols=["A", "b c"]), "a symbol is a name"),
    "symbols twice": (enum(symbols=["A", "A"]), "a symbol stands twice"),
    "no symbols": (enum(symbols=[]), "list of symbols"),
    "enum default": (enum(default="C"), "no symbol"),
    "checked already, says a mark": ({"type": "int", "__fastavro_parsed": True}, "not allowed"),
    "decimal": ({"type": "bytes", "logicalType": "decimal", "precision": 2, "scale": 5}, "Invalid Avro schema"),
}

WRONG_DEFAULTS = [
    ("int", "1"),
    ("int", 2**31),
    ("int", True),
    ("int", 1.5),
    ("long", 2**63),
    ("double", "1"),
    ("boolean", 0),
    ("null", 0),
    ("string", None),
    ("bytes", "\u0100"),
    ({"type": "fixed", "name": "z", "size": 2}, "abc"),
    (enum(), "C"),
    (enum(), []),
    ({"type": "array", "items": "int"}, [1, "2"]),
    ({"type": "map", "values": "int"}, {"a": None}),
    ({"type": "map", "values": "int"}, [1]),
    (["null", "int"], "x"),
    (record("int", name="b"), {}),
    (record("int", name="b"), {"f0": "x"}),
]


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_schema_is_refused_with_its_reason(case: str) -> None:
    schema, reason = HOSTILE[case]

    with pytest.raises(InvalidSchema, match=reason):
        schema_text.parse(schema if isinstance(schema, str) else json.dumps(schema))


@pytest.mark.parametrize(("kind", "default"), WRONG_DEFAULTS)
def test_a_default_of_the_wrong_type_is_refused(kind: Any, default: Any) -> None:
    with pytest.raises(InvalidSchema, match=r"schema\.f: the default"):
        schema_text.parse(json.dumps(field(kind, default=default)))


@pytest.mark.parametrize(
    "schema",
    [
        "string",
        ["null", "string"],
        nested(15),
        record(*["int"] * 500),
        record(record(*["int"] * 249, name="a"), "a"),
        tower(2, 2),
        record("null"),
        {"type": "map", "values": "null"},
        field(["null", "int"], default=None),
        field(["null", "int"], default=3),
        field("double", default=1),
        field("bytes", default="\u00ff"),
        field(record("int", name="b"), default={"f0": 1}),
        field({"type": "map", "values": "int"}, default={}),
        {**field(enum(namespace="x", default="A"), default="B", order="ignore", aliases=["g"]), "namespace": "y"},
        record({**enum(), "name": "m.e"}, ["null", "m.e"], {"type": "array", "items": "m.e"}, namespace="n"),
        {"type": "string", "pattern": "(a+)+$", "doc": "<script>alert(1)</script> 🏛", "deep": [[[[[1e-7]]]]]},
    ],
)
def test_what_is_within_the_limits_is_taken(schema: Any) -> None:
    text = json.dumps(schema, ensure_ascii=False)

    assert schema_text.parse(text).text == text


def test_the_service_refuses_them_over_http_and_lives(shared_registry: Server, subject: str) -> None:
    subject = f"opd.{subject}"
    for schema, _ in HOSTILE.values():
        text = schema if isinstance(schema, str) else json.dumps(schema)
        for path in (f"/subjects/{subject}/versions", f"/subjects/{subject}"):
            response = shared_registry.http.post(path, json={"schema": text})
            assert (response.status_code, response.json()["error_code"]) == (422, 42201)

    assert shared_registry.ask(f"/subjects/{subject}/versions")[0] == 404


def test_a_very_long_body_is_answered_or_cut_and_the_service_lives(shared_registry: Server) -> None:
    answered = shared_registry.http.post("/subjects/x/versions", content=b"x" * 10_000_000)
    assert (answered.status_code, answered.json()["error_code"]) == (422, 42201)

    assert shared_registry.ask("/")[0] == 200


def contract_with(**bent: Any) -> str:
    """The contract of residents with other attributes of the field `nama_ibu`, or another first rule."""
    schema = schema_of(penduduk())
    if "expression" in bent:
        schema["contract"]["rules"][0] |= bent
    else:
        next(each for each in schema["fields"] if each["name"] == "nama_ibu").update(bent)
    return json.dumps(schema)


HOSTILE_CONTRACTS = {
    "repetition of a repetition": ({"pattern": "(a+)+$"}, "pattern repeats a repetition"),
    "the same in groups": ({"pattern": "((a|b)*c?){2,}"}, "pattern repeats a repetition"),
    "look-around": ({"pattern": "(?=a)a"}, "pattern does not compile"),
    "a sub-query": ({"expression": "nik IN (SELECT nik FROM penduduk)"}, "unknown field SELECT"),
    "today": ({"expression": "tanggal_lahir < CURRENT_DATE"}, "unknown field CURRENT_DATE"),
    "another function": ({"expression": "pg_sleep(9) = 0"}, "pg_sleep"),
}


@pytest.mark.parametrize("case", HOSTILE_CONTRACTS)
def test_a_hostile_contract_becomes_no_draft(shared_registry: Server, subject: str, case: str) -> None:
    bent, reason = HOSTILE_CONTRACTS[case]

    response = shared_registry.register(f"opd.disdukcapil.{subject}", contract_with(**bent))

    assert (response.status_code, response.json()["error_code"]) == (422, 42201)
    assert reason in response.json()["message"]


@pytest.mark.parametrize(
    "pattern", ["[a+]+", r"(a\+)+", "(ab?)+", "(a{2})+", "a+b*", "[A-Z0-9][A-Z0-9.-]{1,29}", "(a+)?"]
)
def test_a_pattern_that_ends_is_taken(pattern: str) -> None:
    assert not repeats_a_repetition(pattern)


def test_refusing_takes_no_more_memory_than_the_text() -> None:
    for schema, _ in HOSTILE.values():
        text = schema if isinstance(schema, str) else json.dumps(schema)
        tracemalloc.start()
        with pytest.raises(InvalidSchema):
            schema_text.parse(text)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

        assert peak < 2 * len(text) + 16_000_000  # bytes


@given(text=st.text(max_size=60) | st.recursive(
    st.sampled_from(["null", "int", "string", "r", 1, None, True]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["type", "name", "fields", "items", "values", "symbols", "size", "default", "namespace"]),
        inner | st.sampled_from(["record", "enum", "array", "map", "fixed"]), max_size=5,
    ),
    max_leaves=12,
).map(json.dumps))  # fmt: skip
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with suppress(InvalidSchema):
        assert schema_text.parse(text).text == text.strip()
