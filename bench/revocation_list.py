# SPDX-License-Identifier: Apache-2.0
"""A revocation list with so many entries."""

import subprocess
from pathlib import Path

import report


def write(path: Path, entries: int) -> None:
    """Of users, and of a session: so what a session has of both is looked up."""
    sealring = report.BUILD / "sealring"
    subprocess.run([sealring, "revocations", "--create", path], check=True, capture_output=True)
    if entries == 0:
        return
    revoked = "".join(f"user={i}\n" for i in range(entries - 1)) + "sid=AAAAAAAAAAAAAAAAAAAAAA\n"
    subprocess.run([sealring, "revoke", path, "-"], input=revoked, text=True, check=True,
                   capture_output=True)
