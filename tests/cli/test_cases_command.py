"""`simpul cases`: where each request stands, and what happened to one."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cli import main, settings
from cli.demo import cases
from cli.demo.links import offices
from cli.founding import found_agencies
from cli.hub_access import acting
from identity.demo import demo_links, mark_as_demo
from identity.passwords import hashed
from sop.media import media_of
from sop.slots import ODT, PDF, XLSX
from tests.conftest import Database
from tests.dashboard.cases import LETTER
from tests.sop.office import make_office
from tests.sop.town import TEKNIS, WHY

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database) -> Run:
    with database.connect() as conn:
        url = f"postgresql://{conn.info.host}:{conn.info.port}/{database.name}"
    monkeypatch.setenv("SIMPUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SIMPUL_DATABASE_URL", url)
    monkeypatch.setenv("SIMPUL_SECRETS", str(database.stack.layout.secrets))

    def one(*arguments: str) -> tuple[int, str, str]:
        code = main.run(list(arguments))
        told = capsys.readouterr()
        return code, told.out, told.err

    return one


def test_a_request_is_listed_with_its_stage_holder_and_due_date(run: Run, database: Database) -> None:
    assert "Tidak ada permohonan integrasi." in run("cases", "list")[2]
    with make_office(database) as office:
        office.day = datetime.now(UTC).astimezone(ZoneInfo("Asia/Jakarta")).date()
        number = office.begin().case.number
        walk = office.walk(number).to(3)
        walk.send_back(2, TEKNIS)

    code, out, _ = run("cases", "list")
    (listed,) = json.loads(run("cases", "list", "--json")[1])
    shown = json.loads(run("cases", "show", number, "--json")[1])
    text = run("cases", "show", number)[1]

    assert code == 0
    assert "2 Definisi Data (berjalan)" in out
    assert (listed["at"]["stage"], listed["at"]["round"], listed["at"]["holder"]) == (2, 2, "opd")
    assert listed["at"]["due"] == walk.attempt.due.isoformat() if walk.attempt.due else None
    assert [event["version"] for event in shown["events"]] == list(range(1, walk.now.version + 1))
    assert shown["forecast"]["cases"] == 0
    assert "Menurut batas waktu selesai " in text
    assert f"stage.returned        tahap 3 putaran 1  bagus: {WHY}" in text


def test_a_request_that_is_not_there_is_refused(run: Run) -> None:
    code, _, err = run("cases", "show", "PI-2026-9999")

    assert (code, "Tidak ada permohonan PI-2026-9999." in err) == (1, True)


def test_a_paper_is_written_once_and_its_opening_audited(run: Run, database: Database, tmp_path: Path) -> None:
    with make_office(database) as office:
        number = office.begin().case.number
        office.walk(number).submit()
    file = tmp_path / "disposisi.pdf"

    written, _, said = run("cases", "paper", number, "disposisi", "--output", str(file))
    again, _, refused = run("cases", "paper", number, "disposisi", "--output", str(file))
    first = file.read_bytes()
    over, _, _ = run("cases", "paper", number, "disposisi", "--output", str(file), "--overwrite", "--format", "odt")
    second = file.read_bytes()
    with database.connect() as conn:
        entries = conn.execute(
            "select subject, opd, details ->> 'paper', details ->> 'sha256' from audit.entry where act = 'case.paper'"
        ).fetchall()

    assert (written, again, over) == (0, 1, 0)
    assert first.startswith(b"%PDF-1.7")
    assert str(file) in said
    assert "tidak ditimpa" in refused
    assert media_of(second) == ODT
    assert entries == [
        (f"case:{number}", "disdik", "disposisi", hashlib.sha256(data).hexdigest()) for data in (first, second)
    ]


def test_a_paper_that_nobody_knows_is_refused_with_those_that_are_known(run: Run, database: Database) -> None:
    with make_office(database) as office:
        number = office.begin().case.number

    code, _, said = run("cases", "paper", number, "surat-cinta", "--output", "x.pdf")
    form, _, _ = run("cases", "paper", number, "disposisi", "--output", "x.pdf", "--format", "exe")

    assert (code, form) == (1, 2)
    assert "Tidak ada naskah surat-cinta; yang ada: disposisi, dokumen-integrasi" in said
    assert not Path("x.pdf").exists()


def test_files_about_all_cases_are_written(run: Run, database: Database, tmp_path: Path) -> None:
    with make_office(database) as office:
        office.walk(office.begin().case.number).submit()
    names = {"register": "r.xlsx", "report": "l.pdf", "evidence": "b.zip"}

    codes = [
        run("cases", what, *(["2026"] if what == "evidence" else []), "--output", str(tmp_path / name))[0]
        for what, name in names.items()
    ]

    assert codes == [0, 0, 0]
    assert media_of((tmp_path / "r.xlsx").read_bytes()) == XLSX
    assert media_of((tmp_path / "l.pdf").read_bytes()) == PDF
    assert "SHA256SUMS" in zipfile.ZipFile(tmp_path / "b.zip").namelist()
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in names.values()} == {0o600}


def test_the_demos_persons_lead_three_requests_of_which_two_are_sent_back(run: Run, database: Database) -> None:
    told = settings.load()
    with database.connect() as owner:
        mark_as_demo(owner)
        found_agencies(owner, None)
    with acting(told) as hub:
        demo_links(hub.conn, offices(hub.instance), zone=hub.zone, now=hub.now)

    led, again = cases.lead(told), cases.lead(told)

    found = [
        (each["number"], each["at"]["stage"], each["at"]["round"], each["returns"])
        for each in json.loads(run("cases", "list", "--json")[1])
    ]
    assert found == [(led[0], 2, 2, 1), (led[1], 3, 2, 1), (led[2], 4, 1, 0)]
    assert again == []


PASSWORD = "Kenari-Terbang-7-Kali"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """What stands on standard input: a line for each secret that is asked for."""

    def type_in(*lines: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return type_in


def employ(database: Database) -> None:
    """Wati and Bagus have accounts, and a password."""
    with database.connect() as conn:
        for name, role, opd in (("wati", "opd_admin", "disdik"), ("bagus", "tim_teknis", "kominfo")):
            ((number,),) = conn.execute(
                "insert into identity.person (name, shown_name, office) values (%s, %s, 'Staf') returning id",
                [name, name.title()],
            ).fetchall()
            conn.execute(
                "insert into identity.appointment (person_id, role, opd, from_on, appointed_by)"
                " values (%s, %s, %s, '2025-01-01', 'uji')",
                [number, role, opd],
            )
            conn.execute(
                "insert into identity.password (person_id, hash, set_at) values (%s, %s, now())",
                [number, hashed(PASSWORD)],
            )


def test_officers_begin_and_act_in_their_own_name(
    run: Run, typed: Callable[..., None], database: Database, tmp_path: Path
) -> None:
    with make_office(database) as office:
        employ(database)
        paper = tmp_path / "surat.pdf"
        paper.write_bytes(LETTER)

        def as_(name: str, *arguments: str) -> tuple[int, str, str]:
            typed(PASSWORD)
            return run("cases", *arguments, "--as", name)

        begun = as_("wati", "begin", "disdik", "gtk", "--contact", "Subbag", "--phone", "0812 0000 9001")
        number = begun[2].split()[0]
        offers = as_("wati", "act", number)
        filed = [
            as_("wati", "act", number, f"attach:{slot}", "--file", str(paper))[0]
            for slot in ("surat-permohonan", "data-informasi-aplikasi")
        ]
        submitted = as_("wati", "act", number, "submit", "--letter", "421/7/2026", "--dated", "2026-01-05")
        refused = as_("bagus", "act", number, "confirm")
        personal = as_("wati", "act", number, "cancel", "--reason", "NIK 3518131708909001 salah tulis.")
        typed("Bukan-Sandinya-99")
        wrong = run("cases", "act", number, "submit", "--as", "wati")
        events = office.events(number)
    with database.connect() as conn:
        entries = conn.execute(
            "select act, actor, actor_kind, role from audit.entry where subject = %s order by id", [f"case:{number}"]
        ).fetchall()
        open_sessions = conn.execute("select count(*) from identity.session where ended_at is null").fetchone()

    assert begun[0] == 0
    assert "attach:surat-permohonan" in offers[1]
    assert "submit" in offers[1]
    assert (filed, submitted[0]) == ([0, 0], 0)
    assert {each.actor for each in events if each.role} == {"wati"}
    assert refused[0] == 1
    assert "Langkah ini dilakukan oleh Kepala Bidang Aptika." in refused[2]
    assert personal[0] == 2
    assert (wrong[0], "tidak cocok" in wrong[2]) == (1, True)
    acts = ["case.begin", "case.contact", "case.attach", "case.attach", "case.submit"]
    assert entries == [(act, "wati", "person", "opd_admin") for act in acts]
    assert open_sessions == (0,)
