"""Announcing a load: who may, what the hub reckons of it, and what it answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from hub_db import announced, provision
from hub_db.connection import transaction
from identity.actors import Actor
from identity.opds import OpdSeed, add_opd, add_system
from identity.permissions import Permission
from identity.tokens import NewToken, issue_token
from jobs import load_verdicts
from schemas.contract import Contract
from schemas.names import SchemaId, TopicName
from tests.authorities import AUTHORITIES
from tests.conftest import Database
from tests.registry.server import PASSWORDS, READER, SENDER, Server
from tests.schemas.contracts import penduduk

WHY = "Sudah dicocokkan dengan OPD."
WAY = "/loads/disdukcapil.penduduk"
TOPIC = TopicName("opd.disdukcapil.penduduk")
LOAD = {"load": "csv-1", "system": "siak", "rows": 1_000}
COUNTED = {"created": 0, "changed": 0, "unchanged": 0}
BY = Actor.command("uji")


@pytest.fixture
def open_document(registry: Server, database: Database) -> Contract:
    """A document in production whose source has 1,000 live rows of version 5 and one tombstone."""
    contract = penduduk()
    with database.connect(autocommit=True) as owner:
        provision(owner, contract, SchemaId(1))
        owner.execute("alter table reference.penduduk drop constraint live_rows_are_whole")
        owner.execute(
            "insert into reference.penduduk (nik, _epoch, _sequence, _deleted, _topic_no, _partition, _offset)"
            " select '3518' || lpad(n::text, 12, '0'), 0, 5, n > 1000, 1, 0, n from generate_series(1, 1001) as n"
        )
    return contract


def key(number: int) -> str:
    return f"3518{number:012}"


def ask(server: Server, body: dict[str, Any], user: str = SENDER, way: str = WAY) -> httpx.Response:
    auth = (user, PASSWORDS[user].get_secret_value())
    return httpx.post(f"{server.url}{way}", json=body, auth=auth, trust_env=False, verify=AUTHORITIES)


def stand(server: Server, load: str) -> dict[str, Any]:
    auth = (SENDER, PASSWORDS[SENDER].get_secret_value())
    answer = httpx.get(f"{server.url}{WAY}", params={"load": load}, auth=auth, trust_env=False, verify=AUTHORITIES)
    return dict(answer.json())


def decide(database: Database, load: str, *, approved: bool) -> None:
    with database.connect(autocommit=True) as conn, transaction(conn):
        load_verdicts.decide(conn, TOPIC, load, approved=approved, reason=WHY, by=BY, now=datetime.now(UTC))


@pytest.mark.parametrize(
    ("counts", "state", "why"),
    [
        pytest.param({"changed": 300}, "passed", [], id="changes at the share"),
        pytest.param({"changed": 301}, "waiting", ["mengubah 30,1 % dari 1.000 baris"], id="changes above it"),
        pytest.param({"deleted": 100}, "passed", [], id="deletes at the share"),
        pytest.param({"deleted": 101}, "waiting", ["menghapus 10,1 % dari 1.000 baris"], id="deletes above it"),
        pytest.param({"created": 9_000}, "passed", [], id="new rows are no changes"),
        pytest.param({"changed": 900, "deleted": 500}, "waiting", ["mengubah 90 %", "menghapus 50 %"], id="both"),
    ],
)
def test_a_load_waits_when_its_share_is_above_the_contracts(
    registry: Server, open_document: Contract, counts: dict[str, int], state: str, why: list[str]
) -> None:
    answer = ask(registry, LOAD | COUNTED | counts)

    told = answer.json()
    assert (answer.status_code, told["state"], told["source_rows"]) == (200, state, 1_000)
    assert len(told["why"]) == len(why)
    assert all(part in sentence for part, sentence in zip(why, told["why"], strict=True))
    assert told["limits"] == {"changes": 0.3, "deletes": 0.1}
    assert stand(registry, "csv-1") == told


def test_a_sample_is_held_against_the_rows_that_are_there(registry: Server, open_document: Contract) -> None:
    """Of ten drawn: two new (one was deleted before), four newer, two known, two that cannot be sent."""
    versions = {2_000: 1, 1_001: 9, 1: 6, 2: 7, 3: 8, 4: 9, 5: 5, 6: 4}
    sample = [{"key": key(number), "sequence": sequence} for number, sequence in versions.items()]

    told = ask(registry, LOAD | {"sampled": 10, "sample": sample, "sha256": "ab" * 32}).json()

    assert (told["created"], told["changed"], told["unchanged"]) == (200, 400, 200)
    assert (told["sampled"], told["state"]) == (10, "waiting")


def test_few_rows_never_wait_and_a_source_without_rows_has_nothing_to_lose(
    registry: Server, open_document: Contract, database: Database
) -> None:
    with database.connect(autocommit=True) as owner:
        owner.execute("delete from reference.penduduk where _offset > 12")
    few = ask(registry, LOAD | COUNTED | {"changed": 9, "deleted": 9}).json()
    more = ask(registry, LOAD | COUNTED | {"changed": 10}).json()
    with database.connect(autocommit=True) as owner:
        owner.execute("delete from reference.penduduk")
    first = ask(registry, LOAD | COUNTED | {"changed": 500}).json()

    assert [few["state"], more["state"], first["state"]] == ["passed", "waiting", "passed"]


def test_a_yes_holds_for_the_counts_that_were_seen_and_a_no_until_somebody_says_yes(
    registry: Server, open_document: Contract, database: Database
) -> None:
    wanted = LOAD | COUNTED | {"changed": 600}
    ask(registry, wanted)
    decide(database, "csv-1", approved=False)
    refused = ask(registry, wanted).json()
    decide(database, "csv-1", approved=True)
    states = [ask(registry, wanted | {"changed": changed}).json()["state"] for changed in (600, 200, 601)]

    assert refused["state"] == "refused"
    assert refused["why"] == [f"Alasan penolakan: {WHY}"]
    assert states == ["approved", "approved", "waiting"]
    with database.connect() as conn:
        said = announced.verdicts(conn, TOPIC, "csv-1")
        acts = conn.execute("select act, opd from audit.entry where act like 'load.%' order by id").fetchall()
    assert [(each.approved, each.changed) for each in said] == [(False, 600), (True, 600)]
    assert acts == [("load.refuse", "disdukcapil"), ("load.approve", "disdukcapil")]


def test_a_load_that_was_withdrawn_is_not_sent_again(
    registry: Server, open_document: Contract, database: Database
) -> None:
    with database.connect(autocommit=True) as owner:
        owner.execute("insert into hub.withdrawn_load (topic, load) values (%s, 'csv-1')", (TOPIC,))

    told = ask(registry, LOAD | COUNTED).json()

    assert (told["state"], told["why"]) == ("withdrawn", ["Muatan csv-1 sudah ditarik di hub."])


def test_the_end_of_a_load_is_noted_beside_its_announcement(
    registry: Server, open_document: Contract, database: Database
) -> None:
    unknown = ask(registry, {"load": "csv-1", "sent": 1}, way=f"{WAY}/end")
    ask(registry, LOAD | COUNTED)
    ended = ask(registry, {"load": "csv-1", "sent": 990, "refused": 10}, way=f"{WAY}/end")

    with database.connect() as conn:
        found = announced.find(conn, TOPIC, "csv-1")
    assert (unknown.status_code, ended.status_code) == (404, 200)
    assert found is not None
    assert (found.sent, found.refused, found.announced_by, found.system) == (990, 10, SENDER, "siak")


def test_only_who_may_send_an_agencys_events_announces_its_loads(
    registry: Server, open_document: Contract, database: Database
) -> None:
    now = datetime.now(UTC)
    with database.connect() as conn:
        add_opd(conn, OpdSeed("disdukcapil", "Dinas Dukcapil", "DUKCAPIL"), by=BY, now=now)
        add_opd(conn, OpdSeed("dinkes", "Dinas Kesehatan", "DINKES"), by=BY, now=now)
        tokens = {}
        for opd, name, permission in (
            ("disdukcapil", "kirim", Permission.SEND_EVENTS),
            ("disdukcapil", "baca", Permission.VIEW_RECORDS),
            ("dinkes", "kirim", Permission.SEND_EVENTS),
        ):
            system = add_system(conn, opd, f"{name}-{opd}", name, by=BY, now=now)
            new = NewToken(system, name, frozenset({permission}), None, now + timedelta(days=30))
            tokens[opd, name] = issue_token(conn, new, by=BY, now=now)[1]

    by_user = [ask(registry, LOAD | COUNTED, user=user).status_code for user in (SENDER, READER)]
    foreign = ask(registry, LOAD | COUNTED, way="/loads/kominfo.wilayah").status_code
    unopened = ask(registry, LOAD | COUNTED, way="/loads/disdukcapil.lain").status_code
    by_token = {
        name: httpx.post(
            f"{registry.url}{WAY}",
            json=LOAD | COUNTED,
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        ).status_code
        for name, token in tokens.items()
    }

    assert (by_user, foreign, unopened) == ([200, 403], 403, 404)
    assert list(by_token.values()) == [200, 403, 403]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param(LOAD, id="neither counts nor a sample"),
        pytest.param(LOAD | {"created": 1, "changed": 1}, id="counts with a hole"),
        pytest.param(LOAD | COUNTED | {"rows": -1}, id="fewer than none"),
        pytest.param(LOAD | COUNTED | {"load": "dua kata"}, id="a name with a blank"),
        pytest.param(LOAD | COUNTED | {"sha256": "AB"}, id="no SHA-256"),
        pytest.param(LOAD | {"sampled": 1, "sample": [{"key": "a"}, {"key": "b"}]}, id="more than were drawn"),
    ],
)
def test_what_is_no_announcement_is_refused(
    registry: Server, open_document: Contract, database: Database, body: dict[str, Any]
) -> None:
    answer = ask(registry, body)

    assert answer.status_code == 400
    with database.connect() as conn:
        assert conn.execute("select count(*) from hub.load").fetchone() == (0,)
