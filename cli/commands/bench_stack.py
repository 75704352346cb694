"""The hub of a measurement: a local stack of its own, empty at the start, gone at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from cli import settings
from cli.screen import Download, tell
from cli.stack import jars
from cli.stack.local import Stack
from cli.stack.supervision import stopping_orderly


@contextmanager
def own_stack() -> Iterator[Stack]:
    """The running stack. Raises StackError, StackUnreachable."""
    told = settings.load_bench()
    with Download("Mengunduh Apache Kafka") as downloaded:
        jars.ensure(told.cache / "kafka", told.maven_url, downloaded)
    stack = Stack(told, tell)
    with stopping_orderly(stack):
        stack.occupy()
        stack.empty()
        tell("Menyalakan hub")
        stack.start()
        yield stack


def checkpoint(stack: Stack) -> None:
    """Have the filling's dirty pages written now, so that the measurement does not pay for them."""
    import psycopg

    from cli.stack.postgres import SUPERUSER

    with psycopg.connect(stack.dsn(SUPERUSER).get_secret_value(), autocommit=True) as conn:
        conn.execute("checkpoint")
