# SPDX-License-Identifier: Apache-2.0
"""A server under load while its ring is rotated every second, and what must be true then."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from nginx_server import BUILD
from ring import Key
from tokens import jwk_set, new_key

LOAD = Path(__file__).with_name("rotation_load.lua")
LIFETIME = 10  # of the tokens that the server seals
# Longer than a busy disk takes to write the ring and a busy server to see it: every worker opens with
# a key before one seals.
ACTIVATE_IN = 10
# Keys that only make the ring larger, so that a ring that is not freed is visible in the memory.
BALLAST = 600
# A disk may need seconds for an fsync now and then: the load lasts until there have been enough
# rotations, and at most this many times as long as it should.
PATIENCE = 5


def large_ring():
    ballast = [Key("nginx-legacy", os.urandom(32), "", open_only=True) for _ in range(BALLAST)]
    return jwk_set(new_key(), *ballast)


def seconds_of_load(usual):
    """SEALRING_LOAD_SECONDS makes a run by hand longer."""
    return int(os.environ.get("SEALRING_LOAD_SECONDS", usual))


class Rotation(threading.Thread):
    """Rotates the ring and prunes it, every second, as an operator would."""

    def __init__(self, ring):
        super().__init__()
        self._ring = ring
        self._end = threading.Event()
        self.times = 0

    def _keyring(self, command, *options):
        subprocess.run([BUILD / "sealring", "keyring", command, self._ring, *map(str, options)],
                       check=True, stdout=subprocess.DEVNULL, timeout=60)

    def run(self):
        begin = time.monotonic()
        while not self._end.wait(max(0.0, begin + 1 - time.monotonic())):
            begin = time.monotonic()
            self._keyring("rotate", "--activate-in", ACTIVATE_IN, "--max-lifetime", LIFETIME + 1)
            self._keyring("prune")
            self.times += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        self._end.set()
        self.join()


def resident(processes):
    """The memory of the processes together, in kilobytes."""
    return sum(
        int(line.split()[1])
        for process in processes
        for line in Path(f"/proc/{process}/status").read_text().splitlines()
        if line.startswith("VmRSS:")
    )


def load(port, seconds, connections, processes, enough):
    """Loads the server for so long, and until enough(). Returns what wrk counted, and the memory of
    processes() by seconds."""
    begin = time.monotonic()
    wrk = subprocess.Popen(
        ["nice", "wrk", "--threads", "2", "--connections", str(connections), "--timeout", "20s",
         "--duration", f"{PATIENCE * seconds}s", "--script", LOAD, f"http://127.0.0.1:{port}", "--",
         str(LIFETIME)],
        stdout=subprocess.PIPE, text=True)
    memory = []
    while wrk.poll() is None:
        memory.append(resident(processes()))
        time.sleep(1)
        if time.monotonic() - begin >= seconds and enough():
            wrk.send_signal(signal.SIGINT)  # then it prints what it has counted
            break
    said = wrk.communicate()[0]
    assert wrk.returncode == 0, said
    return dict(line.split("=", 1) for line in said.splitlines() if "=" in line), memory


def check_rotation_under_load(ring, port, seconds, processes, connections=16):
    keys = seconds * 5 // 6
    # Keys of the last seconds do not seal yet; of two keys for the same second only one does.
    rotations = keys + ACTIVATE_IN + 3
    with Rotation(ring) as rotation:
        counts, memory = load(port, seconds, connections, processes,
                              lambda: rotation.times >= rotations)
    kids = set(counts["kids"].split())
    print(counts | {"kids": len(kids)}, rotation.times, "rotations, kB:", memory)

    # No valid token was refused, no forged or expired one opened, nothing else went wrong.
    assert counts["faults"] == "0", counts["first_fault"]
    assert counts["errors"] == "0"
    assert min(int(counts["opened"]), int(counts["refused"])) > 500
    assert len(kids) >= keys, (len(kids), rotation.times)
    settled, late = memory[len(memory) // 4 : len(memory) // 2], memory[len(memory) // 2 :]
    assert max(late) <= max(settled) + 1024, memory
