"""What a program asks for in the query of a list, each part checked against the contract. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from dashboard.rest.problems import Problem
from identity.looks import MOST_ROWS
from identity.records import LONGEST_PAGE
from schemas.contract import Contract, Field, Kind
from schemas.names import FieldName

USUAL_PAGE: Final = 100
LONGEST_KEY: Final = 500  # characters
LONGEST_VALUE: Final = 200
WORDS: Final = frozenset({"after", "fields", "key", "limit"})
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A list that is asked for: rows by their keys, or a page of what the filters leave."""

    fields: tuple[FieldName, ...] | None  # None: all that may be seen
    filters: dict[FieldName, str]
    keys: tuple[str, ...]
    after: str | None
    limit: int


def asked(contract: Contract, query: Sequence[tuple[str, str]]) -> Asked:
    """The query's parts. Raises Problem that names the first one that is wrong."""
    once: dict[str, str] = {}
    keys: list[str] = []
    for name, value in query:
        if name == "key":
            keys.append(readable(name, value, LONGEST_KEY))
        elif name not in WORDS and name not in contract.by_name:
            raise Problem("parameter-tidak-dikenal", f"Parameter {_short(name)} tidak dikenal.")
        elif name in once:
            raise Problem("nilai-tidak-sah", f"Parameter {name} disebut lebih dari sekali.")
        else:
            once[name] = value
    if len(keys) > MOST_ROWS:
        raise Problem("nilai-tidak-sah", f"Sekali meminta paling banyak {MOST_ROWS} kunci.")
    filters = {
        FieldName(name): filter_text(contract.by_name[FieldName(name)], value)
        for name, value in once.items()
        if name not in WORDS
    }
    if keys and (filters or "after" in once):
        raise Problem("nilai-tidak-sah", "Parameter key tidak dapat dipakai bersama penyaring atau after.")
    after = once.get("after")
    return Asked(
        fields_asked(contract, once.get("fields")),
        filters,
        tuple(dict.fromkeys(keys)),
        None if after is None else readable("after", after, LONGEST_KEY),
        _limit(once.get("limit")),
    )


def must_know(query: Iterable[str], *words: str) -> None:
    """Raises Problem for a parameter that the address does not have: a misspelt one would change the answer unseen."""
    unknown = [name for name in query if name not in words]
    if unknown:
        raise Problem("parameter-tidak-dikenal", f"Parameter {_short(unknown[0])} tidak dikenal.")


def fields_asked(contract: Contract, text: str | None) -> tuple[FieldName, ...] | None:
    """The fields that are named, with commas between them. Raises Problem."""
    if text is None:
        return None
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    unknown = [name for name in names if name not in contract.by_name]
    if unknown:
        raise Problem("nilai-tidak-sah", f"Isian {_short(unknown[0])} tidak ada dalam {contract.entity}.")
    return tuple(FieldName(name) for name in names)


def filter_text(field: Field, text: str) -> str:
    """A filter's value as PostgreSQL compares it with the field. Raises Problem; the text itself is not repeated."""
    readable(field.name, text, LONGEST_VALUE)
    if not _fits(field.kind, text):
        raise Problem("nilai-tidak-sah", f"Nilai parameter {field.name} bukan bentuk isiannya.")
    return text


def readable(name: str, text: str, longest: int) -> str:
    """The text, when it is one. Raises Problem."""
    if not 1 <= len(text) <= longest or not text.isprintable():
        raise Problem("nilai-tidak-sah", f"Nilai parameter {name} kosong, terlalu panjang, atau tidak terbaca.")
    return text


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL_PAGE
    if _WHOLE.fullmatch(text) is None or not 1 <= int(text) <= LONGEST_PAGE:
        raise Problem("nilai-tidak-sah", f"Parameter limit adalah bilangan dari 1 sampai {LONGEST_PAGE}.")
    return int(text)


def _fits(kind: Kind, text: str) -> bool:
    match kind:
        case Kind.STRING:
            return True
        case Kind.DATE:
            return _is_day(text)
        case Kind.INT | Kind.LONG:
            return _WHOLE.fullmatch(text) is not None
        case Kind.DECIMAL | Kind.DOUBLE:
            return _DECIMAL.fullmatch(text) is not None
        case Kind.BOOLEAN:
            return text in {"true", "false"}
        case Kind.TIMESTAMP:
            return False


def _is_day(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and date.fromisoformat(text) is not None
    except ValueError:
        return False


def _short(name: str) -> str:
    return repr(name[:40])
