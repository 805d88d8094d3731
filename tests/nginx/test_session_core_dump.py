# SPDX-License-Identifier: Apache-2.0
"""Sessions make no further copy of a key in a worker's memory, and a key that was retired a second ago
is not there any more."""

import time

import pytest
from core_dump import core_dump, found
from nginx_server import AS_ROOT
from sessions import NAME, Browser, application, site
from tokens import new_key, now, opened, s1, write_ring

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


def test_keys_of_sessions(ring):
    with application(ring):
        server = ring.start(SITE)
        retired, (worker,) = ring.key, server.workers()
        assert server.get("/tokens").text == "x"
        copies = core_dump(worker, ring.folder).count(retired.secret)
        use(server, retired)
        memory = core_dump(worker, ring.folder)
        assert found(retired.secret, memory) == ["bytes"]
        assert memory.count(retired.secret) == copies > 0

        kept = new_key()
        write_ring(ring, kept)
        time.sleep(1.1)  # a worker looks once a second, when a request comes
        use(server, kept)
        time.sleep(1)
        memory = core_dump(worker, ring.folder)
        assert server.workers() == {worker}
        assert found(kept.secret, memory) == ["bytes"], "the search works"
        assert found(retired.secret, memory) == []
