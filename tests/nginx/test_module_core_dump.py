# SPDX-License-Identifier: Apache-2.0
"""A key that was retired a second ago is no longer in the worker's memory."""

import time

import pytest
from core_dump import AEADS, core_dump, found
from nginx_server import AS_ROOT, conf
from tokens import OLD_KEY, new_key, s1, write_ring

pytestmark = pytest.mark.skipif(not AS_ROOT, reason="only root may look into other processes")

SITE = f"""
    encrypted_session_keyring session.keys;
    encrypted_session_key {OLD_KEY};
    encrypted_session_legacy_until 2099-12-31;
    server {{ listen 127.0.0.1:8080;
        location /seal {{ set_encrypt_session $t $arg_p; return 200 $t; }}
        location /open {{ set_decrypt_session $p $arg_t; return 200 "$p $encrypted_session_verify"; }}
    }}"""


def use(server, key) -> None:
    for number in range(20):
        token = server.get(f"/seal?p=payload{number}").text
        assert server.get(f"/open?t={token}").text == f"payload{number} OK"
        assert server.get(f"/open?t={s1(key, b'theirs')}").text == "theirs OK"


@pytest.mark.parametrize("aead", AEADS)
def test_a_retired_key_is_gone_from_the_worker(ring, monkeypatch, aead):
    monkeypatch.setenv("SEALRING_AEAD", aead)
    server = ring.start(conf(SITE))
    retired, (worker,) = ring.key, server.workers()
    use(server, retired)
    assert "bytes" in found(retired.secret, core_dump(worker, ring.folder)), "the search works"

    kept = new_key()
    write_ring(ring, kept)
    time.sleep(1.1)  # a worker checks once per second, when a request comes
    use(server, kept)
    time.sleep(1)
    memory = core_dump(worker, ring.folder)
    assert server.workers() == {worker}
    assert "bytes" in found(kept.secret, memory), "the search works"
    assert found(retired.secret, memory) == []


def test_the_master_keeps_the_ring_that_it_read_until_a_reload(ring):
    """It serves no requests, so it never checks: docs/nginx.md says so."""
    server = ring.start(conf(SITE))
    retired, kept = ring.key, new_key()
    write_ring(ring, kept)
    master = server.process.pid
    assert "bytes" in found(retired.secret, core_dump(master, ring.folder))
    server.reload()
    memory = core_dump(master, ring.folder)
    assert "bytes" in found(kept.secret, memory)
    assert found(retired.secret, memory) == []


def test_the_text_of_an_old_directive_stays_in_the_server(ring):
    """nginx keeps the text of its configuration as long as it is in use, and the old key is part of
    that: docs/nginx.md says so."""
    server = ring.start(conf(SITE))
    server.get("/seal?p=x")
    (worker,) = server.workers()
    assert OLD_KEY.encode() in core_dump(worker, ring.folder)
