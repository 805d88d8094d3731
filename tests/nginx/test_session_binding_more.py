# SPDX-License-Identifier: Apache-2.0
"""Device binding over HTTP/2, under valgrind's memcheck, and with key rings that differ."""

import json
import re
import signal
import subprocess
from dataclasses import replace

from browser import proof
from devices import (BOUND, ON, PLACES, REFRESH, REGISTER, Device, bound_cookie, bound_site, challenge_of,
                     seen)  # fmt: skip
from nginx_server import conf
from sessions import NAME
from test_valgrind import MEMCHECK
from tokens import new_key, write_ring

GOOD = ["alice", "OK", "1"]


def test_http2(listed):
    server = listed.start(conf(
        f"server {{ listen 127.0.0.1:8080 http2; {ON} session_binding on; {PLACES} }}"))  # fmt: skip
    jar = listed.folder / "jar"

    def ask(path, *options) -> tuple[str, str]:
        done = subprocess.run(
            ["curl", "-si", "--http2-prior-knowledge", "-b", jar, "-c", jar, *options,
             f"http://localhost:{server.port}{path}"],
            capture_output=True, text=True, check=True, timeout=60)  # fmt: skip
        head, body = done.stdout.split("\n\n", 1)
        return head, body

    device = Device(server)
    head, _ = ask("/in?user=alice")
    device.offered = re.search(r'^secure-session-registration: .*challenge="([^"]*)"', head, re.M)[1]
    head, body = ask(REGISTER, "-X", "POST", "-H", f"Secure-Session-Response: {device.registration()}")
    assert head.startswith("HTTP/2 200") and re.search("^cache-control: no-store", head, re.M), head
    sid = f"Sec-Secure-Session-Id: {json.loads(body)['session_identifier']}"
    assert ask("/")[1] == "alice|OK|1"
    head, body = ask(REFRESH, "-X", "POST", "-H", sid)
    assert head.startswith("HTTP/2 403") and body == ""
    challenge = re.search('^secure-session-challenge: "([^"]*)";id=', head, re.M)[1]
    sent = f"Secure-Session-Response: {proof(challenge, device.signer)}"
    head, body = ask(REFRESH, "-X", "POST", "-H", sid, "-H", sent)
    assert head.startswith("HTTP/2 200") and body == ""
    assert ask("/")[1] == "alice|OK|1"


def flow(server, key) -> None:
    device = Device(server)
    device.sign_in()
    assert device.register("x").status == 400
    device.instructions = json.loads(device.register().body)
    assert seen(device) == GOOD
    device.refreshed()
    for cookie in ("x", bound_cookie(key, "A" * 22), bound_cookie(key, device.sid, age=700)):
        other = device.copy(BOUND)
        other.cookies[BOUND] = cookie
        assert seen(other)[1] == "FAILED:unbound"
    for sent in ("x", "A" * 5000, proof("x", device.signer, header={"alg": "none"})):
        assert device.refresh(sent).status == 400
    assert device.refresh(proof(challenge_of(key, device.sid, age=200), device.signer)).status == 403
    assert device.refresh(id="x").status == 401
    assert device.post(REFRESH).status == 401 and device.get(REFRESH).status == 405
    thief = device.copy()
    assert thief.refresh(proof(thief.challenge(), thief.signer)).status == 401
    assert seen(device)[1] == "FAILED:revoked"
    device.cookies = {}
    device.bind("bob")
    assert device.get("/out").status == 303 and not device.cookies


def test_memcheck(listed):
    logs = f"--log-file={listed.folder}/memcheck.%p"
    server = listed.start(bound_site("on grace=1s"), under=(*MEMCHECK, logs))
    for number in range(6):
        flow(server, listed.key)
        if number == 3:
            server.reload()
    # Not by SIGTERM: see test_valgrind.py.
    server.process.send_signal(signal.SIGQUIT)
    assert server.process.wait(60) == 0
    reports = [path.read_text() for path in listed.folder.glob("memcheck.*")]
    assert len(reports) >= 3
    for report in reports:  # what nginx itself loses when a worker ends is not ours
        assert "Invalid" not in report and "uninitialised" not in report, report
        assert not re.search(r"(at|by) 0x.*(sealring|encrypted_session)", report), report


def test_a_server_that_has_a_new_ring_later(listed):
    """It logs nobody out: the browser tries again."""
    server = listed.start(bound_site())
    device = Device(server)
    device.bind()
    sent = proof(device.challenge(), device.signer)
    write_ring(listed, new_key())
    server.reload()
    assert seen(device)[1] == "FAILED:unknown_key" and device.cookies.keys() == {NAME, BOUND}
    assert device.refresh(sent).status == 503
    assert device.register().status == 503
    write_ring(listed, listed.key)
    server.reload()
    assert device.refresh(sent).status == 200 and seen(device) == GOOD


def test_no_key_seals(listed):
    """An error on this side: nothing is promised, and the session goes on."""
    server = listed.start(bound_site())
    device = Device(server)
    device.sign_in()
    write_ring(listed, replace(listed.key, open_only=True))
    server.reload()
    assert device.register().status == 503 and not device.set
    assert seen(device) == ["alice", "OK", ""]
    assert "session_binding: cannot answer: no_primary_key" in server.error_log or (
        "session: cannot seal: no_primary_key" in server.error_log)  # fmt: skip
