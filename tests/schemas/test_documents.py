"""Every document, from its contract alone: good events are accepted, and each known breach is named."""

import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from producers.synthetic.documents import Documents
from producers.synthetic.pattern_texts import texts
from schemas.column_judge import ColumnJudge
from schemas.contract import Contract
from schemas.errors import ContractError
from schemas.loader import load_all, read
from schemas.validator import Validator
from schemas.wire.avro import Reader, Writer
from schemas.wire.avro_columns import ColumnReader
from schemas.wire.cursor import Spans
from tests.schemas.contracts import AVRO, INSTANCE, TODAY, penduduk, schema_of

ALL = load_all(AVRO, INSTANCE)
every = pytest.mark.parametrize("contract", ALL, ids=lambda contract: contract.name)
Verdict = list[tuple[str, str | None]] | None  # the codes and fields of the reasons; None = accepted


def verdicts(contract: Contract, rows: list[dict[str, Any]]) -> list[Verdict]:
    found = Validator(contract).check_all(rows, accepted_on=TODAY)
    return [[(each.code, each.field) for each in one] if isinstance(one, tuple) else None for one in found]


@every
def test_a_thousand_good_rows_are_accepted_as_they_are(contract: Contract) -> None:
    rows = Documents(contract, seed=1, accepted_on=TODAY).good(1_000)

    assert Validator(contract).check_all(rows, accepted_on=TODAY) == rows
    assert len({tuple(row[name] for name in contract.key) for row in rows}) == 1_000


@every
def test_a_row_that_breaks_one_rule_is_refused_for_that_alone(contract: Contract) -> None:
    made = Documents(contract, seed=2, accepted_on=TODAY)
    known = made.breaches()
    rows = [row for breach in known for row in made.bad(breach)]

    assert verdicts(contract, rows) == [[(breach.code, breach.place)] for breach in known]


@every
def test_a_broken_rule_is_told_in_the_contracts_words(contract: Contract) -> None:
    made = Documents(contract, seed=3, accepted_on=TODAY)
    messages = {f"rule:{rule.name}": rule.message.rstrip(".") for rule in contract.rules}
    for breach in made.breaches():
        if breach.code in messages:
            (row,) = made.bad(breach)
            (rejection,) = Validator(contract).check(row, accepted_on=TODAY)

            assert rejection.found == messages[breach.code]  # type: ignore[union-attr]


def test_the_same_seed_makes_the_same_rows() -> None:
    one, two, other = (Documents(penduduk(), seed=seed, accepted_on=TODAY).good(20) for seed in (1, 1, 2))

    assert one == two
    assert one != other


def agree(total: int) -> tuple[int, int]:
    """Both ways of judging over events of all documents, 30 % of them bad: how many, and how many clean at once."""
    each = total // len(ALL)
    clean_rows = good_rows = 0
    for contract in ALL:
        made = Documents(contract, seed=4, accepted_on=TODAY)
        known = [breach for breach in made.breaches() if breach.on_wire]
        bad = [
            (row, breach)
            for place in range(each * 3 // 10)
            for breach in [known[place % len(known)]]
            for row in made.bad(breach)
        ]
        rows: list[tuple[dict[str, Any], Any]] = [*((dict(row), None) for row in made.good(each - len(bad))), *bad]
        Random(5).shuffle(rows)
        writer, one, reader = Writer(contract), Reader(contract.schema), ColumnReader.of(contract, contract.schema)
        assert reader is not None
        bodies = [writer.write(row) for row, _ in rows]
        singly = Validator(contract).check_all([one.read(body) for body in bodies], accepted_on=TODAY)  # type: ignore[misc]
        expected = [[(breach.code, breach.place)] if breach else None for _, breach in rows]
        named = [[(r.code, r.field) for r in v] if isinstance(v, tuple) else None for v in singly]
        assert named == expected
        frame, places = reader.read(Spans.of(bodies))
        judged, _, clean = ColumnJudge(contract).judge(frame, TODAY)
        for place, row, is_clean in zip(places.tolist(), judged.iter_rows(named=True), clean.to_list(), strict=True):
            if is_clean:
                assert row == singly[place]
                clean_rows += 1
        good_rows += len(rows) - len(bad)
    return good_rows, clean_rows


def test_both_ways_agree() -> None:
    good, clean = agree(5_000)

    assert good * 0.9 < clean <= good


@pytest.mark.full
def test_both_ways_agree_on_a_hundred_thousand_events() -> None:
    good, clean = agree(100_000)

    assert good * 0.9 < clean <= good


KEYWORDS = ("format", "pattern", "minLength", "maxLength", "minimum", "maximum", "enum", "codes")


def mutations(contract: Contract) -> Iterator[tuple[str, Any]]:
    """The contract with one keyword dropped or altered."""
    for place, field in enumerate(schema_of(contract)["fields"]):
        for word in KEYWORDS:
            if word in field:
                schema = schema_of(contract)
                del schema["fields"][place][word]
                yield f"{field['name']} without {word}", schema
        if "enum" in field:
            schema = schema_of(contract)
            schema["fields"][place]["enum"] = [*field["enum"][1:], "BARU"]
            yield f"{field['name']} with another enum", schema
        schema = schema_of(contract)
        turned = schema["fields"][place]
        if isinstance(turned["type"], list):
            turned["type"] = turned["type"][1]
            del turned["default"]
        else:
            turned.update(type=["null", turned["type"]], default=None)
        yield f"{field['name']} with the other nullability", schema
    for place, rule in enumerate(contract.rules):
        if rule.severity == "error":
            schema = schema_of(contract)
            del schema["contract"]["rules"][place]
            yield f"without the rule {rule.name}", schema


def surviving(contract: Contract) -> list[str]:
    """The mutations that no event of the generated ones notices."""
    made = Documents(contract, seed=6, accepted_on=TODAY)
    rows = [dict(row) for row in made.good(200)] + [row for breach in made.breaches() for row in made.bad(breach)]
    before = verdicts(contract, rows)
    found = []
    for name, schema in mutations(contract):
        try:
            mutant = read(json.loads(json.dumps(schema)), file=name)
        except ContractError:
            continue
        if verdicts(mutant, rows) == before:
            found.append(name)
    return found


def test_a_mutated_keyword_of_residents_is_noticed() -> None:
    assert surviving(penduduk()) == []


@pytest.mark.full
@every
def test_a_mutated_keyword_is_noticed(contract: Contract) -> None:
    assert surviving(contract) == []


@every
def test_the_examples_are_values(contract: Contract) -> None:
    assert all(field.example for field in contract.fields)
    texts_only = [field for field in contract.fields if field.kind == "string"]
    good = dict(Documents(contract, seed=7, accepted_on=TODAY).good(1)[0])
    shown = {str(field.name): field.example for field in texts_only}
    found = Validator(contract).check({**good, **shown}, accepted_on=TODAY)
    refused = {each.field for each in found if not each.code.startswith("rule:")} if isinstance(found, tuple) else set()

    assert refused == set()


@pytest.mark.parametrize(
    "pattern", ["[0-9]{3}", "(19|20)[0-9]{2}", "a?b*c+", r"[A-Z0-9][A-Z0-9.-]{1,4}", "(?:x|y{2,})z", r"\+62[^a-z]", ""]
)
def test_made_texts_match_their_pattern(pattern: str) -> None:

    chance = Random(8)
    assert all(re.fullmatch(pattern, texts(pattern)(chance)) for _ in range(200))


@pytest.mark.parametrize("pattern", ["(a", "a)", "^a", "."])
def test_a_pattern_that_is_not_understood_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern"):
        texts(pattern)
