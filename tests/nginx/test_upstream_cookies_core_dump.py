# SPDX-License-Identifier: Apache-2.0
"""Sealed cookies make no further copy of a key in a worker's memory, and a key that was retired a second
ago is not there any more."""

import time

import pytest
from core_dump import AEADS, check_keys
from nginx_server import AS_ROOT
from sessions import APPLICATION, application
from tokens import s1, write_ring
from upstream_cookies import LARGE, ON, Client, site

pytestmark = pytest.mark.skipif(not AS_ROOT, reason="only root may look into other processes")

TEXT = APPLICATION + " location = /tokens { set_encrypt_session $t x; set_decrypt_session $p $t; return 200 $p; }"


def seal_and_open(server) -> None:
    assert server.get("/tokens").text == "x"


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
        seal_and_open(server)


@pytest.mark.parametrize("aead", AEADS)
def test_keys_of_sealed_cookies(ring, monkeypatch, aead):
    monkeypatch.setenv("SEALRING_AEAD", aead)
    with application(ring):
        server = ring.start(site(ON + LARGE, TEXT))
        retired = ring.key

        def rotate(kept):
            write_ring(ring, retired, kept)  # renewals open with one and seal with the other
            time.sleep(1.1)  # a worker looks once a second, when a request comes
            seal_and_open(server)
            use(server, kept, retired)
            write_ring(ring, kept)
            time.sleep(1.1)
            seal_and_open(server)
            use(server, kept, kept)

        check_keys(ring, server, lambda: seal_and_open(server), lambda key: use(server, key, key), rotate)
