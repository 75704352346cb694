"""From a draft to a version that holds: who may decide, what speaks against it, and what then is there."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import Connection
from psycopg.errors import InsufficientPrivilege

from hub_db import facts
from identity.actors import Actor
from identity.opds import EVERYWHERE
from registry.errors import DraftRefused
from registry.governance import drafts, enforcement, review, seeding
from registry.governance.drafts import Draft, State, Step
from registry.governance.verdicts import verdicts
from registry.schema_text import parse
from schemas.loader import read
from tests.conftest import Database
from tests.schemas.contracts import INSTANCE, penduduk, schema_of, wilayah

NOW = datetime(2026, 1, 5, 7, 5, tzinfo=UTC)
SARI, BUDI, JOBS = Actor("sari", "person"), Actor("budi", "person"), Actor.process("jobs")
REASON = "Sudah dibahas dengan pemilik data."
EMAIL = {
    **{"name": "surel", "type": ["null", "string"], "default": None, "doc": "Alamat surel.", "sensitivity": "pribadi"},
    **{"maxLength": 100, "example": "sari@contoh.example"},
}


class Bench:
    """A seeded hub without processes."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.owner = database.connect(autocommit=True)
        self.web = database.connect("simpul_web", autocommit=True)
        seeding.seed(self.owner, [wilayah(), penduduk()], now=NOW)

    def draft(self, schema: Any, conn: Connection[Any] | None = None) -> Draft:
        subject = penduduk().subject
        return drafts.find_or_make(conn or self.web, subject, parse(json.dumps(schema)), by=SARI, now=NOW)

    def submitted(self, schema: Any) -> Draft:
        found = self.draft(schema)
        review.submit(self.web, found.id, walidata="kominfo", by=SARI, now=NOW)
        return found

    def approve(self, found: Draft, by: Actor = BUDI) -> None:
        with self.web.transaction():
            review.approve(self.web, found.id, REASON, by=by, instance=INSTANCE, now=NOW)

    def enforce(self) -> list[int]:
        return [int(each) for each in enforcement.enforce_approved(self.owner, by=JOBS, now=NOW)]

    def now(self, found: Draft) -> Draft:
        again = drafts.find(self.web, EVERYWHERE, found.id)
        assert again is not None
        return again

    def ask(self, query: str, *values: Any) -> list[Any]:
        return self.owner.execute(query, values or None).fetchall()


@pytest.fixture
def bench(database: Database) -> Iterator[Bench]:
    made = Bench(database)
    yield made
    made.owner.close()
    made.web.close()


def grown() -> Any:
    schema = schema_of(penduduk())
    schema["fields"].append(EMAIL)
    return schema


def test_an_approved_draft_becomes_the_next_version_with_its_column_its_fact_and_its_entry(bench: Bench) -> None:
    found = bench.submitted(grown())

    bench.approve(found)
    before = bench.ask("select max(version) from registry.version where subject = %s", found.subject)
    done = bench.enforce()

    held = bench.now(found)
    assert (before, done, held.state, held.version) == ([(1,)], [found.id], State.APPROVED, 2)
    assert bench.ask("select schema_id from hub.document where subject = %s", found.subject) == [(held.schema_id,)]
    assert bench.ask("select surel from reference.penduduk") == []
    steps = [(each.step, each.by, each.reason) for each in drafts.happenings(bench.web, held)]
    assert steps == [
        (Step.DRAFTED, "sari", None),
        (Step.SUBMITTED, "sari", None),
        (Step.APPROVED, "budi", REASON),
        (Step.ENFORCED, "jobs", None),
    ]
    facts.OUTBOX.number_committed(bench.owner)
    told = [
        (each.kind, each.actor)
        for each in facts.OUTBOX.unsent(bench.owner, limit=100)
        if each.data["draft"] == found.id
    ]
    assert told == [("contract.drafted", "sari"), ("contract.submitted", "sari"), ("contract.approved", "jobs")]
    entries = bench.ask("select act, actor from audit.entry where subject = %s order by id", f"draft:{found.id}")
    assert entries == [
        ("contract.draft", "sari"),
        ("contract.submit", "sari"),
        ("contract.approve", "budi"),
        ("contract.enforce", "jobs"),
    ]


@pytest.mark.parametrize("by", [pytest.param(SARI, id="author and submitter")])
def test_nobody_approves_what_he_wrote_or_submitted(bench: Bench, by: Actor) -> None:
    found = bench.submitted(grown())

    with pytest.raises(DraftRefused, match="orang lain"):
        bench.approve(found, by)

    assert bench.now(found).state is State.SUBMITTED


def test_what_the_level_forbids_or_the_lint_refuses_is_not_approved(bench: Bench) -> None:
    narrower = schema_of(penduduk())
    narrower["fields"][1]["maxLength"] = 3
    nobodys = grown() | {"contract": schema_of(penduduk())["contract"] | {"owner": "Bapak Budi, S.Kom."}}
    other = grown() | {"contract": schema_of(penduduk())["contract"] | {"document": "lain"}, "name": "lain"}

    for schema, reason in ((narrower, "menolak sebagian"), (nobodys, "menyebut orang"), (other, "milik subjek")):
        found = bench.submitted(schema)
        with pytest.raises(DraftRefused, match=reason):
            bench.approve(found)


