# SPDX-License-Identifier: Apache-2.0
"""session_status: what operators see, counted by all workers, and kept over reloads."""

import dataclasses
import json
import re
import subprocess

import pytest
from load import Load
from logouts import cookie, sid_of
from nginx_server import BUILD, conf, wait_until
from sessions import NAME, Browser, site
from tokens import new_key, now, opened, s1, write_ring

TOKENS = """
    encrypted_session_keyring session.keys;
    location /status { session_status; }
    location /seal { set_encrypt_session $sealed alice; return 200 $sealed; }
    location /open {
        set_decrypt_session $user $cookie_t;
        add_header X-Process $pid;
        return 200 "$user $pid";
    }"""


def tokens(workers=1) -> str:
    return conf(f"server {{ listen 127.0.0.1:8080; {TOKENS} }}",
                main=f"worker_processes {workers};")


def status(server) -> dict:
    return json.loads(server.get("/status.json").body)


def count(server, name: str, **labels) -> int:
    return sum(row["value"] for row in status(server)["counters"][f"{name}_total"]
               if labels.items() <= row.items())


def key_of(server, kid: str) -> dict:
    return next(key for key in status(server)["keys"] if key["kid"] == kid)


def test_what_is_counted(ring):
    server = ring.start(tokens())
    for _ in range(3):
        server.get("/seal")
    good, expired = s1(ring.key, b"bob"), s1(ring.key, b"bob", at=now() - 100, lifetime=50)
    other = s1(new_key(), b"eve")
    for value, times in ((good, 4), (expired, 2), (other, 1), ("v1.garbage", 1)):
        for _ in range(times):
            server.get("/open", {"Cookie": f"t={value}"})
    assert count(server, "sealring_tokens_opened", format="s1", result="ok") == 4
    assert count(server, "sealring_tokens_opened", format="s1", result="expired") == 2
    assert count(server, "sealring_tokens_opened", format="s1", result="unknown_key") == 1
    assert count(server, "sealring_tokens_opened", result="malformed") == 1
    assert count(server, "sealring_tokens_opened") == 8
    key = key_of(server, ring.key.kid)
    assert key["sealed"]["total"] == key["sealed"]["hour"] == 3
    assert key["opened"]["total"] == key["opened"]["day"] == 4
    assert key["primary"] and key["removal"] == "needed"
    assert abs(key["latest_end"] - now() - 86400) < 600
    [keyring] = status(server)["keyrings"]
    assert keyring["keyring"].endswith("/session.keys") and keyring["primary"] == ring.key.kid


def test_no_word_of_a_client_is_shown(ring):
    server = ring.start(tokens())
    server.get("/open?markermarker", {"Cookie": f"t={s1(new_key(), b'markermarker')}; markermarker=1",
                                      "User-Agent": "markermarker"})
    foreign = new_key()
    server.get("/open", {"Cookie": f"t={s1(foreign, b'x')}"})
    for path in ("/status.json", "/status.prom"):
        text = server.get(path, {"Cookie": "markermarker"}).text
        assert "markermarker" not in text and foreign.kid not in text


def test_formats(ring):
    server = ring.start(tokens())

    def kind(path, accept=None):
        answer = server.get(path, {"Accept": accept} if accept else {})
        assert answer.status == 200 and answer.headers["Cache-Control"] == "no-store"
        assert len(answer.body) == int(answer.headers["Content-Length"]) > 0
        return answer.headers["Content-Type"].split(";")[0]

    assert kind("/status") == "text/plain"
    assert kind("/status.prom", "text/html") == "text/plain"
    assert kind("/status", "application/json") == kind("/status.json") == "application/json"
    assert kind("/status", "application/openmetrics-text;version=1.0.0,*/*") == "application/openmetrics-text"
    assert kind("/status", "text/html,*/*;q=0.8") == "text/html"
    assert server.get("/status", method="HEAD").body == b""
    assert server.get("/status", method="POST", body="x").status == 405
    openmetrics = server.get("/status", {"Accept": "application/openmetrics-text"}).text
    assert openmetrics.endswith("# EOF\n")
    assert re.search(r'^sealring_tokens_opened_total\{result="ok",format="s1"\} 0$', openmetrics, re.M)


def answered_by_two_workers(server, path: str, user: bytes, cookie: str, *, least=1000) -> int:
    """How many requests were answered: each has the user and the worker in its body."""
    processes = set()

    def check(status, body):
        seen, process = body.split()
        processes.add(process)
        return status == 200 and seen == user

    with Load(server.port, path, check, clients=6, headers={"Cookie": cookie}) as load:
        wait_until(lambda: load.answered > least and len(processes) == 2, f"{least} answers of two workers")
    assert not load.losses and not load.wrong
    return load.answered


def test_two_workers_under_load_count_exactly(ring):
    server = ring.start(tokens(workers=2))
    answered = answered_by_two_workers(server, "/open", b"bob", f"t={s1(ring.key, b'bob')}", least=2000)
    assert count(server, "sealring_tokens_opened", format="s1", result="ok") == answered
    assert key_of(server, ring.key.kid)["opened"]["total"] == answered


def test_two_workers_count_sealed_cookies_exactly(ring):
    server = ring.start(conf("""server {
        listen 127.0.0.1:8080;
        encrypted_session_keyring session.keys;
        location /status { session_status; }
        location /set { sealed_cookies sid; sealed_cookies_context shop; add_header Set-Cookie "sid=bob; Path=/";
            return 204; }
        location /app { sealed_cookies sid; sealed_cookies_context shop; return 200 "$cookie_sid $pid"; }
    }""", main="worker_processes 2;"))
    sealed = server.get("/set").headers["Set-Cookie"].partition(";")[0]
    answered = answered_by_two_workers(server, "/app", b"bob", sealed)
    assert count(server, "sealring_sealed_cookies_received", result="ok", mode="enforce") == answered
    assert count(server, "sealring_sealed_cookies_received") == answered
    assert count(server, "sealring_sealed_cookies_set", result="sealed", mode="enforce") == 1


