"""`up` on a Kafka and a PostgreSQL that somebody else runs: only the hub is started, and what is wrong is said in one
line before anything is made."""

import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli import main, settings
from cli.stack.layout import Layout
from cli.stack.local import Stack
from cli.stack.passwords import password
from tests.cli.elsewhere import DATABASE, Elsewhere, forget, must_be_refused
from tests.cli.old_servers import answering, old_kafka, old_postgres


@pytest.fixture(scope="module")
def servers() -> Iterator[Stack]:
    """A Kafka and a PostgreSQL that no hub has used."""
    with tempfile.TemporaryDirectory(prefix="simpul-servers-") as folder:
        running = Stack(settings.load(Path(folder) / "state"))
        try:
            running.start_services()
            forget(running, "simpul")
            yield running
        finally:
            running.stop()
            running.destroy()


@pytest.fixture
def elsewhere(servers: Stack, tmp_path: Path) -> Elsewhere:
    return Elsewhere(servers, tmp_path / "home")


@pytest.mark.parametrize(
    ("setting", "address", "code", "part"),
    [
        pytest.param("KAFKA_BOOTSTRAP", "127.0.0.1:1", 3, "Kafka tidak menjawab di 127.0.0.1:1", id="kafka-away"),
        pytest.param(
            "KAFKA_BOOTSTRAP",
            "kafka.invalid:9092",
            3,
            "di kafka.invalid:9092",
            id="kafka-no-such-name",
            marks=pytest.mark.full,
        ),
        pytest.param(
            "KAFKA_BOOTSTRAP",
            "127.0.0.1",
            3,
            "Periksa SIMPUL_KAFKA_BOOTSTRAP",
            id="kafka-no-port",
            marks=pytest.mark.full,
        ),
        pytest.param(
            "DATABASE_URL", "postgresql://127.0.0.1:1/simpul", 3, "PostgreSQL tidak menjawab", id="postgres-away"
        ),
        pytest.param(
            "DATABASE_URL",
            "postgresql://db.invalid/simpul",
            3,
            "di db.invalid",
            id="postgres-no-such-name",
            marks=pytest.mark.full,
        ),
        pytest.param(
            "DATABASE_URL", "postgresql://x:y@127.0.0.1/simpul", 2, "SIMPUL_DATABASE_ADMIN", id="password-in-it"
        ),
        pytest.param(
            "DATABASE_URL", "127.0.0.1:5432", 2, "SIMPUL_DATABASE_URL", id="no-address", marks=pytest.mark.full
        ),
    ],
)
def test_an_address_where_nobody_answers(
    elsewhere: Elsewhere, setting: str, address: str, code: int, part: str
) -> None:
    must_be_refused(elsewhere, code, part, **{setting: address})


@pytest.mark.parametrize(
    ("setting", "value", "part"),
    [
        pytest.param("KAFKA_ADMIN_PASSWORD", "wrong", "menolak pengguna admin", id="kafka-password"),
        pytest.param("KAFKA_ADMIN", "nobody", "menolak pengguna nobody", id="kafka-user", marks=pytest.mark.full),
        pytest.param(
            "KAFKA_ADMIN_PASSWORD", "", "SIMPUL_KAFKA_ADMIN_PASSWORD", id="no-kafka-password", marks=pytest.mark.full
        ),
        pytest.param("DATABASE_ADMIN_PASSWORD", "wrong", "menolak pengguna simpul_admin", id="postgres-password"),
        pytest.param("DATABASE_ADMIN", "nobody", "menolak pengguna nobody", id="postgres-user", marks=pytest.mark.full),
        pytest.param(
            "DATABASE_ADMIN_PASSWORD",
            "",
            "Kata sandi simpul_admin tidak ada",
            id="no-postgres-password",
            marks=pytest.mark.full,
        ),
        pytest.param("DATABASE_ADMIN", "", "Kata sandi simpul_owner tidak ada", id="no-admin-no-role-passwords"),
        pytest.param("KAFKA_SECURITY_PROTOCOL", "SASL_SSL", "tidak memakai TLS", id="kafka-without-tls"),
    ],
)
def test_credentials_that_are_wrong_or_missing(elsewhere: Elsewhere, setting: str, value: str, part: str) -> None:
    must_be_refused(elsewhere, 1, part, **{setting: value})


