"""`simpul intake rebuild` beside a process of jobs: a preview, a no, a yes, JSON; and what is refused."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cli import main
from jobs import load_job, rebuild_job
from jobs.kinds import register
from tests.conftest import Database
from tests.consumers.test_every_point import documents_process
from tests.dashboard.exchange_rows import INSTANCE
from tests.hub_db.residents import ALL, DEEDS, said
from tests.promises.roads import ALWAYS, Road
from tests.promises.test_loads import AKTA, ask

Run = Callable[..., tuple[int, str, str]]
DOCUMENT = DEEDS.name
SOUND = [(n, "LAMA") for n in "abc"]
SPOILT = [("a", "RUSAK"), *SOUND[1:]]


@pytest.fixture
def road(database: Database) -> Iterator[Road]:
    """Three deeds, of which one is spoilt by a hand."""
    with closing(Road(database, ALWAYS, (*ALL, DEEDS))) as made:
        made.register_schemas()
        register(
            made.owner,
            [load_job.kind(database.dsn, lambda: INSTANCE), *rebuild_job.kinds(database.dsn, lambda: INSTANCE)],
        )
        made.begin()
        made.take(DEEDS, [said(DEEDS, f"1|{n}", 1, isi="LAMA") for n in "abc"])
        made.owner.execute("update reference.akta set isi = 'RUSAK' where nomor = 'a'")
        yield made


@pytest.fixture
def run(road: Road, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    where = road.owner.info
    monkeypatch.setenv("SIMPUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SIMPUL_DATABASE_URL", f"postgresql://{where.host}:{where.port}/{road.database.name}")
    monkeypatch.setenv("SIMPUL_SECRETS", str(road.database.stack.layout.secrets))

    def one(*arguments: str, answer: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        code = main.run(["intake", "rebuild", *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return one


def test_what_differs_is_told_and_swapped_when_somebody_says_yes(road: Road, run: Run) -> None:
    with documents_process(road.database):
        looked, after_look = run(DOCUMENT, "--preview"), ask(road, AKTA)
        said_no, after_no = run(DOCUMENT, answer="tidak\n"), ask(road, AKTA)
        nobody, after_nobody = run(DOCUMENT), ask(road, AKTA)
        said_yes, after_yes = run(DOCUMENT, answer="ya\n"), ask(road, AKTA)
        code, out, err = run(DOCUMENT, "--yes", "--json")

    told = [
        f"{DOCUMENT}: 3 baris dari riwayat, 3 di antaranya berlaku.",
        "  1 kunci berbeda, misalnya 1|a",
        "Isian yang berbeda  Kunci",
        "isi                 1",
    ]
    assert [each[0] for each in (looked, said_no, nobody, said_yes)] == [main.DONE] * 4
    assert [each[1].splitlines() for each in (looked, said_no, nobody, said_yes)] == [told] * 4
    assert "Jalankan lagi tanpa --preview" in looked[2]
    assert "Tidak ada yang diubah" in said_no[2]
    assert "Tidak ada yang diubah" in nobody[2]
    assert "1 baris ditulis ulang" in said_yes[2]
    assert [after_look, after_no, after_nobody, after_yes] == [SPOILT, SPOILT, SPOILT, SOUND]
    assert (code, err) == (main.DONE, "")
    assert json.loads(out) == {
        "document": DOCUMENT, "rows": 3, "alive": 3, "kinds": {}, "fields": {}, "apart": {}, "keys": {}, "written": None
    }  # fmt: skip
    entries = "select actor_kind, subject, details -> 'differ' from audit.entry where act = 'table.rebuild'"
    assert ask(road, entries) == [("command", f"document:{DEEDS.topic}", {"different": 1})]
    assert ask(road, "select count(*) from pg_tables where schemaname = 'rebuild'") == [(0,)]


def test_an_unknown_document_is_refused_in_one_line(run: Run) -> None:
    code, out, err = run("uji.tiada", "--yes")

    assert (code, out) == (main.REFUSED, "")
    assert err == "simpul: opd.uji.tiada tidak terdaftar pada hub ini.\n"


def test_who_stops_waiting_stops_the_rebuild(road: Road, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(number: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.commands.intake.ended", interrupted)

    code, _, err = run(DOCUMENT, "--yes")

    assert code == main.INTERRUPTED
    assert "dibatalkan; tabel tidak diubah" in err
    assert ask(road, "select state from jobs.job") == [("cancelled",)]
    assert ask(road, AKTA) == SPOILT


def test_without_a_process_of_jobs_it_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.commands.intake.STILL_FOR_S", 0.0)

    code, out, err = run(DOCUMENT, "--preview")

    assert (code, out) == (main.REFUSED, "")
    assert "Mohon periksa apakah proses pekerjaan latar berjalan" in err