def test_two_workers_count_unbound_sessions_exactly(listed):
    server = listed.start(conf("""server {
        listen 127.0.0.1:8080;
        encrypted_session_keyring session.keys;
        session on; session_cookie s; session_revocations revocations.list; session_binding required grace=1s;
        location /status { session off; session_status; }
        location /me { return 200 "[$session_user] $pid"; }
    }""", main="worker_processes 2;"))
    text = f"sid={'A' * 22}&auth_time={now() - 100}&user=alice".encode()
    session = s1(listed.key, text, context=b"s", at=now() - 100)
    answered = answered_by_two_workers(server, "/me", b"[]", f"s={session}")
    assert count(server, "sealring_unbound_sessions", reason="not_bound") == answered
    assert count(server, "sealring_sessions_opened", result="unbound") == answered
    assert count(server, "sealring_sessions_opened") == answered


def test_a_reload_keeps_the_counts_and_a_rotation_adds_a_key(ring):
    server = ring.start(tokens())
    server.get("/seal")
    since = status(server)["counting_since"]
    server.reload()
    server.get("/seal")
    assert key_of(server, ring.key.kid)["sealed"]["total"] == 2
    assert status(server)["counting_since"] == since
    new = new_key()
    old = dataclasses.replace(ring.key, open_only=True)
    write_ring(ring, old, new)
    wait_until(lambda: opened(server.get("/seal").text, old, new).kid == new.kid, "the new key to seal")
    assert key_of(server, new.kid)["primary"]
    assert not key_of(server, old.kid)["primary"] and key_of(server, old.kid)["removal"] == "needed"


def test_a_refused_ring(ring):
    server = ring.start(tokens())
    ring.write("session.keys", "{", mode=0o640)
    wait_until(lambda: server.get("/seal").status == 200 and
               count(server, "sealring_file_refusals", file="keyring") == 1, "the refusal")
    assert "encrypted_session_keyring" in server.error_log


def test_sessions(listed):
    server = listed.start(site(
        "location /in { session_set user alice; return 204; } location /out { session_end; return 204; }"
        "location = /me { return 200 $session_user; } location /status { session_status; }",
        on="encrypted_session_keyring session.keys; session on; session_cookie s insecure;"
           "session_revocations revocations.list;"))
    browser = Browser(server)
    browser.get("/in")
    value = browser.cookies[NAME]
    assert server.get("/me", cookie(value)).text == "alice"
    server.get("/out", cookie(value))
    assert server.get("/me", cookie(value)).text == ""
    server.get("/me", cookie("nonsense"))
    server.get("/me")
    assert count(server, "sealring_session_changes", change="started") == 1
    assert count(server, "sealring_session_changes", change="ended") >= 1
    assert count(server, "sealring_session_cookies", parts="1") == 1
    assert count(server, "sealring_sessions_opened", result="ok") == 2
    assert count(server, "sealring_sessions_opened", result="revoked") == 1
    assert count(server, "sealring_sessions_opened", result="malformed") == 1
    assert count(server, "sealring_revocations") == 1
    [revocations] = status(server)["revocation_lists"]
    assert revocations["pending"] == 1 and not revocations["stale"]
    listed.revocations.revoke("sid", sid_of(listed.key, value))
    wait_until(lambda: server.get("/me").status == 200 and status(server)["revocation_lists"][0]["pending"] == 0,
               "the list to have it")  # fmt: skip


@pytest.mark.parametrize("text", ["session_status on;", "session_status; session_status x;"])
def test_wrong_use(ring, text):
    assert not ring.check(conf(f"server {{ listen 127.0.0.1:8080; location / {{ {text} }} }}")).ok


def shown(*arguments, **options) -> subprocess.CompletedProcess:
    return subprocess.run([BUILD / "sealring", "status", *arguments], capture_output=True, text=True,
                          timeout=60, check=False, **options)


def test_the_command_shows_it(ring):
    server = ring.start(conf(f"server {{ listen 127.0.0.1:8080; {TOKENS} location /no {{ session_status; deny all; }} }}"))
    server.get("/seal")
    server.get("/open", {"Cookie": "t=v1.garbage"})
    url = f"http://127.0.0.1:{server.port}"
    done = shown(f"{url}/status")
    assert done.returncode == 0, done.stderr
    row = next(line for line in done.stdout.splitlines() if line.startswith(ring.key.kid))
    assert row.split()[1:] == ["XAES-256-GCM", "1", "1", "1", "0", "0", "0", "seals", "now"]
    assert "sealring_tokens_opened_total" in done.stdout and "result=malformed: 1" in done.stdout
    assert f"{ring.key.kid} seals" in done.stdout
    as_json = shown("--json", f"{url}/status")
    assert json.loads(as_json.stdout)["keys"][0]["kid"] == ring.key.kid
    assert shown("-", input=as_json.stdout).stdout.splitlines()[2:6] == done.stdout.splitlines()[2:6]
    for arguments, status, message in (
            ([f"{url}/no"], 3, "status 403"), ([f"{url}/seal"], 3, "not a status"), (["https://x/"], 2, "curl"),
            (["/no/such/socket"], 3, "cannot be reached"), ([f"http://127.0.0.1:{ring.port(1)}/"], 3, "cannot connect")):
        done = shown(*arguments)
        assert done.returncode == status and message in done.stderr, done.stderr
