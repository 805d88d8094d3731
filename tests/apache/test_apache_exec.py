# SPDX-License-Identifier: Apache-2.0
"""exec: the same passphrase as with the stock module, however the program behaves."""

import os
import signal
import time

import pytest
from apache_server import site

BESIDE = 'SessionCryptoPassphrase "%s"\nSessionCookieName session path=/'
# What the program prints, and its first line.
OUTPUTS = {
    "line-feed": ("printf 'secret\\nmore\\n'", "secret"),
    "carriage-return": ("printf 'secret\\r\\nmore\\r\\n'", "secret"),
    "carriage-return-alone": ("printf 'secret\\rmore'", "secret"),
    "nothing-behind": ("printf secret", "secret"),
    "in-pieces": ("printf se; sleep 0.1; printf 'cret\\n'", "secret"),
    "much-behind": ("echo secret; head -c 1000000 /dev/zero", "secret"),
    "file-beside-it": ("cat ./keyfile", "from a file"),
    "as-much-as-fits": ("head -c 9000 /dev/zero | tr '\\0' x; echo", "x" * 8191),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_the_first_line(apache, name):
    program, line = OUTPUTS[name]
    apache.write("bin/keyfile", "from a file\n")
    # The stock module closes the pipe behind the line, and httpd logs a program that dies of it.
    apache.write("bin/program", f"#!/bin/sh\ntrap '' PIPE\nexec 2>/dev/null\n{program}\nexit 0\n", 0o755)
    ours = apache.start(site(f"""SessionCryptoPassphrase exec:bin/program
        <Location /spelled>
        SessionCryptoPassphrase "{line}"
        </Location>"""), name="ours")
    cookie = ours.get("/spelled/session?user=alice").cookie()
    assert ours.get("/session", cookie).text == "user=alice"
    if name == "in-pieces":
        return  # the stock module reads no further than what is there
    stock = apache.start(site("SessionCryptoPassphrase exec:bin/program"), name="stock", crypto="stock")
    cookie = stock.get("/session?user=alice").cookie()
    assert ours.get("/session", cookie).text == "user=alice"


def test_a_program_that_leaves_a_child_on_its_output(apache):
    """Nobody waits for the child, and it keeps its output."""
    pid = apache.folder / "pid"
    apache.write("program", f"#!/bin/sh\nsleep 600 2>/dev/null & echo $! >>{pid}\necho secret\n", 0o755)
    begin = time.monotonic()
    try:
        check = apache.check(site("SessionCryptoPassphrase exec:program"))
        assert check.ok, check
        assert time.monotonic() - begin < 300, "as long as the child"
        (child,) = pid.read_text().split()
        os.kill(int(child), 0)
    finally:
        for child in pid.read_text().split():
            os.kill(int(child), signal.SIGKILL)


def test_a_program_that_leaves_a_child_and_prints_nothing(apache):
    pid = apache.folder / "pid"
    apache.write("program", f"#!/bin/sh\nsleep 600 2>/dev/null & echo $! >>{pid}\n", 0o755)
    try:
        check = apache.check(site("SessionCryptoPassphrase exec:program"))
        assert "printed no passphrase on its first line" in check.output
    finally:
        for child in pid.read_text().split():
            os.kill(int(child), signal.SIGKILL)


def test_an_exit_status_counts_though_a_line_was_printed(apache):
    apache.write("program", "#!/bin/sh\necho secret\nexec sh -c 'exit 3' >/dev/null\n", 0o755)
    check = apache.check(site("SessionCryptoPassphrase exec:program"))
    assert not check.ok and "ended with status 3" in check.output
