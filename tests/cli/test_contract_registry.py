"""`simpul contract pull|push|diff|import|drafts|submit|approve`: files and registry, one of which is the truth."""

import getpass
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli import main
from cli.commands import contract_registry
from identity.actors import Actor
from registry.governance import drafts, enforcement, review, seeding
from registry.schema_text import parse
from tests.conftest import Database
from tests.schemas.contracts import AVRO, penduduk, schema_of, wilayah

NOW = datetime(2026, 1, 5, 7, 5, tzinfo=UTC)
SARI = Actor("sari", "person")
REASON = ("--reason", "Sudah dibahas dengan pemilik data.")
FILE = Path("disdukcapil/penduduk.avsc")


@dataclass
class Desk:
    """A seeded registry, a folder of contracts beside it, and the command line."""

    run: Callable[..., tuple[int, str, str]]
    folder: Path
    owner: Any

    def schema(self) -> Any:
        return json.loads((self.folder / FILE).read_text(encoding="utf-8"))

    def write(self, schema: Any) -> None:
        (self.folder / FILE).write_text(json.dumps(schema), encoding="utf-8")

    def versions(self) -> int:
        query = "select count(*) from registry.version where subject = 'opd.disdukcapil.penduduk-value'"
        return int(self.owner.execute(query).fetchone()[0])


def grown() -> Any:
    schema = schema_of(penduduk())
    schema["fields"].append(
        {
            **{"name": "surel", "type": ["null", "string"], "default": None, "doc": "Alamat surel."},
            **{"sensitivity": "pribadi", "maxLength": 100, "example": "sari@contoh.example"},
        }
    )
    return schema


@pytest.fixture
def desk(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database
) -> Iterator[Desk]:
    folder = tmp_path / "kontrak"
    for file in (FILE, Path("kominfo/wilayah.avsc")):
        (folder / file).parent.mkdir(parents=True)
        shutil.copy(AVRO / file, folder / file)
    monkeypatch.setenv("SIMPUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SIMPUL_SECRETS", str(database.stack.layout.secrets))
    monkeypatch.setenv("SIMPUL_PUBLIC_URL", "https://simpul.example.go.id")
    monkeypatch.setenv("SIMPUL_CONTRACTS", str(folder))
    monkeypatch.setattr(contract_registry, "HOLDS_WITHIN_S", 0.0)  # no process of jobs runs here
    with database.connect(autocommit=True) as owner:
        url = f"postgresql://{owner.info.host}:{owner.info.port}/{database.name}"
        monkeypatch.setenv("SIMPUL_DATABASE_URL", url)
        seeding.seed(owner, [wilayah(), penduduk()], now=NOW)

        def run(*arguments: str) -> tuple[int, str, str]:
            code = main.run(["contract", *arguments])
            said = capsys.readouterr()
            return code, said.out, said.err

        yield Desk(run, folder, owner)


def test_diff_says_in_words_what_the_file_would_change(desk: Desk) -> None:
    same = desk.run("diff")
    desk.write(grown())

    code, out, err = desk.run("diff", "disdukcapil.penduduk")
    as_json = json.loads(desk.run("diff", "disdukcapil.penduduk", "--json")[1])

    sentence = "Isian surel ditambahkan: teks, boleh kosong, pribadi; panjang terbesar “100”."
    assert same == (main.DONE, "", "2 berkas dibandingkan dengan registri, 2 sama.\n")
    assert (code, out) == (main.DONE, f"disdukcapil.penduduk (versi 1):\n  {sentence}\n")
    assert err == "1 berkas dibandingkan dengan registri, 0 sama.\n"
    assert as_json == [{"document": "disdukcapil.penduduk", "sentence": sentence, "effect": "tetap"}]


def test_push_makes_a_draft_of_what_does_not_hold_yet_and_no_version(desk: Desk) -> None:
    holds = desk.run("push", "disdukcapil.penduduk")
    desk.write(grown())

    code, out, err = desk.run("push", "disdukcapil.penduduk", "--submit")
    again = desk.run("push", "disdukcapil.penduduk")
    listed = json.loads(desk.run("drafts", "--state", "submitted", "--json")[1])

    number = out.strip()
    assert holds[:2] == (main.DONE, "")
    assert code == main.DONE
    assert f"https://simpul.example.go.id/kontrak/rancangan/{number}" in err
    assert again[1] == out
    assert [(each["number"], each["author"], each["state"]) for each in listed] == [
        (int(number), getpass.getuser(), "submitted")
    ]
    assert desk.versions() == 1


def test_whoever_pushed_it_cannot_approve_it(desk: Desk) -> None:
    desk.write(grown())
    number = desk.run("push", "disdukcapil.penduduk", "--submit")[1].strip()

    code, out, err = desk.run("approve", number, *REASON)

    assert (code, out) == (main.REFUSED, "")
    assert "orang lain" in err


def test_an_approved_draft_of_another_is_pulled_into_the_file(desk: Desk) -> None:
    with desk.owner.transaction():
        found = drafts.find_or_make(desk.owner, penduduk().subject, parse(json.dumps(grown())), by=SARI, now=NOW)
        review.submit(desk.owner, found.id, walidata="kominfo", by=SARI, now=NOW)
    approved = desk.run("approve", str(found.id), *REASON)
    enforcement.enforce_approved(desk.owner, by=Actor.process("jobs"), now=NOW)

    pulled = desk.run("pull")

    assert approved[:2] == (main.DONE, "")
    assert "belum menerapkannya" in approved[2]
    assert pulled[1] == f"{desk.folder / FILE}\n"
    assert desk.schema() == grown()
    assert desk.run("pull")[1] == ""


def test_import_makes_drafts_of_a_whole_folder(desk: Desk, tmp_path: Path) -> None:
    desk.write(grown())

    code, out, _ = desk.run("import", str(desk.folder))
    nothing = desk.run("import", str(tmp_path))

    assert code == main.DONE
    assert [line.split() for line in out.splitlines()] == [
        ["Dokumen", "Rancangan"],
        ["disdukcapil.penduduk", "3"],
        ["kominfo.wilayah", "sudah", "berlaku"],
    ]
    assert nothing[0] == main.USAGE


def test_a_draft_that_is_not_there_is_a_refusal(desk: Desk) -> None:
    assert desk.run("submit", "99")[0] == main.REFUSED
    assert desk.run("approve", "99", *REASON)[0] == main.REFUSED
    assert desk.run("drafts", "--state", "lain")[0] == main.USAGE
