"""The course of a request, act by act: the whole table, written from the rule and not from the code."""

import itertools

import pytest

from identity.access_states import State, Step, after, agreeing, deciding, may_decide_too

# Rows: where it stands. Columns: what somebody does. "-": not possible.
TABLE = """
              ask  name_agreement  agree   decide   grant    refuse   withdraw
asked         -    asked           agreed  -        -        refused  withdrawn
agreed        -    agreed          -       decided  -        refused  withdrawn
decided       -    -               -       -        granted  -        -
granted       -    -               -       -        -        -        -
refused       -    -               -       -        -        -        -
withdrawn     -    -               -       -        -        -        -
"""


def test_each_act_leads_where_the_table_says() -> None:
    head, *lines = (line.split() for line in TABLE.strip().splitlines())
    expected = {(line[0], step): cell for line in lines for step, cell in zip(head, line[1:], strict=True)}

    found = {(state.value, step.value): after(state, step) or "-" for state, step in itertools.product(State, Step)}

    assert found == expected


def test_the_owner_decides_first_and_then_the_walidata() -> None:
    assert [deciding(state) for state in State] == ["owner", "walidata", None, None, None, None]
    assert [agreeing(State.ASKED), agreeing(State.AGREED)] == [Step.AGREE, Step.DECIDE]


@pytest.mark.parametrize(
    ("name", "decided", "may"),
    [
        pytest.param("sari", [], False, id="who asks decides nothing"),
        pytest.param("budi", ["budi"], False, id="nobody decides at two desks"),
        pytest.param("wati", ["budi"], True, id="a third person"),
    ],
)
def test_nobody_decides_beside_himself(name: str, decided: list[str], may: object) -> None:
    assert may_decide_too(name, "sari", decided) is may
