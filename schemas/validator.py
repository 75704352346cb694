"""Judges rows of a document against its contract.

Most rows are good and already in their normal form: they take one call of pydantic and a few of ours (`finishers`).
Only a row that fails there is normalised, tried again, and explained. Rules run once over all rows that passed, as
column expressions.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NotRequired, cast

from pydantic import ConfigDict, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from schemas.contract import Contract, Kind, Value
from schemas.event_key import SEPARATOR
from schemas.field_types import annotation
from schemas.finishers import finisher
from schemas.formats import FORMATS, Check
from schemas.names import FieldName
from schemas.reasons import reject
from schemas.rejection import Rejection
from schemas.row_warnings import NO_LOCAL, WarningSet
from schemas.rules import RuleSet
from schemas.wording import word

_STRICT = ConfigDict(strict=True, extra="forbid")
_MAX_NAME = 63  # characters of an unknown field's name that a reason shows


class Validator:
    """The contract's judge. Building one takes milliseconds; it keeps nothing between rows."""

    def __init__(self, contract: Contract, local: Mapping[str, tuple[Check, ...]] = NO_LOCAL) -> None:
        """`local` are the warnings of the instance, by format (`formats.local_marks`)."""
        self.contract = contract
        self.local = local
        self._names = tuple(field.name for field in contract.fields)
        self._validate = _row_validate(contract)
        self._finishers = {
            field.name: finish
            for field in contract.fields
            if (finish := finisher(field, in_key=field.name in contract.key)) is not None
        }
        self._finishing = tuple(self._finishers.items())
        self._normalisers = {
            field.name: FORMATS[field.format].normal_form
            for field in contract.fields
            if field.format is not None and field.kind is Kind.STRING
        }
        self._key_parts = {name: _key_validate(contract, name) for name in contract.key}
        self._rules = RuleSet(contract)
        self._warnings = WarningSet(contract, local)

    def check(self, row: Mapping[str, object], *, accepted_on: date) -> dict[str, Value] | tuple[Rejection, ...]:
        """One row: its values, or every reason against it."""
        return self.check_all([row], accepted_on=accepted_on)[0]

    def check_all(
        self, rows: Sequence[Mapping[str, object]], *, accepted_on: date
    ) -> list[dict[str, Value] | tuple[Rejection, ...]]:
        """Each row, in order: its normalised logical values (every field of the contract, in the contract's order),
        or all its rejections in the contract's order; rules are asked only of rows whose fields are all good.

        `accepted_on` is what a contract calls today: the date on which the hub took the event.
        """
        verdicts = [self._judge(row, accepted_on) for row in rows]
        places = [place for place, verdict in enumerate(verdicts) if type(verdict) is dict]
        good = cast("list[dict[str, Value]]", [verdicts[place] for place in places])
        for place, rejections in self._rules.breaches(good, accepted_on).items():
            verdicts[places[place]] = rejections
        return verdicts

    def warnings(self, rows: Sequence[Mapping[str, Value]], *, accepted_on: date) -> dict[int, tuple[str, ...]]:
        """Place of each accepted row of which something is told → the codes (`row_warnings`)."""
        return self._warnings.of_rows(rows, accepted_on)

    def restates(self, said: Mapping[str, object], row: Mapping[str, Value]) -> bool:
        """Whether an accepted row has a text in its normal form that was said otherwise."""
        return any(said.get(name) != row[name] for name in self._normalisers)

    def check_key(self, key: str) -> tuple[str, ...] | Rejection:
        """The parts of an event key, each of which its key field may have (for deletes, which have no value).

        A part that is not in its normal form is refused: two spellings would be two keys.
        """
        parts = key.split(SEPARATOR)
        names = self.contract.key
        if len(parts) != len(names):
            return reject("key-parts", None, f"{len(parts)} bagian", f"{len(names)} bagian: {SEPARATOR.join(names)}")
        for name, part in zip(names, parts, strict=True):
            refused = self._against_key_part(name, part)
            if refused is not None:
                return reject("key-format", name, refused.found, refused.expected)
        return tuple(parts)

    def _against_key_part(self, name: FieldName, part: str) -> Rejection | None:
        try:
            self._key_parts[name](part)
        except ValidationError:
            return word(self.contract.by_name[name], part, in_key=True)
        finish = self._finishers.get(name)
        done = finish(part, date.max) if finish is not None else part
        return done if isinstance(done, Rejection) else None

    def _judge(self, row: Mapping[str, object], accepted_on: date) -> dict[str, Value] | tuple[Rejection, ...]:
        """The hot path."""
        try:
            values = self._validate(row)
        except ValidationError:
            return self._judge_closely(row, accepted_on)
        if len(values) != len(self._names):  # optional fields that the writer's schema does not have
            values = {name: values.get(name) for name in self._names}
        for name, finish in self._finishing:
            value = values[name]
            if value is not None:
                done = finish(value, accepted_on)
                if type(done) is Rejection:
                    return self._judge_closely(row, accepted_on)
                values[name] = done
        return values

    def _judge_closely(self, row: Mapping[str, object], accepted_on: date) -> dict[str, Value] | tuple[Rejection, ...]:
        """Normalise, try again, and find every reason."""
        values = self._normalise(row)
        refused: set[object] = set()
        try:
            values = self._validate(values)
        except ValidationError as error:
            refused = {found["loc"][0] for found in error.errors(include_url=False, include_input=False)}
        rejections: list[Rejection] = []
        finished: dict[str, Value] = {}
        for field in self.contract.fields:
            value = values.get(field.name)
            finish = self._finishers.get(field.name)
            if field.name in refused:
                value = word(field, value, in_key=field.name in self.contract.key)
            elif value is not None and finish is not None:
                value = finish(value, accepted_on)
            if isinstance(value, Rejection):
                rejections.append(value)
            else:
                finished[field.name] = value
        unknown = sorted(str(name)[:_MAX_NAME] for name in refused if name not in self.contract.by_name)
        rejections += [reject("unknown-field", name, "ada", "tidak ada dalam kontrak") for name in unknown]
        return tuple(rejections) or finished

    def _normalise(self, row: Mapping[str, object]) -> dict[str, Any]:
        values = dict(row)
        for name, normal_form in self._normalisers.items():
            text = values.get(name)
            if isinstance(text, str):
                values[name] = normal_form(text)
        return values


def _row_validate(contract: Contract) -> Callable[[Any], dict[str, Any]]:
    """pydantic's judgement of a whole row, built once."""
    types: dict[str, Any] = {}
    for field in contract.fields:
        inner = annotation(field, in_key=field.name in contract.key)
        types[field.name] = NotRequired[inner] if field.nullable else inner
    row = TypedDict("Row", types)  # type: ignore[misc] # the fields are those of the contract
    row.__pydantic_config__ = _STRICT  # type: ignore[attr-defined]
    validate: Callable[[Any], dict[str, Any]] = TypeAdapter(row).validator.validate_python
    return validate


def _key_validate(contract: Contract, name: FieldName) -> Callable[[Any], Any]:
    adapter: TypeAdapter[Any] = TypeAdapter(
        annotation(contract.by_name[name], in_key=True), config=ConfigDict(strict=True)
    )
    return adapter.validator.validate_python
