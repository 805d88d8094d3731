# SPDX-License-Identifier: Apache-2.0
"""Whatever goes wrong at start reaches the operator, also in httpd's second pass over its configuration, for which
it has left the terminal, and in which its logs are not open yet."""

import os
import re
import signal
import subprocess

import pytest
from apache_server import site, wait_until
from test_apache_configuration import ERRORS, write_files_of_errors

# A program that the configuration calls runs in each pass. In the first it makes the file `second`,
# which configurations ask for.
PROGRAM = """#!/bin/sh
echo a passphrase of many words
touch second
"""
CALL = "<Location /called>\nSessionCryptoPassphrase exec:program\n</Location>\n"


def start_detached(apache, body: str) -> str:
    """Starts httpd as its service does, and returns what is in the error log when it has ended."""
    apache.write("program", PROGRAM, 0o755)
    (apache.folder / "second").unlink(missing_ok=True)
    command = apache.command(site(f"{CALL}{body}"), name="detached")
    log = apache.folder / "detached.log"
    log.write_text("")
    done = subprocess.run([*command, "-k", "start"], capture_output=True, text=True, timeout=60,
                          check=False)  # fmt: skip
    pid = apache.folder / "detached.pid"
    try:
        assert done.returncode == 0, done.stderr
        wait_until(lambda: "Configuration Failed" in log.read_text() or pid.exists(),
                   "httpd to fail or to start", 30)  # fmt: skip
        assert not pid.exists(), "it started"
    finally:
        if pid.exists():
            os.kill(int(pid.read_text()), signal.SIGTERM)
            wait_until(lambda: not pid.exists(), "httpd to end", 30)
    return log.read_text()


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_of_the_second_pass_is_in_the_error_log(apache, name):
    """Each error, with lines that are there in the second pass alone."""
    body, message = ERRORS[name]
    if message.startswith("line "):
        return  # httpd's own, about where a directive may be
    write_files_of_errors(apache)
    # Its line, wherever that is now.
    said = message.removeprefix("line 8 .*\n.*").rsplit("site:", 1)[0]
    log = start_detached(apache, f"<IfFile second>\n{body}\n</IfFile>")
    found = re.search(said, log)
    assert found, log
    line = next(line for line in log.splitlines() if re.search(said, line))
    assert "session_crypto:emerg" in line and "detached.site:" in line


def test_a_program_that_fails_the_second_time(apache):
    apache.write("once", "#!/bin/sh\n[ ! -e done ] && touch done && echo a passphrase\n", 0o755)
    log = start_detached(apache, "SessionCryptoPassphrase exec:once")
    assert "SessionCryptoPassphrase: exec:once: " in log and "ended with status 1" in log


def test_a_ring_that_goes_between_the_passes(ring):
    ring.write("sabotage", f"""#!/bin/sh
echo a passphrase
if [ -e again ]; then rm {ring.folder}/session.keys; fi
touch again
""", 0o755)  # fmt: skip
    log = start_detached(ring, """SessionCryptoKeyring session.keys
        <Location /x>
        SessionCryptoPassphrase exec:sabotage
        </Location>""")
    assert "SessionCryptoKeyring: " in log and "No such file" in log
