# SPDX-License-Identifier: Apache-2.0
"""A key that was retired a second ago is not in the memory of httpd's child any more, once each of
its threads has had a request."""

import time

import pytest
from apache_server import AS_ROOT, site
from core_dump import AEADS, core_dump, found
from load import Load
from tokens import jwk_set, new_key, s1

pytestmark = pytest.mark.skipif(not AS_ROOT, reason="only root may look into other processes")

RING = "SessionCryptoKeyring session.keys"
BESIDE = RING + "\nSessionCryptoPassphrase \"a passphrase of many words, all of them long\""


def keep_all_threads_busy(server, setup, key, seconds: float) -> None:
    """A thread has a sealer of its own, which follows the ring when the thread has a request."""
    token = s1(key, b"user=alice", lifetime=0)
    # One thread reads a changed ring; what others are asked meanwhile, the ring before answers.
    assert server.get("/session", token).text == "user=alice"
    port = setup.port("httpd", 8080)
    with Load(port, "/session", lambda status, body: (status, body) == (200, b"user=alice"),
              clients=8, headers={"Cookie": f"session={token}"}) as load:
        time.sleep(seconds)
    assert (load.wrong, load.losses) == ([], []) and load.answered > 0


@pytest.mark.parametrize("aead", AEADS)
@pytest.mark.parametrize(("keys", "mpm"), [(RING, "event"), (RING, "prefork"), (BESIDE, "event")])
def test_a_retired_key_is_gone_from_the_child(ring, monkeypatch, keys, mpm, aead):
    monkeypatch.setenv("SEALRING_AEAD", aead)
    server = ring.start(site(keys), mpm=mpm)
    (child,) = server.children()
    retired, kept = ring.key, new_key()
    keep_all_threads_busy(server, ring, retired, 0.5)
    assert "bytes" in found(retired.secret, core_dump(child, ring.folder)), "the search works"

    ring.write_ring(jwk_set(kept))
    time.sleep(1.1)
    keep_all_threads_busy(server, ring, kept, 1)
    time.sleep(1)
    memory = core_dump(child, ring.folder)
    assert server.children() == {child}
    assert "bytes" in found(kept.secret, memory), "the search works"
    assert found(retired.secret, memory) == []


def test_the_text_of_a_passphrase_stays_in_the_server(ring):
    """httpd keeps the words of its configuration for as long as it is in use: SECURITY.md says so."""
    passphrase = "a passphrase of many words, all of them long"
    server = ring.start(site(f'SessionCryptoPassphrase "{passphrase}"'))
    assert server.get("/session?user=alice").cookie()
    (child,) = server.children()
    assert passphrase.encode() in core_dump(child, ring.folder)
