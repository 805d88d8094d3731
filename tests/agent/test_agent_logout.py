# SPDX-License-Identifier: Apache-2.0
"""Back-channel logout: a real agent, and requests of an OpenID provider."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time

import pytest
from agents import FOREVER, PATIENCE, PROGRAM, until
from ports import free_port
from provider import EC, FORM, ISSUER, OTHER_EC, PATH, RSA, Unix, key_set, logout_token, post, request
from provider import settings
from test_agent_manual import run


class Site:
    """An agent that answers at a UNIX socket."""

    def __init__(self, agents, *options, **more):
        self.agent = agents()
        self.path = self.agent.folder / "logout.sock"
        self.agent.options = [*settings(self.agent.folder, f"unix:{self.path}", **more), *options]
        self.agent.start()

    def connect(self):
        return contextlib.closing(Unix(self.path))

    def post(self, token, **more):
        with self.connect() as connection:
            return post(connection, token, **more)

    def status(self):
        status = self.agent.status()["backchannel_logout"]
        results = status.pop("results")
        assert results["ok"] == status["accepted"] and sum(results.values()) == status["accepted"] + status["refused"]
        return status


@pytest.fixture
def site(agents):
    return Site(agents)


@pytest.mark.parametrize("signer", [EC, RSA], ids=["ES256", "RS256"])
def test_a_session_is_revoked(site, signer):
    before = int(time.time())
    assert site.post(logout_token(signer, sid="s1", sub="alice", jti="j1")) == (200, "")
    found = site.agent.list()  # at once: it is acknowledged when it is on the disk
    assert found.has("oidc_sid", "s1") and not found.has("user", "alice")
    at, end = found.entries[found.hash("oidc_sid", "s1")]
    assert before <= at <= int(time.time()) and end == FOREVER
    at, end = found.entries[found.hash("logout-token", f"{ISSUER} j1")]
    assert before + 180 <= end <= int(time.time()) + 180
    assert site.status() == {"accepted": 1, "refused": 0, "keys": 2}
    assert "back-channel logout: revoked by oidc_sid" in site.agent.log.read_text()
    assert "alice" not in site.agent.log.read_text()


def test_all_sessions_of_a_user(site):
    assert site.post(logout_token(sub="alice")) == (200, "")
    assert site.agent.list().has("user", "alice")


def test_by_what_the_site_keeps(agents):
    site = Site(agents, sub_field=None, keep="31m")
    assert site.post(logout_token(sub="alice"))[1].endswith("oidc-sub-field is not configured")
    assert site.post(logout_token(sid="s1", sub="alice")) == (200, "")
    found = site.agent.list()
    at, end = found.entries[found.hash("oidc_sid", "s1")]
    assert end == at + 31 * 60


def test_used_once(site):
    """Also after a restart."""
    token = logout_token(sid="s1")
    assert site.post(token) == (200, "")
    used = (400, "invalid_request: the logout token is refused: it was used before: the list has its jti")
    assert site.post(token) == used
    site.agent.kill()
    site.agent.start()
    assert site.post(token) == used
    assert site.post(logout_token(sid="s1")) == (200, "")
    assert "revoked (it was used before" in site.agent.log.read_text()


@pytest.mark.parametrize("change, why", [
    ({"iss": "https://evil.example"}, "its iss is not the configured issuer"),
    ({"aud": "blog"}, "its aud does not have the configured client"),
    ({"nonce": "n"}, "it has a nonce"), ({"without": ["jti"]}, "it has no jti"),
    ({"without": ["events"]}, "it has no events"), ({"signer": OTHER_EC}, "the key set has no key"),
    ({"exp": 1}, "its exp has passed"), ({"iat": 2**39}, "it is from the future"),
    ({"without": ["sid"]}, "it has neither sid nor sub")])  # fmt: skip
def test_what_is_refused(site, change, why):
    status, said = site.post(logout_token(**{"sid": "s1"} | change))
    assert status == 400 and said.startswith("invalid_request: the logout token is refused: " + why)
    assert site.agent.list().entries == {}
    assert site.status()["refused"] == 1
    assert re.search(rf"a logout token is refused: \w+ \({why}", site.agent.log.read_text())


def test_a_flood_of_refusals_is_not_a_flood_of_lines(site):
    with site.connect() as connection:
        for _ in range(200):
            assert post(connection, "a.b.c")[0] == 400
    assert site.status()["refused"] == 200
    assert 1 <= site.agent.log.read_text().count("is refused") < 20


def test_other_requests(site):
    token = "logout_token=" + logout_token(sid="s1")

    def status(body=token, **more):
        with site.connect() as connection:
            answer = request(connection, body, **more)
            assert answer.headers["Cache-Control"] == "no-store" and answer.text == ""
            return answer.status, answer.headers["Allow"]

    assert status(path="/") == (404, None)
    assert status(path=PATH + "/") == (404, None)
    for method in ("GET", "PUT", "DELETE"):
        assert status(method=method) == (405, "POST")
    assert status(headers={"Content-Type": "application/json"}) == (415, None)
    assert status(headers={"Content-Type": FORM + "x"}) == (415, None)
    with socket.socket(socket.AF_UNIX) as client:  # the body does not come
        client.settimeout(PATIENCE)
        client.connect(str(site.path))
        client.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
                       "Content-Length: 16385\r\n\r\n".encode())  # fmt: skip
        assert client.recv(1000).startswith(b"HTTP/1.1 413 ")
    assert status(headers={"Content-Type": FORM.upper() + "; charset=UTF-8"}) == (200, None)


@pytest.mark.parametrize("body, why", [
    ("", "no parameter"), ("token=a", "no parameter"), ("logout_token=", "three parts"),
    ("logout_token=a&logout_token=a", "two parameters"), ("logout_token=" + 9000 * "a", "too long"),
    ("logout_token=a.b.c", "base64url"), ("logout_token=%00", "three parts")])  # fmt: skip
def test_bodies(site, body, why):
    with site.connect() as connection:
        answer = request(connection, body)
    assert answer.status == 400 and why in json.loads(answer.text)["error_description"]


def test_bodies_have_a_bound_without_a_size(site):
    with site.connect() as connection, pytest.raises((OSError, http.client.HTTPException)):
        request(connection, (b"x" * 1000 for _ in range(100)))
    with site.connect() as connection:
        parts = ("logout_token=", logout_token(sid="s1"), "&x=1")
        answer = request(connection, (part.encode() for part in parts))
    assert answer.status == 200


def test_connections_have_a_bound(site):
    """Those that say nothing end by themselves, and then others are answered."""
    idle = []
    for _ in range(110):
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(site.path))
        idle.append(client)
    assert site.agent.status()["good"], "the rest of the agent goes on"
    assert len(os.listdir(f"/proc/{site.agent.process.pid}/fd")) < 64 + 25
    assert site.post(logout_token(sid="s1")) == (200, "")
    for client in idle:
        client.close()


def test_many_at_once(site):
    """All in one batch or two, each answered when it is on the disk."""
    tokens = [logout_token(sid=f"s{number}") for number in range(30)]
    answers = {}

    def send(number):
        answers[number] = site.post(tokens[number]), site.agent.list().has("oidc_sid", f"s{number}")

    threads = [threading.Thread(target=send, args=[number]) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: ((200, ""), True) for number in range(30)}
    assert site.agent.list().generation < 28


def test_the_same_token_at_the_same_time(site):
    """A provider that sends it again before it has the answer gets the same answer."""
    token = logout_token(sid="s1")
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(site.post(token))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (200, "") in answers
    assert all(status == 200 or "used before" in said for status, said in answers)


def test_a_client_that_goes(site):
    """Often before the agent has read what it sent; then nothing counts. It must not do harm."""

    def sent_and_gone():
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(site.path))
        body = "logout_token=" + logout_token(sid="gone")
        client.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
                       f"Content-Length: {len(body)}\r\n\r\n{body}".encode())  # fmt: skip
        client.close()
        return site.agent.list().has("oidc_sid", "gone")

    for _ in range(20):
        sent_and_gone()
    until(sent_and_gone, "one of these logouts to count")
    assert site.post(logout_token(sid="s1")) == (200, "")


def test_an_answer_before_the_end(site):
    """What waits when the agent is stopped is written, and answered."""
    for round in range(5):
        token, answers = logout_token(sid=f"s{round}"), []
        site.post(logout_token(sub="x"))  # the next batch waits a quarter of a second
        thread = threading.Thread(target=lambda: answers.append(site.post(token)))
        thread.start()
        until(lambda: site.agent.status()["lists"][0]["waiting"] or not thread.is_alive(), "it waits")
        assert site.agent.stop(signal.SIGTERM) == 0
        thread.join()
        assert answers == [(200, "")] and site.agent.list().has("oidc_sid", f"s{round}")
        site.agent.start()


def test_a_list_that_cannot_be_written(site):
    """Nothing is acknowledged; the same token is good later."""
    token = logout_token(sid="s1")
    blocked = site.agent.lists[0].with_suffix(".kept")
    site.agent.lists[0].rename(blocked)
    site.agent.lists[0].mkdir()
    assert site.post(token) == (400, "server_error: the logout could not be stored; try again")
    site.agent.lists[0].rmdir()
    blocked.rename(site.agent.lists[0])

    def is_good():
        status, said = site.post(token)
        assert "used before" not in said
        return status == 200

    until(is_good, "it is written")
    assert site.agent.list().has("oidc_sid", "s1")
    assert "used before" in site.post(token)[1]


def test_a_list_that_has_no_place_for_the_name(site):
    """The provider sends the logout again: its token is used when its logout is in the list, and not before."""
    assert site.post(logout_token(sub="alice")) == (200, "")
    for number in range(14):  # 16, with "user" and "logout-token"
        site.agent.revoke(f"name{number}=x")
    token = logout_token(sid="s1", jti="j1")
    for _ in range(2):
        assert site.post(token) == (400, "server_error: the logout could not be stored; try again")
    found = site.agent.list()
    assert not found.has("oidc_sid", "s1") and found.hash("logout-token", f"{ISSUER} j1") not in found.entries


def test_keys_are_followed(site):
    keys = site.agent.folder / "jwks.json"
    assert site.post(logout_token(OTHER_EC, sid="s1"))[0] == 400

    def put(text):
        (site.agent.folder / "new").write_text(text)
        (site.agent.folder / "new").chmod(0o644)
        (site.agent.folder / "new").rename(keys)

    put(key_set(OTHER_EC))
    until(lambda: site.status()["keys"] == 1, "the new key set")
    assert site.post(logout_token(OTHER_EC, sid="s1")) == (200, "")
    assert site.post(logout_token(EC, sid="s2"))[0] == 400
    put("<html>")
    until(lambda: "problem" in site.status(), "the wrong key set is noticed")
    assert not site.agent.status()["good"]
    shown = subprocess.run([PROGRAM, "status", "--config=/dev/null", f"--control={site.agent.control}"],
                           capture_output=True, text=True, timeout=PATIENCE)
    assert shown.returncode == 1 and "(unknown_key 2), keys 1\nPROBLEM: key set" in shown.stdout
    assert site.post(logout_token(OTHER_EC, sid="s3")) == (200, ""), "the keys before stay in use"
    put(key_set(EC))
    until(lambda: "problem" not in site.status(), "a good one again")
    assert site.agent.status()["good"]


def test_at_a_port(agents):
    agent, port = agents(), free_port()
    agent.options = settings(agent.folder, f"127.0.0.1:{port}")
    agent.start()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        assert post(connection, logout_token(sid="s1")) == (200, "")
        assert post(connection, logout_token(sid="s2")) == (200, ""), "the connection stays open"
    agent.stop()
    agent.start()  # the port is free again at once


@pytest.mark.parametrize("more, message", [
    ({"listen": "0.0.0.0:80"}, "--oidc-listen: has to be unix:PATH, 127.0.0.1:PORT"),
    ({"listen": "127.0.0.1:0"}, "--oidc-listen"), ({"listen": "127.0.0.1:65536"}, "--oidc-listen"),
    ({"listen": "unix:a"}, "--oidc-listen"), ({"listen": None}, "oidc-listen is missing"),
    ({"issuer": None}, "oidc-issuer is missing"), ({"client": None}, "oidc-client is missing"),
    ({"keys": None}, "oidc-keys is missing"), ({"issuer": "a b"}, "--oidc-issuer: has to be a URL"),
    ({"sid_field": None, "sub_field": None}, "oidc-sid-field or oidc-sub-field is missing"),
    ({"sid_field": "sid"}, "another meaning"), ({"sub_field": "TOKEN"}, "another meaning"),
    ({"sub_field": "logout-token"}, "another meaning"), ({"sub_field": 65 * "x"}, "longer than 64"),
    ({"keep": "0"}, "--oidc-keep: has to be a duration"), ({"keep": "101y"}, "--oidc-keep"),
    ({"list": "/other"}, "none of this agent's lists")])  # fmt: skip
def test_wrong_settings(tmp_path, more, message):
    options = settings(tmp_path, **{"listen": f"unix:{tmp_path}/l.sock"} | more)
    done = run("--config=/dev/null", f"--list={tmp_path}/list", f"--socket={tmp_path}/a.sock",
               f"--control={tmp_path}/c.sock", *options)
    assert done.returncode == 2 and message in done.stderr, done.stderr


@pytest.mark.parametrize("spoil, message", [
    (lambda keys: keys.unlink(), "No such file"), (lambda keys: keys.chmod(0o666), "chmod go-w"),
    (lambda keys: keys.write_text("{}"), "it is not a JWK Set")])
def test_a_key_set_that_is_wrong_at_the_start(tmp_path, spoil, message):
    options = settings(tmp_path, f"unix:{tmp_path}/l.sock")
    spoil(tmp_path / "jwks.json")
    done = run("--config=/dev/null", f"--list={tmp_path}/list", f"--socket={tmp_path}/a.sock",
               f"--control={tmp_path}/c.sock", *options)
    assert done.returncode == 3 and message in done.stderr, done.stderr


def test_the_list_that_is_chosen(agents):
    agent = agents(lists=("one.revoked", "two.revoked"))
    agent.options = settings(agent.folder, f"unix:{agent.folder}/l.sock", list=agent.lists[1])
    agent.start()
    with contextlib.closing(Unix(agent.folder / "l.sock")) as connection:
        assert post(connection, logout_token(sub="alice")) == (200, "")
    assert agent.list(1).has("user", "alice") and agent.list(0).entries == {}


def test_a_list_that_is_not_there_yet(agents):
    """It waits for the store, which is away."""
    site = Site(agents, "--store=unix:/nonexistent/store.sock")
    assert site.post(logout_token(sid="s1"))[1].startswith("server_error: ")
    assert "waits for the store" in site.agent.log.read_text()
