# SPDX-License-Identifier: Apache-2.0
"""Sealed cookies make no further copy of a key in a worker's memory, and a key that was retired a second
ago is not there any more."""

import time

import pytest
from core_dump import AEADS, core_dump, found
from nginx_server import AS_ROOT
from sessions import APPLICATION, application
from tokens import new_key, s1, write_ring
from upstream_cookies import ON, Client, site

pytestmark = pytest.mark.skipif(not AS_ROOT, reason="only root may look into other processes")

LARGE = " proxy_buffer_size 16k; proxy_buffers 4 16k;"
TEXT = APPLICATION + " location = /tokens { set_encrypt_session $t x; set_decrypt_session $p $t; return 200 $p; }"


def use(server, key, old) -> None:
    for number in range(20):
        client = Client(server)
        client.set(f"sid=alice{number}; Path=/; HttpOnly", "cart=" + "v" * 40)
        assert client.sent() == [f"sid=alice{number}; cart=" + "v" * 40]
        client.set("sid=" + "v" * 4000 + "; Path=/")
        assert len(client.lines) == 2 and client.sent()[0].startswith("sid=vvv")
        assert client.sent(headers={"Cookie": f"sid={client.cookies['sid'][:-4]}AAAA"}) == []
        due = s1(old, b"due; Path=/", context=b"upstream-cookie;shop;sid")
        client.cookies = {"sid": f"1~{due}"}
        assert client.sent() == ["sid=due"] and (key is old) == (client.lines == [])
        assert server.get("/tokens").text == "x"


@pytest.mark.parametrize("aead", AEADS)
def test_keys_of_sealed_cookies(ring, monkeypatch, aead):
    monkeypatch.setenv("SEALRING_AEAD", aead)
    with application(ring):
        server = ring.start(site(ON + LARGE, TEXT))
        retired, (worker,) = ring.key, server.workers()
        assert server.get("/tokens").text == "x"
        copies = core_dump(worker, ring.folder).count(retired.secret)
        use(server, retired, retired)
        memory = core_dump(worker, ring.folder)
        assert found(retired.secret, memory) == ["bytes"]
        assert memory.count(retired.secret) == copies > 0

        kept = new_key()
        write_ring(ring, retired, kept)  # renewals open with one and seal with the other
        time.sleep(1.1)  # a worker looks once a second, when a request comes
        assert server.get("/tokens").text == "x"
        use(server, kept, retired)
        write_ring(ring, kept)
        time.sleep(1.1)
        assert server.get("/tokens").text == "x"
        use(server, kept, kept)
        time.sleep(1)
        memory = core_dump(worker, ring.folder)
        assert server.workers() == {worker}
        assert found(kept.secret, memory) == ["bytes"], "the search works"
        assert found(retired.secret, memory) == []
