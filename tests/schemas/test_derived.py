"""A document of one instance alone is another's contract under an owner of its own, and is in no other instance."""

import shutil
from pathlib import Path

import pytest

from base.instance import Instance, load
from base.instance_tables import Derived
from schemas.contract import Contract
from schemas.errors import ContractError
from schemas.loader import file_of, load_active, load_all, load_document
from tests.schemas.contracts import AVRO, INSTANCE, ROOT

ELSEWHERE = load(ROOT / "tests" / "instances" / "tanasari.toml")
HERE = "rsudnganjuk.pasien"


def deriving(*told: Derived, active: tuple[str, ...] = ()) -> Instance:
    """The invented instance with derived documents."""
    documents = ELSEWHERE.dokumen.model_copy(update={"turunan": told, "aktif": active})
    return ELSEWHERE.model_copy(update={"dokumen": documents})


def names(contracts: list[Contract]) -> set[str]:
    return {contract.name for contract in contracts}


CLINIC = Derived(
    nama="dinaslaut.pasien-kapal", dari="dinkes.pasien", prioritas=40, pemilik="Klinik Pelabuhan", kontak="k@l.example"
)


def test_the_hospital_here_has_the_health_offices_fields_at_a_later_priority() -> None:
    found, base = (load_document(AVRO, name, INSTANCE) for name in (HERE, "dinkes.pasien"))

    assert (found.topic, found.entity, found.priority) == ("opd.rsudnganjuk.pasien", "penduduk", 25)
    assert base.priority == 20
    assert (found.fields, found.rules, found.checks, found.key) == (base.fields, base.rules, base.checks, base.key)
    assert not found.may_create
    assert found.namespace == f"{INSTANCE.namespace}.rsudnganjuk"


def test_it_is_one_of_all_contracts_here_and_of_none_elsewhere() -> None:
    here, elsewhere = load_all(AVRO, INSTANCE), load_all(AVRO, ELSEWHERE)

    assert names(here) - names(elsewhere) == {HERE}
    assert names(elsewhere) - names(here) == set()
    assert not any("nganjuk" in str(contract.schema).lower() for contract in elsewhere)
    with pytest.raises(ContractError, match=r"pasien\.avsc"):
        load_document(AVRO, HERE, ELSEWHERE)


def test_another_place_derives_its_own_under_its_own_namespace() -> None:
    instance = deriving(CLINIC, active=("dinaslaut.pasien-kapal", "kominfo.wilayah"))
    found, _ = load_active(AVRO, instance)

    assert (found.name, found.schema["name"]) == ("dinaslaut.pasien-kapal", "pasien_kapal")
    assert found.namespace == "id.go.tanasarikab.dinaslaut"
    assert (found.owner, found.deputy, found.contact) == ("Klinik Pelabuhan", None, "k@l.example")
    assert found.name in names(load_all(AVRO, instance))


def test_a_file_of_its_own_wins(tmp_path: Path) -> None:
    folder = tmp_path / "avro"
    shutil.copytree(AVRO, folder)
    own = file_of(folder, CLINIC.nama)
    own.parent.mkdir()
    text = file_of(AVRO, "dinkes.pasien").read_text(encoding="utf-8")
    text = text.replace('"pasien"', '"pasien_kapal"', 1).replace('"document": "pasien"', '"document": "pasien-kapal"')
    text = text.replace('namespace}.dinkes"', 'namespace}.dinaslaut"').replace('"opd": "dinkes"', '"opd": "dinaslaut"')
    own.write_text(text.replace('"priority": 20', '"priority": 77'), encoding="utf-8")

    found = load_document(folder, CLINIC.nama, deriving(CLINIC))

    assert found.priority == 77
    assert [each.priority for each in load_all(folder, deriving(CLINIC)) if each.name == CLINIC.nama] == [77]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"dari": "dinkes.tiada"}, r"tiada\.avsc", id="of a document that is not there"),
        pytest.param({"pemilik": "x" * 501}, r"contract\.owner", id="what no contract may say"),
    ],
)
def test_a_wrong_one_is_refused(change: dict[str, str], reason: str) -> None:
    told = CLINIC.model_copy(update=change)

    with pytest.raises(ContractError, match=reason):
        load_document(AVRO, told.nama, deriving(told))


def test_two_sources_with_one_priority_are_refused() -> None:
    with pytest.raises(ContractError, match=r"contract\.priority: is that of"):
        load_all(AVRO, deriving(CLINIC.model_copy(update={"prioritas": 20})))
