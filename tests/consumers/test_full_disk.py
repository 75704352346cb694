"""Row 14 of the fault matrix: PostgreSQL has no room left. The worker waits, returns nothing to anybody, and goes on
when there is room again."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from cli.stack import postgres
from cli.stack.postgres import SUPERUSER
from tests.consumers.test_kills import PARKED, EndState, end_state, publish
from tests.consumers.test_kills import undisturbed as undisturbed  # a fixture
from tests.consumers.test_restored_database import nobody_in
from tests.eventually import eventually
from tests.hub import Hub

ROOM = "64m"


@contextmanager
def small_disk(folder: Path, owner: str | None) -> Iterator[Path]:
    """A disk of ROOM; skips the test where nobody may mount one."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if done.returncode:
        pytest.skip("a small disk needs the right to mount one")
    try:
        place = folder / "tablespace"
        place.mkdir(mode=0o700)
        if owner:
            subprocess.run(["chown", owner, str(place)], check=True)
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def on(hub: Hub, place: Path) -> Iterator[None]:
    """The hub's database lies there meanwhile."""
    name, space = sql.Identifier(hub.database.name), sql.Identifier(f"small_{hub.opd}")
    with psycopg.connect(hub.stack.dsn(SUPERUSER, "postgres").get_secret_value(), autocommit=True) as admin:
        before = admin.execute(
            "select s.spcname from pg_database d join pg_tablespace s on s.oid = d.dattablespace where datname = %s",
            [hub.database.name],
        ).fetchone()
        assert before is not None
        admin.execute(sql.SQL("create tablespace {} location {}").format(space, sql.Literal(str(place))))
    move = sql.SQL("alter database {} set tablespace {}")
    with nobody_in(hub, hub.database.name) as admin:
        admin.execute(move.format(name, space))
    try:
        yield
    finally:
        with nobody_in(hub, hub.database.name) as admin:
            admin.execute(move.format(name, sql.Identifier(before[0])))
            admin.execute(sql.SQL("drop tablespace {}").format(space))


def fill(place: Path) -> Path:
    """Leave nothing free."""
    ballast = place.parent / "ballast"
    free = int(subprocess.check_output(["df", "--output=avail", "-B1", str(place)]).split()[-1])
    with ballast.open("wb") as file:
        file.write(bytes(free))
    return ballast


@pytest.mark.full
@pytest.mark.timeout(400)
def test_14_a_full_disk_is_waited_out(hub: Hub, undisturbed: EndState) -> None:
    here = postgres.place(hub.stack.layout)  # where the server's user comes to
    with small_disk(here.folder / "disk", here.user) as place, on(hub, place):
        ballast = fill(place)
        with hub.worker() as worker:
            records = publish(hub)
            eventually(lambda: "53100" in hub.log.read_text("utf-8"), until=bool, within_s=60)
            letters = hub.ask("select count(*) from hub.dead_letter where fault = 'database'")
            ballast.unlink()
            hub.settled(records, parked=PARKED, within_s=60)
            assert worker.poll() is None
        assert letters == [(0,)]
        assert end_state(hub, opd=hub.opd) == undisturbed
