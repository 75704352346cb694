"""The effect of a contract before it is approved: what it would refuse of what is stored, what it would let in, whom
it touches."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

from identity.masking import Viewer, mask
from registry.governance import effect_rows, effect_users
from registry.governance.effect_changes import Changes, changes, words
from registry.governance.effect_judge import EffectJudge
from registry.governance.effect_letters import Letters, letters_of
from registry.governance.effect_users import DocumentUse, GrantUse
from schemas import expressions
from schemas.contract import Contract, Severity, Value
from schemas.expressions import ACCEPTED_ON

# Whoever looks at a draft sees masked values, whatever his role.
_EYES = Viewer(everywhere=True)


@dataclass(frozen=True, slots=True)
class ChangeEffect:
    """What one new or changed field or rule would do to the stored rows."""

    place: str  # the field or the rule
    kind: str  # "isian" or "aturan"
    what: str  # a field: the keywords that changed; a rule: its message
    severity: str  # "error": the rows would be refused; "warn": told of
    rows: int
    sample: tuple[Mapping[str, Value], ...]  # masked: the key, and the fields that this is about


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of a contract on one snapshot."""

    document: str
    entity: str
    accepted_on: date  # what the contract calls today
    rows: int  # live rows of the document
    refused: int  # of them, refused under the new contract by anything
    newly: int  # of them, refused by something that is new or changed
    changes: tuple[ChangeEffect, ...]
    letters: Letters
    touched: tuple[str, ...]
    grants: tuple[GrantUse, ...]
    documents: tuple[DocumentUse, ...]

    def to_json(self) -> dict[str, Any]:
        """As JSON has it: dates and decimals as text."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def effect_of(
    conn: Connection[TupleRow], old: Contract | None, new: Contract, *, accepted_on: date, now: datetime
) -> Effect:
    """What `new` would do in place of `old` (None: the document is new).

    The caller gives a transaction: REPEATABLE READ READ ONLY, so that all counts are of one snapshot, by a role that
    may read reference rows and dead letters (`simpul_publisher`). Memory is bounded by 100,000 rows.
    """
    changed = changes(old, new)
    judge = EffectJudge(new, changed, accepted_on)
    for frame in effect_rows.frames(conn, old, new) if old is not None else ():
        judge.take(frame)
    return Effect(
        document=new.name,
        entity=new.entity,
        accepted_on=accepted_on,
        rows=judge.rows,
        refused=judge.refused,
        newly=judge.newly,
        changes=tuple(_changes(judge, old, new, changed)),
        letters=letters_of(conn, new, accepted_on),
        touched=tuple(sorted(changed.touched)),
        grants=effect_users.grants_of(conn, new, changed.touched, now),
        documents=effect_users.documents_of(conn, new, changed.touched),
    )


def _changes(judge: EffectJudge, old: Contract | None, new: Contract, changed: Changes) -> list[ChangeEffect]:
    found = [
        ChangeEffect(
            place=str(field.name),
            kind="isian",
            what=words(old, field),
            severity="error",
            rows=judge.by_place[field.name],
            sample=_masked(new, judge.samples.get(field.name, []), {str(field.name)}),
        )
        for field in new.fields
        if field.name in changed.fields
    ]
    for rule in changed.rules:
        counted = judge.by_place if rule.severity is Severity.ERROR else judge.warned
        named = set(expressions.names(rule.expression)) - {ACCEPTED_ON}
        sample = _masked(new, judge.samples.get(rule.name, []), named)
        found.append(ChangeEffect(rule.name, "aturan", rule.message, str(rule.severity), counted[rule.name], sample))
    return found


def _masked(contract: Contract, rows: list[Mapping[str, Value]], about: set[str]) -> tuple[Mapping[str, Value], ...]:
    """The key and the fields that it is about, as they may be shown to anybody who works on contracts."""
    wanted = [field.name for field in contract.fields if field.name in contract.key or field.name in about]
    return tuple(
        {str(name): value for name, value in mask(contract, {n: row[n] for n in wanted}, viewer=_EYES).items()}
        for row in rows
    )


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case str() | int() | float() | bool() | None:
            return value
        case date():
            return value.isoformat()
        case _:
            return str(value)
