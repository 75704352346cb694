"""What a decision asks of sources is brought about once, by the word of whoever decided, or refused and told."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection

from cli.stack.local import Stack
from hub_db import sources
from hub_db.source_wishes import Wish, wish
from hub_db.sources import Change, SourceState
from registry.provisioning.source_wishes import DONE, REFUSED, THERE, follow_wishes
from schemas.names import DocumentName, OpdCode
from tests.conftest import Database, one_database

NOW = datetime(2026, 1, 5, 3, tzinfo=UTC)
WHY = "Keputusan Ya pada permohonan integrasi PI-2026-0001."


@pytest.fixture(scope="module")
def database(stack: Stack, template: str) -> Iterator[Database]:
    with one_database(stack, template) as made:
        yield made


def begin(conn: "Connection[Any]", document: str, state: SourceState) -> None:
    first = Change(
        OpdCode("disdik"), DocumentName(document), 1, state, "uji", "command", None, "Keadaan awal uji.", NOW
    )
    assert sources.begin(conn, first)


def ask(database: Database, document: str, cause: str = "ce/1") -> bool:
    with database.connect("simpul_intake") as conn:
        new = Wish(
            f"disdik.{document}", SourceState.AKTIF, f"{cause}/{document}", "sri", "kabid_aptika", "kominfo", WHY, NOW
        )
        return wish(conn, new)


def follow(database: Database) -> list[tuple[str, str]]:
    with database.connect() as conn:
        conn.autocommit = True
        return list(follow_wishes(conn, walidata="kominfo", now=NOW))


@pytest.mark.parametrize(
    ("state", "outcome", "then"),
    [
        (SourceState.PRATINJAU, DONE, ["pratinjau", "aktif"]),
        (SourceState.UJI, DONE, ["uji", "pratinjau", "aktif"]),
        (SourceState.DITANGGUHKAN, DONE, ["ditangguhkan", "aktif"]),
        (SourceState.AKTIF, THERE, ["aktif"]),
        (SourceState.DITARIK, REFUSED, ["ditarik"]),
    ],
)
def test_a_source_becomes_aktif_once(database: Database, state: SourceState, outcome: str, then: list[str]) -> None:
    name = f"dok-{state}"
    with database.connect() as conn:
        begin(conn, name, state)

    assert ask(database, name)
    assert not ask(database, name)
    assert follow(database) == [(f"disdik.{name}", outcome)]
    assert follow(database) == []

    with database.connect() as conn:
        past = sources.history(conn, "disdik", name)
        audited = conn.execute(
            "select actor, actor_kind, role, details ->> 'reason' from audit.entry where subject = %s",
            [f"source:disdik.{name}"],
        ).fetchall()
        facts = conn.execute("select data ->> 'after' from hub.fact where key = %s order by id", [f"disdik.{name}"])
        assert [after for (after,) in facts] == then[1:]
    assert [each.state.value for each in past] == then
    assert audited == [("sri", "person", "kabid_aptika", WHY)] * (len(then) - 1)


def test_a_source_that_is_not_there_is_told_to_the_technical_team(database: Database) -> None:
    assert ask(database, "tidak-ada")
    assert follow(database) == [("disdik.tidak-ada", REFUSED)]

    with database.connect() as conn:
        rows = conn.execute("select opd, role, title from notice.notice where cause like '%%tidak-ada'").fetchall()
    assert rows == [
        (
            "kominfo",
            "tim_teknis",
            "Sumber disdik.tidak-ada tidak dapat menjadi aktif: belum ada, atau baru saja berubah.",
        )
    ]
