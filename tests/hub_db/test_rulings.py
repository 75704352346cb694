"""A steward's rulings in the fold: the pure one by rules, and the database's against it, over values of every kind."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from hub_db import entities, fold_statements, provision, refold
from hub_db.events import Place, Version
from hub_db.golden import Entity, Golden, SourceRow, fold
from hub_db.reference_tables import MARKS
from hub_db.rulings import Ruling, both_seen
from schemas.contract import Value
from schemas.names import EntityName, EventKey, FieldName, SchemaId
from tests.conftest import Database
from tests.hub_db.documents import TIMESTAMP, contract, text

AT = datetime(2026, 1, 5, 7, 5, tzinfo=UTC)
KINDS: Mapping[str, Any] = {
    "nama": "string",
    "anak": "int",
    "luas": "long",
    "tinggi": "double",
    "hidup": "boolean",
    "lahir": {"type": "int", "logicalType": "date"},
    "masuk": TIMESTAMP,
    "gaji": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2},
}
FIELDS = tuple(
    {"name": name, "type": ["null", kind], "default": None, "doc": name, "sensitivity": "umum", "agree": True}
    for name, kind in KINDS.items()
)
EMAIL = text("surel", nullable=True, survivorship="latest", agree=True)
FIRST, SECOND, THIRD = (
    contract(name, "nik", text("nik", maxLength=9), *FIELDS, EMAIL, entity="orang", priority=rank, mayCreate=rank == 1)
    for rank, name in enumerate(("satu", "dua", "tiga"), start=1)
)


def entity() -> Entity:
    found = entities.build(EntityName("orang"), (FIRST, SECOND, THIRD))
    assert found is not None
    return found


ENTITY = entity()
SOURCES = {source.name.partition(".")[2]: source for source in ENTITY.sources}
BY_NAME = {field.name: field for field in ENTITY.columns}


def row(document: str, *, deleted: bool = False, minutes: int = 0, **values: Value) -> SourceRow:
    said = {} if deleted else {FieldName(name): value for name, value in values.items()}
    changed = None if deleted else AT.replace(minute=minutes)
    return SourceRow(
        SOURCES[document], EventKey("a"), deleted, Version(0, 1), Place(1, 0, 0), None, changed, None, said
    )


def ruled(number: int, b: str, choice: str, *, a: str = "satu", **values: tuple[Value, Value]) -> Ruling:
    """A decision by which B's values, or A's, are right, for these values of both."""
    seen = {FieldName(name): both_seen(BY_NAME[FieldName(name)], *both) for name, both in values.items()}
    return Ruling(number, number, f"uji.{a}", f"uji.{b}", choice == "b", seen, AT)


def told(record: Golden | None, *names: str) -> list[tuple[Value, str, int | None]]:
    assert record is not None
    found = [record.fields[FieldName(name)] for name in names]
    return [
        (each.value, each.row.source.name.partition(".")[2], None if each.ruling is None else each.ruling.number)
        for each in found
    ]


ONE, TWO, THREE = row("satu", nama="A", anak=1), row("dua", nama="B", anak=2), row("tiga", nama="C", anak=3)
RULES: list[Any] = [
    pytest.param([ruled(1, "dua", "b", nama=("A", "B"))], [("B", "dua", 1), (1, "satu", None)], id="B is taken"),
    pytest.param([ruled(1, "dua", "a", nama=("A", "B"))], [("A", "satu", 1), (1, "satu", None)], id="A is taken"),
    pytest.param([ruled(1, "dua", "b", nama=("A", "X"))], [("A", "satu", None), (1, "satu", None)], id="B has changed"),
    pytest.param([ruled(1, "dua", "b", nama=("X", "B"))], [("A", "satu", None), (1, "satu", None)], id="A has changed"),
    pytest.param(
        [ruled(1, "tiga", "b", a="dua", nama=("B", "C"))],
        [("A", "satu", None), (1, "satu", None)],
        id="A is no longer the first that speaks",
    ),
    pytest.param(
        [ruled(1, "dua", "b", nama=("A", "B"), anak=(1, 2))], [("B", "dua", 1), (2, "dua", 1)], id="of two fields"
    ),
    pytest.param(
        [ruled(1, "dua", "b", nama=("A", "B"), anak=(1, 9))],
        [("A", "satu", None), (1, "satu", None)],
        id="of two fields, of which one has changed",
    ),
    pytest.param(
        [ruled(1, "dua", "b", nama=("A", "B")), ruled(2, "dua", "a", nama=("A", "B"), anak=(1, 2))],
        [("A", "satu", 2), (1, "satu", 2)],
        id="the later one about the same sources",
    ),
    pytest.param(
        [ruled(1, "tiga", "b", nama=("A", "C")), ruled(2, "dua", "b", nama=("A", "B"))],
        [("B", "dua", 2), (1, "satu", None)],
        id="both go before the first, in their order",
    ),
    pytest.param(
        [ruled(1, "tiga", "b", nama=("A", "C")), ruled(2, "dua", "a", nama=("A", "B"))],
        [("C", "tiga", 1), (1, "satu", None)],
        id="who lost against the first is behind who won against it",
    ),
]


@pytest.mark.parametrize(("rulings", "expected"), RULES)
def test_the_chosen_side_speaks_first_while_both_say_what_was_seen(
    rulings: list[Ruling], expected: list[tuple[Value, str, int | None]]
) -> None:
    rows = [ONE, TWO, THREE]

    assert told(fold(ENTITY, rows, rulings), "nama", "anak") == expected
    assert told(fold(ENTITY, rows[::-1], rulings[::-1]), "nama", "anak") == expected


def test_what_lost_against_a_decision_is_told_behind_it() -> None:
    record = fold(ENTITY, [ONE, TWO, THREE], [ruled(1, "tiga", "b", nama=("A", "C"))])

    assert record is not None
    assert [value for value, _ in record.fields[FieldName("nama")].losers] == ["A", "B"]


def test_a_decision_goes_before_the_latest_and_dies_with_its_row() -> None:
    latest = [row("satu", surel="a"), row("dua", surel="b", minutes=9)]
    for_a = ruled(1, "dua", "a", surel=("a", "b"))

    assert told(fold(ENTITY, latest), "surel") == [("b", "dua", None)]
    assert told(fold(ENTITY, latest, [for_a]), "surel") == [("a", "satu", 1)]
    assert told(fold(ENTITY, [ONE, row("dua", deleted=True)], [ruled(1, "dua", "b", nama=("A", "B"))]), "nama") == [
        ("A", "satu", None)
    ]


# The database's fold --------------------------------------------------------------------------------

VALUES: Mapping[str, Any] = {
    "nama": st.sampled_from(["", "A", "1:A", "Ä€\n", "A B"]),
    "anak": st.sampled_from([0, -1, 2**31 - 1]),
    "luas": st.sampled_from([0, -(2**63), 7]),
    "tinggi": st.sampled_from([0.1, -0.0, 1e300, 2.0]),
    "hidup": st.booleans(),
    "lahir": st.sampled_from([date(1850, 1, 1), date(1999, 12, 31)]),
    "masuk": st.sampled_from([datetime(1901, 1, 1, 0, 0, 0, 1000, UTC), AT]),
    "gaji": st.sampled_from([Decimal("0.00"), Decimal("-1.50"), Decimal("9999999999.99")]),
    "surel": st.sampled_from(["p", "q"]),
}
SAID = st.fixed_dictionaries({name: st.one_of(st.none(), values) for name, values in VALUES.items()})
ROWS = st.fixed_dictionaries({name: st.one_of(st.none(), SAID) for name in ("satu", "dua", "tiga")})


@st.composite
def rulings_of(draw: st.DrawFn, rows: Mapping[str, Mapping[str, Value] | None]) -> list[tuple[Ruling, str]]:
    """Decisions about values that sources say, and about some that they do not."""
    found = []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        a, b = draw(st.sampled_from([("satu", "dua"), ("satu", "tiga"), ("dua", "tiga")]))
        seen: dict[str, tuple[Value, Value]] = {}
        for name in draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=2, unique=True)):
            one, other = ((rows[each] or {}).get(name) for each in (a, b))
            seen[name] = (
                draw(VALUES[name]) if one is None else one,
                draw(VALUES[name]) if other is None else other,
            )
        choice = draw(st.sampled_from("ab"))
        found.append((ruled(number, b, choice, a=a, **seen), choice))
    return found


def fill(conn: Any, document: str, said: Mapping[str, Value] | None, minutes: int) -> SourceRow:
    made = row(document, deleted=said is None, minutes=minutes, **(said or {}))
    marks = dict(zip(MARKS, (0, 1, said is None, 1, 0, minutes, None), strict=True))
    columns: dict[str, Any] = {"nik": "a", **(said or {}), "sumber_diubah": made.changed_at, **marks}
    statement = sql.SQL("insert into {} ({}) values ({})").format(
        sql.Identifier(*made.source.table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(sql.Placeholder() * len(columns)),
    )
    conn.execute(statement, list(columns.values()))
    return made


def enter(conn: Any, ruling: Ruling, choice: str) -> None:
    """As a decision upon a conflict of its own would."""
    (number,) = conn.execute(
        "insert into hub.conflict (kind, entity, key, about, source_a, source_b, seen, shown, opened_at)"
        " values ('agree', 'orang', 'a', %s, %s, %s, sha256(''), '{}', %s) returning id",
        (str(ruling.number), ruling.source_a, ruling.source_b, AT),
    ).fetchone()
    for name, seen in ruling.seen.items():
        conn.execute(
            "insert into hub.ruling (conflict_id, entity, key, field, source_a, source_b, choice, seen, decided_at)"
            " values (%s, 'orang', 'a', %s, %s, %s, %s, %s, %s)",
            (number, name, ruling.source_a, ruling.source_b, choice, seen, AT),
        )


def test_the_databases_fold_follows_rulings_as_the_pure_one_does(database: Database) -> None:
    conn = database.connect(autocommit=True)
    for each in (FIRST, SECOND, THIRD):
        provision(conn, each, SchemaId(1))
    names = [field.name for field in ENTITY.columns if field.name not in ("nik", "sumber_diubah")]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    conn.execute("set timezone = 'Asia/Jakarta'")
    seen: set[bool] = set()

    @settings(max_examples=40, suppress_health_check=list(HealthCheck), database=None)
    @given(data=st.data(), rows=ROWS, minutes=st.permutations([1, 2, 3]))
    def law(data: st.DataObject, rows: Mapping[str, Mapping[str, Value] | None], minutes: list[int]) -> None:
        rulings = data.draw(rulings_of(rows))
        with conn.transaction(force_rollback=True):
            made = [fill(conn, name, rows[name], at) for name, at in zip(rows, minutes, strict=True)]
            for each in rulings:
                enter(conn, *each)

            conn.execute("set local datestyle = 'German'")

            refold.reckon(conn, fold_statements.folds(ENTITY), [EventKey("a")])

            conn.execute("set local datestyle = 'ISO'")
            found = conn.execute(sql.SQL("select {} from reference.orang").format(columns)).fetchone()
        record = fold(ENTITY, made, [ruling for ruling, _ in rulings])
        assert record is not None
        assert found == tuple(record.fields[name].value if name in record.fields else None for name in names)
        seen.update(chosen.ruling is not None for chosen in record.fields.values())

    for _ in range(5):  # forty examples may all be of rulings upon values that nobody says any more
        law()
        if seen == {True, False}:
            break
    conn.close()
    assert seen == {True, False}
