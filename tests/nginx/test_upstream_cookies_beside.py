# SPDX-License-Identifier: Apache-2.0
"""sealed_cookies beside other locations of the same server: with sessions, bound to a device or not, and
without sealed cookies."""

import re

import pytest
from devices import NAME, Device
from nginx_server import conf
from sessions import RING, Browser, application
from upstream_cookies import CONTEXT, Client, site

UP = "proxy_pass http://127.0.0.1:9000"
SESSION = f"session on; session_cookie {NAME} insecure;"
PLACES = """
    location = /app/in { session_set user $arg_user; session_set big $arg_big; return 303 /; }
    location = /app/who { return 200 "$session_user|$session_verify|$session_bound"; }
"""


class Guest(Device):
    """Its site has sessions only below /app/."""

    def sign_in(self, user="alice"):
        self.offered = ""
        return self.get(f"/app/in?user={user}")


@pytest.mark.parametrize("choice", ["httponly", "all"])
@pytest.mark.parametrize("context", ["server", "location"])
def test_a_session_is_bound_though_only_a_location_has_it(listed, choice, context):
    """Its registration is answered with the settings of the server, which may not even be able to seal."""
    there, here = (CONTEXT, "") if context == "server" else ("", CONTEXT)
    server = listed.start(conf(f"""server {{ listen 127.0.0.1:8080; {RING} sealed_cookies {choice}; {there}
        location / {{ {here} return 200; }}
        location /app/ {{ {here} session on; session_cookie {NAME}; session_revocations revocations.list;
                          session_binding on; {PLACES} }} }}"""))
    device = Guest(server)
    device.bind()
    assert device.cookies[NAME].startswith("s1."), "it is not sealed again"
    assert device.get("/app/who").text == "alice|OK|1"
    device.refreshed()
    assert device.get("/app/who").text == "alice|OK|1"


def test_an_answer_to_a_device_has_no_other_cookie_where_nothing_can_be_sealed(listed):
    server = listed.start(conf(f"""server {{ listen 127.0.0.1:8080; {RING} sealed_cookies sid;
        add_header Set-Cookie "sid=plain; Path=/" always; add_header Set-Cookie "{NAME}x=plain" always;
        location /app/ {{ {CONTEXT} session on; session_cookie {NAME}; session_revocations revocations.list;
                          session_binding on; {PLACES} }} }}"""))
    device = Guest(server)
    device.sign_in()
    device.register()
    assert set(device.set) == {NAME, f"{NAME}-bound"}


@pytest.mark.parametrize("choice", ["httponly", "all"])
def test_a_session_of_another_location_is_no_forged_cookie(ring, choice):
    """Its first part begins like a sealed cookie, if it is in several."""
    with application(ring):
        server = ring.start(site(f"{RING} {CONTEXT} sealed_cookies {choice}; sealed_cookies_refuse 403;", f"""
            location / {{ {UP}; }} location /app/ {{ {SESSION} {PLACES} }}"""))
        browser = Browser(server)
        browser.get("/app/in?user=alice&big=" + "x" * 4000)
        assert browser.cookies[NAME].startswith("2~s1.") and set(browser.cookies) == {NAME, f"{NAME}-1"}
        assert browser.get("/app/who").text == "alice|OK|"
        client = Client(server)
        client.cookies = dict(browser.cookies)
        assert client.sent() == ["; ".join(f"{name}={value}" for name, value in browser.cookies.items())]


def test_a_session_of_another_server_is_not_left_alone(ring):
    with application(ring):
        server = ring.start(conf(f"""{RING} {CONTEXT} sealed_cookies all;
            server {{ listen 127.0.0.1:8080; location / {{ {UP}; }} }}
            server {{ listen 127.0.0.1:8080; server_name other; {SESSION} location / {{ {UP}; }} }}"""))
        client = Client(server)
        assert client.sent(headers={"Cookie": f"{NAME}=x"}) == []
        assert client.sent(headers={"Cookie": f"{NAME}=x", "Host": "other"}) == []
        client.set(f"{NAME}=x; Path=/")
        assert client.cookies[NAME].startswith("1~s1.")


