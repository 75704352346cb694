"""The fold of sources into one record: the pure one in itself, and the database's against it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from hub_db import entities, fold_statements, layouts, provision, refold
from hub_db.events import Place, Version
from hub_db.golden import Entity, Golden, Source, SourceRow, fold
from hub_db.reference_tables import MARKS
from schemas.contract import Value
from schemas.names import EntityName, EventKey, FieldName, SchemaId
from tests.conftest import Database
from tests.hub_db.residents import ALL, PATIENTS, RESIDENTS, START, TEACHERS

WARGA = EntityName("warga")


def residents() -> Entity:
    found = entities.build(WARGA, ALL)
    assert found is not None
    return found


ENTITY = residents()
SOURCES = {source.name.partition(".")[2]: source for source in ENTITY.sources}


def said(document: str, row_key: str = "a", *, minutes: int = 0, deleted: bool = False, **values: Value) -> SourceRow:
    """What a document says of one resident."""
    told: Mapping[FieldName, Value] = {FieldName(name): value for name, value in values.items() if not deleted}
    at = START + timedelta(minutes=minutes)
    return SourceRow(
        SOURCES[document],
        EventKey(row_key),
        deleted,
        Version(0, 1),
        Place(1, 0, 0),
        None,
        None if deleted else at,
        None,
        told,
    )


def values(record: Golden | None) -> dict[str, Value] | None:
    return None if record is None else {name: chosen.value for name, chosen in record.fields.items()}


RULES: list[Any] = [
    pytest.param([said("pasien", nama="B"), said("guru", telepon="1")], None, id="who may not create, does not"),
    pytest.param([said("warga", nama="A"), said("pasien", nama="B")], {"nama": "A"}, id="the first speaker"),
    pytest.param(
        [said("warga", nama="A"), said("pasien", telepon="2"), said("guru", "g", telepon="1")],
        {"nama": "A", "telepon": "1"},
        id="null says nothing, a feed speaks in its turn",
    ),
    pytest.param([said("warga", deleted=True), said("pasien", nama="B")], {}, id="gone with its last creator"),
    pytest.param(
        [said("warga", deleted=True), said("pendatang", nama="C", asal="X")],
        {"nama": "C", "asal": "X"},
        id="while one creator has it",
    ),
    pytest.param(
        [said("warga", alamat="abc"), said("pasien", alamat="abcd")], {"alamat": "abcd"}, id="the longest address"
    ),
    pytest.param(
        [said("warga", alamat="abc"), said("pasien", alamat="xyz")], {"alamat": "abc"}, id="equally long: the first"
    ),
    pytest.param(
        [said("warga", surel="w"), said("pasien", surel="p", minutes=1)], {"surel": "p"}, id="the latest address"
    ),
    pytest.param(
        [said("warga", nama="A"), said("guru", "h", telepon="1"), said("guru", "g", telepon="2", minutes=1)],
        {"nama": "A", "telepon": "2"},
        id="the newest of a feed's rows",
    ),
]


@pytest.mark.parametrize(("rows", "record"), RULES)
def test_a_record_is_what_its_sources_say_in_their_order(
    rows: list[SourceRow], record: dict[str, Value] | None
) -> None:
    assert values(fold(ENTITY, rows)) == record
    assert values(fold(ENTITY, rows[::-1])) == record


def test_a_date_of_change_after_the_acceptance_counts_as_that() -> None:
    boast = said("pasien", surel="p", minutes=999)
    heard = SourceRow(**{name: getattr(boast, name) for name in boast.__slots__} | {"accepted_at": START})

    record = fold(ENTITY, [heard, said("warga", surel="w", minutes=1)])

    assert values(record) == {"surel": "w"}
    assert record is not None
    assert [value for value, _ in record.fields[FieldName("surel")].losers] == ["p"]


def test_the_schema_of_a_golden_record_has_every_documents_fields() -> None:
    schema = entities.golden_schema(ENTITY)

    assert [field["name"] for field in schema["fields"]] == [
        *("nik", "nama", "alamat", "surel", "sumber_diubah", "asal", "telepon")
    ]
    assert [field["type"] for field in schema["fields"] if not isinstance(field["type"], list)] == ["string"]
    assert (schema["name"], schema["namespace"]) == ("warga", "id.example.reference")


def test_an_entity_with_one_source_has_one_table() -> None:
    alone = entities.build(WARGA, [RESIDENTS])
    fed = entities.build(WARGA, [RESIDENTS, TEACHERS])

    assert alone is not None
    assert fed is not None
    assert (alone.merged, [source.table for source in alone.sources]) == (False, [("reference", "warga")])
    assert [source.table for source in fed.sources] == [("source", "uji_warga"), ("reference", "guru")]


# The database's fold --------------------------------------------------------------------------------

WORDS = st.sampled_from([None, "p", "qq", "rrr"])
ROW = st.fixed_dictionaries(dict.fromkeys(("nama", "alamat", "surel", "asal", "telepon"), WORDS))


def fill(conn: Any, source: Source, key: str, row: Mapping[str, Any] | None, minutes: int, nik: str) -> SourceRow:
    """Put a row into a source's table; None is a tombstone. Returns the same as the fold takes it."""
    columns: dict[str, Any] = dict.fromkeys((*source.fields.values(), "sumber_diubah"))
    told = {}
    if row is not None:
        told = {target: row[target] for target in source.fields if target in row}
        columns |= {source.fields[target]: value for target, value in told.items()}
        columns["sumber_diubah"] = told[FieldName("sumber_diubah")] = START + timedelta(minutes=minutes)
        required = {"nama", "asal"} if not source.feeds and source.creates else set()
        for name in required & columns.keys():
            columns[name] = told[FieldName(name)] = columns[name] or "-"
    columns |= {source.row_key[0]: key} | ({"nik": nik} if source.feeds and row is not None else {})
    marks = dict(zip(MARKS, (0, 1, row is None, len(key), 0, minutes, None), strict=True))
    names = [*columns, *marks]
    conn.execute(
        sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(*source.table),
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.SQL(", ").join(sql.Placeholder() * len(names)),
        ),
        [*columns.values(), *marks.values()],
    )
    changed = columns["sumber_diubah"]
    place = Place(len(key), 0, minutes)
    return SourceRow(source, EventKey(key), row is None, Version(0, 1), place, None, changed, None, told)


