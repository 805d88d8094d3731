#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counting costs at most 20 instructions a token: callgrind counts those of tokens that are counted
and of tokens that are not. Usage: counting_cost_test.py PROGRAM"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 1000
MOST = 20


def instructions(program, how, rounds):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind"
        subprocess.run(["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}", program,
                        how, str(rounds)], check=True, capture_output=True)
        return int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE)[1])


def each(program, how):
    """The instructions of one token."""
    return (instructions(program, how, 2 * ROUNDS) - instructions(program, how, ROUNDS)) / ROUNDS


def main():
    counted, uncounted = (each(sys.argv[1], how) for how in ("counted", "uncounted"))
    print(f"{counted - uncounted:.1f} instructions: {counted:.1f} with counting, {uncounted:.1f} without")
    if not 3 < counted - uncounted <= MOST:
        sys.exit(f"counting costs less than anything can, or more than {MOST} instructions a token")


if __name__ == "__main__":
    main()
