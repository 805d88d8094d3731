# SPDX-License-Identifier: Apache-2.0
"""The memory of a running process, dumped by gcore."""

import base64
import platform
import subprocess
import time
from pathlib import Path

from tokens import new_key

# The libraries whose contexts have keys. Debian has the second for one processor only.
AEADS = ["openssl", "ipsec-mb"] if platform.machine() == "x86_64" else ["openssl"]


def core_dump(process: int, folder: Path) -> bytes:
    """The process continues afterwards."""
    prefix = folder / "core"
    subprocess.run(["gcore", "-a", "-o", str(prefix), str(process)], check=True, timeout=120,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    core = folder / f"core.{process}"
    memory = core.read_bytes()
    core.unlink()
    return memory


PIECE = 16  # bytes or characters: fewer are useless, and may be there by chance


def spellings(secret: bytes) -> dict[str, bytes]:
    """The forms in which a secret may be in memory."""
    return {
        "bytes": secret,
        "base64url": base64.urlsafe_b64encode(secret),
        "base64": base64.b64encode(secret),
        "hex": secret.hex().encode(),
        "HEX": secret.hex().upper().encode(),
    }


def found(secret: bytes, memory: bytes) -> list[str]:
    """The forms of which some piece is there."""
    return [name for name, text in spellings(secret).items()
            if any(text[at:at + PIECE] in memory for at in range(0, len(text) - PIECE + 1, 8))]


def check_keys(nginx, server, first, use, rotate) -> None:
    """The worker makes no further copy of a key, and forgets one that was retired a second ago.

    first       seals and opens
    use(key)    does so many times, with the key of the ring
    rotate(key) makes this the only key of the ring, and uses it
    """
    retired, (worker,) = nginx.key, server.workers()
    first()
    copies = core_dump(worker, nginx.folder).count(retired.secret)
    use(retired)
    memory = core_dump(worker, nginx.folder)
    assert found(retired.secret, memory) == ["bytes"]
    assert memory.count(retired.secret) == copies > 0

    kept = new_key()
    rotate(kept)
    time.sleep(1)
    memory = core_dump(worker, nginx.folder)
    assert server.workers() == {worker}
    assert found(kept.secret, memory) == ["bytes"], "the search works"
    assert found(retired.secret, memory) == []
