"""What the shipped contracts ask to be looked for."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hub_db import provision
from hub_db.conflicts import checking, finder
from jobs.conflict_job import show
from schemas.loader import load
from schemas.names import EntityName, EventKey, SchemaId
from tests.conftest import Database
from tests.dashboard.exchange_rows import CONTRACTS, INSTANCE

NOW = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
CHECKED = {
    "bapenda.objek-pajak": ["wilayah"],
    "dinkes.sasaran-kia": ["penduduk"],
    "dinsos.penerima-bantuan": ["penduduk"],
    "disdukcapil.kelahiran": ["penduduk"],
    "disdukcapil.kematian": ["penduduk"],
}


def test_every_shipped_check_and_agreement_is_looked_for_and_can_be_asked(database: Database) -> None:
    with database.connect(autocommit=True) as owner:
        for path in sorted(CONTRACTS.glob("*/*.avsc")):
            provision(owner, load(path, INSTANCE), SchemaId(1))

        wanted = finder.plan(owner)
        fields = {name: [field.name for field in entity.agreed()] for name, entity in wanted.agreeing.items()}
        referred = {each.contract.name: sorted(set(each.references().values())) for each in wanted.checked}
        found = [
            checking.find(owner, each, [EventKey("|".join("x" * len(each.contract.key)))], NOW.date())
            for each in wanted.checked
        ]
        with owner.transaction():
            piece = finder.step(owner, wanted, show, now=NOW, zone=ZoneInfo("Asia/Jakarta"))

    assert referred == CHECKED
    assert fields[EntityName("penduduk")] == ["nama", "tanggal_lahir"]
    assert found == [[]] * len(CHECKED)
    assert not piece.more