def test_the_databases_fold_is_the_pure_one(database: Database) -> None:
    conn = database.connect(autocommit=True)
    for contract in ALL:
        provision(conn, contract, SchemaId(1))
    folds = layouts.folds_of(conn, WARGA)
    assert folds is not None
    names = [field.name for field in ENTITY.columns]

    @settings(max_examples=40, suppress_health_check=list(HealthCheck), database=None)
    @given(
        own=st.lists(
            st.tuples(
                st.sampled_from(["warga", "pendatang", "pasien"]),
                st.sampled_from("ab"),
                st.one_of(st.none(), ROW),
                st.integers(0, 3),
            ),
            unique_by=lambda each: each[:2],
        ),
        fed=st.lists(
            st.tuples(st.sampled_from("ghi"), st.sampled_from("ab"), st.one_of(st.none(), ROW), st.integers(0, 3)),
            unique_by=lambda each: each[0],
        ),
        stale=st.booleans(),
    )
    def law(own: list[Any], fed: list[Any], stale: bool) -> None:  # noqa: FBT001
        rows: dict[str, list[SourceRow]] = {"a": [], "b": []}
        with conn.transaction(force_rollback=True):
            for document, nik, row, minutes in own:
                rows[nik].append(fill(conn, SOURCES[document], nik, row, minutes, nik))
            if stale:
                refold.reckon(conn, folds, [EventKey("a"), EventKey("b")])
            for number, nik, row, minutes in fed:
                made = fill(conn, SOURCES["guru"], number, row, minutes, nik)
                rows[nik].append(made)

            refold.reckon(conn, folds, [EventKey("a"), EventKey("b")])

            columns = sql.SQL(", ").join(map(sql.Identifier, [*names, "_deleted", "_topic_no", "_offset"]))
            query = sql.SQL("select {} from reference.warga order by nik").format(columns)
            found = conn.execute(query).fetchall()
        assert found == [
            (
                nik,
                *(record.fields[name].value if name in record.fields else None for name in names[1:]),
                record.deleted,
                record.maker.place.topic_no,
                record.maker.place.offset,
            )
            for nik in "ab"
            if (record := fold(ENTITY, rows[nik])) is not None
        ]

    law()
    conn.close()


def test_only_the_keys_sources_are_read(database: Database) -> None:
    with database.connect(autocommit=True) as conn:
        for contract in (RESIDENTS, PATIENTS):
            provision(conn, contract, SchemaId(1))
        found = entities.build(WARGA, (RESIDENTS, PATIENTS))
        assert found is not None
        conn.execute("set enable_seqscan = off")

        plan = conn.execute(sql.SQL("explain ").format() + fold_statements.folds(found).update, ["a\nb"]).fetchall()

    text = "\n".join(line for (line,) in plan)
    assert "Seq Scan" not in text
    assert "uji_pasien_pkey" in text
