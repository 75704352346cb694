"""A PostgreSQL that somebody else runs: looked at before anything is changed, then given the hub's roles and database.

libpq tells why it could not connect in words only, so what stands in the way is found out step by step.
"""

import socket
import ssl
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from psycopg import Connection
from pydantic import SecretStr

from cli.server_fields import signed_in
from cli.settings import Settings
from cli.stack import roles
from cli.stack.errors import StackError, StackUnreachable
from cli.stack.passwords import password
from cli.stack.tls import trusted

OLDEST = 16
MAINTENANCE = "postgres"  # the database that every server has
DEFAULT_PORT = 5432
ANSWER_WITHIN_S = 10
SSL_REQUEST = struct.pack("!ii", 8, 80877103)  # PostgreSQL's protocol: length, code
# RELIABILITY §1: without these a committed batch may be gone after a crash.
DURABLE = {"fsync": "on", "full_page_writes": "on", "data_sync_retry": "off"}


def check(told: Settings) -> None:
    """Whether the hub can work there. Changes nothing. Raises StackError, StackUnreachable."""
    if told.database_admin is None:
        look(told)
        for role in roles.ROLES:
            connected(told, role, stored(told, role), None).close()
        return
    with as_admin(told, told.database_admin) as conn:
        must_be_durable(conn, where(told))
        row = conn.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user").fetchone()
        if row is None or not row[0]:
            raise StackError(
                f"Pengguna PostgreSQL {told.database_admin} (SIMPUL_DATABASE_ADMIN) tidak berhak membuat peran: "
                "perlu CREATEROLE."
            )


