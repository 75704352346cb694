"""A stock Faust agent with an upsert of its own: `python faust_agent.py <options.json>`, one process of its group.

As its documents have it: an agent over the topic that takes events in batches, each decoded by fastavro.
"""

import json
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
import faust
import psycopg
from psycopg.sql import SQL, Identifier

WITHIN_S = 1.0
HEAD_BYTES = 5  # of Confluent's framing


def application(told: dict[str, Any]) -> faust.App:
    app = faust.App(
        told["group"],
        broker=f"kafka://{told['bootstrap']}",
        broker_credentials=faust.SASLCredentials(
            username=told["username"], password=told["password"], mechanism=told["sasl_mechanism"]
        ),
        consumer_auto_offset_reset="earliest",
        store="memory://",
        datadir=str(Path(told["folder"]) / f"data-{told['number']}"),
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
    )
    schema = fastavro.parse_schema(json.loads(told["schema"]))
    topic = app.topic(told["topic"], value_type=bytes, value_serializer="raw", key_type=bytes, key_serializer="raw")
    statements = Statements(told)

    async def sink(stream: Any) -> None:
        connection: Any = await psycopg.AsyncConnection.connect(**told["database"], autocommit=True)
        await connection.execute(statements.make)
        async for events in stream.noack_take(told["batch"], within=WITHIN_S):
            rows = {}
            for event in events:
                record: Any = fastavro.schemaless_reader(BytesIO(event.value[HEAD_BYTES:]), schema, None)
                rows[record[told["key"]]] = record
            await upsert(connection, statements, list(rows.values()))
            for event in events:
                event.ack()

    app.agent(topic, name="sink")(sink)
    return app


class Statements:
    """What is said to the database."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.names = list(told["columns"])
        table, stage, key = Identifier(told["table"]), Identifier("stage"), told["key"]
        columns = SQL(", ").join(map(Identifier, self.names))
        changes = SQL(", ").join(
            SQL("{0} = excluded.{0}").format(Identifier(name)) for name in self.names if name != key
        )
        self.make = SQL("create temporary table {} (like {}) on commit delete rows").format(stage, table)
        self.copy = SQL("copy {} ({}) from stdin").format(stage, columns)
        self.merge = SQL("insert into {} ({}) select {} from {} order by {} on conflict ({}) do update set {}").format(
            table, columns, columns, stage, Identifier(key), Identifier(key), changes
        )


async def upsert(connection: Any, statements: Statements, rows: list[dict[str, Any]]) -> None:
    """One batch, durable when this returns."""
    async with connection.transaction(), connection.cursor() as cursor:
        async with cursor.copy(statements.copy) as copy:
            for row in rows:
                await copy.write_row([row[name] for name in statements.names])
        await cursor.execute(statements.merge)


if __name__ == "__main__":
    options = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    app = application(options)
    faust.Worker(app, loglevel="WARN", redirect_stdouts=False).execute_from_commandline()
