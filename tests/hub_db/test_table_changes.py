"""A table follows a new version of its contract: what is missing is added, nothing is rewritten, old rows stay."""

import json
from typing import Any

import pytest
from psycopg.errors import CheckViolation

from hub_db import provision
from hub_db.errors import Halted, Unreachable
from hub_db.table_changes import LiveTable, changes, fit
from schemas.contract import Contract
from schemas.loader import read
from schemas.names import SchemaId
from tests.conftest import Database
from tests.hub_db.documents import PEOPLE

LIVE = LiveTable(
    "reference",
    "orang",
    {
        **{"nomor": "text", "nama": "text", "tempat": "text", "sumber_diubah": "timestamptz"},
        **{"anak": "integer", "harga": "numeric(9,2)"},
    },
    {"anak": ["orang_anak_check"], "nama": ["orang_nama_check"]},
)


def contract(*more: dict[str, Any], **changed: dict[str, Any]) -> Contract:
    """PEOPLE with other attributes for its fields, and more fields."""
    schema = json.loads(json.dumps(dict(PEOPLE.schema)))
    schema["fields"] = [field | changed.get(field["name"], {}) for field in schema["fields"]] + list(more)
    return read(schema, file="test")


def optional(name: str, kind: Any, **more: Any) -> dict[str, Any]:
    doc = {"doc": f"Isian {name}.", "sensitivity": "umum"}
    return {"name": name, "type": ["null", kind], "default": None, **doc, **more}


CHILDREN = optional("anak", "int", minimum=0, maximum=20)
PRICE = optional("harga", {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2})


def without(live: LiveTable, *columns: str) -> LiveTable:
    return LiveTable(live.schema, live.name, {k: v for k, v in live.types.items() if k not in columns}, live.checks)


@pytest.mark.parametrize(
    ("live", "new", "old", "wanted"),
    [
        pytest.param(LIVE, contract(CHILDREN), contract(CHILDREN), [], id="nothing"),
        pytest.param(LIVE, contract(), contract(CHILDREN), [], id="a field that is gone stays"),
        pytest.param(
            without(LIVE, "anak"),
            contract(CHILDREN),
            contract(),
            [
                'alter table "reference"."orang" add column "anak" integer',
                'alter table "reference"."orang" add check ("anak" >= 0) not valid',
                'alter table "reference"."orang" add check ("anak" <= 20) not valid',
            ],
            id="new",
        ),
        pytest.param(
            LIVE,
            contract(CHILDREN | {"maximum": 30}),
            contract(CHILDREN),
            [
                'alter table "reference"."orang" drop constraint "orang_anak_check"',
                'alter table "reference"."orang" add check ("anak" >= 0) not valid',
                'alter table "reference"."orang" add check ("anak" <= 30) not valid',
            ],
            id="wider limit",
        ),
        pytest.param(
            LIVE,
            contract(optional("anak", "long", minimum=0, maximum=20)),
            contract(CHILDREN),
            [
                'alter table "reference"."orang" drop constraint "orang_anak_check"',
                'alter table "reference"."orang" alter column "anak" type bigint',
                'alter table "reference"."orang" add check ("anak" >= 0) not valid',
                'alter table "reference"."orang" add check ("anak" <= 20) not valid',
            ],
            id="promoted",
        ),
        pytest.param(
            LIVE,
            contract(PRICE | {"type": ["null", {**PRICE["type"][1], "precision": 12}]}),
            contract(PRICE),
            [
                'alter table "reference"."orang" alter column "harga" type numeric(12,2)',
                """alter table "reference"."orang" add check ("harga" <> 'NaN') not valid""",
            ],
            id="more digits",
        ),
    ],
)
def test_the_statements_are_those_that_are_missing(
    live: LiveTable, new: Contract, old: Contract, wanted: list[str]
) -> None:
    assert [each.as_string() for each in changes(live, new, old)] == wanted


def test_a_type_that_rows_cannot_follow_is_refused() -> None:
    with pytest.raises(Halted, match="anak: stored as integer, which cannot become text"):
        changes(LIVE, contract(optional("anak", "string")), contract(CHILDREN))


def test_a_field_that_became_optional_is_no_longer_asked_of_live_rows() -> None:
    new = contract(tempat={"type": ["null", "string"], "default": None})

    assert [each.as_string() for each in changes(LIVE, new, contract())] == [
        'alter table "reference"."orang" drop constraint if exists "live_rows_are_whole"',
        'alter table "reference"."orang" add constraint "live_rows_are_whole"'
        ' check (_deleted or ("nama" is not null and "sumber_diubah" is not null and true)) not valid',
    ]


def test_rows_from_before_read_null_in_the_new_columns_and_new_rows_are_checked(database: Database) -> None:
    with database.connect(autocommit=True) as owner:
        provision(owner, PEOPLE, SchemaId(1))
        owner.execute(
            "insert into reference.orang (nomor, nama, tempat, sumber_diubah, _epoch, _sequence, _deleted, _topic_no,"
            " _partition, _offset) values ('1', 'A', 'x', now(), 0, 1, false, 1, 0, 0)"
        )

        with owner.transaction():
            count = fit(owner, contract(CHILDREN))
            again = fit(owner, contract(CHILDREN))

        assert (count, again) == (6, 0)  # the entity's table, and that of the sandbox
        assert owner.execute("select anak from reference.orang").fetchall() == [(None,)]
        with pytest.raises(CheckViolation, match="orang_anak_check"):
            owner.execute("update reference.orang set anak = 21")


def test_a_table_that_is_in_use_is_waited_for_no_longer_than_told(database: Database) -> None:
    with database.connect(autocommit=True) as owner, database.connect() as reader:
        provision(owner, PEOPLE, SchemaId(1))
        reader.execute("select from reference.orang")

        with owner.transaction():
            owner.execute("set local lock_timeout = '50ms'")
            with pytest.raises(Unreachable), owner.transaction():
                fit(owner, contract(CHILDREN))

        columns = "select count(*) from information_schema.columns where table_name = 'orang' and column_name = 'anak'"
        assert owner.execute(columns).fetchone() == (0,)
