"""`simpul audit`, `grant` and `pks`: what they print, what they refuse, and that a breach ends with 1."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli import main, settings
from cli.founding import found_agencies
from cli.stack.passwords import password
from cli.stack.postgres import SUPERUSER
from hub_db.connection import connect
from identity.actors import Actor
from identity.audit import AuditEntry, record
from identity.audit_anchors import FILE
from identity.audit_chain import seal
from identity.looks import Looker, search_unmasked
from identity.permissions import Role
from identity.pseudonyms import Pseudonyms
from tests.conftest import Database
from tests.identity.people_of_test import PURPOSE, RESIDENTS, Population, canaries, person, seen

Run = Callable[..., tuple[int, str, str]]
PKS = ("pks", "add", "415.4/12/2026", "dinsos", "--purpose", PURPOSE, "--until", "2099-06-30")
ELEMENTS = ("--element", "penduduk.nik", "--element", "penduduk.nama")
GRANT = ("grant", "add", "dinsos", "disdukcapil.penduduk", "--purpose", PURPOSE, "--basis", "UU 24/2013 Pasal 58")
FIELDS = ("--field", "nik", "--field", "nama", "--until", "2099-06-30", "--pks", "415.4/12/2026")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database) -> Run:
    """Runs a command beside a database of the hub, with something on standard input: exit code, output, errors."""
    with database.connect() as conn:
        url = f"postgresql://{conn.info.host}:{conn.info.port}/{database.name}"
    monkeypatch.setenv("SIMPUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SIMPUL_ANCHORS", str(tmp_path / "anchors"))
    monkeypatch.setenv("SIMPUL_DATABASE_URL", url)
    monkeypatch.setenv("SIMPUL_SECRETS", str(database.stack.layout.secrets))
    with database.connect(autocommit=True) as owner:
        found_agencies(owner, None)

    def one(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = main.run(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return one


@pytest.fixture
def pseudonyms(database: Database) -> Pseudonyms:
    return Pseudonyms(password(database.stack.layout.secrets, settings.PSEUDONYMS))


def read(run: Run, *arguments: str, stdin: str = "", code: int = main.DONE) -> Any:
    ended, out, err = run(*arguments, "--json", stdin=stdin)
    assert ended == code, err
    return json.loads(out)


def sealed(database: Database, count: int) -> None:
    with database.connect("simpul_web", autocommit=True) as web:
        for number in range(count):
            record(web, AuditEntry("sari", "person", "people.invite", opd="kominfo", subject=f"person:{number}"))
    with connect(database.dsn("simpul_jobs"), process="test") as jobs:
        seal(jobs)


def test_a_whole_audit_is_told_with_its_head_and_ends_with_0(run: Run, database: Database) -> None:
    sealed(database, 3)
    anchored = read(run, "audit", "anchor")
    verdict = read(run, "audit", "verify")
    code, out, err = run("audit", "verify")

    assert verdict["whole"] is True
    assert verdict["anchors"] == 1
    assert verdict["head"] == {"number": anchored["number"], "hash": anchored["hash"]}
    assert (code, out.split(":")[0]) == (main.DONE, "Utuh")
    assert anchored["hash"] in err


def test_a_breach_is_named_and_ends_with_1(run: Run, database: Database) -> None:
    sealed(database, 3)
    with database.connect(SUPERUSER) as admin:
        admin.execute("alter table audit.entry disable trigger all")
        admin.execute("update audit.entry set actor = 'lain' where subject = 'person:1'")

    verdict = read(run, "audit", "verify", code=main.REFUSED)
    code, out, err = run("audit", "verify")

    assert [each["fault"] for each in verdict["breaches"]] == ["changed"]
    assert code == main.REFUSED
    assert "isi catatan berubah" in out
    assert "tidak ada jangkar" in err


def test_an_anchor_that_cannot_be_written_is_one_line(run: Run, database: Database, tmp_path: Path) -> None:
    sealed(database, 1)
    (tmp_path / "anchors").write_text("a file where a folder should be")

    code, _, err = run("audit", "anchor")

    assert code == main.REFUSED
    assert err.startswith("simpul: Jangkar audit tidak dapat ditulis")
    assert FILE not in err


def test_entries_are_listed_newest_first_and_filtered(run: Run, database: Database) -> None:
    sealed(database, 3)
    with database.connect("simpul_web", autocommit=True) as web:
        record(web, AuditEntry("budi", "person", "token.issue", at=datetime(2026, 1, 5, 20, tzinfo=UTC)))

    def found(*options: str) -> list[tuple[str, str | None]]:
        return [(each["actor"], each["subject"]) for each in read(run, "audit", "list", *options)]

    invited = [("sari", f"person:{number}") for number in (2, 1, 0)]
    assert found("--act", "people") == found("--act", "people.invite") == found("--actor", "sari") == invited
    assert found("--act", "peop") == []
    assert found("--subject", "person:1") == [("sari", "person:1")]
    assert found("--opd", "kominfo", "--limit", "2") == invited[:2]
    assert found("--from", "2026-01-06", "--to", "2026-01-06") == [("budi", None)]  # 3 o'clock in the morning here
    assert found("--to", "2026-01-05") == []
    assert run("audit", "list", "--from", "kemarin")[0] == main.USAGE
    assert "person:2" in run("audit", "list")[1]


def test_who_saw_a_person_is_answered_from_a_number_that_stands_in_no_command(
    run: Run, database: Database, pseudonyms: Pseudonyms
) -> None:
    population = Population.settle(database, 5, pseudonyms)
    run(*PKS, *ELEMENTS)
    number = run(*GRANT, *FIELDS)[1].strip()
    look(population, list(population.rows)[:2])
    nik = next(iter(population.rows))
    span = ("--from", "2000-01-01", "--to", "2099-01-01")

    one = read(run, "audit", "seen", "--subject-stdin", *span, stdin=f"{nik}\n")
    all_of_owner = read(run, "audit", "seen", "--owner", "disdukcapil", *span)
    other = read(run, "audit", "seen", "--subject-stdin", *span, stdin=f"{list(population.rows)[4]}\n")
    before = read(run, "audit", "seen", "--owner", "disdukcapil", "--from", "2000-01-01", "--to", "2001-01-01")
    code, out, err = run("audit", "seen", "--subject-stdin", *span, stdin=nik)

    assert [(each["actor"], each["purpose"]) for each in one["sightings"]] == [("sari", PURPOSE)]
    assert one["sightings"][0]["details"]["fields"] == ["nik", "nama"]
    assert [str(each["id"]) for each in one["grants"]] == [number]
    assert (len(all_of_owner["sightings"]), len(other["sightings"])) == (2, 0)
    assert (before["sightings"], before["grants"]) == ([], [])
    assert (code, "sari (reader, dinsos) melihat nik, nama" in out) == (main.DONE, True)
    assert seen(frozenset(canaries(population.rows)), [one, all_of_owner, out, err]) == set()


def test_the_question_who_saw_somebody_stands_in_the_audit_itself(
    run: Run, database: Database, pseudonyms: Pseudonyms
) -> None:
    pseudonyms.of("penduduk", "1")
    read(run, "audit", "seen", "--subject-stdin", "--from", "2026-01-01", "--to", "2026-01-02", stdin="123\n")

    (entry,) = read(run, "audit", "list", "--act", "audit.search")

    assert entry["subject"] == pseudonyms.of("penduduk", "123")
    assert entry["details"]["found"] == 0


@pytest.mark.parametrize("options", [(), ("--subject-stdin", "--owner", "disdukcapil"), ("--subject-stdin",)], ids=len)
def test_the_question_is_about_one_person_or_one_opd(run: Run, options: tuple[str, ...]) -> None:
    assert run("audit", "seen", *options, "--from", "2026-01-01", "--to", "2026-01-02")[0] == main.USAGE


def look(population: Population, keys: list[str]) -> None:
    from identity.grants import grants_of

    with connect(population.database.dsn("simpul_web"), process="test") as web:
        (grant,) = grants_of(web, "dinsos", on=datetime.now(UTC) + timedelta(seconds=1))
        looker = Looker(person(Role.READER, "dinsos"), Actor("sari", "person", Role.READER, "dinsos"), grant)
        assert len(search_unmasked(web, RESIDENTS, looker, keys, purpose=PURPOSE).records) == len(keys)


def test_a_grant_is_given_listed_and_revoked(run: Run) -> None:
    assert run(*PKS, *ELEMENTS)[0] == main.DONE
    code, number, err = run(*GRANT, *FIELDS)

    assert (code, "berlaku sampai 2099-06-30" in err) == (main.DONE, True)
    (given,) = read(run, "grant", "list")
    assert (str(given["id"]), given["fields"], given["holds"]) == (number.strip(), ["nik", "nama"], True)
    assert run("grant", "revoke", number.strip(), "--reason", "Tujuan sudah tercapai")[0] == main.DONE
    assert [each["holds"] for each in read(run, "grant", "list")] == [False]
    assert "dicabut" in run("grant", "list")[1]


def test_a_grant_ends_with_its_pks(run: Run) -> None:
    run(*PKS, *ELEMENTS)
    run(*GRANT, *FIELDS)

    code, _, err = run("pks", "end", "415.4/12/2026", "--reason", "Diakhiri bersama")

    assert (code, "bersama 1 Hak Akses" in err) == (main.DONE, True)
    assert [each["holds"] for each in read(run, "grant", "list")] == [False]
    assert [each["holds"] for each in read(run, "pks", "list")] == [False]
    assert "berakhir" in run("pks", "list")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        pytest.param((*GRANT, *FIELDS[:6]), main.REFUSED, "hanya dibuka dengan PKS", id="population data without PKS"),
        pytest.param((*GRANT, *FIELDS), main.REFUSED, "belum tercatat", id="a PKS that is not there"),
        pytest.param(("grant", "revoke", "7", "--reason", "Tujuan tercapai"), main.REFUSED, "tidak ada", id="no grant"),
        pytest.param((*GRANT[:3], "x.y", *GRANT[4:], *FIELDS), main.USAGE, "tidak dikenal", id="no document"),
        pytest.param((*PKS[:-1], "besok", *ELEMENTS), main.USAGE, "bukan tanggal", id="no date"),
        pytest.param((*PKS, "--element", "nik"), main.REFUSED, "entitas.kolom", id="no element"),
        pytest.param(("pks", "end", "x", "--reason", "Diakhiri bersama"), main.REFUSED, "tidak tercatat", id="no PKS"),
    ],
)
def test_what_a_rule_forbids_is_one_line_that_says_why(
    run: Run, arguments: tuple[str, ...], code: int, says: str
) -> None:
    ended, _, err = run(*arguments)

    assert ended == code
    assert says in " ".join(err.split())
