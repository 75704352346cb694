"""The chain over the audit: what is sealed when, and that every kind of tampering is found and named."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from cli.stack.postgres import SUPERUSER
from hub_db.connection import connect
from hub_db.errors import Halted
from identity import audit_chain
from identity.audit import AuditEntry, record
from identity.audit_anchors import FILE, Anchor, anchor, anchors, newest
from identity.audit_chain import Sealer, head, seal, seal_missed, unsealed
from identity.audit_verify import Breach, Fault, verify
from tests.conftest import Database

NOW = datetime(2026, 1, 5, 7, 5, tzinfo=UTC)
KEY = SecretStr("kunci-uji")


class Ledger:
    """An audit of one test: a writer, the sealer's connection, and a superuser who tampers with it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.web = database.connect("simpul_web", autocommit=True)
        self.jobs = connect(database.dsn("simpul_jobs"), process="test")
        self.admin = database.connect(SUPERUSER, autocommit=True)

    def write(self, count: int, conn: Connection[TupleRow] | None = None) -> None:
        for number in range(count):
            subject = f"person:{number}"
            record(conn or self.web, AuditEntry("sari", "person", "people.invite", subject=subject, purpose="Uji é"))

    def sealed(self, count: int) -> None:
        self.write(count)
        assert seal(self.jobs) == count

    def anchor(self) -> None:
        assert anchor(self.jobs, self.folder, KEY, now=NOW) is not None

    def tamper(self, *statements: str, **values: int) -> None:
        """As a superuser who has switched the triggers off."""
        for table in ("entry", "link"):
            self.admin.execute(f"alter table audit.{table} disable trigger all")
        for statement in statements:
            self.admin.execute(statement, values)

    def breaches(self) -> list[Breach]:
        return list(verify(self.jobs, anchors(self.folder, KEY)).breaches)

    def close(self) -> None:
        for conn in (self.web, self.jobs, self.admin):
            conn.close()


