"""`simpul jobs`: what is there, how far it is, and steering it."""

import getpass
import json
from collections.abc import Callable, Iterator

import pytest

from cli import main
from jobs.job import State
from tests.conftest import Database
from tests.jobs.workshop import Workshop

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def workshop(database: Database) -> Iterator[Workshop]:
    made = Workshop(database)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def run(workshop: Workshop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command beside the workshop's database: exit code, standard output, standard error."""
    where = workshop.owner.info
    monkeypatch.setenv("SIMPUL_DATABASE_URL", f"postgresql://{where.host}:{where.port}/{workshop.database.name}")
    monkeypatch.setenv("SIMPUL_SECRETS", str(workshop.stack.layout.secrets))
    monkeypatch.setenv("COLUMNS", "140")

    def one(*arguments: str) -> tuple[int, str, str]:
        code = main.run(["jobs", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return one


def half_done(workshop: Workshop) -> int:
    job = workshop.enqueue(items=5_000)
    workshop.owner.execute(
        "update jobs.job set state = 'running', done = 1200, total = 5000, worker = 'a-1', message = 'lancar',"
        " started_at = clock_timestamp() - interval '2 minutes'"
    )
    return job


@pytest.mark.parametrize("arguments", [[], ["list"]], ids=["jobs", "jobs list"])
def test_the_list_says_what_runs_since_when_how_far_and_for_whom(
    arguments: list[str], run: Run, workshop: Workshop
) -> None:
    half_done(workshop)

    code, out, _ = run(*arguments)

    head, line = out.splitlines()
    assert code == main.DONE
    assert head.split() == ["No.", "Pekerjaan", "Keadaan", "Sejauh", "Sejak", "Oleh"]
    assert [part.strip() for part in line.split("  ") if part] == [
        *("1", "Menghitung", "Berjalan", "1.200 dari 5.000 (24%)"),
        *(line.split("  ")[-2].strip(), "operator"),
    ]
    assert "(2 menit" in line


def test_an_empty_list_says_so(run: Run) -> None:
    assert run() == (main.DONE, "", "Belum ada pekerjaan.\n")
    assert run("--json") == (main.DONE, "[]\n", "")


def test_one_job_is_shown_with_all_that_is_known(run: Run, workshop: Workshop) -> None:
    job = half_done(workshop)

    code, out, _ = run("show", str(job))
    known = json.loads(run("show", str(job), "--json")[1])

    assert code == main.DONE
    assert [line.split()[0] for line in out.splitlines()] == [
        *("Pekerjaan", "Keadaan", "Sejauh", "Diminta", "Mulai", "Proses", "Keterangan"),
    ]
    assert (known["kind"], known["state"], known["done"], known["total"]) == ("count", "running", 1200, 5000)
    assert json.loads(run("--json")[1]) == [known]


def test_a_job_is_paused_resumed_and_cancelled_by_the_system_s_user(run: Run, workshop: Workshop) -> None:
    job = workshop.enqueue(items=1)

    said = [run(act, str(job)) for act in ("pause", "resume", "cancel")]

    assert said == [
        (main.DONE, "", f"Pekerjaan nomor {job} (Menghitung) {done}.\n")
        for done in ("dijeda", "dilanjutkan", "dibatalkan")
    ]
    assert workshop.find(job).state is State.CANCELLED
    assert workshop.ask("select act, actor, actor_kind from audit.entry order by id") == [
        (act, getpass.getuser(), "command") for act in ("job.pause", "job.resume", "job.cancel")
    ]


def test_what_is_not_possible_is_refused_with_one_line(run: Run, workshop: Workshop) -> None:
    job = workshop.enqueue(items=1)

    assert run("resume", str(job)) == (
        *(main.REFUSED, ""),
        f"simpul: Pekerjaan nomor {job} berstatus Menunggu: permintaan ini tidak berlaku untuknya.\n",
    )
    assert run("show", "4711") == (main.REFUSED, "", "simpul: Tidak ada pekerjaan nomor 4711.\n")
    assert run("pause", "dua")[0] == main.USAGE
