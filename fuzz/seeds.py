#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds, fuzz/corpus/TARGET/NAME: most of them cases of spec/vectors under their names.

Run it after a change of the vectors or of how a target reads its input.
"""

import json
import shutil
from pathlib import Path

from seeds_capi import SESSIONS

FUZZ = Path(__file__).resolve().parent
VECTORS = FUZZ.parent / "spec" / "vectors"
MAX_SIZE = 1500

# Target: the beginning of its vectors' names, and the member that is the input.
FROM_VECTORS = {
    "s1": ("s1_", "token"),
    "nginx_legacy": ("nginx_legacy_", "token_hex"),
    "keyring": ("keyring_", "keyring_text"),
}
LITERAL = {
    "base64url": {
        "empty": b"",
        "one_byte": b"AA",
        "two_bytes": b"AAA",
        "three_bytes": b"AAAA",
        "both_last_characters": b"_-_-",
        "bits_left_over": b"AB",
        "impossible_size": b"AAAAA",
        "padding": b"AA==",
        "padding_of_one": b"AAA=",
        "padding_of_three": b"A===",
        "standard_alphabet": b"+/+/",
        "not_ascii": b"AA\xc3\xa4",
        "nul_inside": b"AA\0A",
        "long": b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_" * 3,
    },
    "capi": SESSIONS,
}


def from_vectors(beginning: str, member: str) -> dict[str, bytes]:
    seeds = {}
    for path in sorted(VECTORS.glob(f"{beginning}*.json")):
        value = json.loads(path.read_text())[member]
        data = bytes.fromhex(value) if member.endswith("_hex") else value.encode()
        if len(data) <= MAX_SIZE:
            seeds[path.stem.removeprefix(beginning)] = data
    return seeds


def main() -> None:
    corpora = {target: from_vectors(*where) for target, where in FROM_VECTORS.items()} | LITERAL
    for target, seeds in corpora.items():
        folder = FUZZ / "corpus" / target
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, data in seeds.items():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
