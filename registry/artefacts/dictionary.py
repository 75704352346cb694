"""The data dictionary of a document: one page in the look of the hub, in Indonesian, without any script."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from registry.artefacts.edition import Edition, deprecation, is_masked, promise
from schemas.contract import Contract, Rule, Severity
from schemas.field_lists import lists_of
from schemas.requirements import KINDS, requirement

if TYPE_CHECKING:
    from jinja2 import Environment

_EFFECTS: Final = {Severity.ERROR: "dikembalikan kepada OPD", Severity.WARN: "diterima dengan peringatan"}


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A line of the table of fields."""

    name: str
    doc: str
    kind: str
    nullable: bool
    requirement: str
    sensitivity: str
    specific: bool
    masked: bool
    is_key: bool
    example: str
    deprecated: dict[str, str] | None


def dictionary(edition: Edition) -> bytes:
    """The page."""
    contract = edition.contract
    used = {each.name: each for field in contract.fields for each in lists_of(field)}
    text = (
        _pages()
        .get_template("dictionary.html")
        .render(
            contract=contract,
            hub=edition.hub,
            version=edition.version,
            title=edition.title,
            agency=edition.agency,
            guardian=edition.guardian,
            promise=promise(contract.freshness),
            fields=list(_rows(contract)),
            rules=list(_rules(contract)),
            lists=[used[name] for name in sorted(used)],
        )
    )
    return text.encode()


@cache
def _pages() -> "Environment":
    """Made with the first page, so that no process loads jinja2 that makes none."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("registry.artefacts"),
        autoescape=True,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


def _rows(contract: Contract) -> Iterator[FieldRow]:
    for field in contract.fields:
        yield FieldRow(
            name=field.name,
            doc=field.doc,
            kind=KINDS[field.kind],
            nullable=field.nullable,
            requirement=requirement(field),
            sensitivity=str(field.sensitivity),
            specific=field.specific,
            masked=is_masked(field),
            is_key=field.name in contract.key,
            example=field.example or "",
            deprecated=deprecation(contract, field),
        )


def _rules(contract: Contract) -> Iterator[tuple[Rule, str]]:
    yield from ((rule, _EFFECTS[rule.severity]) for rule in contract.rules)
    yield from ((check, "Tidak Padan, dilihat walidata") for check in contract.checks)
