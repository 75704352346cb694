"""Asking for a replay of dead letters: which, how many, by whom. The job itself is `consumers/replay.py`'s."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base import indonesian
from hub_db import letters
from hub_db.letters import Filter, LetterId
from identity.actors import Actor
from identity.acts import Act
from identity.audit import AuditEntry, record
from jobs.errors import NotPossible
from jobs.job import JobId, Json
from jobs.queue import enqueue
from schemas.names import TopicName

UNOPENED: Final = "batch-too-large"  # many records in one letter, none of which was ever read
KIND: Final = "dead_letter_replay"
ENDS: Final = {
    "accepted": "sudah diterima",
    "known": "sudah dikenal",
    "parked": "sudah diterima dan menunggu rujukannya",
    "refused": "sudah dikirim ulang dan dikembalikan lagi dengan nomor lain",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The job of a replay, and how many letters it takes."""

    job: JobId
    letters: int


def ask(conn: Connection[TupleRow], wanted: Filter, *, by: Actor) -> Asked:
    """Ask for letters to be put back on their topics, and say so in the audit, in the caller's transaction.

    Letters that come later are not taken, nor those that an earlier replay has sent and that were not read yet, unless
    one is named. Raises NotPossible, with the reason.
    """
    if not wanted.chooses:
        raise NotPossible("Mohon sebutkan nomor, dokumen, kode, atau waktu data yang akan dikirim ulang.")
    count, last = letters.replayable(conn, wanted)
    if not count:
        raise NotPossible(_why_none(conn, wanted))
    chosen = arguments_of(wanted)
    key = ",".join(f"{name}={value}" for name, value in sorted({**chosen, "last": int(last)}.items()))
    title = f"Mengirim ulang {indonesian.number(count)} data yang dikembalikan"
    job = enqueue(conn, KIND, {**chosen, "last": int(last)}, by=by.name, key=key, title=title, total=count)
    entry = AuditEntry(
        actor=by.name,
        actor_kind=by.kind,
        role=by.role,
        opd=by.opd,
        act=Act.LETTERS_REPLAY,
        subject=f"dead_letter:{wanted.named}" if wanted.named is not None else f"topic:{wanted.topic or '*'}",
        details={**chosen, "letters": count, "job": int(job)},
    )
    record(conn, entry)
    return Asked(job, count)


def arguments_of(wanted: Filter) -> dict[str, str | int]:
    """A filter as a job keeps it."""
    found = {name: value for name, value in asdict(wanted).items() if value is not None}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in found.items()}


def filter_of(arguments: Mapping[str, Json]) -> Filter:
    """The filter that a job keeps."""
    named, topic, code = (arguments.get(name) for name in ("named", "topic", "code"))
    since, until = (arguments.get(name) for name in ("since", "until"))
    return Filter(
        LetterId(named) if isinstance(named, int) else None,
        TopicName(topic) if isinstance(topic, str) else None,
        code if isinstance(code, str) else None,
        datetime.fromisoformat(since) if isinstance(since, str) else None,
        datetime.fromisoformat(until) if isinstance(until, str) else None,
    )


def _why_none(conn: Connection[TupleRow], wanted: Filter) -> str:
    if wanted.named is None:
        return "Tidak ada data yang dikembalikan dengan syarat itu yang belum diselesaikan atau dikirim ulang."
    found = letters.state_of(conn, wanted.named)
    if found is None:
        return f"Tidak ada data yang dikembalikan dengan nomor {wanted.named}."
    topic, code, settled_at, outcome = found
    if code == UNOPENED:
        return f"Data nomor {wanted.named} adalah kumpulan yang belum dibuka; mohon dikirim lagi dalam kumpulan kecil."
    if settled_at is None:
        return f"Data nomor {wanted.named} milik {topic.partition('.')[2]} dan tidak memenuhi syarat itu."
    return f"Data nomor {wanted.named} {ENDS.get(outcome or '', 'sudah diselesaikan')}."
