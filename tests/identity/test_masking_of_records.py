"""Reading records: marked values of 1,000 residents are searched for in everything anybody gets to see."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import pairwise, product
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from cli.stack.local import Stack
from cli.stack.postgres import SUPERUSER
from hub_db.connection import connect
from hub_db.errors import HubDbError
from identity.errors import NotAllowed
from identity.grants import Grant, granted_fields
from identity.masked_views import make_view
from identity.masking import Shown, Viewer, viewer_of
from identity.permissions import Role
from identity.records import Record, record, records
from schemas.contract import Sensitivity, Value
from schemas.names import FieldName, OpdCode
from tests.conftest import one_database
from tests.identity.people_of_test import (
    NOW,
    PERSONAL,
    PSEUDONYMS,
    REGIONS,
    RESIDENTS,
    Population,
    canaries,
    document,
    fill,
    person,
    seen,
)

COUNT = 1_000
GENDER = FieldName("jenis_kelamin")
OWNER = Viewer(opds=frozenset({"disdukcapil"}))
VILLAGE = {FieldName("kode_wilayah"): "32.01.01.2003"}


@pytest.fixture(scope="module")
def population(stack: Stack, template: str) -> Iterator[Population]:
    with one_database(stack, template) as database:
        yield Population.settle(database, COUNT)


@pytest.fixture(scope="module")
def grant(population: Population) -> Grant:
    return population.grant("nik", "nama", "alamat")


@pytest.fixture
def web(population: Population) -> Iterator[Connection[TupleRow]]:
    """The role of the page's process."""
    conn = connect(population.database.dsn("simpul_web"), process="test")
    yield conn
    conn.close()


@pytest.fixture(scope="module")
def marked(population: Population) -> frozenset[str]:
    return frozenset(canaries(population.rows))


def all_pages(conn: Connection[TupleRow], viewer: Viewer, filters: dict[FieldName, str]) -> list[Record]:
    found: list[Record] = []
    while page := records(conn, RESIDENTS, viewer, filters=filters, after=found[-1] if found else None, limit=200):
        found += page
    return found


def test_the_marks_are_found_where_nothing_masks(population: Population, marked: frozenset[str]) -> None:
    """The search itself works: the owner of the tables sees every mark."""
    with population.database.connect() as owner:
        rows = owner.execute("select row_to_json(p)::text from reference.penduduk p").fetchall()

    assert len(marked) == COUNT * len(PERSONAL)
    assert seen(marked, rows) == marked


@pytest.mark.parametrize(("role", "opd"), list(product(Role, ["disdukcapil", "dinsos", "kominfo"])))
def test_no_role_is_shown_a_personal_value(
    web: Connection[TupleRow],
    grant: Grant,
    marked: frozenset[str],
    caplog: pytest.LogCaptureFixture,
    role: Role,
    opd: str,
) -> None:
    """Own, granted and foreign OPD; lists, single rows, refusals, logs. Nor under a grant, without a look."""
    caplog.set_level(logging.DEBUG)
    viewer = viewer_of(person(role, opd), granted_fields(web, [opd], on=NOW))
    answers: list[object] = [
        told(partial(records, web, RESIDENTS, viewer, filters=filters, limit=500))
        for filters in ({GENDER: "L"}, VILLAGE, {FieldName("kode_pos"): "16001"})
    ]
    page = answers[-1] if isinstance(answers[-1], list) else []
    answers += [record(web, RESIDENTS, viewer, each.address) for each in page[:20]]

    assert seen(marked, answers) == set()
    assert seen(marked, caplog.text) == set()
    assert grant.reader == "dinsos"


def told(ask: Callable[[], object]) -> object:
    try:
        return ask()
    except NotAllowed as refused:
        return str(refused)


def test_the_whole_table_page_by_page_shows_each_row_once_and_no_mark(
    population: Population, web: Connection[TupleRow], marked: frozenset[str]
) -> None:
    found = all_pages(web, OWNER, {FieldName("kode_pos"): "16001"})

    assert seen(marked, found) == set()
    assert len({each.address for each in found}) == len(found) == COUNT
    assert sorted(str(each.values[FieldName("nik")]) for each in found) == sorted(
        f"{'*' * 12}{nik[-4:]}" for nik in population.rows
    )


def test_an_open_value_comes_in_the_type_of_its_field(web: Connection[TupleRow]) -> None:
    found = records(web, RESIDENTS, OWNER, filters=VILLAGE, limit=1)[0]

    assert found.values[FieldName("sumber_diubah")] == NOW
    assert found.values[FieldName("kode_wilayah")] == "32.01.01.2003"
    assert found.shown[FieldName("nama")] is Shown.MASKED
    assert str(found.values[FieldName("tanggal_lahir")]).isdigit()