def test_a_session_is_no_way_in_for_other_cookies(ring):
    """There are applications that read it as two."""
    with application(ring):
        client = Client(ring.start(site(f"{RING} {CONTEXT} sealed_cookies all;", f"""
            location / {{ {UP}; }} location /app/ {{ {SESSION} {PLACES} }}""")))
        assert client.sent(headers={"Cookie": f"{NAME}=x sid=admin; {NAME}-1=y,sid=admin; {NAME}=z"}) == [f"{NAME}=z"]


def test_cookies_of_a_location_that_seals_nothing_stay_plain_after_a_redirect(ring):
    with application(ring):
        client = Client(ring.start(site(f"{RING} {CONTEXT}", f"""
            location / {{ {UP}; }}
            location /a {{ {UP}/?X-Accel-Redirect=/$arg_to&Set-Cookie=theme%3Ddark; }}
            location /fails {{ error_page 404 = /all; add_header Set-Cookie "x=1"; return 404; }}
            location /all {{ sealed_cookies all; add_header Set-Cookie "sid=bob; Path=/"; return 200; }}
            location /further {{ sealed_cookies all; {UP}/?X-Accel-Redirect=/off&Set-Cookie=sid%3Dbob; }}
            location /off {{ return 200; }}""")))
        client.get("/a?to=all")
        theme, sid = client.lines
        assert theme == "theme=dark" and sid.startswith("sid=1~s1.")
        client.get("/a?to=further")
        theme, sid = client.lines
        assert theme == "theme=dark" and sid.startswith("sid=1~s1.")
        client.get("/fails")
        assert [line[:9] for line in client.lines] == ["sid=1~s1."]


def test_cookies_that_were_set_before_any_location_are_sealed(ring):
    """By Lua for the whole server; `rewrite` makes the request an internal one."""
    server = ring.start(conf(f"""server {{ listen 127.0.0.1:8080; {RING} {CONTEXT}
        server_rewrite_by_lua_block {{ ngx.header["Set-Cookie"] = "sid=lua; Path=/" }}
        rewrite ^/moved /all last;
        location /all {{ sealed_cookies all; return 200; }} }}""", modules=("ndk_http", "ngx_http_lua")))
    for path in ("/all", "/moved"):
        assert server.get(path).headers["Set-Cookie"].startswith("sid=1~s1."), path


@pytest.mark.parametrize("name", ["sid%00x", "s%69d%00", "sid[" + "a" * 300 + "]", "sid%5B" + "a" * 9000,
                                  "%73%69%64" + "[a]" * 100],
                         ids=["nul", "nul_at_end", "array", "longest", "encoded"])  # fmt: skip
def test_a_name_that_php_reads_as_another_is_no_way_in(ring, name):
    with application(ring):
        client = Client(ring.start(site(f"{RING} {CONTEXT} sealed_cookies sid;",
                                        f"large_client_header_buffers 4 32k; location / {{ {UP}; }}")))
        assert client.sent(headers={"Cookie": f"a=1; {name}=admin"}) == ["a=1"]


def test_a_pattern_that_fails_on_a_name_matches_it(ring):
    with application(ring):
        client = Client(ring.start(site(f'{RING} {CONTEXT} sealed_cookies "~(*UTF)^sid";')))
        assert client.sent(headers={"Cookie": "a=1; sid\xffx=admin"}) == ["a=1"]


@pytest.mark.parametrize("status", ["400", "403", "407", "409", "410", "430", "444", "493"])
def test_a_status_that_a_client_gets(ring, status):
    server = ring.start(site(f"{RING} {CONTEXT} sealed_cookies sid; sealed_cookies_refuse {status};"))
    if status == "444":
        with pytest.raises(ConnectionError):
            server.get("/", {"Cookie": "sid=admin"})
    else:
        assert server.get("/", {"Cookie": "sid=admin"}).status == int(status)


@pytest.mark.parametrize("status", ["399", "408", "494", "495", "497", "498", "499", "500", "1e3", "-1"])
def test_a_status_that_is_not_sent_is_refused(ring, status):
    check = ring.check(site(f"{RING} {CONTEXT} sealed_cookies sid; sealed_cookies_refuse {status};"))
    assert not check.ok
    assert re.search(rf'sealed_cookies_refuse: "{status}" is neither "off" nor a status from 400 to 493 other than '
                     r"408, as in \"sealed_cookies_refuse 403;\"", check.output), check.output
