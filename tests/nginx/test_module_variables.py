# SPDX-License-Identifier: Apache-2.0
"""The variables for the outcome of a request's last set_decrypt_session."""

import http.client
import http.server
import threading

import pytest
from nginx_server import conf
from tokens import OLD_KEY, legacy, new_key, now, s1

ALL = (
    "$encrypted_session_verify,$encrypted_session_issued_at,$encrypted_session_expires_at,"
    "$encrypted_session_kid"
)
OPEN = "set_decrypt_session $p $arg_t;"
RING = "encrypted_session_keyring session.keys;"


def site(locations: str, more: str = "") -> str:
    return conf(f"{RING} {more} server {{ listen 127.0.0.1:8080; {locations} }}")


def test_of_a_good_token(ring):
    server = ring.start(site(f"location / {{ {OPEN} return 200 {ALL}; }}"))
    at = now() - 10
    kid = ring.key.kid
    answer = server.get(f"/?t={s1(ring.key, b'x', at=at, lifetime=100)}").text
    assert answer == f"OK,{at},{at + 100},{kid}"
    assert server.get(f"/?t={s1(ring.key, b'x', at=at, lifetime=0)}").text == f"OK,{at},0,{kid}"


def test_of_a_refused_token(ring):
    server = ring.start(site(f"location / {{ {OPEN} return 200 {ALL}; }}"))
    kid = ring.key.kid
    other = new_key()
    at = now() - 200
    token = s1(ring.key, b"x", at=at, lifetime=100)
    assert server.get(f"/?t={token}").text == f"FAILED:expired,{at},{at + 100},{kid}"
    token = s1(other, b"x")
    assert server.get(f"/?t={token}").text == f"FAILED:unknown_key,,,{other.kid}"
    token = s1(ring.key, b"x", context=b"c")
    assert server.get(f"/?t={token}").text == f"FAILED:authentication_failed,,,{kid}"
    at = now() + 1000
    token = s1(ring.key, b"x", at=at, lifetime=100)
    assert server.get(f"/?t={token}").text == f"FAILED:not_yet_valid,{at},{at + 100},{kid}"
    assert server.get("/?t=s1.AAAA").text == "FAILED:malformed,,,"


def test_of_an_old_token(nginx):
    server = nginx.start(
        conf(f"""encrypted_session_key {OLD_KEY}; server {{ listen 127.0.0.1:8080;
             location / {{ set_decode_hex $t $arg_t; set_decrypt_session $p $t;
                           return 200 {ALL}; }} }}""")
    )
    at = now()
    assert server.get(f"/?t={legacy(b'x', at=at).hex()}").text == f"OK,,{at + 86400},"
    assert server.get(f"/?t={legacy(b'x', lifetime=0).hex()}").text == "OK,,0,"
    expired = legacy(b"x", at=at - 100, lifetime=50)
    assert server.get(f"/?t={expired.hex()}").text == f"FAILED:expired,,{at - 50},"
    assert server.get("/?t=00").text == "FAILED:malformed,,,"


@pytest.mark.parametrize(
    "lines", ["", OPEN, 'set_decrypt_session $p "";', "set_encrypt_session $p x;"]
)
def test_none_where_there_was_nothing_to_open(ring, lines):
    server = ring.start(site(f"location / {{ {lines} return 200 {ALL}; }}"))
    assert server.get("/").text == "NONE,,,"
    assert "encrypted_session" not in server.error_log


def test_the_last_one_counts(ring):
    server = ring.start(
        site(f"""location / {{
            set_decrypt_session $p $arg_a; set $first {ALL};
            set_decrypt_session $p $arg_b; set $second {ALL};
            return 200 "$first $second $encrypted_session_verify"; }}""")
    )
    good = s1(ring.key, b"x", at=1, lifetime=0)
    answer = f"OK,1,0,{ring.key.kid}"
    assert server.get(f"/?a={good}&b=bad").text == (
        f"{answer} FAILED:malformed,,, FAILED:malformed"
    )
    assert server.get(f"/?a=bad&b={good}").text == f"FAILED:malformed,,, {answer} OK"
    assert server.get(f"/?a={good}").text == f"{answer} NONE,,, NONE"


def test_in_if_and_map(ring):
    server = ring.start(
        site(
            f"""location / {{ {OPEN}
                if ($encrypted_session_verify != OK) {{ return 401 $why; }}
                return 200 $p; }}""",
            "map $encrypted_session_verify $why { default no; FAILED:malformed odd; }",
        )
    )
    assert server.get(f"/?t={s1(ring.key, b'hello')}").text == "hello"
    for token, why in (("x", "odd"), ("", "no")):
        response = server.get(f"/?t={token}")
        assert (response.status, response.text) == (401, why)


REDIRECTS = {
    "error_page": "error_page 403 =200 /end; location / { %s return 403; }",
    "named location": "error_page 418 =200 @end; location / { %s return 418; }",
    "try_files": "location / { %s try_files /nothing /end; }",
    "try_files to a named location": "location / { %s try_files /nothing @end; }",
    "index": "location / { %s root html; index end; }",
    "rewrite": "location / { %s rewrite ^ /end last; }",
    "X-Accel-Redirect": """location / { %s proxy_pass http://127.0.0.1:8081; }
                           } server { listen 127.0.0.1:8081;
                           location / { add_header X-Accel-Redirect /end; return 200; }""",
}


