"""Every command of the running command line against a reviewed file (`command_table.txt`): what it needs and does."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from cli import main
from cli.founding import found_agencies
from cli.settings import ROOT
from identity.permissions import Permission
from tests.conftest import Database
from tests.database_contents import Contents

TABLE = Path(__file__).with_name("command_table.txt")
REASON = ("--reason", "Alasan yang panjangnya cukup")
PURPOSE, UNTIL, DAY = "Pemeriksaan kelayakan penerima", "2026-12-31", "2026-03-02"
# What a command is called with where it does not go without.
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "calendar close": (DAY, *REASON),
    "calendar open": (DAY, *REASON),
    "jobs show": ("1",), "jobs pause": ("1",), "jobs resume": ("1",), "jobs cancel": ("1",),
    "notices ack": ("1",), "notices silence": ("1", *REASON), "notices close": ("1", *REASON),
    "people invite": ("budi.contoh", "--shown-name", "Budi", "--office", "Staf"),
    "people link": ("budi.contoh",),
    "people appoint": ("budi.contoh", "reader", "dinkes"), "people dismiss": ("budi.contoh", "reader", "dinkes"),
    "people disable": ("budi.contoh",), "people enable": ("budi.contoh",),
    "people forget-second-factor": ("budi.contoh",),
    "opd add": ("bappeda", "--name", "Badan", "--short-name", "BAPPEDA"),
    "opd disable": ("dinkes",), "opd enable": ("dinkes",), "opd add-system": ("dinkes", "simrs", "--name", "SIMRS"),
    "token issue": ("dinkes", "simrs", "--purpose", "kirim", "--permission", "events.send"),
    "token revoke": ("1",),
    "grant add": (
        "dinsos", "disdukcapil.penduduk", "--field", "nama", "--purpose", PURPOSE, "--basis", "UU 24/2013",
        "--until", UNTIL,
    ),
    "grant copy": ("1",),
    "grant revoke": ("1", *REASON),
    "pks add": ("PKS-1", "dinsos", "--element", "penduduk.nama", "--purpose", PURPOSE, "--until", UNTIL),
    "pks end": ("PKS-1", *REASON),
    "conflicts show": ("1",), "conflicts decide": ("1", "a", *REASON),
    "conflicts take-back": ("1", *REASON),
    "cases show": ("PI-2026-0001",),
    "cases act": ("PI-2026-0001", "confirm", "--as", "budi.contoh"),
    "cases begin": ("dinkes", "faskes", "--as", "budi.contoh", "--contact", "Wati", "--phone", "081200009001"),
    "cases paper": ("PI-2026-0001", "unit-tes", "--output", "/dev/null", "--overwrite"),
    "cases register": ("--output", "/dev/null", "--overwrite"),
    "cases report": ("--output", "/dev/null", "--overwrite"),
    "cases evidence": ("2026", "--output", "/dev/null", "--overwrite"),
    "access show": ("1",), "access decide": ("1", "--as", "owner", "--yes", *REASON),
    "audit seen": ("--from", "2026-01-01", "--to", "2026-01-02", "--owner", "disdukcapil"),
    "contract effect": (str(ROOT / "schemas/avro/disdukcapil/penduduk.avsc"),),
    "contract pull": ("disdukcapil.penduduk",), "contract push": ("disdukcapil.penduduk",),
    "contract import": (str(ROOT / "schemas" / "avro"),), "contract submit": ("1",),
    "contract approve": ("1", *REASON),
    "provision code": ("dinkes", "simrs"),
    "intake rebuild": ("disdukcapil.penduduk",),
    "load list": ("disdukcapil.penduduk",), "load show": ("disdukcapil.penduduk", "csv-1"),
    "load undo": ("disdukcapil.penduduk", "csv-1", *REASON), "load redo": ("disdukcapil.penduduk", "csv-1", *REASON),
    "load approve": ("disdukcapil.penduduk", "csv-1", *REASON),
    "load refuse": ("disdukcapil.penduduk", "csv-1", *REASON),
    "pauses resume": ("1", *REASON),
    "pauses reopen": ("disdukcapil.penduduk", "0", *REASON),
    "dlq replay": ("--document", "disdukcapil.penduduk"),
    "record why": ("wilayah", "35.18"),
    "profile show": ("disdukcapil.penduduk",),
    "profile renew": ("disdukcapil.penduduk", "agama", "--reason", "Kode baru sejak hari ini"),
    "source epoch": ("disdukcapil.penduduk",),
    "source effect": ("disdukcapil.penduduk", "aktif"),
    "source history": ("disdukcapil.penduduk",), "source state": ("disdukcapil.penduduk", "aktif", *REASON),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One command with what the file says of it."""

    needs: str
    does: str
    page: str
    command: str

    @property
    def words(self) -> list[str]:
        return [*self.command.split(), *ARGUMENTS.get(self.command, ())]


