"""The keeper on the real broker: passwords that nobody keeps, and rights that follow the database by themselves."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from kafka.admin import KafkaAdminClient
from psycopg import Connection
from pydantic import SecretStr

import hub_db
from hub_db.sources import SourceState
from identity.actors import Actor
from identity.errors import LinkGone, Unknown
from identity.opds import add_system, switch_system
from identity.permissions import Role
from identity.principals import Scope
from registry.provisioning import connected, credentials, provision
from registry.provisioning.broker_rights import acls_of
from registry.provisioning.broker_users import SCRAM_ITERATIONS, iterations_of
from registry.provisioning.credentials import Asked, ask, ask_by_code, fetchable, give_up, is_done, issue_code
from registry.provisioning.hub import seed_sources
from registry.provisioning.keeper import Keeper
from registry.provisioning.state_changes import change_state
from schemas.contract import Contract
from schemas.loader import read
from schemas.names import SchemaId
from tests.conftest import Database
from tests.hub_db.documents import PLACES
from tests.registry.sign_in import signs_in

BY = Actor("sari.contoh", "person", Role.OPD_PROGRAMMER, "dinas")
SEAL = SecretStr("kunci segel uji")


@dataclass(frozen=True)
class Home:
    """One agency with one system and one active document, and a keeper beside it."""

    stack: Any
    database: Database
    contract: Contract
    system: int
    keeper: Keeper

    @property
    def principal(self) -> str:
        return f"{self.contract.opd}.siak"

    def connect(self, role: str = "simpul_web") -> Connection:
        return self.database.connect(role)

    def ask(self) -> Asked:
        with self.connect() as conn:
            return ask(conn, self.system, SEAL, by=BY, now=datetime.now(UTC))

    def said(self, asked: Asked) -> str:
        with self.connect() as conn:
            return is_done(conn, asked)

    def fetch(self) -> SecretStr:
        asked = self.ask()
        self.keeper.run()
        assert self.said(asked) == "done"
        return asked.password

    def opens(self, password: SecretStr) -> bool:
        return signs_in(self.stack.kafka(), self.principal, password)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.connect("simpul_owner") as conn:
            return conn.execute(query).fetchall()


@pytest.fixture(scope="module")
def kept(stack: Any) -> None:
    """The hub's own users are there, the keeper with his rights among them."""
    names = ("hub-intake", "hub-publisher", "hub-web", "hub-jobs", "hub-keeper", "hub-replay")
    provision([], admin=stack.kafka(), credentials={name: stack.kafka(name).password for name in names})


@pytest.fixture
def home(database: Database, stack: Any, kept: None) -> Iterator[Home]:
    opd, now = f"dinas{secrets.token_hex(3)}", datetime.now(UTC)
    text = json.dumps(dict(PLACES.schema)).replace('"opd": "uji"', f'"opd": "{opd}"')
    schema = json.loads(text.replace('"id.example.uji"', f'"id.example.{opd}"'))
    contract = read(schema, file="test")
    with database.connect(autocommit=True) as owner:
        hub_db.provision(owner, contract, SchemaId(1))
        seed_sources(owner, [contract], now=now)
        owner.execute("insert into identity.opd (code, name, short_name) values (%s, 'Dinas', 'Dinas')", [opd])
        system = add_system(owner, opd, "siak", "SIAK", by=BY, now=now)
    keeper = Keeper(database.dsn("simpul_jobs"), stack.kafka("hub-keeper"), SEAL, ())
    yield Home(stack, database, contract, system, keeper)
    keeper.close()


@pytest.fixture
def broker(stack: Any) -> Iterator[KafkaAdminClient]:
    with connected(stack.kafka()) as client:
        yield client


def test_a_document_that_kafka_has_is_reported_once(home: Home) -> None:
    home.keeper.run()
    home.keeper.kept = None  # as after a restart
    home.keeper.run()

    told = home.rows("select key, source, actor from hub.fact where kind = 'contract.provisioned'")
    assert told == [(f"{home.contract.opd}.{home.contract.document}", "/simpul/keeper", "system")]


def test_a_fetched_password_opens_and_the_next_one_ends_it(home: Home, broker: KafkaAdminClient) -> None:
    first = home.fetch()
    opened = home.opens(first)
    second = home.fetch()

    assert opened
    assert home.opens(second)
    assert not home.opens(first)
    assert iterations_of(broker)[home.principal] == SCRAM_ITERATIONS == 8192


def test_no_trace_of_a_password_stays_in_the_database(home: Home) -> None:
    asked = home.ask()
    waiting = home.rows("select sealed is not null, salt from identity.credential_request")
    home.keeper.run()

    assert [row[0] for row in waiting] == [True]
    assert home.rows("select sealed, done_at is not null from identity.credential_request") == [(None, True)]
    tables = home.rows(
        "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
        " and table_schema in ('identity', 'hub', 'audit', 'notice')"
    )
    for schema, name in tables:
        found = home.rows(f'select to_jsonb(t)::text from "{schema}"."{name}" t')  # noqa: S608
        assert [row for row in found if asked.password.get_secret_value() in row[0]] == [], name


def test_a_fetch_is_audited_and_told_in_the_fetchers_name(home: Home) -> None:
    home.fetch()

    entries = "select actor, actor_kind, role, subject from audit.entry where act = 'credential.fetch'"
    assert home.rows(entries) == [("sari.contoh", "person", "opd_programmer", f"system:{home.contract.opd}/siak")]
    facts = "select kind, key from hub.fact where kind = 'credential.fetched'"
    assert home.rows(facts) == [("credential.fetched", home.principal)]
    with home.connect() as conn:
        (system,) = fetchable(conn, Scope(everywhere=False, opds=frozenset({home.contract.opd})))
        none = fetchable(conn, Scope(everywhere=False, opds=frozenset({"lain"})))
    assert (system.fetched_by, none) == ("sari.contoh", [])