@pytest.mark.parametrize("name", [*PERSONAL, "tidak_ada", "_key", "_clear", "_deleted"])
def test_nobody_filters_or_sorts_by_what_is_not_open_to_him(web: Connection[TupleRow], name: str) -> None:
    field = FieldName(name)

    with pytest.raises(NotAllowed):
        records(web, RESIDENTS, OWNER, filters={field: "x"})
    with pytest.raises(NotAllowed):
        records(web, RESIDENTS, OWNER, filters=VILLAGE, order=field)


def test_a_restricted_field_is_no_filter_for_a_stranger(web: Connection[TupleRow]) -> None:
    stranger = Viewer(opds=frozenset({"dinkes"}))

    with pytest.raises(NotAllowed):
        records(web, RESIDENTS, stranger, filters=VILLAGE)


def test_personal_rows_are_not_browsed(web: Connection[TupleRow]) -> None:
    with pytest.raises(NotAllowed, match="penyaring"):
        records(web, RESIDENTS, OWNER)


def test_the_order_of_personal_rows_says_nothing_of_them(web: Connection[TupleRow]) -> None:
    """A binary search for a masked value needs an order that follows it; the order of handles follows nothing."""
    found = all_pages(web, OWNER, {FieldName("kode_pos"): "16001"})
    tails = [str(each.values[FieldName("nik")])[-4:] for each in found]
    ascents = sum(first < second for first, second in pairwise(tails))

    assert 0.4 < ascents / (COUNT - 1) < 0.6
    assert tails != sorted(tails)


def test_a_handle_is_the_same_each_time_and_opens_its_row_alone(
    population: Population, web: Connection[TupleRow], marked: frozenset[str]
) -> None:
    page = records(web, RESIDENTS, OWNER, filters=VILLAGE)
    again = records(web, RESIDENTS, OWNER, filters={GENDER: "L"} | VILLAGE, limit=500)
    single = record(web, RESIDENTS, OWNER, page[0].address)

    assert single == page[0]
    assert {each.address for each in again} <= {each.address for each in page} | {each.address for each in again}
    assert all(nik not in page[0].address for nik in population.rows)


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda handle: handle[:-1] + ("A" if handle[-1] != "A" else "B"), id="last letter"),
        pytest.param(lambda handle: ("A" if handle[0] != "A" else "B") + handle[1:], id="first letter"),
        pytest.param(lambda handle: handle[:30], id="cut"),
        pytest.param(lambda handle: handle + "AAAA", id="longer"),
        pytest.param(lambda _: "", id="nothing"),
        pytest.param(lambda _: "x" * 5_000, id="too long"),
        pytest.param(lambda _: "' or 1=1 --", id="SQL"),
        pytest.param(lambda _: "a\0b", id="NUL"),
        pytest.param(lambda _: "é" * 30, id="no base64"),
    ],
)
def test_a_handle_that_was_made_up_opens_nothing(web: Connection[TupleRow], forge: Callable[[str], str]) -> None:
    real = records(web, RESIDENTS, OWNER, filters=VILLAGE, limit=1)[0].address

    assert record(web, RESIDENTS, OWNER, forge(real)) is None


def test_a_key_is_no_address_of_a_personal_row(population: Population, web: Connection[TupleRow]) -> None:
    assert [record(web, RESIDENTS, OWNER, nik) for nik in list(population.rows)[:5]] == [None] * 5


def test_a_key_that_a_viewer_may_not_see_is_not_told_by_the_address(
    population: Population, web: Connection[TupleRow]
) -> None:
    """The number of a civil servant is restricted: the agency's own people see it, others see no row."""
    officers = document("bkpsdm.pegawai")
    row: dict[str, Value] = {
        "nip": "198703122010012903", "nik": "3201130001910001", "nama": "SITI CONTOH", "jenis": "PNS", "jabatan": "J1",
        "opd": "dinkes", "tmt": date(2010, 1, 1), "status": "AKTIF", "sumber_diubah": NOW,
    }  # fmt: skip
    with population.database.connect() as owner:
        fill(owner, officers, [row])
    own, stranger = Viewer(opds=frozenset({"bkpsdm"})), Viewer(opds=frozenset({"dinkes"}))

    (found,) = records(web, officers, own)
    assert (found.address, found.values[FieldName("nik")]) == (row["nip"], "************0001")
    assert record(web, officers, own, found.address) == found
    with pytest.raises(NotAllowed):
        records(web, officers, stranger)
    assert record(web, officers, stranger, found.address) is None


