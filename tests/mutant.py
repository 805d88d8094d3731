# SPDX-License-Identifier: Apache-2.0
"""A check that script/mutants removes."""

from typing import NamedTuple


class Mutant(NamedTuple):
    name: str
    file: str
    old: str  # is in the file once
    new: str
    programs: tuple[str, ...]  # or, of a module of a server, files of tests
