"""What changes in the rules of a contract, in sentences. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from registry.governance.field_differences import NARROWER, SAME, WIDER
from registry.governance.wording import quoted

_SEVERITIES: Final = {"error": "menolak", "warn": "hanya memperingatkan"}


def rule_differences(title: str, old: Any, new: Any) -> Iterator[tuple[str, str, str]]:
    """Sentence, effect and name of each rule that changed; `title` is what they are called: "Aturan"."""
    before, after = _by_name(old), _by_name(new)
    for name, rule in after.items():
        was = before.get(name)
        if was is None:
            effect = NARROWER if rule.get("severity") == "error" else SAME
            yield f"{title} {name} baru, {_severity(rule)}: {rule.get('message', '')}", effect, name
            continue
        if was.get("severity") != rule.get("severity"):
            effect = NARROWER if rule.get("severity") == "error" else WIDER
            yield f"{title} {name} kini {_severity(rule)}.", effect, name
        if _expression(was) != _expression(rule):
            effect = NARROWER if rule.get("severity") == "error" else SAME
            text = f"{title} {name} berubah dari {quoted(_expression(was))} menjadi {quoted(_expression(rule))}."
            yield text, effect, name
        if was.get("message") != rule.get("message"):
            yield f"Pesan {title.lower()} {name} kini berbunyi {quoted(rule.get('message'))}.", SAME, name
    for name, rule in before.items():
        if name not in after:
            yield f"{title} {name} dihapus.", WIDER if rule.get("severity") == "error" else SAME, name


def _by_name(rules: Any) -> dict[str, Mapping[str, Any]]:
    return {str(rule.get("name")): rule for rule in rules or () if isinstance(rule, dict)}


def _severity(rule: Mapping[str, Any]) -> str:
    return _SEVERITIES.get(str(rule.get("severity")), "tanpa tingkat")


def _expression(rule: Mapping[str, Any]) -> str:
    return " ".join(str(rule.get("expression", "")).split())
