#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes spec/vectors/*.json, always with the same bytes: keys, nonces and times are fixed."""

import json
from pathlib import Path

import cases_apache_legacy
import cases_binding
import cases_binding_proofs
import cases_cookies
import cases_cookies_request
import cases_jwe
import cases_jwe_json
import cases_keyring
import cases_logout
import cases_nginx_legacy
import cases_revocations
import cases_rotation
import cases_s1
import cases_s1_syntax
import cases_sealed_rings
import cases_session
import cases_session_open

VECTORS = Path(__file__).resolve().parents[2] / "spec" / "vectors"


def files() -> dict[str, str]:
    """File name to text."""
    made = {}
    for chapter in (
        cases_s1, cases_s1_syntax, cases_jwe, cases_jwe_json, cases_nginx_legacy,
        cases_apache_legacy, cases_keyring, cases_revocations, cases_rotation, cases_session,
        cases_session_open, cases_binding, cases_binding_proofs, cases_cookies, cases_cookies_request,
        cases_logout, cases_sealed_rings,
    ):
        for case in chapter.make():
            name = case["name"] + ".json"
            assert name not in made, f"two cases are called {name}"
            made[name] = json.dumps(case, indent=2) + "\n"
    return made


def main() -> None:
    made = files()
    for stale in {path.name for path in VECTORS.glob("*.json")} - set(made):
        (VECTORS / stale).unlink()
    for name, text in made.items():
        (VECTORS / name).write_text(text)
    print(f"{len(made)} vectors in {VECTORS}")


if __name__ == "__main__":
    main()
