# SPDX-License-Identifier: Apache-2.0
"""The directives for sessions: inheritance, errors, warnings, and names that others use too."""

import re

import pytest
from nginx_server import conf, make_certificate
from sessions import NAME, ON, RING, Browser, site
from tokens import new_key, s1, write_ring


def said(check, level: str) -> list[str]:
    """Messages without their time, and the line that they name."""
    return re.findall(rf"\[{level}\] [^:]*: (.*?)(?: in \S+nginx\.conf)?(?=:\d+$)", check.output,
                      re.MULTILINE)  # fmt: skip


def cookie(ring, text="user=alice", context=NAME, key=None) -> dict[str, str]:
    return {"Cookie": f"{NAME}={s1(key or ring.key, text.encode(), context=context.encode())}"}


ERRORS = {
    "session on;": 'session: no encrypted_session_keyring is in effect with it. Run "sealring '
                   'keyring init',
    f"{RING} session on; session_cookie a=b;": "session_cookie: the cookie's name is not",
    f"{RING} session on; session_cookie a x;": 'session_cookie: "x" is not one of path=',
    f"{RING} session on; session_cookie a parts=0;": 'session_cookie: "parts=0" is not one of',
    f"{RING} session on; session_cookie a parts=10;": 'session_cookie: "parts=10" is not one of',
    f"{RING} session on; session_cookie a parts=x;": 'session_cookie: "parts=x" is not one of',
    f"{RING} session on; session_cookie a samesite=maybe;": "session_cookie: SameSite is lax",
    f"{RING} session on; session_cookie __Host-a domain=example.com;":
        'session_cookie: browsers refuse a cookie named "__Host-a" with a Domain',
    f"{RING} session on; session_cookie __Host-a path=/app;":
        'session_cookie: browsers refuse a cookie named "__Host-a" with another Path',
    f"{RING} session on; session_cookie __Secure-a insecure;":
        'session_cookie: browsers refuse a cookie named "__Secure-a" that is not Secure',
    f"{RING} session on; session_cookie a insecure partitioned;":
        "session_cookie: browsers refuse a Partitioned cookie",
    "session_cookie a; session_cookie b;": '"session_cookie" directive is duplicate',
    "session_idle 0;": 'session_idle: 0 is not a time; write "off"',
    "session_idle x;": '"session_idle" directive invalid value',
    "session_idle 1m; session_idle 2m;": '"session_idle" directive is duplicate',
    'session_context "";': "session_context: an empty context binds sessions to nothing",
    f"session_context {'x' * 1025};": "session_context: the context must not be longer than 1024",
    f"{RING} session on; session_subject sid;": "session: the subject is not",
    "session_set sid $x;": 'session_set: the field "sid" is sealring\'s own',
    'session_set "" x;': 'session_set: the field "" is sealring\'s own',
    "session_set verify x;": 'session_set: the field "verify" is sealring\'s own',
    "location /x { session_end; session_end; }": '"session_end" directive is duplicate',
    "session_require =x;": 'session_require: "=x" is neither FIELD nor FIELD=VALUE',
    "session_require x=;": 'session_require: "x=" is neither FIELD nor FIELD=VALUE',
    "session_require a; session_require b;": '"session_require" directive is duplicate',
}


@pytest.mark.parametrize("text", ERRORS)
def test_errors(ring, text):
    check = ring.check(site(on="", text=text))
    assert not check.ok
    line = next(line for line in check.output.splitlines() if "[emerg]" in line)
    assert ERRORS[text] in line and re.search(r"nginx\.conf:\d+$", line), line


def test_a_requirement_without_sessions(ring):
    """It would let everybody in."""
    for text in ("location / { session_require user; }", "location / { if ($arg_x) { return 403; } } session_require user;"):
        (line,) = said(ring.check(site(on=RING, text=text)), "emerg")
        assert line.startswith("session_require: sessions are not on here, so everybody would get in"), line
    for text in ("location / { session_require user; session on; }",
                 "session_require user; location / { session on; }",
                 "session_require user; location / { session_require off; }",
                 "session_require user; location / { session off; }"):
        check = ring.check(site(on=RING, text=text))
        assert check.ok, check.output


WARNINGS = {
    "session_cookie s insecure parts=3;": "session_cookie: 3 cookies of 4096 bytes do not fit into "
    "one buffer of 8192 bytes, so clients with large sessions get 400; add "
    '"large_client_header_buffers 4 16k;" to the server',
    "session_cookie s insecure samesite=none;": "session_cookie: browsers refuse a cookie with "
    "samesite=none and insecure; remove one of them",
    'session_cookie s insecure; location /x { session_require user; return 200 "x"; }':
    'session_require: location "/x" answers with "return", which nginx runs before any check of '
    'access, so everybody gets that answer; serve a file or use proxy_pass, or add '
    '"session_require off;" to the location',
}


@pytest.mark.parametrize("text", WARNINGS)
def test_warnings(ring, text):
    more = "location / { } location /y { if ($arg_x) { return 403; } }"
    check = ring.check(site(on=f"{RING} session on;", text=f"{text} {more}"))
    assert check.ok and said(check, "warn") == [WARNINGS[text]], check.output


