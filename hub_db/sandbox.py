"""The sandbox's tables: a document's newest rows from its topic `uji.<opd>.<document>`, and what they may refer to.

Each document has a table of its own there (`uji.<opd>_<document>`), and no fold follows: what is tried is one agency's
sending. Ledger, history, parking lot and dead letters are those of the hub, under the sandbox's own topics; nothing of
them is published (`NEVER`).
"""

from datetime import UTC, datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier, Literal

from hub_db import facts, layouts, reference_tables
from hub_db.events import Stretch
from hub_db.reference_tables import INTAKE, Table, create_table, sandbox_table
from hub_db.statements import load
from schemas.contract import Contract
from schemas.names import EntityName, FieldName, TopicName
from schemas.sandbox import is_sandbox

STATEMENTS = load("hub_db", "sql/settle.sql")
NEVER: Final = 0  # as the round of a batch, release or dead letter: no round takes it
MERGED: Final = "sandbox.merged"
REPORTER: Final = "/simpul/intake"


def round_of(topic: TopicName) -> int | None:
    """What stands as the round of something new of a topic: none yet, or that there will never be one."""
    return NEVER if is_sandbox(topic) else None


def provision(conn: Connection[TupleRow], contract: Contract) -> None:
    """Make the document's table in the sandbox, as the owner. One that is there follows by `table_changes.fit`."""
    name = Identifier(*sandbox_table(contract))
    conn.execute(create_table(contract, name))
    conn.execute(SQL("comment on table {} is {}").format(name, Literal(f"Tempat uji: {contract.doc}")))
    conn.execute(SQL("grant select, insert, update on {} to {}").format(name, INTAKE))


def tables_with(
    conn: Connection[TupleRow], contract: Contract, entity: EntityName, columns: tuple[FieldName, ...]
) -> list[Table]:
    """Where records of an entity are looked for to which the document's rows refer; a table that is not there has none.

    A row of the sandbox finds them in the sandbox first, then in production; one of production never in the sandbox.
    """
    wanted = [("reference", str(entity))]
    if contract.sandbox:
        creating = (each for each in layouts.contracts(conn) if each.entity == entity and each.may_create)
        tried = [sandbox_table(each) for each in creating if {*columns} <= {*each.by_name}]
        wanted = [*tried, *wanted]
    return [table for table in wanted if reference_tables.exists(conn, table)]


def report_merged(conn: Connection[TupleRow], contract: Contract, stretch: Stretch, merged: int) -> None:
    """Tell that events of a topic in the sandbox went in while nothing of it is returned and unsettled; once for each
    topic, however often it is told."""
    if not contract.sandbox or not merged or _letter_waits(conn, stretch):
        return
    facts.report(
        conn,
        facts.Fact(
            MERGED,
            contract.name,
            {"topic": contract.topic, "events": merged},
            source=REPORTER,
            occurred_at=datetime.now(UTC),
            ce_id=f"{MERGED}:{stretch.topic_id}",
        ),
    )


def _letter_waits(conn: Connection[TupleRow], stretch: Stretch) -> bool:
    row = conn.execute(STATEMENTS["letter_waits"], {"topic_no": stretch.topic_no}).fetchone()
    return row is not None and bool(row[0])
