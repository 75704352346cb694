"""A small town for the tests of identity: three agencies, people with roles, and what is needed to sign in."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from identity import accounts, links, people
from identity.actors import Actor
from identity.appointments import NewAppointment, appoint
from identity.opds import OpdSeed, seed_opds
from identity.passwords import Policy
from identity.people import NewPerson
from identity.permissions import Role
from identity.principals import Acting
from identity.sign_in import SignedIn, SignInRefused, sign_in

NOW = datetime(2026, 1, 5, 3, tzinfo=UTC)
TODAY = date(2026, 1, 5)
ZONE = ZoneInfo("Asia/Jakarta")
BY = Actor.command("penguji")
POLICY = Policy()
REGION = ("Kabupaten Contoh",)
PASSWORD = "Tujuh-Belas-Kelapa-8"
OTHER_PASSWORD = "Kursi/Rotan/Biru/31"
OPDS = (
    OpdSeed("kominfo", "Dinas Komunikasi dan Informatika", "Diskominfo", walidata=True),
    OpdSeed("disdukcapil", "Dinas Kependudukan dan Pencatatan Sipil", "Disdukcapil"),
    OpdSeed("dinkes", "Dinas Kesehatan", "Dinkes"),
)


@dataclass
class Town:
    """A database with the agencies in it. The connection is the pages' process's own: autocommit, no owner."""

    conn: Connection[Any]

    def found(self) -> None:
        with self.conn.transaction():
            seed_opds(self.conn, OPDS, by=BY, now=NOW)

    def person(
        self,
        name: str = "sari",
        *roles: tuple[Role, str],
        password: str | None = PASSWORD,
        acting: Acting | None = None,
        until: date | None = None,
    ) -> int:
        """An account with roles, and a password unless that is None."""
        with self.conn.transaction():
            number = people.add_person(self.conn, NewPerson(name, f"Contoh {name.title()}", "Staf"), by=BY, now=NOW)
            for role, opd in roles:
                new = NewAppointment(role, opd, TODAY, until, acting, "800/1/2026" if acting else None)
                appoint(self.conn, number, new, by=BY, now=NOW)
        if password is not None:
            self.give_password(number, password)
        return number

    def give_password(self, number: int, password: str = PASSWORD, now: datetime = NOW) -> None:
        with self.conn.transaction():
            token = links.invite_again(self.conn, number, by=BY, now=now)
            accounts.set_password_by_link(self.conn, token, password, policy=POLICY, region=REGION, now=now)

    def sign_in(
        self,
        name: str = "sari",
        password: str = PASSWORD,
        *,
        code: str | None = None,
        address: str = "10.0.0.1",
        device: str | None = None,
        after_s: float = 0,
    ) -> SignedIn | SignInRefused:
        return sign_in(
            self.conn,
            name,
            password,
            code=code,
            address=address,
            device=device,
            user_agent="Peramban Contoh",
            now=NOW + timedelta(seconds=after_s),
        )

    def signed_in(self, name: str = "sari", password: str = PASSWORD, **more: Any) -> SignedIn:
        answer = self.sign_in(name, password, **more)
        assert isinstance(answer, SignedIn), answer
        return answer

    def acts(self, *names: str) -> list[tuple[str, str | None]]:
        """Act and subject of what the audit tells, in order; only the acts named, if any."""
        rows = self.conn.execute("select act, subject from audit.entry order by id").fetchall()
        return [(act, subject) for act, subject in rows if not names or act in names]

    def count(self, query: str) -> int:
        ((number,),) = self.conn.execute(query).fetchall()
        return int(number)
