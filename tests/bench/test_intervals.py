# SPDX-License-Identifier: Apache-2.0
"""The statistics of benchmarks, on numbers that are known."""

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

import intervals  # noqa: E402


@pytest.mark.parametrize("count, outside", [(1, 0), (5, 0), (6, 0), (8, 0), (9, 1), (10, 1), (20, 5), (30, 9),
                                            (100, 39), (1000, 468)])
def test_the_ranks_are_those_of_tables(count, outside):
    """Of confidence limits of the median: for 100 values the 40th and the 61st."""
    assert intervals.outer_ranks(count) == outside


def test_an_interval_is_made_of_values_in_any_order():
    assert intervals.interval([5, 1, 9, 2, 8, 3, 7, 4, 6]) == (2, 5, 8)
    assert intervals.interval([3]) == (3, 3, 3)


@pytest.mark.parametrize("draw", [
    lambda source: source.gauss(0, 1),
    lambda source: source.lognormvariate(0, 2) - 1,  # the median of it is 0
    lambda source: source.choice([-1, 1]) * source.paretovariate(1),  # it has no mean
])
def test_19_of_20_intervals_have_the_true_median(draw):
    source = random.Random(1)
    hits = sum(low <= 0 <= high for low, _, high in
               (intervals.interval([draw(source) for _ in range(50)]) for _ in range(1000)))
    assert 935 <= hits <= 985


def rounds_of(source, times, count=200, speed=lambda i: 1.0, disturbed=0.0) -> dict[str, list[float]]:
    """Of things that take so long, on a machine that others use."""
    def taken(time, i):
        return time * speed(i) * source.gauss(1, 0.02) * (10 if source.random() < disturbed else 1)

    return {name: [taken(time, i) for i in range(count)] for name, time in times.items()}


def test_disturbed_blocks_do_not_move_a_share():
    rounds = rounds_of(random.Random(2), {"plain": 1000, "sealed": 1250}, disturbed=0.2)
    low, median, high = intervals.share(rounds, "sealed", "plain")
    assert low <= 0.8 <= high and abs(median - 0.8) < 0.005 and high - low < 0.03
    low, median, high = intervals.added(rounds, "sealed", "plain")
    assert low <= 250 <= high


def test_a_machine_that_gets_slower_does_not_move_a_share():
    rounds = rounds_of(random.Random(3), {"plain": 1000, "sealed": 1250}, speed=lambda i: 1 + i / 50)
    low, median, high = intervals.share(rounds, "sealed", "plain")
    assert low <= 0.8 <= high and high - low < 0.02


def test_what_is_equal_cannot_be_told_apart():
    rounds = rounds_of(random.Random(4), {"one": 1000, "other": 1000})
    low, _, high = intervals.share(rounds, "one", "other")
    assert low <= 1 <= high


def test_rounds_of_different_lengths_are_not_compared():
    with pytest.raises(ValueError):
        intervals.share({"one": [1.0, 2.0], "other": [1.0]}, "one", "other")


def test_results_are_in_microseconds_and_short():
    result = intervals.compared({"base": [1000.0], "more": [3000.4]}, {"more": ["base"]})
    assert result["base"] == {"microseconds": [1.0] * 3, "against": {}}
    assert result["more"] == {"microseconds": [3.0] * 3, "against": {
        "base": {"share": [0.3333] * 3, "added_microseconds": [2.0] * 3}}}
