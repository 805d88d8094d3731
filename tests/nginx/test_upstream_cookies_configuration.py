# SPDX-License-Identifier: Apache-2.0
"""sealed_cookies: what nginx -t says about it, and where directives count."""

import re

import pytest
from nginx_server import conf
from sessions import APPLICATION, RING, application
from tokens import wait_out_midnight
from upstream_cookies import CONTEXT, ON, Client, site


def line_of(config: str, text: str) -> int:
    return config[: config.index(text)].count("\n") + 1


@pytest.mark.parametrize(
    ("on", "about", "message"),
    [
        (f"{CONTEXT} sealed_cookies sid;", "sealed_cookies sid",
         r'sealed_cookies: no encrypted_session_keyring is in effect with it. Run "sealring keyring init '
         r'\S+session.keys" and add "encrypted_session_keyring session.keys;" beside this line'),
        (f"{RING} sealed_cookies sid;", "sealed_cookies sid",
         'sealed_cookies: say which application .* add "sealed_cookies_context shop;" beside this line'),
        (f"{RING} {CONTEXT} sealed_cookies a/b;", "sealed_cookies a/b",
         'sealed_cookies: "a/b" is not a cookie\'s name'),
        (f"{RING} {CONTEXT} sealed_cookies a off;", "sealed_cookies a", 'sealed_cookies: "off" is the only'),
        (f'{RING} {CONTEXT} sealed_cookies "~(";', "sealed_cookies", r"sealed_cookies: pcre2?_compile\(\) failed"),
        (f'{RING} {CONTEXT} sealed_cookies "~*";', "sealed_cookies", r'sealed_cookies: "~\*" has no pattern'),
        (f"{ON} sealed_cookies id;", "sealed_cookies", '"sealed_cookies" directive is duplicate'),
        (f'{RING} sealed_cookies sid; sealed_cookies_context "";', "sealed_cookies",
         "sealed_cookies_context: the context must have 1 to 512 bytes"),
        (f"{ON} sealed_cookies_mode on;", "sealed_cookies_mode", 'invalid value "on"'),
        (f"{ON} sealed_cookies_refuse 500;", "sealed_cookies_refuse",
         'sealed_cookies_refuse: "500" is neither "off" nor a status from 400 to 493 other than 408'),
        (f"{ON} sealed_cookies_refuse yes;", "sealed_cookies_refuse", 'sealed_cookies_refuse: "yes" is'),
        (f"{ON} sealed_cookies_mode migrate; sealed_cookies_accept_plain_until 2027-02-30;",
         "sealed_cookies_accept", 'sealed_cookies_accept_plain_until: "2027-02-30" is not a day; write the'),
        (f"{ON} sealed_cookies_accept_plain_until 2027-01-31;", "sealed_cookies_accept",
         "sealed_cookies_accept_plain_until: plain cookies pass for a time only with "
         '"sealed_cookies_mode migrate;"; add it'),
    ],
)
def test_errors_say_where_and_what_to_do(ring, on, about, message):
    config = site(on)
    check = ring.check(config)
    assert not check.ok
    assert re.search(rf"\[emerg\] .*{message}.* in \S+:{line_of(config, about)}\b", check.output), check.output


def test_warnings_say_where_and_what_to_do(ring):
    wait_out_midnight()
    config = site(ON + "\nsealed_cookies_mode migrate;")
    check = ring.check(config)
    assert check.ok and check.output.count("[warn]") == 1
    found = re.search(r'sealed_cookies: plain cookies still pass, .* add "(sealed_cookies_accept_plain_until '
                      r'\S+;)" beside this line in \S+:(\d+)', check.output)  # fmt: skip
    assert int(found[2]) == line_of(config, ON)
    assert "[warn]" not in ring.check(site(f"{ON} sealed_cookies_mode migrate; {found[1]}")).output

    check = ring.check(site(f"{ON} sealed_cookies_mode migrate; sealed_cookies_accept_plain_until 2001-01-01;"))
    assert "sealed_cookies_accept_plain_until: 2001-01-01 has passed and plain cookies are cut out" in check.output

    check = ring.check(site(f"{RING} {CONTEXT} sealed_cookies httponly;"))
    assert check.ok and "sealed_cookies: with httponly alone, plain cookies pass, because" in check.output
    for quiet in (f"{RING} {CONTEXT} sealed_cookies httponly sid;",
                  f"{RING} {CONTEXT} sealed_cookies httponly; sealed_cookies_mode report;", ON):
        assert "[warn]" not in ring.check(site(quiet)).output


def test_levels_inherit_and_may_differ(ring):
    text = """location / { proxy_pass http://127.0.0.1:9000; }
              location /more { sealed_cookies id; proxy_pass http://127.0.0.1:9000/; }
              location /off { sealed_cookies off; proxy_pass http://127.0.0.1:9000/; }
              location /if { if ($arg_x) { proxy_pass http://127.0.0.1:9000; } }"""
    config = conf(f"""{ON} sealed_cookies_mode migrate; sealed_cookies_accept_plain_until 9000-01-01;
        server {{ listen 127.0.0.1:8080; sealed_cookies_mode enforce; {text} }}""")
    with application(ring):
        server = ring.start(config)

        def sealed(path):
            client = Client(server)
            client.set("sid=a", "id=b", path=path)
            return [name for name, value in client.cookies.items() if value.startswith("1~")]

        assert (sealed("/"), sealed("/more"), sealed("/off")) == (["sid"], ["id"], [])
        client = Client(server)
        client.get("/if?x=1&Set-Cookie=sid%3Da")
        assert client.cookies["sid"].startswith("1~")
        assert client.sent(headers={"Cookie": "sid=plain"}) == []


def test_without_the_directive_nothing_happens(ring):
    with application(ring):
        server = ring.start(site(RING))
        client = Client(server)
        client.set("sid=a; Path=/")
        assert client.lines == ["sid=a; Path=/"]
        assert client.sent(headers={"Cookie": "sid=1~s1.x"}) == ["sid=1~s1.x"]


def test_a_reload_takes_the_new_policy(ring):
    with application(ring):
        server = ring.start(site(f"{RING} {CONTEXT} sealed_cookies sid;", APPLICATION))
        client = Client(server)
        client.set("sid=a; Path=/", "id=b; Path=/")
        ring.rewrite(site(f"{RING} {CONTEXT} sealed_cookies sid id;", APPLICATION))
        server.reload()
        assert client.sent() == ["sid=a"]
