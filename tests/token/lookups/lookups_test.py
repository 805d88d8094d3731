#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sealing and opening look up neither ciphers nor digests: callgrind counts OpenSSL's lookups, and
100 rounds may cause no more of them than one. Usage: lookups_test.py PROGRAM"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

LOOKUPS = ("EVP_CIPHER_fetch", "EVP_MD_fetch", "EVP_MAC_fetch", "EVP_KDF_fetch")


def lookups(program, rounds):
    """How often the program calls each lookup."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "callgrind"
        subprocess.run(["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}", program,
                        str(rounds)], check=True, capture_output=True)
        names, counts, callee = {}, dict.fromkeys(LOOKUPS, 0), None
        for line in out.read_text().splitlines():
            if match := re.match(r"c?fn=(\(\d+\))(?: (\S+))?", line):
                if match[2]:
                    names[match[1]] = match[2].split("@")[0]
                if line.startswith("cfn="):
                    callee = names[match[1]]
            elif (match := re.match(r"calls=(\d+)", line)) and callee in counts:
                counts[callee] += int(match[1])
        return counts


def main():
    once, often = lookups(sys.argv[1], 1), lookups(sys.argv[1], 100)
    print(once, often)
    if not sum(once.values()):
        sys.exit("no lookup was counted, not even those at the start: the count does not work")
    if once != often:
        sys.exit("sealing or opening looks up ciphers")


if __name__ == "__main__":
    main()
