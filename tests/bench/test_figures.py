"""How a comparison is reckoned: best settings, medians, ratios."""

import pytest

from bench.peers import figures
from bench.peers.figures import OURS, Choice
from bench.peers.measuring import Run
from consumers.settings import IntakeSettings


def run(seconds: float, client: float = 1.0, postgres: float = 1.0) -> Run:
    return Run(1_000, seconds, 200, {"client": client, "postgres": postgres, "kafka": 0.1}, 100)


def test_the_best_batch_is_found_first_and_then_the_best_number_of_tasks_with_it() -> None:
    rates = {Choice(2_000, 2): 1.0, Choice(5_000, 2): 3.0, Choice(10_000, 2): 2.0, Choice(5_000, 1): 4.0}

    found = figures.choose("connect_debezium", lambda choice: rates.get(choice, 0.5))

    assert found.best == Choice(5_000, 1)
    assert found.tried == {**rates, Choice(5_000, 4): 0.5}


def test_the_floor_keeps_our_number_of_connections() -> None:
    found = figures.choose("floor", lambda choice: float(choice.batch))

    ours = IntakeSettings.model_fields["connections"].default
    assert set(found.tried) == {Choice(batch, ours) for batch in (5_000, 10_000, 20_000)}


def test_ratios_are_of_medians_ours_over_theirs() -> None:
    runs = {OURS: [run(1.0), run(2.0), run(50.0)], "quix": [run(6.0), run(8.0), run(0.1)], "floor": [run(1.0)] * 3}

    assert figures.ratios(runs) == {"quix": 3.0, "floor": 0.5}


def test_cpu_ratios_count_client_and_database_together() -> None:
    runs = {OURS: [run(1.0, 6.0, 4.0)], "quix": [run(1.0, 30.0, 10.0)]}

    assert figures.cpu_ratios(runs) == {"quix": 0.25}


def test_publication_is_held_against_our_own_way_without_it() -> None:
    runs = {OURS: [run(1.0)], "simpul_published": [run(1.25)]}

    assert figures.share(runs, "simpul_published") == 0.8
    assert figures.ratios(runs) == {}


def test_a_summary_has_median_least_and_most() -> None:
    found = figures.summary({OURS: [run(1.0), run(2.0), run(4.0)]})[OURS]

    assert found["events_per_second"] == {"median": 500, "least": 250, "most": 1_000}
    assert found["cpu_us_per_event"] == pytest.approx({"client": 1.0, "postgres": 1.0, "kafka": 0.1})
