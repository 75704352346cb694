"""What is told of a row is stored with it, by both roads, and goes when the row says something else."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cli.stack.local import Stack
from hub_db import migrations, provision
from hub_db.connection import connect
from schemas import code_lists
from schemas.contract import Contract
from schemas.formats.local_marks import local_warnings
from schemas.names import EventKey, SchemaId
from schemas.wire.avro import Writer
from schemas.wire.framing import frame
from schemas.wire.headers import EventHeaders, write
from tests.conftest import Database, one_database
from tests.consumers.batches import Event
from tests.hub_db.documents import NOW, PLACES, contract, place_row, text
from tests.promises.roads import ALWAYS, NEVER, Road
from tests.schemas.contracts import INSTANCE

LIST = "masa-uji"
MIGRATION = Path(migrations.__file__).parent / "versions" / "0014_row_warnings.sql"
LAST_DAY = date(2026, 1, 31)
CODES = {"A": "Abadi", "L": {"name": "Lama", "validUntil": LAST_DAY.isoformat()}}
HERE = f"{INSTANCE.kode_pos}000"[:5]
GOOD: dict[str, Any] = {
    "nik": "3201131708909001",
    "nama": "SITI AMINAH",
    "jenis": "A",
    "kode_pos": HERE,
    "tempat": None,
}
RULE = {"name": "nama_uji", "expression": "nama <> 'SITI UJI'", "severity": "warn", "message": "Nama ini nama uji."}
WARNED = "select nomor, _deleted, _warnings from reference.warga order by nomor"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contract]:
    """A document of which all kinds of warnings can be told: no governed list of ours has a code that ends."""
    folder = tmp_path_factory.mktemp("codes")
    told = {"title": "masa uji", "source": "Uji", "codes": CODES}
    (folder / f"{LIST}.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code_lists, "_FOLDER", folder)
        for each in (code_lists.names, code_lists.load):
            each.cache_clear()
        yield residents("warga", priority=1)
    for each in (code_lists.names, code_lists.load):
        each.cache_clear()


def residents(document: str, **attributes: Any) -> Contract:
    return contract(
        document,
        "nomor",
        text("nomor", maxLength=20),
        text("nik", format="nik", warnOnly=["nik.tanggal"]),
        text("nama", format="nama-orang"),
        text("jenis", codes=LIST),
        text("kode_pos", format="kode-pos"),
        text("tempat", nullable=True, references="tempat.kode", onMissing="park"),
        **{"entity": "warga", "rules": [RULE], **attributes},
    )


@pytest.fixture(scope="module", params=[pytest.param(NEVER, id="one by one"), pytest.param(ALWAYS, id="as columns")])
def whole_road(request: pytest.FixtureRequest, stack: Stack, template: str, people: Contract) -> Iterator[Road]:
    with one_database(stack, template) as database:
        made = Road(database, request.param, (PLACES, people), local=local_warnings(INSTANCE))
        yield made
        made.close()


@pytest.fixture
def road(whole_road: Road) -> Road:
    whole_road.begin()
    return whole_road


def event(of: Contract, key: str, sequence: int, row: dict[str, Any] | None, **change: Any) -> Event:
    values = None if row is None else row | {of.key[0]: key, "sumber_diubah": NOW} | change
    value = None if values is None else frame(SchemaId(1), Writer(of).write(values))
    about = EventHeaders(f"{key}-{sequence}", "/opd/uji/x", NOW, sequence, 0, None)
    return key.encode(), value, write(about, of, EventKey(key))


OF_ROWS = (
    *("source.uji_warga", "source.uji_pendatang", "reference.sendiri"),
    *("uji.uji_warga", "uji.uji_pendatang", "uji.uji_sendiri"),
)
KINDS = {
    "biasa": {},
    "kode": {"jenis": "L"},
    "lain": {"kode_pos": "99999"},
    "rendah": {"nik": "3201133102909001"},
    "aturan": {"nama": "SITI UJI"},
    "semua": {"nik": "3201133102909001", "nama": "SITI UJI", "jenis": "L", "kode_pos": "99999"},
}
TOLD = {
    "biasa": None,
    "kode": "jenis:codes.berlaku",
    "lain": "kode_pos:kode-pos.daerah",
    "rendah": "nik:nik.tanggal",
    "aturan": "rule:nama_uji",
    "semua": "nik:nik.tanggal jenis:codes.berlaku kode_pos:kode-pos.daerah rule:nama_uji",
}
AFTER = date(2026, 2, 1)


def test_each_kind_of_warning_is_in_the_row(road: Road, people: Contract) -> None:
    tally = road.take(people, [event(people, key, 1, GOOD, **change) for key, change in KINDS.items()], day=AFTER)

    assert tally.accepted == len(KINDS)
    assert dict((key, told) for key, _, told in road.owner.execute(WARNED)) == TOLD  # noqa: C402  rows are triples


def test_the_day_of_acceptance_says_whether_a_code_is_valid(road: Road, people: Contract) -> None:
    road.take(people, [event(people, "a", 1, GOOD, jenis="L")], day=LAST_DAY)
    road.take(people, [event(people, "b", 1, GOOD, jenis="L")], day=AFTER)

    assert road.owner.execute(WARNED).fetchall() == [("a", False, None), ("b", False, "jenis:codes.berlaku")]


def test_what_is_told_goes_with_the_newest_event(road: Road, people: Contract) -> None:
    keys = ("diubah", "dihapus", "terlambat", "kembali")
    road.take(people, [event(people, key, 5, GOOD, kode_pos="99999") for key in keys])
    elsewhere = "kode_pos:kode-pos.daerah"
    road.take(people, [event(people, "diubah", 6, GOOD), event(people, "dihapus", 6, None)])
    road.take(people, [event(people, "terlambat", 4, GOOD), event(people, "terlambat", 3, GOOD, nama="SITI UJI")])
    road.take(people, [event(people, "kembali", 6, GOOD), event(people, "kembali", 7, GOOD, nama="SITI UJI")])

    assert road.owner.execute(WARNED).fetchall() == [
        ("dihapus", True, None),
        ("diubah", False, None),
        ("kembali", False, "rule:nama_uji"),
        ("terlambat", False, elsewhere),
    ]


def test_a_released_row_is_told_of_as_on_the_day_it_came(road: Road, people: Contract) -> None:
    road.take(people, [event(people, "dulu", 1, GOOD, jenis="L", kode_pos="99999", tempat="x")], day=LAST_DAY)
    road.take(people, [event(people, "kini", 1, GOOD, jenis="L", tempat="x")], day=AFTER)
    assert road.owner.execute(WARNED).fetchall() == []

    road.take(PLACES, [event(PLACES, "x", 1, place_row("x"))])
    road.release()

    assert road.owner.execute(WARNED).fetchall() == [
        ("dulu", False, "kode_pos:kode-pos.daerah"),
        ("kini", False, "jenis:codes.berlaku"),
    ]


def test_a_parked_row_that_goes_in_with_a_batch_is_told_of(road: Road, people: Contract) -> None:
    road.take(people, [event(people, "a", 1, GOOD, nama="SITI UJI", tempat="x")])
    road.take(PLACES, [event(PLACES, "x", 1, place_row("x"))])

    tally = road.take(people, [event(people, "a", 1, GOOD, nama="SITI UJI", tempat="x")])

    assert (tally.released, road.owner.execute(WARNED).fetchall()) == (1, [("a", False, "rule:nama_uji")])


def test_pages_may_ask_what_is_told_and_nothing_of_the_rows(road: Road, people: Contract) -> None:
    road.take(people, [event(people, str(n), 1, GOOD, kode_pos="99999", nama="SITI UJI") for n in range(3)])
    road.take(people, [event(people, "x", 1, GOOD, nama="SITI UJI"), event(people, "y", 1, GOOD)])
    with connect(road.database.dsn("simpul_web"), process="test") as web, web.transaction():
        counts = web.execute("select * from hub.warned(%s) order by 1", (people.topic,)).fetchall()
        may = web.execute("select has_column_privilege('reference.warga', '_warnings', 'select')").fetchone()

    assert counts == [("kode_pos:kode-pos.daerah rule:nama_uji", 3), ("rule:nama_uji", 1)]
    assert may == (False,)


def test_each_source_of_a_record_has_its_own(stack: Stack, template: str, people: Contract) -> None:
    second = residents("pendatang", priority=2, rules=[])
    with one_database(stack, template) as database:
        road = Road(database, NEVER, (PLACES, people, second), (PLACES, people), local=local_warnings(INSTANCE))
        road.begin()
        road.take(people, [event(people, "a", 1, GOOD, nama="SITI UJI"), event(people, "b", 1, GOOD)])

        provision(road.owner, second, SchemaId(1))
        road.take(second, [event(second, "a", 1, GOOD, kode_pos="99999"), event(second, "b", 1, GOOD)])

        enter = "insert into masked.entity (entity, owner, personal, key) values ('warga', 'uji', false, '{nomor}')"
        road.owner.execute(enter)
        told = [road.owner.execute("select * from masked.warnings('warga', %s)", (key,)).fetchall() for key in "ab"]
        columns = {each.name for each in road.owner.execute("select * from reference.warga").description or ()}
        road.close()

    assert told == [[(second.topic, "kode_pos:kode-pos.daerah"), (people.topic, "rule:nama_uji")], []]
    assert "_warnings" not in columns  # the fold has none of its own


def test_tables_from_before_get_the_column(database: Database, people: Contract) -> None:
    alone = contract("sendiri", "nomor", text("nomor", maxLength=20))
    with database.connect(autocommit=True) as owner:
        for each in (people, residents("pendatang", priority=2), alone):
            provision(owner, each, SchemaId(1))
        for table in OF_ROWS:
            owner.execute(f"alter table {table} drop column _warnings")  # with its index
        for function in ("masked.warnings(text, text)", "hub.warned(text)", "hub.rows_of(hub.document)"):
            owner.execute(f"drop function {function}")

        owner.execute(MIGRATION.read_bytes())

        columns = "select table_schema, table_name from information_schema.columns where column_name = '_warnings'"
        assert {f"{schema}.{name}" for schema, name in owner.execute(columns)} == set(OF_ROWS)
        assert owner.execute("select count(*) from pg_indexes where indexname like '%\\_warned'").fetchone() == (6,)


def test_the_list_of_this_test_is_none_of_ours() -> None:
    assert not (Path(code_lists.__file__).parent / "codes" / f"{LIST}.json").exists()
