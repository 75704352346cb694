"""A contract is read whole, and a wrong one is refused with its file, the path inside it and the reason."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.contract import Contract, Kind, OnMissing, Reference
from schemas.errors import ContractError
from schemas.loader import load, load_active, read
from schemas.names import EntityName, FieldName
from tests.schemas.contracts import AVRO, INSTANCE, penduduk, schema_of, wilayah

Bend = Callable[[dict[str, Any]], object]


def field(schema: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in schema["fields"] if each["name"] == name)


def test_the_hub_opens_two_contracts() -> None:
    assert [(contract.name, contract.topic, contract.key) for contract in load_active(AVRO, INSTANCE)] == [
        ("disdukcapil.penduduk", "opd.disdukcapil.penduduk", ("nik",)),
        ("kominfo.wilayah", "opd.kominfo.wilayah", ("kode",)),
    ]


def test_the_instance_fills_the_placeholders() -> None:
    assert penduduk().namespace == f"{INSTANCE.namespace}.disdukcapil"


def test_a_resident_waits_for_his_village() -> None:
    village = penduduk().by_name[FieldName("kode_wilayah")]

    assert village.reference == Reference(EntityName("wilayah"), FieldName("kode"), OnMissing.PARK)
    assert (village.kind, village.nullable, village.min_length) == (Kind.STRING, False, 13)


def test_a_birth_may_not_lie_in_the_future() -> None:
    birth = penduduk().by_name[FieldName("tanggal_lahir")]

    assert (birth.kind, birth.maximum, birth.maximum_today) == (Kind.DATE, None, True)


def test_a_contract_of_the_registry_is_the_contract_of_the_file() -> None:
    contract = penduduk()

    assert read(schema_of(contract), file="registry") == contract


WRONG: list[Any] = [
    ("contract.owners", lambda s: s["contract"].update(owners="x"), "unknown keyword"),
    ("contract.owner", lambda s: s["contract"].pop("owner"), "required"),
    ("contract.freshness", lambda s: s["contract"].update(freshness="daily"), "pattern"),
    ("contract.key", lambda s: s["contract"].update(key=["nama_lain"]), "not a field"),
    ("contract.key", lambda s: s["contract"].update(key=["no_kk"]), "required text"),
    ("contract.key", lambda s: s["contract"].update(key=["nik", "nik"]), "twice"),
    ("contract.priority", lambda s: s["contract"].update(priority=0), "greater"),
    ("name", lambda s: s.update(name="warga"), "document's name"),
    ("namespace", lambda s: s.update(namespace="id.go.lain"), "does not end"),
    ("aliases", lambda s: s.update(aliases=["x"]), "unknown keyword"),
    ("fields", lambda s: s["fields"].append(dict(s["fields"][0])), "twice"),
    ("fields", lambda s: s["fields"].pop(), "sumber_diubah"),
    ("fields[1] (nama).colour", lambda s: s["fields"][1].update(colour="red"), "unknown keyword"),
    ("fields[1] (nama)", lambda s: s["fields"][1].update(format="nama-kota"), "unknown format"),
    ("fields[5] (agama)", lambda s: s["fields"][5].update(codes="warna"), "unknown code list"),
    ("fields[1] (nama)", lambda s: s["fields"][1].update(type="bytes"), "not one of"),
    ("fields[1] (nama)", lambda s: s["fields"][1].update(type={"type": "array", "items": "null"}), "nested"),
    ("fields[1] (nama)", lambda s: s["fields"][1].update(type=["string", "null"]), "null first"),
    ("fields[1] (nama)", lambda s: s["fields"][1].update(type={"type": "record", "name": "penduduk"}), "nested"),
    ("fields[1] (nama)", lambda s: s["fields"][1].update(default=""), "no default"),
    ("fields[12] (no_kk)", lambda s: s["fields"][12].pop("default"), "default null"),
    ("fields[3] (tempat_lahir)", lambda s: s["fields"][3].update(pattern="(?=a)b"), "does not compile"),
    ("fields[3] (tempat_lahir)", lambda s: s["fields"][3].update(pattern=r"\d+"), "other scripts"),
    ("fields[3] (tempat_lahir)", lambda s: s["fields"][3].update(minLength=61), "greater than maxLength"),
    ("fields[4] (tanggal_lahir)", lambda s: s["fields"][4].update(maxLength=3), "for texts only"),
    ("fields[4] (tanggal_lahir)", lambda s: s["fields"][4].update(minimum="1990-02-30"), "is not a date"),
    ("fields[3] (tempat_lahir)", lambda s: s["fields"][3].update(minimum=3), "numbers and dates only"),
    ("fields[16] (kode_wilayah)", lambda s: s["fields"][16].pop("onMissing"), "needs onMissing"),
    ("fields[16] (kode_wilayah).references", lambda s: s["fields"][16].update(references="wilayah"), "pattern"),
    ("fields[1] (nama)", lambda s: s["fields"][1].update(isReplacedBy=True), "an optional field with references"),
    (
        "fields[16] (kode_wilayah)",
        lambda s: s["fields"][16].update(isReplacedBy=True, references="penduduk.nik"),
        "an optional field with references",
    ),
    (
        "fields[21] (nik_pengganti).isReplacedBy",
        lambda s: s["fields"][21].update(references="pegawai.nik"),
        "references another record than one of penduduk by its key",
    ),
    (
        "fields[21] (nik_pengganti).isReplacedBy",
        lambda s: s["contract"].update(key=["nama"]),
        "references another record than one of penduduk by its key",
    ),
    (
        "fields[22] (lain).isReplacedBy",
        lambda s: s["fields"].insert(22, {**s["fields"][21], "name": "lain"}),
        "stands on nik_pengganti already",
    ),
    ("fields[0] (nik)", lambda s: s["fields"][0].update(warnOnly=["nik.bentuk"]), "no check of nik"),
    ("fields[2] (jenis_kelamin)", lambda s: s["fields"][2].update(enum=["L", "L"]), "twice"),
    ("fields[2] (jenis_kelamin)", lambda s: s["fields"][2].update(codes="agama"), "exclude each other"),
    ("fields[0] (_nik).name", lambda s: s["fields"][0].update(name="_nik"), "pattern"),
]


@pytest.mark.parametrize(("path", "bend", "reason"), WRONG)
def test_a_wrong_contract_is_refused_with_path_and_reason(path: str, bend: Bend, reason: str) -> None:
    schema = schema_of(penduduk())
    bend(schema)

    with pytest.raises(ContractError) as refusal:
        read(schema, file="penduduk.avsc")

    assert (refusal.value.file, refusal.value.path) == ("penduduk.avsc", path)
    assert reason in refusal.value.reason


RULES = [
    ("tanggal_lahir <", "does not work as SQL"),
    ("umur > 3", "unknown field umur"),
    ("tanggal_lahir <= CURRENT_DATE", "unknown field CURRENT_DATE"),
    ("tanggal_lahir <= NOW()", "function NOW"),
    ("COUNT(nik) = 1", "function COUNT"),
    ("nik IN (SELECT nik FROM x)", "unknown field SELECT"),
    ("RANDOM() > 0.5", "function RANDOM"),
    ("nik; nama", "sign ';'"),
    ("1 = 1", "names no field"),
    ("LENGTH(nik)", "a rule gives true or false"),
    ("hari_terima > DATE '2020-01-01'", "names no field"),
    ('"CURRENT_DATE" > tanggal_lahir', "unknown field"),
    ("usia(tanggal_lahir) > 3", "usia takes 2 values"),
    ("usia(usia(tanggal_lahir, hari_terima), hari_terima) > 3", "usia has no place inside usia"),
    ("usia(tanggal_lahir, hari_terima > 3", "not closed"),
    ("usia(nama, hari_terima) > 3", "does not work as SQL"),
    ("usia > 3", "unknown field usia"),
    ("tanggal_lahir + INTERVAL '9999999 years' > hari_terima", "does not work as SQL"),
    ("REGEXP_LIKE(nama, alamat)", "a pattern in quotes"),
    ('"umur" = 3', 'unknown field "umur"'),
]


@pytest.mark.parametrize(("expression", "reason"), RULES)
def test_a_rule_that_looks_beyond_its_row_is_refused(expression: str, reason: str) -> None:
    schema = schema_of(penduduk())
    schema["contract"]["rules"][0]["expression"] = expression

    with pytest.raises(ContractError, match=r"contract\.rules") as refusal:
        read(schema, file="penduduk.avsc")

    assert reason in refusal.value.reason


def test_a_text_in_a_rule_is_no_field_name() -> None:
    schema = schema_of(penduduk())
    schema["contract"]["rules"][0]["expression"] = "nama <> 'CURRENT_DATE; DROP'"

    assert read(schema, file="x").rules[0].expression == "nama <> 'CURRENT_DATE; DROP'"


@pytest.mark.parametrize("contract", [penduduk(), wilayah()], ids=lambda contract: contract.name)
def test_a_reordered_json_is_the_same_contract(contract: Contract) -> None:
    turned = json.loads(json.dumps(contract.schema, sort_keys=True))

    assert read(turned, file="x") == contract


def test_a_file_in_another_documents_place_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "dinsos" / "penduduk.avsc"
    path.parent.mkdir()
    shutil.copy(AVRO / "disdukcapil" / "penduduk.avsc", path)

    with pytest.raises(ContractError, match="another document"):
        load(path, INSTANCE)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "cannot be read"),
        ('{"type": "record", "type": "record"}', "stands twice"),
        ('{"doc": "${daerah.warna}"}', "unknown placeholder"),
        ("[" * 100_000, "cannot be read"),
        ('"string"', "not an Avro record"),
    ],
)
def test_a_file_that_is_no_contract_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "kominfo" / "wilayah.avsc"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ContractError, match=reason):
        load(path, INSTANCE)
