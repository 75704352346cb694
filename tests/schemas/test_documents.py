"""Every document, from its contract alone: good events are accepted, and each known breach is named."""

import json
import re
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

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
from tests.schemas.contracts import AVRO, INSTANCE, TODAY, penduduk
from tests.schemas.mutations import mutations, rendered

ALL = load_all(AVRO, INSTANCE)
LATER = date(2060, 1, 1)  # rules over the day of acceptance say something else then
REVIEWED = Path(__file__).with_name("documents.expected.txt")
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
@pytest.mark.timeout(1_800)
def test_both_ways_agree_on_a_million_events() -> None:
    good, clean = agree(1_000_000)

    assert good * 0.9 < clean <= good


@every
def test_a_lowered_check_lets_in_and_warns(contract: Contract) -> None:
    made = Documents(contract, seed=10, accepted_on=TODAY)
    judge = Validator(contract)
    for doubt in made.doubts():
        (row,) = made.bad(doubt)
        (accepted,) = judge.check_all([row], accepted_on=TODAY)

        assert accepted == row
        assert doubt.code in judge.warnings([accepted], accepted_on=TODAY)[0]


@every
def test_a_value_on_a_limit_is_accepted(contract: Contract) -> None:
    rows = Documents(contract, seed=9, accepted_on=TODAY).edges()

    assert len(rows) >= len(contract.fields) // 3
    assert Validator(contract).check_all(rows, accepted_on=TODAY) == rows


def test_the_documents_are_those_of_the_reviewed_list() -> None:
    """Whoever changes a contract changes the list beside it, where a reviewer reads the change line by line."""
    found = [line for contract in ALL for line in rendered(contract.schema)]

    assert found == REVIEWED.read_text(encoding="utf-8").splitlines()


class Told(NamedTuple):
    """All that people and programs are told of some rows."""

    verdicts: list[Any]  # each row's codes, fields and words
    warnings: dict[int, tuple[str, ...]]


def told(contract: Contract, rows: list[dict[str, Any]], accepted_on: date) -> Told:
    judge = Validator(contract)
    found = judge.check_all(rows, accepted_on=accepted_on)
    accepted = [each for each in found if isinstance(each, dict)]
    told_of = [tuple(each.items()) if isinstance(each, dict) else each for each in found]
    return Told(told_of, judge.warnings(accepted, accepted_on=accepted_on))


def surviving(contract: Contract) -> list[str]:
    """The mutations of which no event tells, and those that the reviewed list does not show."""
    made = Documents(contract, seed=6, accepted_on=TODAY)
    rows: list[dict[str, Any]] = [dict(row) for row in (*made.good(100), *made.edges())]
    rows += [row for breach in (*made.breaches(), *made.doubts()) for row in made.bad(breach)]
    late: list[dict[str, Any]] = [*map(dict, Documents(contract, seed=6, accepted_on=LATER).good(100))]
    before, shown = (told(contract, rows, TODAY), told(contract, late, LATER)), rendered(contract.schema)
    found = []
    for name, schema, judged in mutations(contract):
        if rendered(schema) == shown:
            found.append(f"{name}: not in the list")
        if judged:
            try:
                mutant = read(json.loads(json.dumps(schema)), file=name)
            except ContractError:
                continue
            if (told(mutant, rows, TODAY), told(mutant, late, LATER)) == before:
                found.append(name)
    return found


def test_any_one_keyword_of_a_small_document_that_is_another_is_noticed() -> None:
    (contract,) = (each for each in ALL if each.name == "disdukcapil.pindah-datang")

    assert surviving(contract) == []


@pytest.mark.full
@every
def test_any_one_keyword_that_is_another_is_noticed(contract: Contract) -> None:
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
