# SPDX-License-Identifier: Apache-2.0
"""Sessions make no further copy of a key in a worker's memory, and a key that was retired a second ago
is not there any more."""

import time

import pytest
from browser import proof
from core_dump import check_keys
from devices import PLACES, Device, bound_site, seen
from nginx_server import AS_ROOT
from sessions import NAME, Browser, application, site
from tokens import now, opened, s1, write_ring

pytestmark = pytest.mark.skipif(not AS_ROOT, reason="only root may look into other processes")

SITE = site("""
    session_header X-Replace-Session; error_page 418 =200 @inside; session_renew 1s;
    proxy_buffer_size 32k; proxy_buffers 4 32k;
    location / { proxy_pass http://127.0.0.1:9000; }
    location = /inside { return 418; }
    location @inside { return 200 "$session_user $session_verify $session_id_hash"; }
    location = /tokens { set_encrypt_session $t x; set_decrypt_session $p $t; return 200 $p; }
    location = /end { session_end; return 204; }
    """)


def use(server, key) -> None:
    fields = f"user=alice&sid=AAAAAAAAAAAAAAAAAAAAAA&auth_time={now() - 9}".encode()
    for _ in range(20):
        browser = Browser(server)
        browser.sign_in()
        assert browser.get("/inside").text.startswith("alice OK")
        assert browser.get("/?fill=4500").status == 200 and len(browser.cookies) == 2
        assert browser.get("/end").status == 204 and browser.cookies == {}
        due = s1(key, fields, at=now() - 5, context=NAME.encode())
        browser.cookies = {NAME: due}
        assert browser.get("/inside").text.startswith("alice OK")
        assert opened(browser.cookies[NAME], key, context=NAME.encode()).payload == fields
        assert server.get("/tokens").text == "x"


def bind(server, _) -> None:
    assert server.get("/tokens").text == "x"
    for _ in range(20):
        device = Device(server)
        device.bind()
        device.refreshed()
        assert seen(device) == ["alice", "OK", "1"]
        thief = device.copy()
        assert thief.refresh(proof(thief.challenge(), thief.signer)).status == 401


def check(nginx, server, first, use) -> None:
    def rotate(key):
        write_ring(nginx, key)
        time.sleep(1.1)  # a worker looks once a second, when a request comes
        use(server, key)

    check_keys(nginx, server, first, lambda key: use(server, key), rotate)


def test_keys_of_sessions(ring):
    with application(ring):
        server = ring.start(SITE)
        check(ring, server, lambda: server.get("/tokens"), use)


def test_keys_of_bound_sessions(listed):
    # The sealer of tokens lets go of a ring when it is used.
    tokens = "location = /tokens { set_encrypt_session $t x; set_decrypt_session $p $t; return 200 $p; }"
    server = listed.start(bound_site(text=PLACES + tokens))
    check(listed, server, lambda: bind(server, listed.key), bind)
