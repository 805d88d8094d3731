# SPDX-License-Identifier: Apache-2.0
"""What the command line says and decides, for script/mutants."""

from mutant import Mutant

EXPLAIN = "cli/explain.cc"


def explain(name: str, old: str, new: str) -> Mutant:
    return Mutant("explain: " + name, EXPLAIN, old, new, ("tests/cli/test_explain.py",))


MUTANTS_OF_CLI = (
    explain("without bound cookies", "  opener.bound_cookies = candidates.bound_cookies();\n", ""),
    explain("more parts than a server takes", "candidates(name, options.parts)",
            "candidates(name, session::kMaxParts)"),
    explain("an older session in place of one that is unbound", "!one.reason || *one.reason == Error::unbound",
            "!one.reason"),
    Mutant("keyring add: says of each key that it does not take over", "cli/keyring_add.cc",
           "if (key.seal_from == 0) return", "if (true) return", ("tests/cli/test_keyring_add.py",)),
)
