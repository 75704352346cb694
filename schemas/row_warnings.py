"""What is told of a row that is accepted: values that look wrong and are let in.

Warnings come from checks that a field lowers (`warnOnly`), from the warnings of formats and of the region
(`formats/local_marks.py`), from codes that are not valid on the day or not in their edition, and from rules of
severity `warn`. Rows and frames are told the same; where nothing can be told, nothing is asked.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress
from typing import Any, Final

import polars as pl

from schemas import code_lists, plain_rules
from schemas.contract import Contract, Field, OnMissing, Severity, Value
from schemas.expressions import ACCEPTED_ON
from schemas.formats import FORMATS, Check
from schemas.names import FieldName
from schemas.rules import as_frame, breach, dtypes, parse, today

NO_LOCAL: Final[Mapping[str, tuple[Check, ...]]] = {}
OUTDATED: Final = "codes.berlaku"
ABSENT: Final = "codes.edisi"
EDITION: Final = "_edisi"  # how the field is called that names the edition of another's classification
REFERENCE_MISSING: Final = "reference-missing"  # told by the hub, of a row that has waited in vain
_APART: Final = " "  # no code has one
_MANY: Final = 100  # rows from which on columns are quicker than values one by one


def joined(codes: Iterable[str]) -> str | None:
    """The codes of a row as they are stored with it; None where there are none."""
    return _APART.join(codes) or None


def parted(stored: str | None) -> tuple[str, ...]:
    """The codes of a row out of what is stored with it."""
    return tuple(stored.split(_APART)) if stored else ()


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a code says to people (Indonesian), and of which fields: it tells something of the value of each."""

    text: str
    fields: tuple[FieldName, ...]


@dataclass(frozen=True, slots=True)
class _Doubt:
    """A suspicion over a column, and what is asked of single values, where one value is enough to tell."""

    code: str
    sentence: Sentence
    suspicious: pl.Expr  # over a frame; at least the rows of which `passes` is false
    passes: Callable[[Any, date], bool] | None = None  # of a value that is there, on a day
    told: plain_rules.Told | None = None  # of a row on a day: false where `suspicious` is true, and only there

    def places(self, rows: Sequence[Mapping[str, Value]], day: date) -> Iterator[int]:
        """The rows of which it is told, where single rows are enough to tell."""
        name, passes, told = self.sentence.fields[0], self.passes, self.told
        if passes is not None:
            yield from (n for n, row in enumerate(rows) if (value := row[name]) is not None and not passes(value, day))
        elif told is not None:
            yield from (n for n, row in enumerate(rows) if told(row, day) is False)


class WarningSet:
    """The warnings of one contract. `local` are those of the instance, by format (`local_warnings`)."""

    def __init__(self, contract: Contract, local: Mapping[str, tuple[Check, ...]] = NO_LOCAL) -> None:
        doubts = [
            doubt for field in contract.fields for doubt in (*_of_field(field, local), *_of_editions(field, contract))
        ]
        self._doubts = (*doubts, *_of_rules(contract))
        # What each code says: `<field>:<code of the check>` or `rule:<name>`.
        self.sentences: Mapping[str, Sentence] = {
            **{doubt.code: doubt.sentence for doubt in self._doubts},
            **dict(_of_waiting(contract)),
        }
        kinds = dtypes(contract.fields)
        self._columns = {name: kinds[name] for name in kinds if name in _columns_of(self._doubts)}
        self._of_columns = [
            (number, doubt) for number, doubt in enumerate(self._doubts) if doubt.passes is None and doubt.told is None
        ]
        wanted = _columns_of(doubt for _, doubt in self._of_columns)
        self._wanted = {name: kinds[name] for name in kinds if name in wanted}

    def of_rows(self, rows: Sequence[Mapping[str, Value]], accepted_on: date) -> dict[int, tuple[str, ...]]:
        """Place of each row of which something is told → the codes, fields first, in the contract's order."""
        if len(rows) >= _MANY:
            return self.of_frame(as_frame(rows, self._columns, accepted_on), accepted_on)
        found: dict[int, list[int]] = {}
        for number, doubt in enumerate(self._doubts):
            for place in doubt.places(rows, accepted_on):
                found.setdefault(place, []).append(number)
        if self._of_columns and rows:
            frame = as_frame(rows, self._wanted, accepted_on)
            judged = frame.select(doubt.suspicious for _, doubt in self._of_columns)
            for place, told in enumerate(judged.iter_rows()):
                if True in told:
                    found.setdefault(place, []).extend(compress((number for number, _ in self._of_columns), told))
        return self._codes(found)

    def of_frame(self, frame: pl.DataFrame, accepted_on: date) -> dict[int, tuple[str, ...]]:
        """The same over a frame with logical columns, as the column judge gives them."""
        empty = {name for name in self._columns if frame[name].null_count() == frame.height}
        asked = [each for each in enumerate(self._doubts) if not _is_idle(each[1], empty)]
        found: dict[int, list[int]] = {}
        if not asked or frame.is_empty():
            return {}
        judged = frame.select(*self._columns, today(accepted_on)).select(doubt.suspicious for _, doubt in asked)
        for number, doubt in asked:
            if judged[doubt.code].any():
                for place in _confirmed(doubt, frame, judged[doubt.code].arg_true(), accepted_on):
                    found.setdefault(place, []).append(number)
        return self._codes(found)

    def _codes(self, found: Mapping[int, Sequence[int]]) -> dict[int, tuple[str, ...]]:
        codes = [doubt.code for doubt in self._doubts]
        return {place: tuple(codes[number] for number in sorted(found[place])) for place in sorted(found)}


