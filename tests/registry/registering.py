"""What one of several processes does that register the same schemas at once."""

from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier

from pydantic import SecretStr

from registry import Settings, registration
from registry.schema_text import parse
from registry.store import Store
from schemas.names import SubjectName

START_WITHIN_S = 120


def register_all(
    dsn: str, subjects: list[str], texts: list[str], threads: int, seed: int, start: Barrier
) -> list[tuple[str, str, int, int]]:
    """(subject, text, id, version) of each registration: every text under every subject, in an order of its own.

    Waits until all processes are ready.
    """
    store = Store(Settings(dsn=SecretStr(dsn), users={}, writers=frozenset(), pool_size=threads))
    store.open()
    work = [(subject, text) for subject in subjects for text in texts]
    Random(seed).shuffle(work)

    def one(job: tuple[str, str]) -> tuple[str, str, int, int]:
        subject, text = job
        made = store.run(lambda conn: registration.register(conn, SubjectName(subject), parse(text), by=f"p{seed}"))
        return subject, text, made.schema_id, made.version

    try:
        with ThreadPoolExecutor(threads) as pool:
            start.wait(START_WITHIN_S)
            return list(pool.map(one, work))
    finally:
        store.close()