@pytest.fixture
def ledger(database: Database, tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(database, tmp_path / "anchors")
    yield made
    made.close()


def test_links_are_numbered_without_a_gap_and_hash_what_the_book_says(ledger: Ledger) -> None:
    """The book's words, done anew with other means: PostgreSQL's own sha256 and a text put together by hand."""
    ledger.sealed(3)
    rows = ledger.jobs.execute(
        "select number, entry_id, transaction::text, subject, hash,"
        " to_char(at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        " from audit.link join audit.entry on id = entry_id order by number"
    ).fetchall()

    before = bytes(32)
    assert [row[0] for row in rows] == [1, 2, 3]
    for _, entry_id, transaction, subject, found, at in rows:
        text = (
            f'{{"act":"people.invite","actor":"sari","actor_kind":"person","at":"{at}","details":{{}},"id":"{entry_id}",'
            f'"opd":null,"purpose":"Uji é","role":null,"subject":"{subject}","transaction":"{transaction}","v":1}}'
        )
        before = hashlib.sha256(before + text.encode()).digest()
        assert found == before


def test_an_untouched_audit_is_whole(ledger: Ledger) -> None:
    ledger.sealed(5)
    ledger.anchor()
    ledger.sealed(5)

    verdict = verify(ledger.jobs, anchors(ledger.folder, KEY))

    assert (verdict.is_whole, verdict.links, verdict.number, verdict.anchors) == (True, 10, 10, 1)
    assert head(ledger.jobs) is not None
    assert verdict.hash == head(ledger.jobs).hash  # type: ignore[union-attr]


def test_what_a_long_transaction_commits_late_is_sealed_too(ledger: Ledger) -> None:
    with ledger.database.connect("simpul_web") as late:
        ledger.write(2, late)
        ledger.sealed(3)  # nobody waits for it
        ledger.sealed(3)
        assert seal(ledger.jobs) == 0
    assert seal(ledger.jobs) == 2
    assert ledger.breaches() == []


def test_what_is_rolled_back_leaves_no_gap_in_the_chain(ledger: Ledger) -> None:
    ledger.sealed(1)
    with ledger.database.connect("simpul_web") as undone:
        ledger.write(2, undone)
        undone.rollback()
    ledger.sealed(1)

    verdict = verify(ledger.jobs)

    assert (verdict.is_whole, verdict.number) == (True, 2)


def test_a_pass_that_its_limit_cut_goes_on_where_it_ended(ledger: Ledger) -> None:
    with ledger.database.connect("simpul_web") as one:
        ledger.write(7, one)
    ledger.write(3)

    passes = [seal(ledger.jobs, limit=4) for _ in range(4)]

    assert passes == [4, 4, 2, 0]
    assert ledger.breaches() == []


def test_passes_do_not_come_back_to_what_is_settled(ledger: Ledger) -> None:
    ledger.sealed(4)
    before = head(ledger.jobs)
    ledger.sealed(1)
    after = head(ledger.jobs)

    assert before is not None
    assert after is not None
    assert after.settled > before.settled


def test_a_big_transaction_is_settled_with_its_last_entry(ledger: Ledger) -> None:
    with ledger.database.connect("simpul_web") as one:
        ledger.write(8, one)
        transaction = one.execute("select pg_current_xact_id()::text").fetchall()[0][0]

    assert [seal(ledger.jobs, limit=4), seal(ledger.jobs, limit=4)] == [4, 4]
    found = head(ledger.jobs)
    assert found is not None
    assert found.settled > int(transaction)


def test_only_one_seals_at_a_time(ledger: Ledger) -> None:
    ledger.write(3)
    with ledger.database.connect("simpul_jobs") as other:
        other.execute("select pg_advisory_xact_lock(%s)", (audit_chain.SEALER_LOCK,))
        assert seal(ledger.jobs) == 0
    assert seal(ledger.jobs) == 3


def test_writers_and_sealers_side_by_side_leave_one_whole_chain(ledger: Ledger) -> None:
    done = threading.Event()

    def write() -> None:
        with ledger.database.connect("simpul_web") as conn:
            for number in range(60):
                ledger.write(3, conn)
                (conn.rollback if number % 5 == 0 else conn.commit)()

    def run_sealer() -> None:
        sealer = Sealer(ledger.database.dsn("simpul_jobs"))
        while not done.wait(0.005):
            sealer.run()
        sealer.run()
        sealer.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    sealers = [threading.Thread(target=run_sealer) for _ in range(2)]
    for thread in (*writers, *sealers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in sealers:
        thread.join()

    verdict = verify(ledger.jobs)
    assert (verdict.is_whole, verdict.links) == (True, 4 * 48 * 3)


def test_after_a_restore_the_sealer_finds_what_it_has_not_seen_and_says_so(ledger: Ledger) -> None:
    ledger.sealed(2)
    ledger.tamper("update audit.link set settled = '9223372036854775806'")  # as if another server had counted so far
    ledger.write(3)

    assert seal(ledger.jobs, limit=2) == 4  # all of them, and an entry that says so
    assert seal(ledger.jobs) == 0
    acts = ledger.jobs.execute("select act from audit.link join audit.entry on id = entry_id order by number desc")
    assert [row[0] for row in acts.fetchmany(1)] == ["audit.database_restored"]
    assert ledger.breaches() == []


def test_a_new_sealer_finds_what_no_ordinary_pass_would(ledger: Ledger) -> None:
    ledger.sealed(2)
    ledger.tamper("insert into audit.entry (actor, actor_kind, act, transaction) values ('a', 'system', 'a.b', '3')")

    assert seal(ledger.jobs) == 0
    assert seal_missed(ledger.jobs) == 1
    assert ledger.breaches() == []


def test_what_waits_for_its_link_is_counted(ledger: Ledger) -> None:
    assert unsealed(ledger.jobs).count == 0
    ledger.sealed(2)
    ledger.write(3)

    waiting = unsealed(ledger.jobs)

    assert waiting.count == 3
    assert waiting.oldest_at is not None
    assert unsealed(ledger.web).count == 3  # the page may ask too


# Tampering. Ten links, of which the first five and all ten were anchored.


FLIP_A_BIT = """
update audit.entry set purpose = 'Uji è' where id = (select entry_id from audit.link where number = %(number)s)"""
SWAP = """
update audit.entry e
   set (actor, act, subject, at, transaction)
     = (select actor, act, subject, at, transaction from audit.entry o where o.id = %(one)s + %(two)s - e.id)
 where e.id in (%(one)s, %(two)s)"""


def entry_id_of(ledger: Ledger, number: int) -> int:
    return int(ledger.admin.execute("select entry_id from audit.link where number = %s", (number,)).fetchall()[0][0])


@pytest.fixture
def anchored(ledger: Ledger) -> Ledger:
    ledger.sealed(5)
    ledger.anchor()
    ledger.sealed(5)
    ledger.anchor()
    assert ledger.breaches() == []
    return ledger


@pytest.mark.parametrize("number", [1, 4, 10])
def test_a_flipped_bit_is_found_and_its_row_named(anchored: Ledger, number: int) -> None:
    anchored.tamper(FLIP_A_BIT, number=number)

    assert anchored.breaches() == [Breach(Fault.CHANGED, number, entry_id_of(anchored, number))]


@pytest.mark.parametrize(
    "column",
    [
        "transaction = '4'", "at = at + interval '1 us'", "actor = 'x'", "actor_kind = 'token'", "role = 'x'",
        "opd = 'x'", "act = 'x.y'", "subject = null", "purpose = null", "details = '{\"a\": 1}'",
    ],
)  # fmt: skip
def test_no_column_of_an_entry_can_be_changed_unseen(anchored: Ledger, column: str) -> None:
    entry_id = entry_id_of(anchored, 4)
    anchored.tamper(f"update audit.entry set {column} where id = %(id)s", id=entry_id)  # noqa: S608

    assert anchored.breaches() == [Breach(Fault.CHANGED, 4, entry_id)]


@pytest.mark.parametrize("number", [1, 4, 10])
def test_a_deleted_entry_is_found_and_its_row_named(anchored: Ledger, number: int) -> None:
    entry_id = entry_id_of(anchored, number)
    anchored.tamper("delete from audit.entry where id = %(id)s", id=entry_id)

    assert anchored.breaches() == [Breach(Fault.ENTRY_GONE, number, entry_id)]


def test_an_entry_deleted_with_its_link_is_found_and_its_number_named(anchored: Ledger) -> None:
    entry_id = entry_id_of(anchored, 4)
    anchored.tamper("delete from audit.link where number = 4", "delete from audit.entry where id = %(id)s", id=entry_id)

    assert anchored.breaches() == [Breach(Fault.LINKS_GONE, 4, last_number=4)]


def test_numbers_that_were_closed_up_after_a_deletion_are_found(anchored: Ledger) -> None:
    entry_id = entry_id_of(anchored, 4)
    anchored.tamper(
        "delete from audit.link where number = 4",
        "delete from audit.entry where id = %(id)s",
        "update audit.link set number = number + 1000 where number > 4",
        "update audit.link set number = number - 1001 where number > 1000",
        id=entry_id,
    )

    broken = anchored.breaches()

    assert broken[0] == Breach(Fault.BROKEN, 4, entry_id_of(anchored, 4))
    assert {each.fault for each in broken} == {Fault.BROKEN, Fault.REWRITTEN}


def test_swapped_entries_are_found_and_both_named(anchored: Ledger) -> None:
    anchored.tamper(SWAP, one=entry_id_of(anchored, 3), two=entry_id_of(anchored, 8))

    assert anchored.breaches() == [
        Breach(Fault.CHANGED, 3, entry_id_of(anchored, 3)),
        Breach(Fault.CHANGED, 8, entry_id_of(anchored, 8)),
    ]


def test_links_that_swapped_their_entries_are_found_and_both_named(anchored: Ledger) -> None:
    third, eighth = entry_id_of(anchored, 3), entry_id_of(anchored, 8)
    anchored.tamper(
        "update audit.link set entry_id = -1 where number = 3",
        "update audit.link set entry_id = %(third)s where number = 8",
        "update audit.link set entry_id = %(eighth)s where number = 3",
        third=third,
        eighth=eighth,
    )

    assert anchored.breaches() == [Breach(Fault.CHANGED, 3, eighth), Breach(Fault.CHANGED, 8, third)]


def test_a_tail_that_was_cut_off_is_found_by_the_anchor(anchored: Ledger) -> None:
    anchored.tamper(
        "delete from audit.entry where id in (select entry_id from audit.link where number > 7)",
        "delete from audit.link where number > 7",
    )

    assert verify(anchored.jobs).is_whole  # the chain alone cannot know
    assert anchored.breaches() == [Breach(Fault.CUT_OFF, 8, last_number=10)]


def rewrite(ledger: Ledger, after: int) -> None:
    """Change what an entry says and make the whole chain fit again, with the product's own sealer."""
    ledger.tamper(FLIP_A_BIT, number=after + 1)
    ledger.tamper("delete from audit.link where number > %(after)s", after=after)
    assert seal_missed(ledger.jobs) == 10 - after


def test_a_chain_that_was_rewritten_is_found_by_the_first_anchor_after_it(anchored: Ledger) -> None:
    rewrite(anchored, 6)

    assert verify(anchored.jobs).is_whole
    assert anchored.breaches() == [Breach(Fault.REWRITTEN, 6, last_number=10)]


def test_a_chain_that_was_rewritten_from_the_start_is_found_too(anchored: Ledger) -> None:
    rewrite(anchored, 0)

    assert anchored.breaches() == [Breach(Fault.REWRITTEN, 1, last_number=5)]


def test_a_hash_that_was_changed_is_found(anchored: Ledger) -> None:
    entry_id = entry_id_of(anchored, 4)
    anchored.tamper("update audit.link set hash = sha256('x') where number = 4")

    assert anchored.breaches() == [
        Breach(Fault.CHANGED, 4, entry_id),
        Breach(Fault.BROKEN, 5, entry_id_of(anchored, 5)),
    ]


def test_an_entry_that_nobody_sealed_is_found_once_its_time_is_over(anchored: Ledger) -> None:
    anchored.write(1)
    assert anchored.breaches() == []

    record(anchored.web, AuditEntry("sari", "person", "people.invite", at=datetime.now(UTC) - timedelta(minutes=2)))
    found = anchored.breaches()

    assert [each.fault for each in found] == [Fault.UNSEALED]


# Anchors.


def forge(change: Callable[[dict[str, object]], object]) -> Callable[[str], str]:
    def forged(line: str) -> str:
        found = json.loads(line)
        change(found)
        return json.dumps(found)

    return forged


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(forge(lambda line: line.update(hash="00" * 32)), id="hash"),
        pytest.param(forge(lambda line: line.update(number=3)), id="number"),
        pytest.param(forge(lambda line: line.update(at="2026-01-06T00:00:00+00:00")), id="moment"),
        pytest.param(forge(lambda line: line.pop("mac")), id="no seal"),
        pytest.param(lambda line: line[:20], id="torn"),
        pytest.param(lambda _: "[1]", id="another thing"),
    ],
)
def test_an_anchor_that_was_changed_is_not_believed(anchored: Ledger, change: Callable[[str], str]) -> None:
    file = anchored.folder / FILE
    first, second = file.read_text().splitlines()
    file.write_text(f"{change(first)}\n{second}\n")

    found = anchors(anchored.folder, KEY)

    assert [each.is_genuine for each in found] == [False, True]
    assert [each.fault for each in anchored.breaches()] == [Fault.ANCHOR_FORGED]


