"""What stands in a database, so that a test can say that nothing has changed."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.sql import SQL, Identifier


class Contents:
    """All rows of the database, each table as their number and the sum of their hashes, which knows no order; the audit
    and a session's last use apart."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self._conn = conn
        # A look takes 5 ms; to start two more processes for each, as the server would, takes another 30.
        conn.execute("set max_parallel_workers_per_gather = 0")
        tables = conn.execute(
            "select t.table_schema, t.table_name, bool_or(c.column_name = 'seen_at')"
            " from information_schema.tables t join information_schema.columns c using (table_schema, table_name)"
            " where t.table_type = 'BASE TABLE' and t.table_schema not in ('pg_catalog', 'information_schema', 'audit')"
            " group by 1, 2 order by 1, 2"
        ).fetchall()
        selects = [
            SQL("select {name}, count(*) || '/' || coalesce(sum(hashtextextended({row}, 0)), 0) from {table} t").format(
                name=f"{schema}.{name}",
                row=SQL("(to_jsonb(t) - 'seen_at')::text") if is_seen else SQL("t::text"),
                table=Identifier(schema, name),
            )
            for schema, name, is_seen in tables
        ]
        self._all = SQL(" union all ").join(selects)

    def __call__(self) -> dict[str, str]:
        return dict(self._conn.execute(self._all).fetchall())

    @contextmanager
    def unchanged(self, wrong: list[str], what: str) -> Iterator[None]:
        """Adds a line to `wrong` for each table that is not as it was."""
        before = self()
        yield
        wrong += [f"{what} changed {name}" for name, rows in self().items() if rows != before[name]]
