"""The contracts say what the domain's sheet says, which was typed from the sheet and not made from the contracts."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from schemas import code_lists
from schemas.contract import Contract, Field, Kind
from schemas.formats import FORMATS
from schemas.loader import load_all
from schemas.names import FieldName
from tests.schemas.contracts import AVRO, INSTANCE

ALL: Final = {contract.name: contract for contract in load_all(AVRO, INSTANCE)}
FIELD: Final = re.compile(
    r"(?P<name>\w+):(?P<kind>[a-z]+)(?P<nullable>\??)(?:\[(?P<check>/.*/|[^\]]*)\])?"
    r"(?:\{(?P<sensitivity>[UTP])(?P<specific>\+?)\})?(?:→(?P<target>[a-z_.]+)/(?P<missing>park|warn))?"
)
KINDS: Final = {
    "s": Kind.STRING, "d": Kind.DATE, "i": Kind.INT, "dec": Kind.DECIMAL, "b": Kind.BOOLEAN, "double": Kind.DOUBLE,
}  # fmt: skip
SENSITIVITIES: Final = {"U": "umum", "T": "terbatas", "P": "pribadi"}


@dataclass(frozen=True)
class Sheet:
    """One document of the sheet."""

    name: str
    head: tuple[str, str, str, str]  # entity, key, priority, freshness
    fields: tuple[re.Match[str], ...]


def sheet() -> list[Sheet]:
    text = Path(__file__).with_name("domain_sheet.txt").read_text(encoding="utf-8")
    found = []
    for paragraph in text.split("\n\n")[1:]:
        head, *rest = paragraph.strip().splitlines()
        name, *about = head.split()
        told = " ".join(rest).split()
        matches = [FIELD.fullmatch(each) for each in told]
        assert all(matches), [each for each, match in zip(told, matches, strict=True) if not match]
        entity, key, priority, freshness = about
        found.append(Sheet(name, (entity, key, priority, freshness), tuple(filter(None, matches))))
    return found


def checked(field: Field, check: str) -> bool:
    """Whether a field has the check, and no other of its sort."""
    if field.kind is Kind.STRING or check in FORMATS:
        return checked_text(field, check)
    low, _, high = check.partition("..")
    if field.kind is Kind.DATE:
        lowest = date.fromisoformat(low) if low else None
        return field.maximum_today == (high == "today") and (not low or field.minimum == lowest)
    return (not low or field.minimum == Decimal(low)) and (not high or field.maximum == Decimal(high))


def checked_text(field: Field, check: str) -> bool:
    if check in FORMATS:
        return field.format == check
    if check.startswith("#"):
        return field.codes is not None and len(code_lists.load(field.codes).codes) == int(check[1:])
    if check.startswith("/"):
        return field.pattern == check[1:-1]
    if "|" in check:
        return field.enum is not None and {word.replace(" ", "_") for word in field.enum} == set(check.split("|"))
    low, _, high = check.partition("..")
    return (not low or field.min_length == int(low)) and (not high or field.max_length == int(high))


def differences(contract: Contract, told: Sheet) -> list[str]:
    found = []
    head = (contract.entity, "|".join(contract.key), str(contract.priority), contract.freshness)
    if head != told.head:
        found.append(f"{head} is not {told.head}")
    for match in told.fields:
        field = contract.by_name.get(FieldName(match["name"]))
        if field is None:
            found.append(f"{match['name']} is not there")
            continue
        reference = field.reference
        target = f"{reference.entity}.{reference.field}/{reference.on_missing}" if reference else ""
        wanted = f"{match['target']}/{match['missing']}" if match["target"] else ""
        same = (
            field.kind is KINDS[match["kind"]]
            and field.nullable == bool(match["nullable"])
            and (not match["check"] or checked(field, match["check"]))
            and (not match["sensitivity"] or field.sensitivity == SENSITIVITIES[match["sensitivity"]])
            and (not match["sensitivity"] or field.specific == bool(match["specific"]))
            and (not wanted or target == wanted)
        )
        if not same:
            found.append(f"{match[0]} is not {field}")
    return found


@pytest.mark.parametrize("told", sheet(), ids=lambda told: told.name)
def test_a_contract_is_as_the_sheet_has_it(told: Sheet) -> None:
    assert differences(ALL[told.name], told) == []


def test_the_sheet_has_every_document() -> None:
    assert {told.name for told in sheet()} == ALL.keys()
    assert all(told.fields for told in sheet())


@pytest.mark.parametrize(
    "text",
    [
        "nik:s?[nik]{P}",
        "nik:s[no-kk]{P}",
        "nik:s[nik]{T}",
        "nik:s[nik]{P+}",
        "nik:s[nik]{P}→wilayah.kode/park",
        "tempat_lahir:s[..61]{P}",
        "tanggal_lahir:d[1901-01-01..today]",
        "tanggal_lahir:d[1900-01-01..]",
        "agama:s[#8]",
        "jenis_kelamin:s[L|P|X]",
        "nik_pengganti:s?[nik]{P}→penduduk.nik/warn",
        "umur:i",
    ],
)
def test_a_sheet_that_says_otherwise_is_noticed(text: str) -> None:
    match = FIELD.fullmatch(text)
    assert match is not None

    told = Sheet("disdukcapil.penduduk", ("penduduk", "nik", "1", "P1D"), (match,))

    assert len(differences(ALL["disdukcapil.penduduk"], told)) == 1
