# SPDX-License-Identifier: Apache-2.0
"""Back-channel logout of OpenID Connect, on the configurations of docs/logout.md: a provider, nginx, the
real agent, and users whose next request is signed out."""

import json
import subprocess
import time
from urllib.parse import urlencode

import pytest
from agents import PROGRAM, Agent
from nginx_server import REPOSITORY, wait_until
from provider import EC, RSA, key_set, logout_token
from sessions import Browser, application
from tokens import new_key, write_ring

EXAMPLES = REPOSITORY / "examples"
USERS = {"alice": ("s1", "u1"), "bob": ("s2", "u2")}


@pytest.fixture
def agent(nginx):
    """With the settings of examples/agent."""
    made = Agent(nginx.folder / "sealring")
    text = (EXAMPLES / "agent/backchannel-logout.conf").read_text()
    for path in ("/var/lib/sealring", "/run/sealring"):
        text = text.replace(path, str(made.folder))
    (made.folder / "agent.conf").write_text(f"{text}socket = {made.socket}\ncontrol = {made.control}\n")
    made.command = lambda: [PROGRAM, "run", f"--config={made.folder / 'agent.conf'}"]
    (made.folder / "jwks.json").write_text(key_set(EC, RSA))
    (made.folder / "jwks.json").chmod(0o644)
    made.start()
    for socket in made.folder.glob("*.sock"):
        socket.chmod(0o666)  # nginx's workers are another user
    yield made
    made.stop()


@pytest.fixture
def server(nginx, agent):
    write_ring(nginx, new_key())
    replace = {"/var/lib/sealring": agent.folder}
    with application(nginx):
        yield nginx.start((EXAMPLES / "revocations/backchannel-logout.conf").read_text(), replace=replace)


def signed_in(server, name) -> Browser:
    sid, sub = USERS[name]
    browser = Browser(server)
    fields = urlencode({"user": name, "oidc_sid": sid, "oidc_sub": sub})
    assert browser.get("/?" + urlencode({"X-Replace-Session": fields})).status == 200
    return browser


def is_signed_in(browser) -> bool:
    """Whether the application is told who it is."""
    answer = browser.server.get("/", {"Cookie": f"session={browser.cookies['session']}"})
    return any(name == "X-User" and value in USERS for name, value in json.loads(answer.text))


def post(server, token) -> tuple[int, str]:
    """By curl, as any client."""
    url = f"http://127.0.0.1:{server.port}/backchannel-logout"
    done = subprocess.run(["curl", "-sS", "-w", "\n%{http_code}", "-d", f"logout_token={token}", url],
                          capture_output=True, text=True, timeout=60, check=True)  # fmt: skip
    text, _, status = done.stdout.rpartition("\n")
    return int(status), text


def test_the_next_request_is_signed_out(server, agent):
    alice, elsewhere, bob = (signed_in(server, name) for name in ("alice", "alice", "bob"))
    assert is_signed_in(alice) and is_signed_in(elsewhere) and is_signed_in(bob)
    assert post(server, logout_token(RSA, sid="s1", sub="u1")) == (200, "")
    at = time.monotonic()
    wait_until(lambda: not is_signed_in(alice) and not is_signed_in(elsewhere), "alice to be signed out")
    # A busy machine may be slower; what matters is that nobody waits for a reload or a timeout.
    assert time.monotonic() - at < 30
    assert is_signed_in(bob)
    assert "session: refused: revoked" in server.error_log
    assert post(server, logout_token(EC, sub="u2")) == (200, "")
    wait_until(lambda: not is_signed_in(bob), "bob to be signed out by his sub")


def test_a_refused_token_signs_nobody_out(server, agent):
    alice = signed_in(server, "alice")
    status, text = post(server, logout_token(aud="blog", sid="s1"))
    assert status == 400 and "its aud does not have the configured client" in text
    assert agent.list().entries == {}
    assert server.get("/backchannel-logout").status == 405
    assert is_signed_in(alice)


def test_a_session_after_the_logout_is_good(server):
    assert post(server, logout_token(sub="u1")) == (200, "")

    def signs_in():  # not within the second of the revocation
        return is_signed_in(signed_in(server, "alice"))

    wait_until(signs_in, "another second")
