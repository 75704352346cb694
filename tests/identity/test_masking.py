"""Masks: what is shown of a value, and that the database's views and Python agree on it."""

from datetime import date
from typing import Any

import pytest
from psycopg import sql

from identity.masking import (
    INITIALS,
    LAST_FOUR,
    LAST_THREE,
    YEAR,
    Mask,
    Shown,
    Viewer,
    mask,
    mask_of,
    shown,
    small_cell,
)
from schemas.contract import Field, Kind, Sensitivity
from schemas.names import FieldName
from tests.conftest import Database
from tests.identity.people_of_test import RESIDENTS, field_names, resident

OWNER = Viewer(opds=frozenset({"disdukcapil"}))
STRANGER = Viewer(opds=frozenset({"dinkes"}))
GRANTED = Viewer(opds=frozenset({"dinsos"}), granted={RESIDENTS.entity: field_names("nik", "nama", "status", "alamat")})
CASES = [
    pytest.param(LAST_FOUR, "3201131708909001", "************9001", id="NIK"),
    pytest.param(LAST_FOUR, "12345678", "********", id="too short to show half of it"),
    pytest.param(LAST_FOUR, "", "", id="nothing"),
    pytest.param(INITIALS, "SITI AMINAH", "S*** A*****", id="name"),
    pytest.param(INITIALS, "M. NUR  O'HIDAYAT, S.PD.", "M* N**  O*********  S****".replace("*  S", "* S"), id="titles"),
    pytest.param(INITIALS, "SUKARNO", "S******", id="one word"),
    pytest.param(INITIALS, "ÉLAN ÑANDÚ", "É*** Ñ****", id="other letters"),
    pytest.param(LAST_THREE, "+6281234567890", "***********890", id="telephone"),
    pytest.param(YEAR, date(1990, 8, 17), "1990", id="date of birth"),
]


@pytest.mark.parametrize(("found", "value", "covered"), CASES)
def test_a_mask_leaves_what_the_law_book_says(found: Mask, value: Any, covered: str) -> None:
    assert found.cover(value) == covered


@pytest.mark.parametrize(("found", "value", "covered"), CASES)
def test_the_database_masks_as_python_does(database: Database, found: Mask, value: Any, covered: str) -> None:
    kind = "date" if isinstance(value, date) else "text"
    expression = sql.SQL(found.expression).format(sql.SQL("v.x"))
    with database.connect() as conn:
        query = sql.SQL("select {} from (select cast(%s as {}) as x) v").format(expression, sql.Identifier(kind))

        assert conn.execute(query, (value,)).fetchone() == (covered,)


def test_every_field_of_a_resident_is_shown_as_the_table_says() -> None:
    """Reviewed by hand, not made from the code."""
    open_fields = {"jenis_kelamin", "pendidikan", "pekerjaan", "kewarganegaraan", "kode_wilayah", "kode_pos", "status"}
    masked = {"nik", "no_kk", "nik_pengganti", "nama", "tanggal_lahir", "tanggal_meninggal"}
    hidden = {
        "tempat_lahir", "agama", "status_kawin", "shdk", "golongan_darah", "alamat", "rt", "rw", "nama_ibu",
    }  # fmt: skip

    assert by_how(OWNER) == {
        Shown.OPEN: open_fields | {"sumber_diubah"},
        Shown.MASKED: masked,
        Shown.HIDDEN: hidden,
    }


@pytest.mark.parametrize(
    ("viewer", "open_fields", "masked"),
    [
        pytest.param(STRANGER, {"kode_pos", "sumber_diubah"}, set(), id="another OPD"),
        pytest.param(Viewer(), {"kode_pos", "sumber_diubah"}, set(), id="nobody in particular"),
        pytest.param(GRANTED, {"kode_pos", "sumber_diubah", "status"}, {"nik", "nama"}, id="a reader with a grant"),
        pytest.param(
            GRANTED.looking(field_names("nik", "alamat")),
            {"kode_pos", "sumber_diubah", "status", "nik", "alamat"},
            {"nama"},
            id="that reader, looking",
        ),
    ],
)
def test_others_see_less(viewer: Viewer, open_fields: set[str], masked: set[str]) -> None:
    found = by_how(viewer)

    assert (found[Shown.OPEN], found[Shown.MASKED]) == (open_fields, masked)


def by_how(viewer: Viewer) -> dict[Shown, set[str]]:
    found = shown(RESIDENTS, viewer)
    return {how: {name for name, shown_how in found.items() if shown_how is how} for how in Shown}


def test_masking_a_row_leaves_out_what_is_hidden_and_what_the_contract_does_not_know() -> None:
    row = {FieldName(name): value for name, value in resident(7).items()} | {FieldName("lain"): "RAHASIA"}

    masked = mask(RESIDENTS, row, viewer=OWNER)

    assert masked[FieldName("nik")] == "************0007"
    assert masked[FieldName("nama")] == "Q********* X*****"
    assert masked[FieldName("tanggal_lahir")] == "1900"
    assert masked[FieldName("status")] == "MENINGGAL"
    assert not masked.keys() & {"alamat", "golongan_darah", "lain"}


def test_what_is_not_there_stays_not_there() -> None:
    assert mask(RESIDENTS, {FieldName("no_kk"): None}, viewer=OWNER) == {"no_kk": None}


@pytest.mark.parametrize("sensitivity", Sensitivity)
@pytest.mark.parametrize("form", [None, "nik", "nama-orang", "telepon", "kode-wilayah"])
def test_specific_data_have_no_mask_and_are_hidden_whole(sensitivity: Sensitivity, form: str | None) -> None:
    field = Field(FieldName("x"), Kind.STRING, False, "", sensitivity, specific=True, format=form)

    assert mask_of(field) is None


@pytest.mark.parametrize(("count", "text"), [(0, "<5"), (1, "<5"), (4, "<5"), (5, "5"), (1_148_611, "1.148.611")])
def test_a_small_cell_says_only_that_it_is_small(count: int, text: str) -> None:
    assert small_cell(count) == text
