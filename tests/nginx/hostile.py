# SPDX-License-Identifier: Apache-2.0
"""What a client may send in place of a token, of parts whose length can be seen in a log line."""

import re

from tokens import new_key, s1

MARK = "Zz9"
LONG = MARK * 900
LONGEST_LINE = 400  # without what servers add themselves


def values(key) -> list[str]:
    """Tokens, and what is nearly one."""
    named = s1(key, b"x", context=b"c")
    return [LONG, f"s1.{LONG}", f"s1.{LONG}.{LONG}", named + LONG, f"1~{named}", f"2~{named}{LONG}", f"1~s1.{LONG}",
            "eyJraWQiOiI" + LONG, f"9~{LONG}", "%0a%1b[2J" + LONG, "\\x1b" + LONG, s1(new_key(), b"x")]


def check_line(line: str) -> None:
    assert len(line) <= LONGEST_LINE, line
    chosen = max((len(run) for run in re.findall(f"(?:{MARK})+", line)), default=0)
    assert chosen <= 64, line
    assert line.isprintable()