def look(told: Settings) -> None:
    """Whether the hub's owner can work there. Raises StackError, StackUnreachable."""
    with connected(told, roles.OWNER, stored(told, roles.OWNER), None) as conn:
        must_be_durable(conn, where(told))
        row = conn.execute(
            "SELECT has_database_privilege(oid, 'CREATE'), pg_encoding_to_char(encoding) "
            "FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    if row is not None and not row[0]:
        raise StackError(
            f"{roles.OWNER} tidak boleh membuat tabel di basis data {database_of(told)}; jalankan di sana: "
            f"ALTER DATABASE {database_of(told)} OWNER TO {roles.OWNER}"
        )
    if row is not None and row[1] != "UTF8":
        raise StackError(f"Basis data {database_of(told)} memakai penyandian {row[1]}; perlu UTF8.")


def as_admin(told: Settings, admin: str) -> Connection[Any]:
    return connected(told, admin, told.database_admin_password or stored(told, admin), MAINTENANCE)


def prepare(told: Settings, tell: Callable[[str], None]) -> None:
    """The hub's roles and database, if there is a login that may make them."""
    admin = told.database_admin
    if admin is None:
        return
    try:
        with as_admin(told, admin) as conn:
            roles.make_roles(conn, told.secrets_folder)
            if not roles.may_read_statistics(conn):
                tell(
                    f"Peringatan: {admin} tidak boleh memberi {roles.STATISTICS}, jadi transaksi yang menggantung "
                    f"tidak terpantau. Mintalah: GRANT {roles.STATISTICS} TO {roles.OWNER}"
                )
            roles.make_database(conn, database_of(told))
    except psycopg.errors.InsufficientPrivilege as error:
        raise StackError(
            f"Pengguna PostgreSQL {admin} (SIMPUL_DATABASE_ADMIN) tidak berhak membuat peran atau basis data hub: "
            f"{error.diag.message_primary}. Lihat docs/how-to/existing-servers.md."
        ) from error


def connected(told: Settings, role: str, secret: SecretStr, database: str | None) -> Connection[Any]:
    """A session, or one line that says why not."""
    url = told.database_url or ""
    try:
        return psycopg.connect(
            signed_in(url, role, secret, database).get_secret_value(), autocommit=True, connect_timeout=ANSWER_WITHIN_S
        )
    except psycopg.OperationalError as error:
        must_answer(url)
        if not (error.pgconn and error.pgconn.used_password):
            raise StackError(
                f"PostgreSQL di {where(told)} tidak menerima {role} dari mesin ini. Periksa pg_hba.conf dan sslmode."
            ) from None
        if database is None and can_enter(url, role, secret):
            raise StackError(
                f"Basis data {database_of(told)} tidak ada di {where(told)}, atau {role} tidak boleh memakainya. "
                "Perbaiki SIMPUL_DATABASE_URL, atau isi SIMPUL_DATABASE_ADMIN agar dibuatkan."
            ) from None
        raise StackError(
            f"PostgreSQL di {where(told)} menolak pengguna {role}: nama atau kata sandinya salah. "
            f"Kata sandinya dibaca dari {source(told, role)}."
        ) from None


def can_enter(url: str, role: str, secret: SecretStr) -> bool:
    try:
        psycopg.connect(
            signed_in(url, role, secret, MAINTENANCE).get_secret_value(), connect_timeout=ANSWER_WITHIN_S
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def must_answer(url: str) -> None:
    """One server at least listens and, where TLS is wanted, proves who it is. Raises what the last one lacked."""
    options = {name: values[-1] for name, values in parse_qs(urlsplit(url).query).items()}
    mode, authority = options.get("sslmode", "prefer"), options.get("sslrootcert")
    last: StackError | None = None
    for server in urlsplit(url).netloc.split(","):
        try:
            with listening(server) as link:
                if mode in ("require", "verify-ca", "verify-full"):
                    must_speak_tls(link, server, mode, None if authority == "system" else authority)
                return
        except StackError as error:
            last = error
    if last is not None:
        raise last


def listening(server: str) -> socket.socket:
    parts = urlsplit(f"//{server}")
    try:
        return socket.create_connection((parts.hostname, parts.port or DEFAULT_PORT), timeout=ANSWER_WITHIN_S)
    except OSError as error:
        raise StackUnreachable(
            f"PostgreSQL tidak menjawab di {server}: {error.strerror or error}. "
            "Periksa SIMPUL_DATABASE_URL dan jaringan."
        ) from error


def must_speak_tls(link: socket.socket, server: str, mode: str, authority: str | None) -> None:
    link.sendall(SSL_REQUEST)
    if link.recv(1) != b"S":
        raise StackError(
            f"PostgreSQL di {server} tidak memakai TLS. Nyalakan TLS di sana, atau tambahkan ?sslmode=disable pada "
            "SIMPUL_DATABASE_URL bila jaringannya tertutup."
        )
    if mode == "require":
        return
    context = trusted(Path(authority) if authority else None, "sslrootcert pada SIMPUL_DATABASE_URL")
    context.check_hostname = mode == "verify-full"
    try:
        context.wrap_socket(link, server_hostname=urlsplit(f"//{server}").hostname).close()
    except ssl.SSLCertVerificationError as error:
        raise StackError(
            f"Sertifikat TLS PostgreSQL di {server} tidak dapat dipercaya ({error.verify_message}). "
            "Isi sslrootcert pada SIMPUL_DATABASE_URL dengan berkas CA yang benar."
        ) from error
    except OSError as error:
        raise StackError(f"Sambungan TLS dengan PostgreSQL di {server} gagal: {error.strerror or error}.") from error


def must_be_durable(conn: Connection[Any], place: str) -> None:
    """Raises StackError for a server that is too old, read-only, or loses what it has confirmed."""
    if conn.info.server_version < OLDEST * 10_000:
        version = conn.info.parameter_status("server_version")
        raise StackError(f"PostgreSQL di {place} versi {version}; perlu versi {OLDEST} atau lebih baru.")
    row = conn.execute("SELECT pg_is_in_recovery()").fetchone()
    if row is not None and row[0]:
        raise StackError(f"PostgreSQL di {place} hanya dapat dibaca (server siaga). Tunjuk server utamanya.")
    found = dict(conn.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(DURABLE)]).fetchall())
    wrong = [f"{name}={found.get(name)}" for name, wanted in DURABLE.items() if found.get(name) != wanted]
    if wrong:
        raise StackError(
            f"PostgreSQL di {place} dapat kehilangan data yang sudah disimpan ({', '.join(wrong)}). "
            "Perlu fsync=on, full_page_writes=on, data_sync_retry=off; hub tidak dinyalakan."
        )


def stored(told: Settings, role: str) -> SecretStr:
    """A password that others have set: it must be there, as one of ours would be wrong."""
    if not source(told, role).exists():
        raise StackError(
            f"Kata sandi {role} tidak ada: simpan di berkas {source(told, role)} (mode 0600), "
            "atau isi SIMPUL_DATABASE_ADMIN agar peran hub dibuatkan."
        )
    return password(told.secrets_folder, f"postgres-{role}")


def source(told: Settings, role: str) -> Path:
    return told.secrets_folder / f"postgres-{role}"


def database_of(told: Settings) -> str:
    return unquote(urlsplit(told.database_url or "").path.lstrip("/"))


def where(told: Settings) -> str:
    return urlsplit(told.database_url or "").netloc