def test_who_can_write_into_the_database_cannot_set_a_password(home: Home) -> None:
    first = home.fetch()
    with home.connect() as conn:
        forged = ask(conn, home.system, SecretStr("kunci lain"), by=BY, now=datetime.now(UTC))
        late = ask(conn, home.system, SEAL, by=BY, now=datetime.now(UTC) - timedelta(hours=1))
    with home.connect("simpul_owner") as conn:  # an old seal, played again
        conn.execute("update identity.credential_request set expires_at = now() + '1 hour', requested_at = now()"
                     " where id = %s", [late.request])  # fmt: skip

    home.keeper.run()

    assert [home.said(forged), home.said(late)] == ["dropped", "dropped"]
    assert home.opens(first)
    assert not home.opens(forged.password)
    assert not home.opens(late.password)
    with home.connect() as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("select sealed from identity.credential_request")


def test_what_nobody_waits_for_any_more_is_not_done(home: Home) -> None:
    asked, now = home.ask(), datetime.now(UTC)
    with home.connect() as conn:
        gave_up = give_up(conn, asked, now=now)
        overdue = ask(conn, home.system, SEAL, by=BY, now=now - timedelta(minutes=1))

    home.keeper.run()

    assert gave_up
    assert [home.said(asked), home.said(overdue)] == ["dropped", "dropped"]
    assert home.rows("select count(*) from identity.credential_request where sealed is not null") == [(0,)]


def test_a_code_is_good_once_and_for_a_day(home: Home) -> None:
    now, opd = datetime.now(UTC), home.contract.opd
    with home.connect() as conn:
        code, end = issue_code(conn, opd, "siak", by=Actor.command("operator"), now=now)
        old, _ = issue_code(conn, opd, "siak", by=Actor.command("operator"), now=now - timedelta(hours=24))
        asked = ask_by_code(conn, code, SEAL, now=now)
    home.keeper.run()

    assert end == now + timedelta(hours=24)
    assert home.said(asked) == "done"
    assert home.opens(asked.password)
    for each in (code, old, "bukan-kode"):
        with home.connect() as conn, pytest.raises(LinkGone):
            ask_by_code(conn, each, SEAL, now=now)
    fetched = "select actor, actor_kind from audit.entry where act = 'credential.fetch'"
    assert home.rows(fetched) == [(f"credential-code:{asked.code}", "token")]


def test_a_code_with_which_nothing_was_fetched_may_be_used_again(home: Home) -> None:
    now = datetime.now(UTC)
    with home.connect() as conn:
        code, _ = issue_code(conn, home.contract.opd, "siak", by=Actor.command("operator"), now=now)
        give_up(conn, ask_by_code(conn, code, SEAL, now=now), now=now)
        again = ask_by_code(conn, code, SEAL, now=now)

    assert home.said(again) == "waiting"


def test_a_system_that_is_switched_off_gets_no_password(home: Home) -> None:
    asked = home.ask()
    with home.connect() as conn:
        switch_system(conn, home.contract.opd, "siak", active=False, by=BY, now=datetime.now(UTC))
        with pytest.raises(Unknown):
            ask(conn, home.system, SEAL, by=BY, now=datetime.now(UTC))

    home.keeper.run()

    assert home.said(asked) == "dropped"


def writers(broker: KafkaAdminClient, topic: str) -> set[str]:
    return {acl.user for acl in acls_of(broker) if (acl.name, acl.operation) == (topic, "WRITE")}


def test_rights_follow_a_state_and_a_switch_by_themselves(home: Home, broker: KafkaAdminClient) -> None:
    topic, opd, document = home.contract.topic, home.contract.opd, home.contract.document
    home.keeper.run()
    active = writers(broker, topic)
    with home.connect() as conn:
        now = datetime.now(UTC)
        change_state(conn, opd, document, SourceState.DITANGGUHKAN, reason="Nomor urut salah.", by=BY, now=now)
    home.keeper.run()
    suspended = writers(broker, topic)
    with home.connect() as conn:
        now = datetime.now(UTC)
        change_state(conn, opd, document, SourceState.AKTIF, reason="Sudah dibetulkan.", by=BY, now=now)
    home.keeper.run()
    again = writers(broker, topic)
    with home.connect() as conn:
        switch_system(conn, opd, "siak", active=False, by=BY, now=datetime.now(UTC))
    home.keeper.run()

    assert (active, suspended, again) == ({home.principal}, set(), {home.principal})
    assert writers(broker, topic) == set()
    withdrawn = (
        "select count(*) from audit.entry where act = 'provision.apply' and details #>> '{steps,take-right}' <> ''"
    )
    assert home.rows(withdrawn) == [(2,)]


def test_one_of_two_keepers_keeps(home: Home, stack: Any) -> None:
    other = Keeper(home.database.dsn("simpul_jobs"), stack.kafka("hub-keeper"), SEAL, ())
    home.keeper.run()
    asked = home.ask()

    other.run()
    idle = home.said(asked)
    home.keeper.run()

    assert (idle, home.said(asked)) == ("waiting", "done")
    other.close()


def test_before_kafka_knows_the_keeper_nothing_is_done_and_nothing_breaks(home: Home) -> None:
    asked = home.ask()
    way = home.stack.kafka().model_copy(update={"username": "hub-keeper", "password": SecretStr("x" * 40)})
    away = way.model_copy(update={"bootstrap": "127.0.0.1:9"})
    for each in (way, away):
        early = Keeper(home.database.dsn("simpul_jobs"), each, SEAL, ())
        early.run()
        early.close()

    assert home.said(asked) == "waiting"
    assert timedelta(0) < credentials.WAITS
