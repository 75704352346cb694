"""Row 12 of the fault matrix: another server takes over that has lost the last transactions, under a running hub. What
Kafka still has is read again; readers of the reference topics see no round twice, and end with the table's rows."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql

from cli.stack import roles
from cli.stack.postgres import SUPERUSER
from tests import outages
from tests.eventually import eventually
from tests.hub import Hub
from tests.hub_db.documents import person_row, place_row
from tests.promises.test_publication import left, of_this_hub, rebuilt, round_of

OWNER = sql.Identifier(roles.OWNER)
PUBLISHED = "select coalesce(max(id), 0) from hub.round where published_at is not null and records > 0"


@contextmanager
def nobody_in(hub: Hub, name: str) -> Iterator[psycopg.Connection]:
    """The server's administrator, while no session is in the database and none comes."""
    dsn = hub.stack.dsn(SUPERUSER, "postgres").get_secret_value()
    hub.owner.close()
    with psycopg.connect(dsn, autocommit=True) as admin:

        def gone() -> bool:
            admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
            return admin.execute("select count(*) from pg_stat_activity where datname = %s", [name]).fetchone() == (0,)

        admin.execute(sql.SQL("alter database {} allow_connections false").format(sql.Identifier(name)))
        eventually(gone, until=bool)
        yield admin
        admin.execute(sql.SQL("alter database {} allow_connections true").format(sql.Identifier(name)))
    hub.owner = hub.database.connect(autocommit=True)


def copy(hub: Hub) -> str:
    """What a standby has that hears nothing more from now on."""
    name = f"standby_{secrets.token_hex(4)}"
    with nobody_in(hub, hub.database.name) as admin:
        statement = "create database {} template {} strategy file_copy owner {}"
        admin.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Identifier(hub.database.name), OWNER))
        statement = "grant connect on database {} to public"
        admin.execute(sql.SQL(statement).format(sql.Identifier(name)))
        admin.execute(sql.SQL("grant temporary on database {} to public").format(sql.Identifier(name)))
    return name


def take_over(hub: Hub, standby: str) -> None:
    """The standby is the hub's database from now on; what the other one had is lost."""
    name = sql.Identifier(hub.database.name)
    with nobody_in(hub, hub.database.name) as admin:
        admin.execute(sql.SQL("drop database {}").format(name))
        admin.execute(sql.SQL("alter database {} rename to {}").format(sql.Identifier(standby), name))


def people(hub: Hub, *numbers: int, version: int, name: str | None) -> None:
    rows = [(f"p{number}", name and person_row(f"p{number}", "x", name)) for number in numbers]
    hub.send(hub.people, [hub.event(hub.people, key, version, row or None) for key, row in rows], partition=0)


@pytest.mark.full
@pytest.mark.timeout(400)
def test_12_a_database_that_has_lost_its_end_is_healed_from_kafka_and_no_round_comes_twice(hub: Hub) -> None:
    with outages.kept_running(hub):
        hub.send(hub.places, [hub.event(hub.places, "x", 1, place_row("x"))], partition=0)
        people(hub, *range(20), version=1, name="SATU")
        hub.settled(21)
        eventually(lambda: left(hub), until=lambda count: count == 0)
        standby = copy(hub)
        eventually(lambda: left(hub), until=lambda count: count == 0)
        people(hub, *range(10), version=2, name="DUA")  # is lost, and comes again from Kafka
        people(hub, 30, 31, version=1, name="BARU")
        people(hub, 5, version=3, name=None)
        hub.settled(34)
        eventually(lambda: left(hub), until=lambda count: count == 0)
        hub.owner.execute("update reference.orang set nama = 'PUTUSAN' where nomor = 'p15'")  # and what no event tells
        hub.owner.execute("insert into hub.change (entity, cause) values ('orang', 'reckoned')")
        hub.owner.execute("insert into hub.change_key select max(id), 'p15' from hub.change")
        eventually(lambda: rebuilt(hub)["p15"][0], until=lambda name: name == "PUTUSAN")
        (before,) = hub.ask(PUBLISHED)[0]

        take_over(hub, standby)
        hub.settled(34, within_s=90)
        eventually(lambda: left(hub), until=lambda count: count == 0, within_s=90)
        eventually(lambda: rebuilt(hub)["p15"][0], until=lambda name: name == "SATU", within_s=60)
        people(hub, 30, version=2, name="LAGI")
        hub.settled(35)
        eventually(lambda: left(hub), until=lambda count: count == 0)

    table = hub.ask("select nomor, nama, tempat from reference.orang where not _deleted")
    assert rebuilt(hub) == {number: (name, place) for number, name, place in table}
    assert len(table) == 21
    by_key: dict[bytes | None, list[int]] = {}
    for record in of_this_hub(hub, hub.people.reference_topic):
        by_key.setdefault(record.key, []).append(round_of(record))
    assert all(rounds == sorted(set(rounds)) for rounds in by_key.values())
    assert hub.ask(PUBLISHED)[0][0] > before
    assert hub.ask("select min(id) from hub.change where cause = 'lost-rounds'") != [(None,)]