@pytest.mark.parametrize("way", REDIRECTS)
def test_after_an_internal_redirect(ring, way):
    ring.write("html/end", "")
    end = f"location = /end {{ return 200 {ALL}; }} location @end {{ return 200 {ALL}; }}"
    first, brace, second = (REDIRECTS[way] % OPEN).partition("} server")
    server = ring.start(site(f"{first} {end} {brace} {second}"))
    token = s1(ring.key, b"x", at=1, lifetime=0)
    assert server.get(f"/?t={token}").text == f"OK,1,0,{ring.key.kid}"
    assert server.get("/?t=bad").text == "FAILED:malformed,,,"
    assert server.get("/").text == "NONE,,,"


def test_a_second_attempt_that_breaks_off_is_not_ok(ring):
    """The first token opens; the second cannot be tried at all, which error_page handles."""
    server = ring.start(
        conf(f"""server {{
            listen 127.0.0.1:8080; error_page 500 =200 /caught;
            location / {{ {RING} {OPEN} rewrite ^ /next last; }}
            location /next {{ {OPEN} return 200 never; }}
            location /caught {{ return 200 $encrypted_session_verify; }} }}""")
    )
    assert server.get(f"/?t={s1(ring.key, b'x')}").text == "FAILED:crypto_failure"


def test_in_the_access_log(ring):
    server = ring.start(
        site(
            f"""location / {{ {OPEN} if ($encrypted_session_verify = none) {{ return 500; }}
                set_decrypt_session $p $arg_b; error_page 404 /gone; return 404; }}
                location /gone {{ return 200; }}""",
            f'log_format session "session={ALL}"; access_log session.log session;',
        )
    )
    server.get(f"/?t={s1(ring.key, b'x')}&b=bad")
    server.get(f"/?t=bad&b={s1(ring.key, b'x', at=1, lifetime=0)}")
    server.get("/")
    assert (ring.folder / "session.log").read_text().splitlines() == [
        "session=FAILED:malformed,,,",
        f"session=OK,1,0,{ring.key.kid}",
        "session=NONE,,,",
    ]


def test_a_subrequest_has_its_own(ring):
    server = ring.start(
        site(f"""
        location / {{
            {OPEN}
            auth_request /auth;
            auth_request_set $of_subrequest $encrypted_session_verify;
            add_header Main $encrypted_session_verify;
            add_header Sub $of_subrequest;
            root html;
        }}
        location /auth {{ set_decrypt_session $q $http_sub; return 200; }}""")
    )
    ring.write("html/index.html", "")
    good = s1(ring.key, b"x")
    for main, sub, expected in [
        (good, "bad", ("OK", "FAILED:malformed")),
        ("bad", good, ("FAILED:malformed", "OK")),
        (good, "", ("OK", "NONE")),
        ("", good, ("NONE", "OK")),
    ]:
        response = server.get(f"/index.html?t={main}", {"Sub": sub})
        assert (response.headers["Main"], response.headers["Sub"]) == expected


def test_a_subrequest_that_opens_nothing_does_not_see_its_parents(ring):
    server = ring.start(
        site(f"""
        location / {{
            {OPEN}
            auth_request /auth;
            auth_request_set $of_subrequest $encrypted_session_verify;
            add_header Main $encrypted_session_verify;
            add_header Sub $of_subrequest;
            root html;
        }}
        location /auth {{ return 200; }}""")
    )
    ring.write("html/index.html", "")
    response = server.get(f"/index.html?t={s1(ring.key, b'x')}")
    assert (response.headers["Main"], response.headers["Sub"]) == ("OK", "NONE")


def test_passed_to_a_backend(ring):
    seen = []

    class Backend(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(dict(self.headers))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    backend = http.server.HTTPServer(("127.0.0.1", ring.port(9000)), Backend)
    thread = threading.Thread(target=backend.serve_forever)
    thread.start()
    try:
        server = ring.start(
            site(f"""location / {{ {OPEN} proxy_set_header X-User $p;
                     proxy_set_header X-Verify $encrypted_session_verify;
                     proxy_pass http://127.0.0.1:9000; }}""")
        )
        server.get(f"/?t={s1(ring.key, b'ann')}")
        server.get("/?t=bad")
    finally:
        backend.shutdown()
        thread.join()
        backend.server_close()
    assert (seen[0]["X-User"], seen[0]["X-Verify"]) == ("ann", "OK")
    assert ("X-User" not in seen[1], seen[1]["X-Verify"]) == (True, "FAILED:malformed")


def test_one_connection_many_requests(ring):
    server = ring.start(site(f"location / {{ {OPEN} return 200 {ALL}; }}"))
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    good = s1(ring.key, b"x", at=1, lifetime=0)
    for token, expected in [(good, f"OK,1,0,{ring.key.kid}"), ("", "NONE,,,")] * 3:
        connection.request("GET", f"/?t={token}")
        assert connection.getresponse().read().decode() == expected
    connection.close()
