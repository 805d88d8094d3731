# SPDX-License-Identifier: Apache-2.0
"""Each row of docs/fleet.md that says what happens in an outage names a test that shows it."""

import re

from nginx_server import REPOSITORY

TABLE = (REPOSITORY / "docs" / "fleet.md").read_text().partition("| what fails |")[2].partition("\n\n")[0]
TESTS = {name for path in (REPOSITORY / "tests").rglob("test_*.py")
         for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)}


def test_each_outage_has_a_test():
    rows = TABLE.splitlines()[2:]
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r"`(test_\w+)`", row)
        assert named and set(named) <= TESTS, row
