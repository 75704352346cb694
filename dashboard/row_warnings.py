"""What is told of stored rows: values that look wrong and were let in, in sentences.

A sentence tells something of a value ("usually not 000"). So it is shown to those only who see the values of all its
fields as they are; others read that there is something, not of which field.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow

from base.instance import Instance
from hub_db import layouts
from hub_db.statements import load
from identity.masking import Shown, small_cell
from schemas.contract import Contract, Sensitivity
from schemas.formats.local_marks import local_warnings
from schemas.names import FieldName
from schemas.row_warnings import Sentence, WarningSet, parted

SQL = load("dashboard", "sql/row_warnings.sql")


@dataclass(frozen=True, slots=True)
class Line:
    """One warning of a row."""

    text: str
    document: str  # whose row it is, where several documents speak about the entity; else ""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a record, as one person may read it."""

    lines: Mapping[FieldName, Sequence[Line]]  # each under the first of its fields
    covered: bool  # there is more, of values that this person does not see

    @property
    def count(self) -> int:
        return sum(map(len, self.lines.values()))


@dataclass(frozen=True, slots=True)
class Warned:
    """One warning of a document, and how many of its rows have it."""

    sentence: Sentence
    rows: str


NOTHING = Told({}, covered=False)


def open_fields(how: Mapping[FieldName, Shown]) -> frozenset[FieldName]:
    """The fields whose values are shown as they are."""
    return frozenset(name for name, each in how.items() if each is Shown.OPEN)


def of_record(
    conn: Connection[TupleRow], contract: Contract, address: str, seen: Collection[FieldName], instance: Instance
) -> Told:
    """The warnings of the rows behind a record of `contract`'s entity; `seen` are the fields that are open."""
    found = conn.execute(SQL["of_record"], {"entity": contract.entity, "address": address}).fetchall()
    if not found:
        return NOTHING
    contracts = {each.topic: each for each in layouts.contracts(conn) if each.entity == contract.entity}
    lines: dict[FieldName, list[Line]] = {}
    covered = False
    for topic, codes in found:
        document = contracts[topic].name if len(contracts) > 1 else ""
        for sentence in _sentences(contracts[topic], parted(codes), instance):
            if set(sentence.fields) <= set(seen):
                under = sentence.fields[0] if sentence.fields else contract.key[0]
                lines.setdefault(under, []).append(Line(sentence.text, document))
            else:
                covered = True
    return Told(lines, covered)


def of_document(conn: Connection[TupleRow], contract: Contract, instance: Instance) -> list[Warned]:
    """The warnings that live rows of a document have, the commonest first. Of a document about persons a small number
    is told as small: few could be recognised one by one."""
    counts: Counter[str] = Counter()
    for codes, rows in conn.execute(SQL["of_document"], {"topic": contract.topic}):
        for code in parted(codes):
            counts[code] += rows
    write = str if contract.sensitivity is Sensitivity.UMUM else small_cell
    ordered = sorted(counts, key=lambda code: (-counts[code], code))
    sentences = _sentences(contract, ordered, instance)
    return [Warned(sentence, write(counts[code])) for code, sentence in zip(ordered, sentences, strict=True)]


def _sentences(contract: Contract, codes: Iterable[str], instance: Instance) -> list[Sentence]:
    """What each code says; one that the contract no longer has is named."""
    codes = list(codes)
    known = WarningSet(contract, local_warnings(instance)).sentences if codes else {}
    return [known.get(code) or _gone(contract, code) for code in codes]


def _gone(contract: Contract, code: str) -> Sentence:
    """A code from an earlier version of the contract. A rule named fields that nobody knows any more: all, then."""
    name = FieldName(code.partition(":")[0])
    fields = (name,) if name in contract.by_name else tuple(contract.by_name)
    return Sentence(f"Peringatan {code} dari versi kontrak sebelumnya.", fields)
