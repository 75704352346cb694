"""What a region's values look like comes from its instance; another region's instance warns of other values."""

from pathlib import Path
from typing import Any

import pytest

from base.instance import Instance, load
from schemas.formats import FORMATS
from schemas.formats.local_marks import local_warnings
from schemas.loader import load_all

ROOT = Path(__file__).resolve().parents[2]
HERE = load(ROOT / "instansi.toml")
ELSEWHERE = load(ROOT / "tests" / "instances" / "tanasari.toml")


def warned(instance: Instance, form: str, value: Any) -> list[str]:
    return [check.code for check in local_warnings(instance)[form] if not check.passes(value)]


@pytest.mark.parametrize(
    ("form", "here", "elsewhere"),
    [
        ("kode-pos", "64411", "98711"),
        ("nop", "351814000100200450", "991314000100200450"),
        ("plat-nomor", "AG 9001 VA", "ZY 1 A"),
        ("plat-nomor", "AG 45 U", "ZY 45"),
        ("plat-nomor", "AG 45", "ZY 45 U"),
        ("lintang", -7.6051, -2.0),
        ("bujur", 111.9046, 121.0),
    ],
)
def test_each_region_warns_of_the_others_values(form: str, here: Any, elsewhere: Any) -> None:
    assert (warned(HERE, form, here), warned(HERE, form, elsewhere)) == ([], [f"{form}.daerah"])
    assert (warned(ELSEWHERE, form, elsewhere), warned(ELSEWHERE, form, here)) == ([], [f"{form}.daerah"])


def test_a_series_of_another_office_is_told() -> None:
    assert warned(HERE, "plat-nomor", "AG 1234 AB") == ["plat-nomor.daerah"]


def test_the_warnings_belong_to_formats_that_are_there_and_have_codes_of_their_own() -> None:
    found = local_warnings(HERE)
    own = {check.code for known in FORMATS.values() for check in (*known.checks, *known.warnings)}

    assert found.keys() <= FORMATS.keys()
    assert own & {check.code for checks in found.values() for check in checks} == set()


def test_the_contracts_load_in_another_region_under_its_namespace() -> None:
    elsewhere = load_all(ROOT / "schemas" / "avro", ELSEWHERE)

    assert len(elsewhere) == len(list((ROOT / "schemas" / "avro").glob("*/*.avsc")))
    assert {contract.namespace for contract in elsewhere} == {
        f"id.go.tanasarikab.{contract.opd}" for contract in elsewhere
    }
