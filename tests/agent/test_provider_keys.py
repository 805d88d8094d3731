# SPDX-License-Identifier: Apache-2.0
"""The units of systemd that fetch a provider's keys."""

import http.server
import re
import subprocess
import threading

import pytest
from agents import PATIENCE, ROOT
from provider import EC, key_set

UNITS = ROOT / "examples" / "agent"
SERVICE = (UNITS / "sealring-jwks.service").read_text()


@pytest.fixture
def provider():
    """Answers with its `answer`, a status and a text."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, text = self.server.answer
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(folder, provider) -> bool:
    """Runs the commands of the service in their order, as systemd does, until one fails."""
    uri = f"http://127.0.0.1:{provider.server_port}/jwks"
    commands = re.findall(r"^ExecStart=(.*)$", SERVICE, re.M)
    assert len(commands) == 2
    for command in commands:
        words = [word.replace("${JWKS_URI}", uri).replace("/var/lib/sealring", str(folder))
                 for word in command.split()]  # fmt: skip
        if subprocess.run(words, capture_output=True, timeout=PATIENCE).returncode != 0:
            return False
    return True


def test_the_keys_are_fetched(tmp_path, provider):
    provider.answer = 200, key_set(EC)
    assert fetch(tmp_path, provider)
    assert (tmp_path / "jwks.json").read_text() == key_set(EC)


def test_a_provider_that_fails_changes_nothing(tmp_path, provider):
    (tmp_path / "jwks.json").write_text("before")
    provider.answer = 502, "<html>"
    assert not fetch(tmp_path, provider)
    assert (tmp_path / "jwks.json").read_text() == "before"


def test_the_units_are_right():
    assert "Environment=JWKS_URI=https://" in SERVICE
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *sorted(UNITS.glob("sealring-jwks.*"))],
                          capture_output=True, text=True, timeout=PATIENCE)  # fmt: skip
    wrong = [line for line in done.stderr.splitlines() if "sealring-jwks" in line]
    assert not wrong, wrong
