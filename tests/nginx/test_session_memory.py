# SPDX-License-Identifier: Apache-2.0
"""A worker's memory does not grow with the requests that it answers, whatever becomes of sessions."""

import os
import subprocess
from pathlib import Path

from rotation_load import resident
from sessions import NAME, site
from tokens import new_key, now, s1

LOAD = Path(__file__).with_name("session_load.lua")
REQUESTS = int(os.environ.get("SEALRING_SESSION_REQUESTS", "60000"))
SITE = site("""
    session_header X-Replace-Session; session_idle 10h; session_renew 60s; keepalive_requests 1000000000;
    access_log off; error_log /dev/null; proxy_buffer_size 32k; proxy_buffers 4 32k;
    error_page 418 =200 @inside;
    location / { proxy_pass http://127.0.0.1:9000; }
    location = /in { session_set user $arg_user; return 204; }
    location = /out { session_end; return 204; }
    location = /needs { session_require user; try_files /none @inside; }
    location = /asked { auth_request /needs; try_files /none @inside; }
    location = /inside { return 418; }
    location @inside { return 200 "$session_fields $session_id_hash $session_verify"; }
    """, before="""large_client_header_buffers 8 64k; server { listen 127.0.0.1:9000; location / {
        add_header X-Replace-Session $arg_set; return 200 "$http_cookie"; } }""")  # fmt: skip


def cookies(token: str) -> str:
    """As many as the token needs."""
    if len(token) < 4000:
        return f"{NAME}={token}"
    return f"{NAME}=2~{token[:3900]}; {NAME}-1={token[3900:]}"


def requests(key) -> list[str]:
    def session(key=key, *, more="", age=0, **options):
        text = f"user=alice&sid=AAAAAAAAAAAAAAAAAAAAAA&auth_time={now() - age}{more}"
        return s1(key, text.encode(), at=now() - age, **{"context": NAME.encode(), **options})

    good, due, large = session(), session(age=90), session(more="&x=" + "y" * 4500)
    over, unknown = session(age=90, lifetime=60), session(new_key())
    return [
        f"/needs {cookies(good)}", f"/needs a=1; {cookies(due)}", f"/asked {cookies(large)}",
        f"/ {cookies(large)}", f"/?set=user=alice&x= {cookies(large)}", f"/ b=2; {cookies(due)}",
        f"/?set=user=bob {cookies(due)}", f"/?set=user=alice%26x={'y' * 3000} {cookies(good)}",
        f"/?set=user=alice%26x={'y' * 9000} {cookies(good)}", f"/?set=%zz {cookies(good)}",
        f"/in?user=carol {cookies(good)}", f"/in?user=carol {NAME}=x", f"/out {cookies(good)}",
        f"/needs {cookies(over)}", f"/needs {cookies(unknown)}", f"/inside {cookies(good)}",
        f"/inside {NAME}=x; {cookies(due)}; {cookies(good)}", "/inside a=1", f"/needs {NAME}=2~x",
        f"/out {cookies(large)}",
    ]  # fmt: skip


def load(port: int, file: Path) -> dict[str, int]:
    """For two seconds: how many answers had each status."""
    said = subprocess.run(
        ["nice", "wrk", "--threads", "1", "--connections", "8", "--timeout", "60s", "--duration",
         "2s", "--script", LOAD, f"http://127.0.0.1:{port}", "--", file],
        check=True, capture_output=True, text=True).stdout  # fmt: skip
    assert "errors 0" in said, said
    (line,) = [line for line in said.splitlines() if line.startswith("counts ")]
    return {status: int(n) for status, n in (pair.split("=") for pair in line.split()[1:])}


def test_memory_stays_flat(ring):
    server = ring.start(SITE)
    lines = requests(ring.key)
    file = ring.write("requests", "\n".join(lines) + "\n")
    (worker,) = server.workers()
    answers, memory = 0, []
    while answers < REQUESTS or len(memory) < 12:
        counts = load(server.port, file)
        assert set(counts) == {"200", "204", "401", "500"}, counts
        answers += sum(counts.values())
        memory.append(resident([worker]))
    print(f"{answers} answers, kB: {memory}")
    assert server.workers() == {worker}
    settled, late = memory[len(memory) // 4 : len(memory) // 2], memory[len(memory) // 2 :]
    assert max(late) <= max(settled) + 256, memory
