"""Contracts are held against one another: entities, references, feeds, checks."""

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest

from schemas.checks import CheckSet
from schemas.contract import Contract
from schemas.entities import check_together, columns_by_entity, faults_together
from schemas.errors import ContractError
from schemas.loader import load_all, read
from schemas.names import EntityName, FieldName
from tests.schemas.contracts import AVRO, INSTANCE, TODAY, schema_of

Bend = Callable[[dict[str, Any]], object]
ALL = {contract.name: contract for contract in load_all(AVRO, INSTANCE)}


def field(schema: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in schema["fields"] if each["name"] == name)


def bent(name: str, bend: Bend) -> Contract:
    schema = schema_of(ALL[name])
    bend(schema)
    return read(schema, file=name)


def test_every_document_of_the_catalogue_is_there() -> None:
    assert len(ALL) == 24
    assert {contract.entity for contract in ALL.values()} >= {"wilayah", "opd", "penduduk", "usaha", "objek_pajak"}


def test_a_resident_has_the_columns_of_every_document_about_him() -> None:
    columns = columns_by_entity(list(ALL.values()))[EntityName("penduduk")]

    assert {"nik", "agama", "telepon", "alamat_domisili"} <= columns.keys()


def test_staff_supply_a_residents_telephone() -> None:
    feed = ALL["bkpsdm.pegawai"].feeds[0]

    assert (feed.entity, feed.key, dict(feed.fields), feed.priority) == ("penduduk", "nik", {"telepon": "telepon"}, 15)


ALONE: list[Any] = [
    ("contract.feeds[0]", lambda s: s["contract"]["feeds"][0].update(key="nomor"), "nomor is not a field"),
    ("contract.feeds[0]", lambda s: s["contract"]["feeds"][0]["fields"].update(telepon="hp"), "hp is not a field"),
    ("contract.feeds[0]", lambda s: s["contract"]["feeds"][0].update(entity="pegawai"), "own entity"),
    ("contract.feeds", lambda s: s["contract"]["feeds"].append(s["contract"]["feeds"][0]), "twice"),
    ("contract.feeds.0.fields", lambda s: s["contract"]["feeds"][0].update(fields={}), "at least 1"),
    ("contract.checks[0] (x).expression", lambda s: s["contract"].update(checks=[check("nik = 'a'")]), "a rule does"),
    (
        "contract.checks[0] (x).expression",
        lambda s: s["contract"].update(checks=[check("nama__nik = 'a'")]),
        "nama__nik is neither a field",
    ),
    (
        "contract.checks[0] (jenis_sesuai_nip)",
        lambda s: s["contract"].update(checks=[check("nik__nama = nama") | {"name": "jenis_sesuai_nip"}]),
        "twice",
    ),
    ("contract.rules[0] (jenis_sesuai_nip).expression", lambda s: rule(s, "nik__nama = nama"), "unknown field"),
]


def check(expression: str) -> dict[str, str]:
    return {"name": "x", "expression": expression, "severity": "warn", "message": "Mohon periksa."}


def rule(schema: dict[str, Any], expression: str) -> None:
    schema["contract"]["rules"][0]["expression"] = expression


@pytest.mark.parametrize(("path", "bend", "reason"), ALONE)
def test_a_contract_that_is_wrong_by_itself_is_refused(path: str, bend: Bend, reason: str) -> None:
    with pytest.raises(ContractError) as refusal:
        bent("bkpsdm.pegawai", bend)

    assert refusal.value.path == path
    assert reason in refusal.value.reason


TOGETHER: list[Any] = [
    ("contract.feeds[0].fields", lambda s: s["contract"]["feeds"][0].update(fields={"hp": "telepon"}), "has no hp"),
    ("contract.feeds[0].fields", lambda s: s["contract"]["feeds"][0].update(fields={"agama": "tmt"}), "is Date"),
    ("contract.feeds[0].key", lambda s: s["contract"]["feeds"][0].update(key="tmt"), "not a text"),
    ("contract.feeds[0]", lambda s: s["contract"]["feeds"][0].update(entity="hantu"), "no entity"),
    ("fields (nik).references", lambda s: field(s, "nik").update(references="penduduk.nomor"), "no column"),
    ("fields (nik).references", lambda s: field(s, "nik").update(references="penduduk.tanggal_lahir"), "is date"),
    (
        "contract.checks[0] (x).expression",
        lambda s: s["contract"].update(checks=[check("nik__umur > 3")]),
        "unknown field nik__umur",
    ),
    (
        "contract.checks[0] (x).expression",
        lambda s: s["contract"].update(checks=[check("nik__tanggal_lahir = nama")]),
        "does not work as SQL",
    ),
    ("contract.priority", lambda s: s["contract"].update(entity="penduduk", feeds=[]), "is that of"),
    ("contract.feeds[0]", lambda s: s["contract"]["feeds"][0].update(priority=20), "is that of dinkes.pasien"),
    ("contract.key", lambda s: s["contract"].update(entity="penduduk", feeds=[], priority=3), "is not that of"),
    (
        "contract.feeds[0]",
        lambda s: s["contract"]["feeds"][0].update(entity="sasaran_kia", fields={"puskesmas": "nama"}),
        "a key of parts",
    ),
    ("fields", lambda s: retyped(s), "jenis is"),
    (
        "fields (nik).references",
        lambda s: field(s, "nik").update(references="penduduk.no_kk"),
        "penduduk.no_kk is not the key of penduduk",
    ),
]


