# SPDX-License-Identifier: Apache-2.0
"""sealed_cookies over HTTP/3."""

import re

from http3 import ask, needs_http3
from nginx_server import make_certificate
from sessions import RING, application
from tokens import new_key, s1
from upstream_cookies import CONTEXT, site

pytestmark = needs_http3

LISTEN = "listen 127.0.0.1:8080; listen 127.0.0.1:8443 quic; ssl_certificate tls.crt; ssl_certificate_key tls.key;"


def got(answer) -> list[str]:
    """The Cookie headers that the application got."""
    return re.findall(r'\["cookie", "([^"]*)"\]', answer.body, re.IGNORECASE)


def test_sealed_cookies(ring):
    make_certificate(ring.folder)
    with application(ring):
        ring.start(site(f"{RING} {CONTEXT} sealed_cookies sid cart;", listen=LISTEN))
        answer = ask(ring, "/?Set-Cookie=sid%3Dalice%3B%20Path%3D%2F&Set-Cookie=cart%3D7&Set-Cookie=theme%3Ddark")
        cookies = answer.cookies()
        assert cookies["sid"].startswith("1~s1.") and cookies["cart"].startswith("1~s1.")
        assert cookies["theme"] == "dark"

        answer = ask(ring, "/", f"sid={cookies['sid']}", "a=1", f"cart={cookies['cart']}")
        assert got(answer) == ["sid=alice; a=1; cart=7"], "nginx joins them"
        altered = cookies["sid"][:-4] + "AAAA"
        other = s1(new_key(), b"admin", context=b"upstream-cookie;shop;sid")
        for forged in ("sid=admin", f"sid={altered}", f"sid={cookies['cart']}", f"sid=1~{other}"):
            assert got(ask(ring, "/", "b=2", forged, f"cart={cookies['cart']}")) == ["b=2; cart=7"], forged
