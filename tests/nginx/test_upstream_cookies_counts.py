# SPDX-License-Identifier: Apache-2.0
"""sealed_cookies: each cookie is counted once, by what became of it, whatever way its request goes."""

import pytest
from sessions import application
from test_session_status import count
from tokens import new_key, now, s1, write_ring
from upstream_cookies import LARGE, ON, Client, site

RECEIVED, SET = "sealring_sealed_cookies_received", "sealring_sealed_cookies_set"
CONTEXT = b"upstream-cookie;shop;sid"
TEXT = """
    location / { proxy_pass http://127.0.0.1:9000; }
    location /asks { auth_request /auth; error_page 404 /found; proxy_intercept_errors on;
                     proxy_pass http://127.0.0.1:9000/?status=404; }
    location = /auth { internal; proxy_pass http://127.0.0.1:9000/; }
    location = /found { proxy_pass http://127.0.0.1:9000/; }
    location /status { sealed_cookies off; session_status; }"""


def headers_by_result(key) -> dict[str, tuple[str, int]]:
    """A Cookie header, and how often it is sent."""
    good = s1(key, b"alice; Path=/", context=CONTEXT)
    return {
        "ok": (f"sid=1~{good}", 5),
        "authentication_failed": (f"sid=1~{good[:-4]}AAAA", 4),
        "expired": ("sid=1~" + s1(key, b"x", at=now() - 9, lifetime=1, context=CONTEXT), 3),
        "unknown_key": ("sid=1~" + s1(new_key(), b"x", context=CONTEXT), 2),
        "malformed": ("sid=1~s1.x", 1),
    }


@pytest.mark.parametrize("mode", ["report", "migrate", "enforce"])
@pytest.mark.parametrize("path", ["/", "/asks"])
def test_those_of_requests(ring, mode, path):
    with application(ring):
        server = ring.start(site(f"{ON} sealed_cookies_mode {mode};", TEXT))
        sent = headers_by_result(ring.key)
        for header, times in sent.values():
            for _ in range(times):
                server.get(path, {"Cookie": f"a=1; {header}"})
        for result, (_, times) in sent.items():
            assert count(server, RECEIVED, mode=mode, result=result) == times, result
        server.get(path, {"Cookie": "sid=plain; a=2"})
        result = "malformed" if mode == "enforce" else "plain"
        assert count(server, RECEIVED, mode=mode, result=result) == 1 + (mode == "enforce")
        assert count(server, RECEIVED) == 5 + 4 + 3 + 2 + 1 + 1, "and nothing else"


@pytest.mark.parametrize("mode", ["report", "migrate", "enforce"])
def test_those_of_answers(ring, mode):
    with application(ring):
        server = ring.start(site(f"{ON}{LARGE} sealed_cookies_mode {mode};", TEXT))
        client = Client(server)
        for _ in range(3):
            client.set("sid=alice; Path=/", "theme=dark")
        client.set("sid=; Max-Age=0")
        client.set("sid=" + "v" * 6200)
        assert count(server, SET, mode=mode, result="sealed") == (4 if mode == "report" else 3)
        assert count(server, SET, mode=mode, result="deletion") == 1
        assert count(server, SET, mode=mode, result="too_large") == (0 if mode == "report" else 1)
        assert count(server, SET) == 5

        old = s1(ring.key, b"alice; Path=/", context=CONTEXT)
        write_ring(ring, ring.key, new_key())
        server.reload()
        server.get("/", {"Cookie": f"sid=1~{old}"})
        assert count(server, SET, mode=mode, result="renewed") == (0 if mode == "report" else 1)
