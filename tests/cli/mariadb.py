"""A real MariaDB of one test module, as an office has it; the program is the system's."""

import getpass
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pymysql
import pytest

from cli import settings
from cli.stack.ports import any_free
from tests.eventually import eventually

PASSWORD = "kata-sandi-dinas"
_PLACES = "/usr/sbin:/usr/local/sbin"  # where Debian has servers, which are not on everybody's PATH


@dataclass(frozen=True, slots=True)
class MariaDb:
    """A server with the database `dinas` and a user of that name."""

    port: int

    @property
    def address(self) -> str:
        return f"mysql://dinas:{PASSWORD}@127.0.0.1:{self.port}/dinas"

    def run(self, *statements: str) -> None:
        """As its administrator."""
        with pymysql.connect(host="127.0.0.1", port=self.port, user="root", autocommit=True) as conn:
            for statement in statements:
                conn.cursor().execute(statement)


@contextmanager
def mariadb(folder: Path) -> Iterator[MariaDb]:
    """A server whose data lie in `folder`. Without the program the tests are skipped, but not in CI."""
    install, server = (shutil.which(name) or shutil.which(name, path=_PLACES) for name in _PROGRAMS)
    if install is None or server is None:
        reason = "no MariaDB server (Debian: apt-get install mariadb-server)"
        (pytest.fail if settings.load().ci else pytest.skip)(reason)
    common = ["--no-defaults", f"--datadir={folder / 'data'}", f"--user={getpass.getuser()}"]
    subprocess.run(
        [install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    port = any_free(())
    options = ["--bind-address=127.0.0.1", f"--port={port}", f"--socket={folder / 's'}", "--skip-name-resolve"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([server, *common, *options, "--innodb-buffer-pool-size=16M"], stderr=log)
    try:
        made = MariaDb(port)
        eventually(lambda: _answers(made), until=bool, within_s=60)
        made.run(
            "create database dinas character set utf8mb4",
            f"create user dinas@'%' identified by '{PASSWORD}'",
            "grant select on dinas.* to dinas@'%'",
        )
        yield made
    finally:
        process.kill()  # its data go away with the folder
        process.wait()


_PROGRAMS = ("mariadb-install-db", "mariadbd")


def _answers(made: MariaDb) -> bool:
    try:
        made.run("select 1")
    except pymysql.err.OperationalError:
        return False
    return True
