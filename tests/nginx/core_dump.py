# SPDX-License-Identifier: Apache-2.0
"""What is in the memory of a running process, as gcore takes it."""

import base64
import subprocess
from pathlib import Path


def core_dump(process: int, folder: Path) -> bytes:
    """The process goes on afterwards."""
    prefix = folder / "core"
    subprocess.run(["gcore", "-a", "-o", str(prefix), str(process)], check=True, timeout=120,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    core = folder / f"core.{process}"
    memory = core.read_bytes()
    core.unlink()
    return memory


def spellings(secret: bytes) -> dict[str, bytes]:
    """How a secret may lie in memory. Of base64, what a copy at any offset of a text would show."""
    url = base64.urlsafe_b64encode(secret).rstrip(b"=")[:-1]
    return {
        "bytes": secret,
        "its first half": secret[:16],
        "its second half": secret[16:],
        "base64url": url,
        "base64": base64.b64encode(secret).rstrip(b"=")[:-1],
        "hex": secret.hex().encode(),
        "HEX": secret.hex().upper().encode(),
    }


def found(secret: bytes, memory: bytes) -> list[str]:
    return [name for name, spelling in spellings(secret).items() if spelling in memory]