def retyped(schema: dict[str, Any]) -> None:
    schema["contract"].update(entity="jabatan", feeds=[], priority=3)
    field(schema, "jenis").pop("enum")
    field(schema, "jenis")["type"] = {"type": "int", "logicalType": "date"}
    schema["contract"]["rules"] = []


@pytest.mark.parametrize(("path", "bend", "reason"), TOGETHER)
def test_a_contract_that_does_not_fit_the_others_is_refused(path: str, bend: Bend, reason: str) -> None:
    others = [contract for name, contract in ALL.items() if name != "bkpsdm.pegawai"]

    with pytest.raises(ContractError) as refusal:
        check_together([*others, bent("bkpsdm.pegawai", bend)])

    assert refusal.value.path == path
    assert reason in refusal.value.reason


def test_all_faults_are_told_not_the_first_alone() -> None:
    def bend(schema: dict[str, Any]) -> None:
        field(schema, "nik")["references"] = "penduduk.nomor"
        schema["contract"]["feeds"][0]["priority"] = 20

    others = [contract for name, contract in ALL.items() if name != "bkpsdm.pegawai"]
    found = faults_together([*others, bent("bkpsdm.pegawai", bend)])

    assert [(each.file, each.path) for each in found] == [
        ("bkpsdm.pegawai", "contract.feeds[0]"),
        ("bkpsdm.pegawai", "fields (nik).references"),
    ]


@pytest.mark.parametrize(
    ("document", "rows", "broken"),
    [
        pytest.param(
            "disdukcapil.kematian",
            [
                {"tanggal_meninggal": date(2024, 1, 5), "nik__tanggal_lahir": date(2024, 1, 6)},
                {"tanggal_meninggal": date(2024, 1, 5), "nik__tanggal_lahir": date(2024, 1, 5)},
                {"tanggal_meninggal": date(2024, 1, 5), "nik__tanggal_lahir": None},
            ],
            {0: ("meninggal_setelah_lahir",)},
            id="death before birth",
        ),
        pytest.param(
            "dinkes.sasaran-kia",
            [
                {"jenis": "BALITA", "tanggal_ukur": date(2026, 1, 31), "nik__tanggal_lahir": date(2021, 1, 31)},
                {"jenis": "BALITA", "tanggal_ukur": date(2026, 1, 30), "nik__tanggal_lahir": date(2021, 1, 31)},
                {"jenis": "IBU_HAMIL", "tanggal_ukur": date(2026, 1, 31), "nik__tanggal_lahir": date(1991, 1, 31)},
            ],
            {0: ("balita_di_bawah_60_bulan",)},
            id="toddler of 60 months",
        ),
        pytest.param(
            "disdukcapil.kelahiran",
            [
                {"tanggal_lahir": date(2026, 1, 31), "nik_ibu__tanggal_lahir": date(2016, 1, 31)},
                {"tanggal_lahir": date(2026, 1, 30), "nik_ibu__tanggal_lahir": date(2016, 1, 31)},
            ],
            {1: ("ibu_sepuluh_tahun_lebih_tua",)},
            id="mother of nine years",
        ),
        pytest.param(
            "bapenda.objek-pajak",
            [
                {"nop": "991314000100200450", "kode_wilayah__kode_bps": "9913140010"},
                {"nop": "991313000100200450", "kode_wilayah__kode_bps": "9913140010"},
            ],
            {1: ("nop_sesuai_kecamatan",)},
            id="tax number of another district",
        ),
        pytest.param(
            "dinsos.penerima-bantuan",
            [
                {"status": "SALUR", "tanggal": date(2026, 1, 3), "nik__tanggal_meninggal": date(2026, 1, 2)},
                {"status": "GAGAL", "tanggal": date(2026, 1, 3), "nik__tanggal_meninggal": date(2026, 1, 2)},
                {"status": "SALUR", "tanggal": date(2026, 1, 3), "nik__tanggal_meninggal": None},
            ],
            {0: ("tidak_salur_setelah_meninggal",)},
            id="aid to the dead",
        ),
    ],
)
def test_checks_look_at_the_referenced_row(
    document: str, rows: list[dict[str, Any]], broken: dict[int, tuple[str, ...]]
) -> None:
    checks = CheckSet(ALL[document], columns_by_entity(list(ALL.values())))

    assert checks.columns.keys() == rows[0].keys()
    assert checks.breaches(pl.DataFrame(rows, schema=checks.columns), TODAY) == broken


def test_a_document_without_checks_breaks_none() -> None:
    checks = CheckSet(ALL["kominfo.wilayah"], {})

    assert checks.breaches(pl.DataFrame({FieldName("kode"): ["00"]}), TODAY) == {}
