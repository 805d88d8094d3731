# SPDX-License-Identifier: Apache-2.0
"""Medians with 95 % intervals, and how two things that were measured side by side compare.

A machine's speed changes from one moment to the next, most of all when others use it too. So everything
is measured in short blocks, one of each kind in a round, each round in another order. What is compared is
compared within a round. The median of the rounds is the result, because a disturbed block is a large
outlier. Its interval is the one by order statistics: it needs no assumption about how the values are
distributed, and always says the same of the same values.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple

OUTSIDE = 0.05  # the probability that the true median is not in the interval

Rounds = Mapping[str, Sequence[float]]  # what one call or request took, by the name of its kind; one a round


class Interval(NamedTuple):
    low: float
    median: float
    high: float


def outer_ranks(count: int) -> int:
    """How many of the sorted values are below the interval, and how many above it. If that is none, even
    the whole range is too narrow for 95 %."""
    below, ranks = 0.0, 0
    while (below := below + math.comb(count, ranks) / 2**count) <= OUTSIDE / 2:
        ranks += 1
    return max(ranks - 1, 0)


def interval(values: Sequence[float]) -> Interval:
    ordered = sorted(values)
    out = outer_ranks(len(ordered))
    return Interval(ordered[out], statistics.median(ordered), ordered[-1 - out])


def share(rounds: Rounds, name: str, base: str) -> Interval:
    """How many times `name` is served in the time of one `base`: 1 if it costs nothing more."""
    return interval([its / mine for mine, its in zip(rounds[name], rounds[base], strict=True)])


def added(rounds: Rounds, name: str, base: str) -> Interval:
    return interval([mine - its for mine, its in zip(rounds[name], rounds[base], strict=True)])


def digits(values: Sequence[float]) -> list[float]:
    """For a file: four significant digits."""
    return [float(f"{value:.4g}") for value in values]


def compared(rounds: Rounds, bases: Mapping[str, Sequence[str]]) -> dict[str, dict]:
    """By name: microseconds of nanoseconds, and how it compares with its bases, if it has some."""
    return {name: {
        "microseconds": digits([value / 1000 for value in interval(rounds[name])]),
        "against": {base: {
            "share": digits(share(rounds, name, base)),
            "added_microseconds": digits([value / 1000 for value in added(rounds, name, base)]),
        } for base in bases.get(name, ())},
    } for name in rounds}