def test_no_warning_where_all_is_well(ring):
    good = """large_client_header_buffers 4 32k; session_cookie s insecure parts=5; session_require x;
        location / { if ($arg_x) { return 403; } }
        location /off { session_require off; return 200 "x"; }"""
    check = ring.check(site(on=f"{RING} session on;", text=good))
    assert check.ok and said(check, "warn") == [] == said(check, "notice")
    for text in ("session_cookie s samesite=none;", "session_cookie s samesite=lax insecure;",
                 "session_require x; return 301 https://example.com;"):  # fmt: skip
        check = ring.check(site(on=f"{RING} session on;", text=text))
        assert check.ok and said(check, "warn") == [], text


def test_a_note_where_the_server_has_no_tls(ring):
    on = f"{RING} session on;"
    locations = "location /a { session_idle 1h; } location /b { session_idle 2h; }"
    (note,) = said(ring.check(site(on=on, text=locations)), "notice")
    assert note.startswith("session: the server has no TLS, and browsers send the cookie")
    make_certificate(ring.folder)
    tls = "listen 127.0.0.1:8443 ssl; ssl_certificate tls.crt; ssl_certificate_key tls.key;"
    for text in (tls, "session_cookie s insecure;"):
        check = ring.check(site(on=on, text=text))
        assert check.ok and said(check, "notice") == []


def test_inheritance(ring):
    text = """session_require user;
        location / { root html; }
        location /open/ { session_require off; root html; }
        location /off { session off; return 200 "[$session_user]"; }
        location /on { return 200 "[$session_user]"; }
        location /context { session_context other; return 200 "[$session_user]"; }"""
    server = ring.start(site(text))
    alice, other = cookie(ring), cookie(ring, "user=bob", "other")
    assert server.get("/").status == 401 and server.get("/", alice).status in (403, 404)
    assert server.get("/open/").status == 404
    assert [server.get("/on", who).text for who in (alice, other)] == ["[alice]", "[]"]
    assert [server.get("/context", who).text for who in (alice, other)] == ["[]", "[bob]"]
    assert server.get("/off", alice).text == "[]"


def test_two_sites_with_one_ring_and_contexts_of_their_own(ring):
    text = """server { listen 127.0.0.1:8080; server_name a; session_context a; %s }
              server { listen 127.0.0.1:8080; server_name b; session_context b; %s }"""
    answer = 'location / { return 200 "[$session_user]"; }'
    server = ring.start(conf(ON + text % (answer, answer)))
    for context in ("a", "b"):
        for host in ("a", "b"):
            headers = {**cookie(ring, context=context), "Host": host}
            wanted = "[alice]" if host == context else "[]"
            assert server.get("/", headers).text == wanted


def test_without_a_ring_where_it_is_served_nothing_is_open(ring):
    """The server's own level has no ring, and a request comes for something that its locations do not serve."""
    text = f"""session on; session_cookie s insecure; session_require user; root html;
        location /a {{ {RING} proxy_pass http://127.0.0.1:9000; }}"""
    server = ring.start(site(on="", text=text))
    assert server.get("/b").status == 500
    assert "no encrypted_session_keyring is in effect where this is served" in server.error_log


def test_names_of_variables_that_a_configuration_defines_itself(ring):
    """As the guide to the old module does: they mean what they did, with sessions on and off."""
    text = """set_decrypt_session $session $cookie_old; set $session_token token; set $session_user me;
        location / { return 200 "[$session][$session_token][$session_user][$session_role]"; }"""
    maps = "map $uri $session_kind { default kind; }"
    headers = {"Cookie": cookie(ring, "user=alice&role=admin")["Cookie"] + "; old="
               + s1(ring.key, b"payload")}  # fmt: skip
    for on, role in ((ON, "admin"), (f"{RING} session_cookie s insecure;", "")):
        server = ring.start(site(text, on=on, before=maps))
        assert server.get("/", headers).text == f"[payload][token][me][{role}]"
        server.stop()


def test_variables_find_fields_with_other_signs(ring):
    text = """location / {
        return 200 "$session_members_user|$session_a_b|$session_USER|$session_none|$session_m"; }"""
    server = ring.start(site(text))
    answer = server.get("/", cookie(ring, "members-user=alice&a.b=2&user=bob")).text
    assert answer == "alice|2|bob||"


def test_the_old_key_opens_no_session(ring):
    """Tokens of the old key are not bound to a context: an application may have made one from a user's text."""
    old = "encrypted_session_key abcdefghijklmnopqrstuvwxyz123456;" \
          "encrypted_session_legacy_until 2099-12-31;"
    text = """location / { return 200 "$session_verify"; }
        location /seal { set_encrypt_session $t "user=eve"; set_encode_base64 $t; return 200 $t; }"""
    server = ring.start(site(text, on=f"{ON} {old}"))
    assert server.get("/", cookie(ring)).text == "OK"
    token = server.get("/seal").text
    assert server.get("/", {"Cookie": f"{NAME}={token}"}).text.startswith("FAILED:")


def test_rotation_logs_nobody_out(ring):
    server = ring.start(site('location / { return 200 "$session_user $session_kid"; }'))
    old, new = ring.key, new_key()
    browser = Browser(server, {NAME: cookie(ring, key=old)["Cookie"].split("=", 1)[1]})
    assert browser.get("/").text == f"alice {old.kid}"
    write_ring(ring, old, new)
    browser.server.get("/")
    assert browser.get("/").text == f"alice {old.kid}"
    text = "session_header X; location / { session_set role x; return 200 $session_kid; }"
    ring.rewrite(site(text))
    server.reload()
    browser.get("/")
    assert browser.get("/").text == new.kid
