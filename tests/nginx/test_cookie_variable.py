# SPDX-License-Identifier: Apache-2.0
"""$cookie_NAME where set_decrypt_session opens it is found by the module. It is what nginx finds."""

import contextlib
import http.client
import random

import pytest
from nginx_server import Setup, conf
from tokens import OLD_KEY, s1

OPENS = "set_decrypt_session $opened $cookie_token;"
READS = 'set $read "$cookie_token";'  # the module does not look at this one
PARTS = ["token", "token", "=", "=", ";", "; ", ",", ", ", " ", "\t", "a", "Token", "tokens", "toke",
         "xtoken", "TOKEN=", "token =", "token;", "token,", "=x", "\"", "b=c", "\x80"]  # fmt: skip


def site(directive: str, more: str = "") -> str:
    return conf(f"""
    encrypted_session_key {OLD_KEY}; {more}
    server {{ listen 127.0.0.1:8080;
        location / {{ {directive} return 200 "[$cookie_token]"; }} }}""")


@pytest.fixture
def nginxs_own(tmp_path):
    """A server that does not open the cookie."""
    folder = tmp_path / "other"
    folder.mkdir()
    setup = Setup(folder)
    yield setup.start(site(READS))
    setup.stop()


def answers(server, requests):
    """The bodies of what is answered to these Cookie headers, on one connection."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as client:
        for headers in requests:
            client.putrequest("GET", "/")
            for header in headers:
                client.putheader("Cookie", header.encode("latin-1"))
            client.endheaders()
            response = client.getresponse()
            yield response.status, response.read()


def test_it_is_what_nginx_finds(nginx, nginxs_own):
    server = nginx.start(site(OPENS))
    choose = random.Random(1)
    requests = [["".join(choose.choices(PARTS, k=choose.randint(0, 12))) for _ in range(choose.randint(0, 3))]
                for _ in range(2000)]  # fmt: skip
    requests += [["token=x"], ["a=b; token=x"], ["a=b,token=x"], ["token=x,y;z"], ["token;token=x"],
                 ["ToKeN=x"], ["a=b", "token=x"], ["token=x", "token=y"], ["token=" + "x" * 3000]]
    found = 0
    for headers, ours, theirs in zip(requests, answers(server, requests), answers(nginxs_own, requests)):
        assert ours == theirs, headers
        found += ours not in ((200, b"[]"), (400, b""))
    assert found > 200, "many have the cookie"


@pytest.mark.parametrize("definition", [
    "map $arg_x $cookie_token { default mapped; }", "geo $cookie_token { default mapped; }"])
def test_a_variable_that_the_configuration_defines_is_left_alone(nginx, definition):
    server = nginx.start(site(OPENS, definition))
    assert server.get("/", {"Cookie": "token=x"}).text == "[mapped]"


def test_what_a_request_has_read_stays(ring):
    server = ring.start(conf(f"""encrypted_session_keyring session.keys;
    server {{ listen 127.0.0.1:8080; location / {{
        set $first "$cookie_token"; {OPENS} return 200 "$first $opened $encrypted_session_verify"; }} }}"""))
    token = s1(ring.key, b"user=alice")
    assert server.get("/", {"Cookie": f"a=b; token={token} ; c=d"}).text == f"{token}  user=alice OK"
    server.reload()
    assert server.get("/", {"Cookie": f"token={token}"}).text == f"{token} user=alice OK"
