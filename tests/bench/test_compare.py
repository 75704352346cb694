"""What changed since a saved run."""

import json
from pathlib import Path

import pytest

from bench import compare
from bench.compare import Change

EARLIER = {
    "commit": "a",
    "events": 1_000,
    "ratios": {"quix": 3.0, "faust": 10.0, "gone": 1.0},
    "entrants": {"simpul": {"events_per_second": {"median": 80_000}, "runs": [{"seconds": 1.0}]}},
    "load_average": [0.1],
}
LATER = {
    "commit": "b",
    "events": 1_000,
    "ratios": {"quix": 3.2, "faust": 5.0, "new": 2.0},
    "entrants": {"simpul": {"events_per_second": {"median": 60_000}, "runs": [{"seconds": 9.0}]}},
    "load_average": [9.9],
}


def test_what_changed_by_more_than_the_noise_is_told_and_what_only_one_run_has() -> None:
    assert compare.changes(EARLIER, LATER) == [
        Change("ratios.faust", 10.0, 5.0),
        Change("ratios.new", None, 2.0),
        Change("entrants.simpul.events_per_second.median", 80_000, 60_000),
        Change("ratios.gone", 1.0, None),
    ]


def test_with_less_noise_more_is_told() -> None:
    names = [each.name for each in compare.changes(EARLIER, LATER, noise=0.05)]

    assert "ratios.quix" in names


def test_a_figure_that_was_nought_is_told_without_a_share() -> None:
    (found,) = compare.changes({"parked": 0}, {"parked": 5})

    assert found.line() == "parked: 0 → 5"


def test_two_saved_runs_are_laid_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, run in {"earlier": EARLIER, "later": LATER}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(run), encoding="utf-8")

    code = compare.main([str(tmp_path / "earlier.json"), str(tmp_path / "later.json")])

    assert code == 0
    assert capsys.readouterr().out.splitlines() == [
        'commit: "a" → "b"',
        "ratios.faust: 10 → 5 (-50%)",
        "ratios.new: – → 2",
        "entrants.simpul.events_per_second.median: 80,000 → 60,000 (-25%)",
        "ratios.gone: 1 → –",
    ]


def test_a_wrong_call_is_answered_with_how_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert compare.main(["one.json"]) == 2
    assert "bench.compare" in capsys.readouterr().err
