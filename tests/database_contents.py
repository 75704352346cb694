"""What stands in a database, so that a test can say that nothing has changed."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.sql import SQL, Identifier


class Contents:
    """All rows of the database, each table as one hash; the audit and a session's last use apart."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self._conn = conn
        self._tables = conn.execute(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
            " and table_schema not in ('pg_catalog', 'information_schema', 'audit') order by 1, 2"
        ).fetchall()

    def __call__(self) -> dict[str, str]:
        selects = [
            SQL(
                "select {name}, coalesce(md5(string_agg(md5((to_jsonb(t) - 'seen_at')::text), '' order by"
                " md5((to_jsonb(t) - 'seen_at')::text))), '') from {table} t"
            ).format(name=f"{schema}.{name}", table=Identifier(schema, name))
            for schema, name in self._tables
        ]
        return dict(self._conn.execute(SQL(" union all ").join(selects)).fetchall())

    @contextmanager
    def unchanged(self, wrong: list[str], what: str) -> Iterator[None]:
        """Adds a line to `wrong` for each table that is not as it was."""
        before = self()
        yield
        wrong += [f"{what} changed {name}" for name, rows in self().items() if rows != before[name]]