def test_a_level_that_compares_nothing_lets_a_narrower_contract_through(bench: Bench) -> None:
    bench.owner.execute(
        "insert into registry.scope (scope, config, changed_by) values (%s, %s, 'uji')",
        (penduduk().subject, json.dumps({"compatibilityLevel": "NONE"})),
    )
    schema = schema_of(penduduk())
    name = next(field for field in schema["fields"] if field["name"] == "nama")
    name["maxLength"] = name.get("maxLength", 100) - 1
    found = bench.submitted(schema)

    assert verdicts(bench.web, found, INSTANCE).conflicts == []
    bench.approve(found)

    assert bench.enforce() == [found.id]


def test_a_table_in_use_delays_an_approved_draft_and_the_page_can_say_so(bench: Bench) -> None:
    found = bench.submitted(grown())
    bench.approve(found)

    with bench.database.connect() as reader:
        reader.execute("select from reference.penduduk")
        assert bench.enforce() == []
        delayed = bench.now(found)
    done = bench.enforce()

    assert (delayed.version, delayed.trouble) == (None, enforcement.BUSY)
    assert (done, bench.now(found).trouble) == ([found.id], None)


def test_two_that_were_approved_together_are_compared_again(bench: Bench) -> None:
    one, two = grown(), grown()
    two["fields"][-1] = EMAIL | {"name": "surel", "type": ["null", "int"], "maxLength": None, "example": "1"}
    two["fields"][-1].pop("maxLength")
    first, second = bench.submitted(one), bench.submitted(two)
    bench.approve(first)
    bench.approve(second)

    assert bench.enforce() == [first.id]
    assert bench.now(second).trouble == (
        "Tidak cocok dengan versi yang kini berlaku: Isian surel: jenisnya tidak cocok dengan versi 2."
    )
    review.withdraw(bench.web, second.id, "Sudah ada versi lain.", by=BUDI, now=NOW)
    assert bench.now(second).state is State.WITHDRAWN


def test_what_was_given_back_or_withdrawn_says_why_and_can_be_sent_again(bench: Bench) -> None:
    found = bench.submitted(grown())
    with pytest.raises(DraftRefused, match="Alasan berisi 4 huruf"):
        review.give_back(bench.web, found.id, "Buru", by=BUDI, now=NOW)
    review.give_back(bench.web, found.id, "Contoh isian belum ada.", by=BUDI, now=NOW)
    review.comment(bench.web, found.id, "Sudah dilengkapi.", by=SARI, now=NOW)
    review.withdraw(bench.web, found.id, "Diganti rancangan lain.", by=SARI, now=NOW)

    again = bench.draft(grown())

    assert (bench.now(found).state, again.state, again.id != found.id) == (State.WITHDRAWN, State.OPEN, True)
    assert [each.said for each in drafts.comments(bench.web, found)] == ["Sudah dilengkapi."]
    with pytest.raises(DraftRefused, match="sudah berlaku atau sudah ditarik"):
        review.withdraw(bench.web, found.id, "Sekali lagi ditarik.", by=SARI, now=NOW)


def test_the_files_seed_an_empty_registry_and_are_only_compared_with_one_that_is_not(bench: Bench) -> None:
    changed = read(grown(), file="penduduk")

    again = seeding.seed(bench.owner, [wilayah(), changed], now=NOW)

    assert (again.seeded, again.absent, again.different) == ([], [], ["disdukcapil.penduduk"])
    assert bench.ask("select max(version) from registry.version group by subject") == [(1,), (1,)]
    entries = bench.ask("select actor, count(*) from audit.entry where act = 'contract.approve' group by actor")
    assert entries == [("benih", 2)]


def test_no_server_that_answers_requests_can_make_the_version_or_change_the_table(bench: Bench) -> None:
    found = bench.submitted(grown())
    bench.approve(found)

    for role in ("simpul_web", "simpul_registry", "simpul_jobs"):
        with bench.database.connect(role, autocommit=True) as conn:
            with pytest.raises(InsufficientPrivilege):
                conn.execute("alter table reference.penduduk add column surel text")
            with pytest.raises(InsufficientPrivilege):
                conn.execute("update registry.draft set version = 2, schema_id = 1, in_force_at = now()")
    make = "insert into registry.version (subject, version, schema_id, registered_by) values (%s, 9, %s, 'x')"
    contract, plain = bench.ask("select schema_id from registry.version order by 1 limit 1")[0][0], 900
    bench.owner.execute(
        "insert into registry.schema (id, fingerprint, schema_text) overriding system value"
        " values (%s, sha256('x'), %s)",
        (plain, '"string"'),
    )
    with bench.database.connect("simpul_web", autocommit=True) as conn, pytest.raises(InsufficientPrivilege):
        conn.execute(make, ("pesanan", plain))
    with bench.database.connect("simpul_registry", autocommit=True) as conn:
        for subject, schema_id in (
            (found.subject, plain), ("reference.penduduk-value", plain), ("pesanan", contract),
        ):  # fmt: skip
            with pytest.raises(InsufficientPrivilege, match="made by approval only"):
                conn.execute(make, (subject, schema_id))
        assert conn.execute(make, ("pesanan", plain)).rowcount == 1