def test_anchors_made_with_another_key_are_not_believed(anchored: Ledger) -> None:
    found = anchors(anchored.folder, SecretStr("lain"))

    assert [each.is_genuine for each in found] == [False, False]
    assert newest(found) is None


def test_an_anchor_is_one_line_more_in_a_file_of_ones_own(anchored: Ledger) -> None:
    file = anchored.folder / FILE
    before = file.read_text()
    file.write_text(before + '{"torn":')
    anchored.anchor()

    assert file.read_text().startswith(before)
    assert [each.number for each in anchors(anchored.folder, KEY)] == [5, 10, 0, 10]
    assert newest(anchors(anchored.folder, KEY)) == Anchor(10, head(anchored.jobs).hash, NOW)  # type: ignore[union-attr]
    assert (file.stat().st_mode & 0o777, anchored.folder.stat().st_mode & 0o777) == (0o600, 0o700)


def test_there_is_no_anchor_before_there_is_a_link(ledger: Ledger) -> None:
    assert anchor(ledger.jobs, ledger.folder, KEY, now=NOW) is None
    assert anchors(ledger.folder, KEY) == []


# Rights.


def test_only_the_jobs_process_may_add_links(ledger: Ledger) -> None:
    statement = "insert into audit.link (number, entry_id, previous_hash, hash, settled) values (1, 1, '', '', '3')"
    refused = []
    for role in ("simpul_intake", "simpul_publisher", "simpul_registry", "simpul_web"):
        with ledger.database.connect(role) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege) as error:
            conn.execute(statement)
        refused.append(error.value.sqlstate)

    assert refused == ["42501"] * 4


def test_a_sealer_begins_anew_after_its_connection_was_ended(ledger: Ledger) -> None:
    sealer = Sealer(ledger.database.dsn("simpul_jobs"))
    sealer.run()
    assert sealer.conn is not None
    ledger.admin.execute("select pg_terminate_backend(%s)", (sealer.conn.info.backend_pid,))
    with pytest.raises(Exception, match=r"SQLSTATE|PostgreSQL|server") as error:
        sealer.run()
    ledger.write(2)
    sealer.run()
    sealer.close()

    assert not isinstance(error.value, Halted)
    assert unsealed(ledger.jobs).count == 0


def test_an_anchor_keeps_its_values(ledger: Ledger) -> None:
    ledger.sealed(1)
    made = anchor(ledger.jobs, ledger.folder, KEY, now=NOW)

    assert made is not None
    assert anchors(ledger.folder, KEY) == [replace(made, is_genuine=True)]
