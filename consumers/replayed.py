"""What records say of the dead letters that they are replays of, held against the database.

Whoever may write to a topic can write the header. So a record is a replay only of a letter of its own topic whose bytes
are its own: then the letter is settled by it, and the event has the version that it had in its first place. A letter
that is settled already makes the record known: a replay may be sent twice, its letter counts once.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from consumers.records import Record
from hub_db.events import Replayed
from hub_db.letters import Letters
from schemas.reasons import reject
from schemas.rejection import Rejection
from schemas.wire import headers

LettersOf = Callable[[Collection[int]], Letters]


def no_letters(ids: Collection[int]) -> Letters:
    """Where nothing is a replay."""
    return {}


@dataclass(frozen=True, slots=True)
class Claims:
    """Of some records: which are replays, which only say so, and which come again."""

    replayed: Mapping[int, Replayed] = field(default_factory=dict)  # by offset
    refused: Mapping[int, Rejection] = field(default_factory=dict)  # by offset
    repeated: frozenset[int] = frozenset()  # offsets


def look_up(records: Sequence[Record], letters_of: LettersOf) -> Claims:
    """What the records claim. Nothing is asked of the database where none does."""
    claims = {each.offset: number for each in records if (number := headers.letter(each.headers)) is not None}
    if not claims:
        return Claims()
    letters = letters_of(set(claims.values()))
    replayed: dict[int, Replayed] = {}
    refused: dict[int, Rejection] = {}
    repeated: set[int] = set()
    seen: set[int] = set()
    for record in records:
        number = claims.get(record.offset)
        if number is None:
            continue
        letter = letters.get(number)
        if letter is None or not letter.is_told_by(record.key, record.value):
            refused[record.offset] = reject(
                "header-letter", headers.LETTER, f"nomor {number}", "data dokumen ini yang dikembalikan, tanpa diubah"
            )
        elif letter.is_open and number not in seen:
            seen.add(number)
            replayed[record.offset] = letter.replayed
        else:
            repeated.add(record.offset)
    return Claims(replayed, refused, frozenset(repeated))