def _columns_of(doubts: Iterable[_Doubt]) -> set[str]:
    return {name for doubt in doubts for name in doubt.suspicious.meta.root_names()} - {ACCEPTED_ON}


def _is_idle(doubt: _Doubt, empty: set[str]) -> bool:
    """Whether it is asked of values, and there is none."""
    return doubt.passes is not None and doubt.sentence.fields[0] in empty


def _of_rules(contract: Contract) -> Iterator[_Doubt]:
    for rule in contract.rules:
        if rule.severity is Severity.WARN:
            code, parsed = f"rule:{rule.name}", parse(rule.expression, contract.fields)
            named = set(parsed.meta.root_names())
            fields = tuple(field.name for field in contract.fields if field.name in named)
            plain = plain_rules.compiled(rule.expression, contract.fields)
            yield _Doubt(code, Sentence(rule.message, fields), breach(parsed, code), told=plain)


def _of_field(field: Field, local: Mapping[str, tuple[Check, ...]]) -> Iterator[_Doubt]:
    column = pl.col(field.name)
    if field.format is not None:
        form = FORMATS[field.format]
        lowered = tuple(check for check in form.checks if check.code in field.warn_only)
        for check in (*lowered, *form.warnings, *local.get(field.format, ())):
            code = f"{field.name}:{check.code}"
            clear = pl.lit(value=False) if check.column is None else check.column(column).fill_null(value=False)
            sentence = Sentence(f"{field.doc}: biasanya {check.expected}.", (field.name,))
            yield _Doubt(code, sentence, (column.is_not_null() & ~clear).alias(code), _asking(check))
    if field.codes is not None:
        codes = code_lists.load(field.codes)
        if codes.limited:
            told = f"{field.doc}: kode di luar masa berlakunya (daftar {codes.title})."
            yield _of_days(field, codes.limited, told)


def _of_editions(field: Field, contract: Contract) -> Iterator[_Doubt]:
    """A value of a classification against the edition that its row names."""
    beside = FieldName(f"{field.name}{EDITION}")
    editions = FORMATS[field.format].editions if field.format is not None else {}
    if not editions or beside not in contract.by_name:
        return
    lists = [(edition, code_lists.load(name)) for edition, name in editions.items()]
    outside = [(pl.col(beside) == edition) & ~pl.col(field.name).str.contains(each.branches) for edition, each in lists]
    code, told = f"{field.name}:{ABSENT}", f"{field.doc}: biasanya kode dalam edisi yang disebut {beside}."
    yield _Doubt(code, Sentence(told, (field.name, beside)), _any(outside, code))
    named = code_lists.dated({edition: each.edition for edition, each in lists})
    if named:
        told = f"{contract.by_name[beside].doc}: edisi di luar masa berlakunya."
        yield _of_days(contract.by_name[beside], named, told)


def _of_days(field: Field, codes: Mapping[str, code_lists.Code], told: str) -> _Doubt:
    """Codes that are taken on some days only."""
    code = f"{field.name}:{OUTDATED}"
    return _Doubt(
        code,
        Sentence(told, (field.name,)),
        outdated(codes, pl.col(field.name)).alias(code),
        lambda value, day: value not in codes or codes[value].is_valid(day),
    )


def _of_waiting(contract: Contract) -> Iterator[tuple[str, Sentence]]:
    """What is told of a row that was let in although the record that it waited for did not come."""
    if contract.park_then != "warn":
        return
    waits = [field for field in contract.fields if field.reference and field.reference.on_missing is OnMissing.PARK]
    waits += [] if contract.may_create else [contract.by_name[contract.key[0]]]
    for field in waits:
        text = f"{field.doc}: data yang dirujuk belum terdaftar sampai batas waktu menunggu."
        yield f"{field.name}:{REFERENCE_MISSING}", Sentence(text, (field.name,))


def _asking(check: Check) -> Callable[[Any, date], bool]:
    return lambda value, _: check.passes(value)


def _any(conditions: list[pl.Expr], name: str) -> pl.Expr:
    return pl.any_horizontal(conditions).fill_null(value=False).alias(name)


def outdated(codes: Mapping[str, code_lists.Code], column: pl.Expr) -> pl.Expr:
    """Whether a code stands outside its days; over a frame with `hari_terima`."""
    day = pl.col(ACCEPTED_ON)
    outside = []
    for code, entry in codes.items():
        if entry.valid_from is not None:
            outside.append((column == code) & (day < entry.valid_from))
        if entry.valid_until is not None:
            outside.append((column == code) & (day > entry.valid_until))
    return pl.any_horizontal(outside).fill_null(value=False)


def _confirmed(doubt: _Doubt, frame: pl.DataFrame, places: pl.Series, accepted_on: date) -> list[int]:
    found: list[int] = places.to_list()
    if doubt.passes is None:
        return found
    values = frame[doubt.sentence.fields[0]].gather(places).to_list()
    return [place for place, value in zip(found, values, strict=True) if not doubt.passes(value, accepted_on)]
