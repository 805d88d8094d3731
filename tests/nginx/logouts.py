# SPDX-License-Identifier: Apache-2.0
"""What the tests of revocations share: a site where people sign in and out, and how its sessions are."""

import os
import re

from nginx_server import conf, wait_until
from sessions import NAME, ON
from tokens import now, opened, s1

TRIES = int(os.environ.get("SEALRING_LOGOUT_TRIES", "25"))
WORKERS = 3
SID = "AAAAAAAAAAAAAAAAAAAAAA"

PLACES = """
    location / { session_set user $arg_user; return 200 "$pid $session_user $session_verify\n"; }
    location /out { session_end; return 303 /; }
    location /slow { proxy_pass http://127.0.0.1:9000; }
"""
MAIN = f"worker_processes {WORKERS};"
FILE = "revocations.list"


def logout_site(options="", *, text=PLACES, on=ON, main=MAIN) -> str:
    return conf(
        f"session_revocations {FILE} {options}; session_header X-Replace-Session;"
        f"server {{ listen 127.0.0.1:8080 reuseport; {on}\n{text}\n}}",
        main=main,
    )


def token(key, fields="user=alice", *, sid=SID, auth_time=None, at=None, lifetime=1800) -> str:
    auth_time = now() - 100 if auth_time is None else auth_time
    text = f"{fields}&sid={sid}&auth_time={auth_time}"
    return s1(key, text.encode(), at=now() - 10 if at is None else at, lifetime=lifetime,
              context=NAME.encode())  # fmt: skip


def cookie(value: str) -> dict[str, str]:
    return {"Cookie": f"{NAME}={value}"}


def sid_of(key, value: str) -> str:
    payload = opened(value, key, context=NAME.encode()).payload.decode()
    return re.search(r"(?:^|&)sid=([^&]*)", payload)[1]


def is_good(server, value: str) -> bool:
    answer = server.get("/", cookie(value)).text.split()
    assert answer[1:] in (["alice", "OK"], ["FAILED:revoked"]), answer
    return answer[-1] == "OK"


def ask_each_worker(server, value: str) -> dict[int, bool]:
    """Whether the session is good, by worker."""
    answers: dict[int, bool] = {}

    def all_were_asked():
        pid, *rest = server.get("/", cookie(value)).text.split()
        answers.setdefault(int(pid), rest[-1] == "OK")
        return len(answers) == WORKERS

    wait_until(all_were_asked, "each worker to answer")
    return answers


def eventually(condition, what: str):
    """What a list says counts within two seconds; on a busy machine a test waits longer."""
    return wait_until(condition, what)
