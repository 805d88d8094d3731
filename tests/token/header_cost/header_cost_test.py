#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The cost of refusing a JWE grows only with the size of its header, whatever its shape: callgrind
counts the instructions for headers of half the maximum size and of nearly the maximum. When a
header is read, nothing in it has been authenticated. Usage: header_cost_test.py PROGRAM"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SHAPES = ("long_value", "long_name", "escaped_value", "escaped_names", "many_members", "white_space",
          "nested_arrays")
HALF, WHOLE = 350, 700  # bytes of JSON; the maximum is 768


def instructions(program, shape, size):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind"
        subprocess.run(["valgrind", "-q", "--tool=callgrind", "--toggle-collect=*open_measured*",
                        f"--callgrind-out-file={out}", program, shape, str(size)],
                       check=True, capture_output=True)
        return int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.MULTILINE)[1])


def main():
    program = sys.argv[1]
    usual = instructions(program, "usual", 0)
    print(f"usual: {usual}")
    if usual < 500:
        sys.exit("hardly anything was counted: the count does not work")
    faults = 0
    for shape in SHAPES:
        half, whole = (instructions(program, shape, size) for size in (HALF, WHOLE))
        print(f"{shape}: {half} for {HALF} bytes, {whole} for {WHOLE}")
        # Twice, plus an allowance for what does not depend on the size.
        faults += whole > 2.2 * half + usual
    if faults:
        sys.exit("the cost of a header grows faster than its size")


if __name__ == "__main__":
    main()
