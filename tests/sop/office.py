"""A database with two agencies, and officers who decide in it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from base.calendar import pinned
from hub_db.connection import connect, transaction
from sop import facts, store
from sop.actors import Actor
from sop.case import Case
from sop.commands import Command, Confirm, Fact
from sop.events import Event
from sop.moments import World
from sop.procedure import book
from sop.setting import Setting
from sop.store import Decision
from tests.conftest import Database
from tests.sop.town import ADMIN, BY_ROLE, DOCUMENTS, OPD, WALIDATA, Walk, moment

SETTING = Setting(World(pinned(), WALIDATA), book())
NUMBERS, DECREE, TOPIC = "PI-{tahun}-{urut}", "800/254/411.312/2024", "sop.fact"
TODAY = date(2026, 1, 5)


@dataclass
class Office:
    """Decides in a database, as the web's role; each command has an id of its own unless one is given."""

    database: Database
    day: date = TODAY
    seconds: int = 0
    facts_taken: int = 0
    kept: "dict[str, Connection[Any]] | None" = None  # by role, as long as somebody closes them (`make_office`)

    @contextmanager
    def session(self, role: str = "simpul_web") -> "Iterator[Connection[Any]]":
        """A transaction. To make a session costs more than a decision, so it is kept for the next one."""
        if self.kept is None:
            with self.connect(role) as conn, transaction(conn):
                yield conn
            return
        if role not in self.kept or self.kept[role].closed:
            self.kept[role] = self.connect(role)
        with transaction(self.kept[role]):
            yield self.kept[role]

    def connect(self, role: str = "simpul_web") -> "Connection[Any]":
        return connect(self.database.dsn(role), process="simpul-uji")

    def begin(self, command_id: str | None = None) -> Decision:
        with self.session() as conn:
            return store.begin(
                conn, OPD, DOCUMENTS, numbers=NUMBERS, decree=DECREE, by=ADMIN, now=self.now(), setting=SETTING,
                command_id=command_id or secrets.token_hex(8),
            )  # fmt: skip

    def do(self, number: str, command: Command, by: Actor, command_id: str | None = None) -> Decision:
        with self.session() as conn:
            return store.decide(
                conn, number, command, by=by, now=self.now(), setting=SETTING,
                command_id=command_id or secrets.token_hex(8),
            )  # fmt: skip

    def take(self, label: str, subject: str, number: int | None = None, role: str = "simpul_intake") -> list[Decision]:
        """A fact comes, with the next number unless another is told."""
        told = self.facts_taken + 1 if number is None else number
        with self.session(role) as conn:
            fact = Fact(label, subject, self.now().at, f"fact-{told}")
            taken = facts.take(
                conn, TOPIC, fact, number=told, next_offset=told * 2, now=self.now(), setting=SETTING
            )  # fmt: skip
        self.facts_taken = max(self.facts_taken, told)
        return taken

    def now(self) -> Any:
        self.seconds += 1
        return moment(self.day, self.seconds)

    def find(self, number: str) -> Case:
        with self.session() as conn:
            return store.find(conn, number)

    def events(self, number: str) -> list[Event]:
        with self.session() as conn:
            return store.events_of(conn, number)

    def walk(self, number: str) -> "StoredWalk":
        return StoredWalk(self, number)


class StoredWalk(Walk):
    """The same way through the stages, each command decided in the database."""

    def __init__(self, office: Office, number: str) -> None:
        super().__init__(day=office.day)
        self.office, self.number = office, number
        self.case = office.find(number)

    def begin(self) -> None:
        """The draft is there already."""

    def do(self, command: Command, by: Actor) -> tuple[Event, ...]:
        self.office.day = self.day
        decision = self.office.do(self.number, command, by)
        self.case = decision.case
        self.events += decision.events
        return decision.events

    def tell(self, label: str, per: str = "document") -> None:
        subjects = DOCUMENTS if per == "document" else (f"{OPD}.dapodik",) if per == "opd" else (self.number,)
        for subject in subjects:
            self.office.take(label, subject)
        self.case = self.office.find(self.number)

    def to(self, stage: int) -> "StoredWalk":
        self.submit() if self.now.submitted_on is None else None
        super().to(stage)
        return self


def confirmation(walk: Walk) -> tuple[Confirm, Actor]:
    return Confirm(walk.seen), BY_ROLE[walk.stage.role]


@contextmanager
def make_office(database: Database) -> Iterator[Office]:
    with database.connect() as conn:
        for code in (OPD, WALIDATA):
            conn.execute("insert into identity.opd (code, name, short_name) values (%s, %s, %s)", [code, code, code])
    office = Office(database, kept={})
    try:
        yield office
    finally:
        for conn in (office.kept or {}).values():
            conn.close()