def test_records_with_an_open_key_are_read_by_it_and_sorted(web: Connection[TupleRow]) -> None:
    first = records(web, REGIONS, OWNER, order=FieldName("nama"), limit=7)
    rest = records(web, REGIONS, OWNER, order=FieldName("nama"), after=first[-1], limit=100)
    names = [str(each.values[FieldName("nama")]) for each in (*first, *rest)]

    assert names == sorted(f"Desa {number}" for number in range(20))
    assert first[0].address == "32.01.01.2001"
    assert record(web, REGIONS, Viewer(), "32.01.01.2001") == records(web, REGIONS, Viewer(), limit=1)[0]


# The page's role itself, as somebody would have it who gets SQL into the page.


@pytest.mark.parametrize(
    "statement",
    [
        "select nik from reference.penduduk",
        "select _key from masked.penduduk",
        "select _key_1 from masked.penduduk",
        "select _clear from masked.penduduk",
        "select p from masked.penduduk p",
        "select golongan_darah from masked.penduduk",
        "select inner_pad from masked.secret",
        "select masked.handle_of('penduduk', '1')",
        "select masked.key_of('penduduk', 'x')",
        "select masked.pseudonym('penduduk', '1')",
        "select masked.hmac('audit', '')",
        "select masked.page('penduduk', array['_clear'], '{}', null, 10)",
        "select masked.page('penduduk', array['nik, _clear'], '{}', null, 10)",
        "select masked.page('penduduk', array['status'], '{\"_key\": \"1\"}', null, 10)",
        "select masked.page('penduduk', array['golongan_darah'], '{}', null, 10)",
        "select masked.page('secret', array['inner_pad'], '{}', null, 10)",
        "create view masked.mine as select 1",
        "insert into masked.entity values ('a', 'a', false, '{}')",
        "select fields from masked.covers(1, 'dinsos', 'penduduk', '{nik}')",
    ],
)
def test_the_pages_role_has_no_road_to_values(
    web: Connection[TupleRow], marked: frozenset[str], statement: Any
) -> None:
    with pytest.raises(psycopg.Error) as refused:
        web.execute(statement).fetchall()

    assert refused.value.sqlstate in {"42501", "42703", "42P01"}
    assert seen(marked, str(refused.value)) == set()


def test_all_that_the_pages_role_can_read_of_residents_is_masked(
    web: Connection[TupleRow], marked: frozenset[str]
) -> None:
    columns = web.execute(
        "select column_name from information_schema.column_privileges where table_schema = 'masked'"
        " and table_name = 'penduduk' and grantee = 'simpul_web' and privilege_type = 'SELECT'"
    ).fetchall()
    named = ", ".join(name for (name,) in columns)
    rows = web.execute(f"select {named} from masked.penduduk order by nik").fetchall()  # noqa: S608

    assert len(rows) == COUNT
    assert seen(marked, rows) == set()


def test_a_view_made_again_shows_the_same(population: Population, web: Connection[TupleRow]) -> None:
    before = records(web, RESIDENTS, OWNER, filters=VILLAGE)
    with population.database.connect() as owner:
        make_view(owner, [RESIDENTS])

    assert records(web, RESIDENTS, OWNER, filters=VILLAGE) == before


def test_of_two_documents_the_strictest_holds_and_the_table_decides_what_there_is(
    population: Population, web: Connection[TupleRow], marked: frozenset[str]
) -> None:
    """A second source of residents that calls names public and brings a field which the table does not have."""
    fields = tuple(replace(field, sensitivity=Sensitivity.UMUM) for field in RESIDENTS.fields if field.name != "nik")
    other = replace(fields[0], name=FieldName("alamat_domisili"))
    second = replace(RESIDENTS, opd=OpdCode("dinkes"), priority=20, fields=(RESIDENTS.by_name["nik"], *fields, other))  # type: ignore[index]
    with population.database.connect() as owner:
        make_view(owner, [second, RESIDENTS])
    lax = Viewer(opds=frozenset({"dinkes"}))

    assert seen(marked, records(web, RESIDENTS, OWNER, filters=VILLAGE)) == set()
    with pytest.raises(HubDbError):  # a contract by itself opens nothing that the view does not have
        records(web, second, lax, filters=VILLAGE)
    with population.database.connect() as owner:
        make_view(owner, [RESIDENTS])


def test_pseudonyms_of_the_database_and_of_python_are_the_same(population: Population) -> None:
    nik = next(iter(population.rows))
    with population.database.connect(SUPERUSER) as conn:
        found = conn.execute("select masked.pseudonym('penduduk', %s)", (nik,)).fetchone()

    assert found == (PSEUDONYMS.of("penduduk", nik),)
    assert PSEUDONYMS.short("penduduk", nik) == PSEUDONYMS.of("penduduk", nik)[: len("penduduk:") + 12]
