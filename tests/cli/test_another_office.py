"""The hub of another, invented local government: what is made and told bears its names, and none of ours."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from base.instance import InstanceError, load
from cli import preparation, settings
from tests.conftest import Database
from tests.hub import PASSWORD, serve_registry

ROOT = Path(__file__).resolve().parents[2]
INVENTED = ROOT / "tests" / "instances" / "tanasari.toml"
OURS = load(ROOT / "instansi.toml")


@pytest.fixture
def prepared(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database in which the invented office's contracts and topics are entered, through a real registry."""
    monkeypatch.setenv("SIMPUL_INSTANCE", str(INVENTED))
    monkeypatch.setenv("SIMPUL_HOME", str(database.stack.layout.home))
    port = database.stack.ports["postgres"]
    monkeypatch.setenv("SIMPUL_DATABASE_URL", f"postgresql://127.0.0.1:{port}/{database.name}")
    monkeypatch.setenv("SIMPUL_REGISTRY_PASSWORD", PASSWORD.get_secret_value())
    with serve_registry(database) as url:
        monkeypatch.setenv("SIMPUL_REGISTRY_URL", url)
        preparation.register_contracts(None, preparation.contracts(None))
        yield database


def test_everything_that_is_entered_bears_its_namespace(prepared: Database) -> None:
    with prepared.connect() as conn:
        schemas = [text for (text,) in conn.execute("select schema_text from registry.schema").fetchall()]
        topics: dict[str, int] = dict(conn.execute("select topic, schema_id from hub.own_topic").fetchall())
        subjects: dict[str, int] = dict(conn.execute("select subject, schema_id from registry.version").fetchall())

    namespaces = {json.loads(text)["namespace"] for text in schemas}
    assert namespaces >= {"id.go.tanasarikab.simpul.sop", "id.go.tanasarikab.disdukcapil"}
    assert all(name.startswith("id.go.tanasarikab.") for name in namespaces)
    assert [text for text in schemas if OURS.namespace in text or OURS.ibu_kota.lower() in text.lower()] == []
    assert topics == {"sop.fact": subjects["sop.fact-value"], "sop.status": subjects["sop.status-value"]}


@pytest.mark.usefixtures("prepared")
def test_its_processes_are_told_its_zone_and_names() -> None:
    assert settings.intake_settings(None).time_zone == "Asia/Makassar"
    assert settings.facts_settings(None).time_zone == "Asia/Makassar"
    assert settings.facts_settings(None).namespace == "id.go.tanasarikab"
    assert settings.dashboard_settings(None).instance.kop.baris[0] == "PEMERINTAH KABUPATEN TANASARI"


@pytest.mark.usefixtures("prepared")
def test_preparing_twice_changes_nothing(prepared: Database) -> None:
    def entered() -> list[tuple[object, ...]]:
        with prepared.connect() as conn:
            return conn.execute("select topic, schema_id, registered_at from hub.own_topic order by topic").fetchall()

    before = entered()
    preparation.register_contracts(None, preparation.contracts(None))

    assert entered() == before
    assert len(before) == 2


def test_a_document_of_an_agency_that_the_office_does_not_have_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(INVENTED.with_suffix(".svg"), tmp_path)
    file = tmp_path / "instansi.toml"
    opened = '[dokumen]\naktif = ["kominfo.wilayah", "dinasudara.wilayah"]\n'
    file.write_text(INVENTED.read_text(encoding="utf-8") + opened, encoding="utf-8")
    monkeypatch.setenv("SIMPUL_INSTANCE", str(file))

    with pytest.raises(InstanceError, match=r"dokumen\.aktif: dinasudara\.wilayah is a document of none of the"):
        preparation.contracts(None)


def test_the_hub_opens_the_documents_that_the_instance_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(INVENTED.with_suffix(".svg"), tmp_path)
    file = tmp_path / "instansi.toml"
    file.write_text(INVENTED.read_text(encoding="utf-8") + '[dokumen]\naktif = ["kominfo.wilayah"]\n', encoding="utf-8")
    monkeypatch.setenv("SIMPUL_INSTANCE", str(file))
    named = [contract.name for contract in preparation.contracts(None)]
    monkeypatch.setenv("SIMPUL_INSTANCE", str(INVENTED))

    assert named == ["kominfo.wilayah"]
    assert [contract.name for contract in preparation.contracts(None)] == ["disdukcapil.penduduk", "kominfo.wilayah"]
