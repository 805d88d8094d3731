# SPDX-License-Identifier: Apache-2.0
"""A ring that is rotated every second under load: nobody is logged out, nothing forged gets in.

SEALRING_LOAD_SECONDS makes it last longer than the 60 s of a usual run."""

import os
import subprocess
import threading
import time
from pathlib import Path

from nginx_server import BUILD, conf
from ring import Key
from tokens import new_key, write_ring

SECONDS = int(os.environ.get("SEALRING_LOAD_SECONDS", "60"))
LOAD = Path(__file__).with_name("rotation_load.lua")
LIFETIME = 10
# Longer than a busy server takes to see the ring: every worker opens with a key before one seals.
ACTIVATE_IN = 4
# Keys that only make the ring larger, so that one that is not freed shows in the memory.
BALLAST = 300

SITE = conf(
    f"""
    encrypted_session_keyring session.keys;
    encrypted_session_context load;
    encrypted_session_expires {LIFETIME};
    keepalive_requests 1000000000;
    server {{
        listen 127.0.0.1:8080 reuseport;
        access_log off;
        location /seal {{ set_encrypt_session $t $arg_p; return 200 "$arg_p $t"; }}
        location /open {{
            set_decrypt_session $p $arg_t;
            return 200 "$arg_e $arg_p $encrypted_session_verify $p";
        }}
    }}""",
    main="worker_processes 2;",
)


def keyring(*arguments):
    subprocess.run([BUILD / "sealring", "keyring", *map(str, arguments)], check=True,
                   stdout=subprocess.DEVNULL, timeout=60)


def ballast():
    return [Key("nginx-legacy", os.urandom(32), "", open_only=True) for _ in range(BALLAST)]


class Rotation(threading.Thread):
    """Rotates the ring and prunes it, every second, as an operator would."""

    def __init__(self, ring):
        super().__init__()
        self._ring = ring
        self._end = threading.Event()
        self.times = 0

    def run(self):
        begin = time.monotonic()
        while not self._end.wait(max(0.0, begin + self.times - time.monotonic())):
            keyring("rotate", self._ring, "--activate-in", ACTIVATE_IN, "--max-lifetime", LIFETIME)
            keyring("prune", self._ring)
            self.times += 1

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exception):
        self._end.set()
        self.join()


def resident(processes):
    """Kilobytes that the processes together have in memory."""
    return sum(
        int(line.split()[1])
        for process in processes
        for line in Path(f"/proc/{process}/status").read_text().splitlines()
        if line.startswith("VmRSS:")
    )


def under_load(server, seconds):
    """Loads the server; returns what wrk counted, and the workers' memory second by second."""
    load = subprocess.Popen(
        ["wrk", "--threads", "2", "--connections", "16", "--timeout", "20s", "--duration",
         f"{seconds}s", "--script", LOAD, f"http://127.0.0.1:{server.port}", "--", str(LIFETIME)],
        stdout=subprocess.PIPE, text=True)
    memory = []
    while load.poll() is None:
        memory.append(resident(server.workers()))
        time.sleep(1)
    said = load.communicate()[0]
    assert load.returncode == 0, said
    return dict(line.split("=", 1) for line in said.splitlines() if "=" in line), memory


def test_a_ring_that_is_rotated_every_second_under_load(nginx):
    write_ring(nginx, new_key(), *ballast())
    server = nginx.start(SITE)
    with Rotation(nginx.folder / "session.keys") as rotation:
        counts, memory = under_load(server, SECONDS)
    kids = set(counts["kids"].split())
    print(counts | {"kids": len(kids)}, rotation.times, "rotations, kB:", memory)

    assert counts["faults"] == "0", counts["first_fault"]
    assert counts["errors"] == "0"
    assert int(counts["opened"]) > 1000 and int(counts["refused"]) > 1000
    assert len(kids) >= SECONDS * 5 // 6, "keys that sealed"
    assert "[error]" not in server.error_log
    settled, late = memory[len(memory) // 4 : len(memory) // 2], memory[len(memory) // 2 :]
    assert max(late) <= max(settled) + 1024, memory
