"""What a contract took and another one no longer takes. Pure; works on the schemas' JSON.

Schemas without a contract have nothing to compare. Wider limits are fine here: under FORWARD and FULL the comparison
is made the other way round too.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from registry.avro_resolution import Mismatch

KIND = "CONTRACT"
_FIXED = ("opd", "document", "entity", "key", "sequence")  # what a document is; another one is another document
_LOWEST, _HIGHEST = ("minLength", "minimum"), ("maxLength", "maximum")


def narrowings(reader: Any, writer: Any) -> Iterator[Mismatch]:
    """Every place where the contract of `reader` refuses what the contract of `writer` takes."""
    mine, theirs = _contract(reader), _contract(writer)
    if mine is None or theirs is None:
        if theirs is not None:
            yield Mismatch(KIND, "/contract", "missing")
        return
    for word in _FIXED:
        if mine.get(word) != theirs.get(word):
            yield Mismatch(KIND, f"/contract/{word}", _short(mine.get(word)))
    yield from _new_rules(mine, theirs)
    before = {field["name"]: field for field in writer["fields"]}
    for number, field in enumerate(reader["fields"]):
        old = before.get(field["name"])
        if old is not None:
            yield from _narrower_field(field, old, f"/fields/{number}")


def _new_rules(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[Mismatch]:
    known = {_expression(rule) for rule in theirs.get("rules", ()) if rule.get("severity") == "error"}
    for number, rule in enumerate(mine.get("rules", ())):
        if rule.get("severity") == "error" and _expression(rule) not in known:
            yield Mismatch(KIND, f"/contract/rules/{number}", str(rule.get("name")))


def _narrower_field(field: Mapping[str, Any], old: Mapping[str, Any], path: str) -> Iterator[Mismatch]:
    for word in ("format", "pattern", "references"):
        # A pattern that changes may be wider; nobody can tell in general, so a person decides (level NONE once).
        if field.get(word) is not None and field.get(word) != old.get(word):
            yield Mismatch(KIND, f"{path}/{word}", _short(field[word]))
    if old.get("isReplacedBy") and not field.get("isReplacedBy"):  # nothing is refused, but readers follow it
        yield Mismatch(KIND, f"{path}/isReplacedBy", "false")
    if field.get("onMissing") == "park" and old.get("onMissing") == "warn":
        yield Mismatch(KIND, f"{path}/onMissing", "park")
    if field.get("codes") is not None and field.get("codes") != old.get("codes"):
        yield Mismatch(KIND, f"{path}/codes", _short(field["codes"]))
    if field.get("enum") is not None:
        gone = sorted(set(old.get("enum") or ()) - set(field["enum"]))
        if gone or old.get("enum") is None:
            yield Mismatch(KIND, f"{path}/enum", ", ".join(gone) or "new")
    for words, narrower in ((_LOWEST, _is_above), (_HIGHEST, _is_below)):
        for word in words:
            if field.get(word) is not None and (old.get(word) is None or narrower(field[word], old[word])):
                yield Mismatch(KIND, f"{path}/{word}", _short(field[word]))
    lowered = sorted(set(old.get("warnOnly", ())) - set(field.get("warnOnly", ())))
    if lowered:
        yield Mismatch(KIND, f"{path}/warnOnly", ", ".join(lowered))


def _is_above(new: Any, old: Any) -> bool:
    return _order(new) > _order(old)


def _is_below(new: Any, old: Any) -> bool:
    return _order(new) < _order(old)


def _order(limit: Any) -> tuple[int, Any]:
    """Numbers and dates in their order; `today` lies behind every date, as it moves on."""
    if isinstance(limit, str):
        try:
            return 0, float(limit)
        except ValueError:
            return 1, "9999-99-99" if limit == "today" else limit
    return 0, float(limit)


def _contract(schema: Any) -> Mapping[str, Any] | None:
    contract = schema.get("contract") if isinstance(schema, dict) else None
    return contract if isinstance(contract, dict) and isinstance(schema.get("fields"), list) else None


def _expression(rule: Mapping[str, Any]) -> str:
    return " ".join(str(rule.get("expression", "")).split())


def _short(value: Any) -> str:
    return str(value)[:80]