def test_a_database_that_is_not_there_is_made_by_an_admin_only(elsewhere: Elsewhere) -> None:
    secrets = elsewhere.home.parent / "secrets"
    elsewhere.configure(
        f"CREATE ROLE simpul_owner LOGIN PASSWORD '{password(secrets, 'postgres-simpul_owner').get_secret_value()}'"
    )
    password(secrets, "kafka-admin")
    try:
        must_be_refused(
            elsewhere, main.REFUSED, f"Basis data {DATABASE} tidak ada", DATABASE_ADMIN="", SECRETS=str(secrets)
        )
    finally:
        elsewhere.configure("DROP ROLE simpul_owner")


@pytest.mark.parametrize(
    ("answer", "setting", "address", "part"),
    [
        pytest.param(
            old_kafka, "KAFKA_BOOTSTRAP", "127.0.0.1:{}", "perlu versi 3.0", id="kafka-2.8", marks=pytest.mark.full
        ),
        pytest.param(old_postgres, "DATABASE_URL", "postgresql://127.0.0.1:{}/simpul", "versi 15.4", id="postgres-15"),
        pytest.param(old_postgres, "KAFKA_BOOTSTRAP", "127.0.0.1:{}", "bukan Kafka", id="no-kafka"),
    ],
)
def test_a_server_that_is_too_old_or_another(
    elsewhere: Elsewhere, answer: Callable[[socket.socket], None], setting: str, address: str, part: str
) -> None:
    with answering(answer) as port:
        must_be_refused(elsewhere, main.REFUSED, part, **{setting: address.format(port)})


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_postgres_that_loses_what_it_confirmed(elsewhere: Elsewhere, setting: str) -> None:
    elsewhere.configure(f"ALTER SYSTEM SET {setting} = off")
    try:
        must_be_refused(elsewhere, main.REFUSED, f"{setting}=off", "hub tidak dinyalakan")
    finally:
        elsewhere.configure(f"ALTER SYSTEM RESET {setting}")


def test_an_admin_without_the_right_to_make_roles(elsewhere: Elsewhere) -> None:
    secret = "a" * 64
    elsewhere.configure(f"CREATE ROLE dba LOGIN PASSWORD '{secret}'")
    try:
        must_be_refused(elsewhere, main.REFUSED, "CREATEROLE", DATABASE_ADMIN="dba", DATABASE_ADMIN_PASSWORD=secret)
    finally:
        elsewhere.configure("DROP ROLE dba")


def test_the_hub_alone_is_started_on_them(elsewhere: Elsewhere) -> None:
    """As a login that may make roles and databases, and no more; twice, as the second finds all there."""
    secret = "b" * 64
    elsewhere.configure(f"CREATE ROLE dba2 LOGIN CREATEROLE CREATEDB PASSWORD '{secret}'")
    admin = {"DATABASE_ADMIN": "dba2", "DATABASE_ADMIN_PASSWORD": secret}
    try:
        first, second = elsewhere.run_once(**admin), elsewhere.run_once(**admin)
        owners = elsewhere.ask("SELECT datname, pg_get_userbyid(datdba) FROM pg_database")
    finally:
        elsewhere.simpul("down")
        forget(elsewhere.servers, DATABASE)
        elsewhere.configure("DROP ROLE dba2")
    (told, running) = second

    assert first[1] == running
    assert running == {"supervisor", "registry", "web", "jobs", "worker", "publisher", "stages"}
    assert told["worker"] == {"running": True, "lag": 0, "resting": 0}
    assert told["kafka"]["bootstrap"] == f"127.0.0.1:{elsewhere.servers.ports['kafka']}"
    assert told["postgres"]["dsn"].endswith(f":{elsewhere.servers.ports['postgres']}/{DATABASE}")
    assert (DATABASE, "simpul_owner") in owners
    assert "b" * 64 not in "".join(log.read_text(errors="replace") for log in Layout(elsewhere.home).log.iterdir())


def test_the_demo_never_touches_them(elsewhere: Elsewhere) -> None:
    done = elsewhere.simpul("demo", "--once")

    assert done.returncode == main.REFUSED
    assert done.stderr.splitlines()[-1].startswith("simpul: Peragaan dan pengukuran berjalan pada stack lokal saja.")