def lines() -> list[Line]:
    read = [line.split(maxsplit=3) for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    head, *rows = read
    assert head == ["needs", "does", "page", "command"]
    return [Line(*row) for row in rows]


def commands() -> Iterator[str]:
    """What the running command line answers to."""
    for name, command in main.COMMANDS.items():
        module, _, attribute = command.place.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            yield name
            continue
        if found.registered_callback is None and len(found.registered_commands) == 1 and name == "publish":
            yield name
            continue
        yield from leaves(typer.main.get_command(found), name)


def leaves(command: Any, name: str) -> Iterator[str]:
    below = getattr(command, "commands", {})
    if not below or command.invoke_without_command:
        yield name
    for word, each in below.items():
        yield from leaves(each, f"{name} {word}")


def test_the_file_has_every_command_and_no_other() -> None:
    named = [line.command for line in lines()]

    assert len(named) == len(set(named))
    assert sorted(set(commands()) - set(named)) == [], f"please add them to {TABLE.name}"
    assert sorted(set(named) - set(commands())) == []


def test_the_file_says_only_what_it_explains() -> None:
    said = lines()

    assert {line.needs for line in said} == {"nothing", "keys", "officer", "agency", "machine"}
    assert {line.does for line in said} == {"reads", "acts", "runs"}
    assert {line.page for line in said} - {"-"} <= set(Permission)


@pytest.fixture
def beside(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A command line that reaches a hub's database and Kafka; the folder is where its own passwords would be."""
    with database.connect(autocommit=True) as owner:
        found_agencies(owner, None)
        url = f"postgresql://{owner.info.host}:{owner.info.port}/{database.name}"
    monkeypatch.setenv("SIMPUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SIMPUL_DATABASE_URL", url)
    monkeypatch.setenv("SIMPUL_KAFKA_BOOTSTRAP", f"127.0.0.1:{database.stack.ports['kafka']}")
    monkeypatch.setenv("SIMPUL_SECRETS", str(database.stack.layout.secrets))
    monkeypatch.setenv("SIMPUL_PUBLIC_URL", "https://simpul.example.go.id")
    return tmp_path / "none"


def test_without_the_hubs_passwords_no_command_does_or_tells_anything(
    beside: Path, database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIMPUL_SECRETS", str(beside))
    monkeypatch.delenv("SIMPUL_KAFKA_BOOTSTRAP")
    wrong: list[str] = []
    with database.connect(autocommit=True) as owner:
        contents = Contents(owner)
        for line in (line for line in lines() if line.needs in ("keys", "officer") and line.does != "runs"):
            with contents.unchanged(wrong, line.command):
                code = main.run(line.words)
            said = capsys.readouterr()
            if code not in (main.REFUSED, main.UNREACHABLE) or said.out or len(said.err.splitlines()) != 1:
                wrong.append(f"{line.command}: {code} {said.out}{said.err}")
        entries = owner.execute("select count(*) from audit.entry where actor_kind = 'command'").fetchone()

    assert wrong == []
    assert entries == (0,)


def test_what_only_reads_leaves_the_database_as_it_was(
    beside: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong: list[str] = []
    with database.connect(autocommit=True) as owner:
        contents = Contents(owner)
        for line in (line for line in lines() if line.needs == "keys" and line.does == "reads"):
            with contents.unchanged(wrong, line.command):
                code = main.run(line.words)
            said = capsys.readouterr()
            if code not in (main.DONE, main.REFUSED) or "Kesalahan pada Simpul" in said.err:
                wrong.append(f"{line.command}: {code} {said.err}")

    assert wrong == []
    assert not beside.exists()
