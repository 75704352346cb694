"""What a new contract changes for the rows of a document, and for whoever reads them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas import expressions
from schemas.contract import Contract, Field, Rule, Severity
from schemas.expressions import ACCEPTED_ON

# What of a field decides whether a value is taken.
_DECIDES: Final = (
    "kind", "nullable", "precision", "scale", "format", "pattern", "min_length", "max_length", "minimum", "maximum",
    "maximum_today", "enum", "codes", "warn_only",
)  # fmt: skip
# What of a field a reader does not notice.
_UNNOTICED: Final = frozenset({"doc", "example", "survivorship", "agree", "onMissing", "warnOnly"})


@dataclass(frozen=True, slots=True)
class Changes:
    """The names of what is new or another than before."""

    fields: frozenset[str]  # whose values are judged in another way
    rules: tuple[Rule, ...]  # in the contract's order; warnings too
    touched: frozenset[str]  # fields that readers meet in another way: gone, new, changed

    def is_changed(self, place: str) -> bool:
        """Whether a refusal of this field or rule comes of the change."""
        return place in self.fields or any(rule.name == place for rule in self.rules)


def changes(old: Contract | None, new: Contract) -> Changes:
    """What `new` changes; without an old one everything is new."""
    before: Mapping[str, Field] = {} if old is None else {str(field.name): field for field in old.fields}
    known = {} if old is None else {rule.name: rule for rule in old.rules}
    fields = frozenset(
        str(field.name)
        for field in new.fields
        if _another(before.get(field.name), field) or _in_key(old, field) is not _in_key(new, field)
    )
    rules = tuple(rule for rule in new.rules if _another_rule(known.get(rule.name), rule))
    attributes = _attributes(new)
    was = {} if old is None else _attributes(old)
    touched = {name for name in {*was, *attributes} if was.get(name) != attributes.get(name)}
    named = {name for rule in rules for name in expressions.names(rule.expression)} - {ACCEPTED_ON}
    return Changes(fields, rules, frozenset(touched | named))


def words(old: Contract | None, field: Field) -> str:
    """What of a field changed, by the contract's keywords: "maxLength, pattern"; "isian baru" for one that is new."""
    before = old.by_name.get(field.name) if old is not None else None
    if before is None:
        return "isian baru"
    changed = [word for word in _DECIDES if getattr(before, word) != getattr(field, word)]
    return ", ".join(dict.fromkeys(_KEYWORDS.get(word, word) for word in changed)) or "kunci"


_KEYWORDS: Final = {
    "kind": "type", "nullable": "type", "precision": "type", "scale": "type", "min_length": "minLength",
    "max_length": "maxLength", "maximum_today": "maximum", "warn_only": "warnOnly",
}  # fmt: skip


def _another(before: Field | None, field: Field) -> bool:
    if before is None:
        return True
    return any(getattr(before, word) != getattr(field, word) for word in _DECIDES)


def _in_key(contract: Contract | None, field: Field) -> bool:
    return contract is not None and field.name in contract.key


def _another_rule(before: Rule | None, rule: Rule) -> bool:
    if before is None:
        return True
    same = before.expression.split() == rule.expression.split()
    return not same or (before.severity is not rule.severity and rule.severity is Severity.ERROR)


def _attributes(contract: Contract) -> dict[str, dict[str, Any]]:
    raw: list[dict[str, Any]] = contract.schema["fields"]
    return {each["name"]: {word: value for word, value in each.items() if word not in _UNNOTICED} for each in raw}
