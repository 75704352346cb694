"""People of the tests: a person with a role in an OPD, and a session."""

from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime

import psycopg
from pydantic import SecretStr

from identity.permissions import Role
from identity.sessions import SessionToken, open_session

WALIDATA, OWN, FOREIGN = "kominfo", "disdukcapil", "dinkes"
AGENCIES = {
    WALIDATA: "Dinas Komunikasi dan Informatika",
    OWN: "Dinas Kependudukan dan Pencatatan Sipil",
    FOREIGN: "Dinas Kesehatan",
}


class People:
    """Writes as the owner of the database, each call in a transaction of its own: over a connection of its own too,
    or over the one that is given, which commits by itself."""

    def __init__(self, dsn: SecretStr, conn: psycopg.Connection | None = None) -> None:
        self._dsn = dsn
        self._kept = conn
        with self._connect() as conn:
            for code, name in AGENCIES.items():
                conn.execute(
                    "INSERT INTO identity.opd (code, name, short_name, walidata) VALUES (%s, %s, %s, %s)"
                    " ON CONFLICT DO NOTHING",
                    (code, name, code, code == WALIDATA),
                )

    def _connect(self) -> AbstractContextManager[psycopg.Connection]:
        if self._kept is not None:
            return nullcontext(self._kept)
        return psycopg.connect(self._dsn.get_secret_value(), autocommit=True)

    def add(self, name: str, *roles: Role, opd: str = WALIDATA, shown_name: str = "") -> int:
        """The number of a person who holds these roles; the same person when the name is there."""
        with self._connect() as conn:
            conn.execute(
                "INSERT INTO identity.person (name, shown_name, office) VALUES (%s, %s, 'Staf') ON CONFLICT DO NOTHING",
                (name, shown_name or name.replace(".", " ").title()),
            )
            row = conn.execute("SELECT id FROM identity.person WHERE name = %s", (name,)).fetchone()
            number = int(row[0]) if row else 0
            for role in roles:
                conn.execute(
                    "INSERT INTO identity.appointment (person_id, role, opd, from_on, appointed_by)"
                    " VALUES (%s, %s, %s, '2026-01-01', 'tes')",
                    (number, role, opd),
                )
        return number

    def session(self, person: int, *, second_factor: bool = True) -> SessionToken:
        """A session that has just begun."""
        with self._connect() as conn:
            return open_session(
                conn,
                person,
                now=datetime.now(UTC),
                address="127.0.0.1",
                user_agent="tes",
                second_factor=second_factor,
            )

    def sign_in(self, role: Role, opd: str = WALIDATA) -> SessionToken:
        """A new session of the one person who holds this role there."""
        name = f"{role}.{opd}".replace("_", "-")
        with self._connect() as conn:
            row = conn.execute("SELECT id FROM identity.person WHERE name = %s", (name,)).fetchone()
        return self.session(int(row[0]) if row else self.add(name, role, opd=opd))
