"""What every test may ask for: one real Kafka and one real PostgreSQL for the whole run, and a database of one's own.

`stack` starts both in a temporary state folder and removes all of it at the end, also after Ctrl-C. The jars stay in
the user's cache folder. Tests share the broker, so they take fresh topic and group names.
"""

import gc
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import hypothesis
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

import hub_db
from cli import settings
from cli.stack import postgres, report
from cli.stack.errors import StackError
from cli.stack.layout import Layout
from cli.stack.local import Stack
from cli.stack.roles import OWNER, ROLES
from tests.eventually import eventually

# No property asserts elapsed time: the machine is shared, and slow spells say nothing of the code.
hypothesis.settings.register_profile(
    "any-machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any-machine")

TEMPLATE = "simpul_template"


PREFIX = "simpul-tests-"
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own in it
ROOM_BYTES = 2 * 1024**3
MEMORY_SPACE = sql.Identifier("memory")
HERE = sql.SQL("")  # where the template lies


FULL_TIMEOUT_S = 3_600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Thousands of examples take longer than `timeout` allows a test that may hang."""
    for item in items:
        if item.get_closest_marker("full") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(FULL_TIMEOUT_S))


def pytest_collection_finish() -> None:
    """Have the collector pass over what stays for the whole run: modules and collected tests, a third of a second each
    time that a test asks it to look for sockets nobody closed. What tests make, it sees as before."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """In CI nothing may be left out, so a skipped test fails the run; elsewhere it is listed and that is all."""
    skipped = len(terminalreporter.stats.get("skipped", []))
    if skipped and settings.load().ci:
        terminalreporter.write_line(f"CI: {skipped} tests were skipped, which counts as a failure", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and settings.load().ci:
        session.exitstatus = max(session.exitstatus, pytest.ExitCode.TESTS_FAILED)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Kafka and PostgreSQL, answering. Nothing of the hub runs."""
    remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    running = Stack(settings.load(home=folder / "state"))
    before = signal.signal(signal.SIGTERM, interrupt)  # as with Ctrl-C: the fixtures are torn down
    try:
        running.start_services()
        trust_the_machine(running)
        put_in_memory(running, folder)
        yield running
    except StackError as error:  # its logs go away with the folder
        pytest.fail("\n".join([str(error), *(log.read_text(errors="replace") for log in running.layout.log.iterdir())]))
    finally:
        running.stop()
        running.destroy()
        forget(folder)
        signal.signal(signal.SIGTERM, before)


def trust_the_machine(stack: Stack) -> None:
    """Leave out what guards against a loss of power: a thousand databases come and go here. A killed server loses
    nothing by it. And let the roles sign in, which they do many thousand times, with one round of SCRAM instead of
    4,096: their passwords are drawn by lot."""
    with psycopg.connect(stack.dsn(postgres.SUPERUSER).get_secret_value(), autocommit=True) as connection:
        connection.execute("SET scram_iterations = 1")
        for role in ROLES:
            told = sql.Literal(conninfo_to_dict(stack.dsn(role).get_secret_value())["password"])
            connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), told))
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("ALTER SYSTEM SET autovacuum = off")  # nothing here lives long enough to need it
        connection.execute("SELECT pg_reload_conf()")


def put_in_memory(stack: Stack, folder: Path) -> None:
    """Let the tests' databases lie in memory, where there is room.

    Each is a thousand files; to make and remove them on a disk takes longer than most tests.
    """
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        return
    with psycopg.connect(stack.dsn(postgres.SUPERUSER).get_secret_value(), autocommit=True) as connection:
        (data,) = connection.execute("SHOW data_directory").fetchone() or (".",)
        place, owner = MEMORY / folder.name, Path(data).stat()
        place.mkdir(mode=0o700)
        os.chown(place, owner.st_uid, owner.st_gid)
        connection.execute(sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(MEMORY_SPACE, sql.Literal(str(place))))
        connection.execute(sql.SQL("GRANT CREATE ON TABLESPACE {} TO {}").format(MEMORY_SPACE, sql.Identifier(OWNER)))


def in_memory(connection: psycopg.Connection) -> sql.Composable:
    """Where the template is made; its clones lie where it does."""
    there = connection.execute("SELECT 1 FROM pg_tablespace WHERE spcname = %s", [MEMORY_SPACE.as_string().strip('"')])
    return sql.SQL(" TABLESPACE {}").format(MEMORY_SPACE) if there.fetchone() else HERE


def remove_abandoned() -> None:
    """Stop and remove what a run that was killed left behind; its state folder's lock is free."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        layout = Layout(folder / "state")
        if layout.lock.exists() and report.holder(layout) is None:
            report.stop(layout)
            postgres.destroy(layout)
            forget(folder)


def forget(folder: Path) -> None:
    """Remove a run's state folder, and its databases in memory."""
    for each in (folder, MEMORY / folder.name):
        shutil.rmtree(each, ignore_errors=True)


def interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@dataclass(frozen=True, slots=True)
class Database:
    """A migrated database of one test."""

    name: str
    stack: Stack

    def dsn(self, role: str = OWNER) -> SecretStr:
        return self.stack.dsn(role, self.name)

    def connect(self, role: str = OWNER, *, autocommit: bool = False) -> psycopg.Connection:
        return psycopg.connect(self.dsn(role).get_secret_value(), autocommit=autocommit)


@pytest.fixture(scope="session")
def template(stack: Stack) -> str:
    """A migrated, empty database from which the tests' databases are cloned."""
    with psycopg.connect(stack.dsn(OWNER, "postgres").get_secret_value(), autocommit=True) as connection:
        place = in_memory(connection)
    make_database(stack, TEMPLATE, template="template0", place=place)
    hub_db.migrate(stack.dsn(OWNER, TEMPLATE))
    return TEMPLATE


@contextmanager
def one_database(stack: Stack, template: str) -> Iterator[Database]:
    """A fresh, migrated database; dropped at the end of the block."""
    database = Database(f"test_{secrets.token_hex(6)}", stack)
    make_database(stack, database.name, template=template)
    try:
        yield database
    finally:
        with psycopg.connect(stack.dsn(OWNER, "postgres").get_secret_value(), autocommit=True) as connection:
            drop_database(connection, database.name)


def drop_database(connection: psycopg.Connection, name: str) -> None:
    """Drop a database with whoever is in it.

    FORCE may not end an autovacuum worker, which is the server's own; DROP without it may, but ends nobody else.
    """
    drop = sql.SQL("DROP DATABASE {}").format(sql.Identifier(name))

    def dropped() -> bool:
        for statement in (sql.SQL("{} WITH (FORCE)").format(drop), drop):
            try:
                connection.execute(statement)
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectInUse):
                continue
            return True
        return False

    eventually(dropped, until=bool)


@pytest.fixture
def database(stack: Stack, template: str) -> Iterator[Database]:
    """A fresh, migrated database."""
    with one_database(stack, template) as made:
        yield made


def make_database(stack: Stack, name: str, *, template: str, place: sql.Composable = HERE) -> None:
    """A clone of `template` that every role of the hub may connect to.

    The files are copied, which costs a third of writing every page to the log.
    """
    with psycopg.connect(stack.dsn(OWNER, "postgres").get_secret_value(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy{}").format(
                sql.Identifier(name), sql.Identifier(template), place
            )
        )
        connection.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
                sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, ROLES))
            )
        )
