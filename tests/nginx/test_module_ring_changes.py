# SPDX-License-Identifier: Apache-2.0
"""Key rings that change with a reload of nginx, or where the workers cannot read them."""

import os
import re
import signal

from nginx_server import conf, wait_until
from tokens import OLD_KEY, new_key, opened, s1, write_ring

RING = "encrypted_session_keyring session.keys;"
OPEN = "set_decrypt_session $p $arg_t; return 200 $p|$encrypted_session_verify;"
LOCATIONS = f"""
    location /seal {{ set_encrypt_session $t $arg_p; return 200 $t; }} location /open {{ {OPEN} }}
"""


def site(directives: str, locations: str = LOCATIONS, **options) -> str:
    return conf(f"{directives} server {{ listen 127.0.0.1:8080; {locations} }}", **options)


# ---- With a reload ----


def test_a_reload_with_another_ring(ring):
    server = ring.start(site(RING))
    other = new_key()
    write_ring(ring, other, name="other.keys")
    ring.rewrite(site("encrypted_session_keyring other.keys;"))
    server.reload()
    assert opened(server.get("/seal?p=x").text, other).payload == b"x"


def test_a_reload_with_a_bad_ring_changes_nothing(ring):
    server = ring.start(site(RING))
    workers = server.workers()
    ring.rewrite(site("encrypted_session_keyring nowhere.keys;"))
    server.process.send_signal(signal.SIGHUP)
    server.wait_for_log("[emerg]")
    assert "nowhere.keys" in server.error_log
    assert server.workers() == workers
    assert server.get(f"/open?t={s1(ring.key, b'x')}").text == "x|OK"


def test_many_reloads(ring):
    server = ring.start(site(RING, main="worker_processes 2;"))
    token = server.get("/seal?p=x").text
    for _ in range(5):
        server.reload()
        assert server.get(f"/open?t={token}").text == "x|OK"


def test_master_process_off(ring):
    server = ring.start(site(RING, main="master_process off;"))
    token = server.get("/seal?p=x").text
    assert server.get(f"/open?t={token}").text == "x|OK"


# ---- Workers that are not root ----


def test_a_ring_that_the_workers_cannot_read_again(public_nginx):
    write_ring(public_nginx, new_key())
    path = public_nginx.folder / "session.keys"
    another = f"location /a {{ encrypted_session_iv x; {OPEN} }} {LOCATIONS}"
    twice = site(f"{RING} encrypted_session_key {OLD_KEY};", another)
    result = public_nginx.check(twice, user="nobody nogroup")
    assert result.ok
    warnings = [line for line in result.output.splitlines() if "worker processes will not" in line]
    assert len(warnings) == 1
    assert "[warn]" in warnings[0] and f"chgrp nogroup {path}" in warnings[0]

    # The user directive may come after the http block.
    late = site(RING) + "user nobody nogroup;"
    assert "chgrp nogroup" in public_nginx.check(late).output
    assert "[warn]" not in public_nginx.check(site(RING), user="root").output
    assert "chgrp" not in public_nginx.check(
        site(RING, main="master_process off;"), user="nobody nogroup"
    ).output


def test_the_remedy_of_that_warning(public_nginx):
    key = new_key()
    write_ring(public_nginx, key)
    server = public_nginx.start(site(RING), user="nobody nogroup", log_level="error")
    assert "chgrp nogroup" in server.startup
    remedy = re.search(r"run: (chgrp .* && chmod 640 \S+)", server.startup)[1]
    token = server.get("/seal?p=x").text

    # As the warning says: the workers keep the ring that they have, and log that.
    write_ring(public_nginx, new_key())
    wait_until(
        lambda: server.get(f"/open?t={token}").text == "x|OK" and "[error]" in server.error_log,
        "the worker to fail to read the ring",
    )
    assert "Permission denied" in server.error_log

    assert os.system(remedy) == 0
    refused = "|FAILED:unknown_key"
    wait_until(lambda: server.get(f"/open?t={token}").text == refused, "the new ring")
    assert "[warn]" not in public_nginx.check(site(RING), user="nobody nogroup").output
