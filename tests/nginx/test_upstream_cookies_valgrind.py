# SPDX-License-Identifier: Apache-2.0
"""Sealed cookies under valgrind's memcheck: all that can become of them, again and again, without an
error and with nothing definitely lost."""

from sessions import application
from test_valgrind import MEMCHECK, ends_without_errors
from tokens import new_key, now, s1, write_ring
from upstream_cookies import CONTEXT, Client, site

ROUNDS = 12
UP = "proxy_pass http://127.0.0.1:9000"
ON = f"""encrypted_session_keyring session.keys; {CONTEXT} sealed_cookies sid "~^wp_" httponly;
    proxy_buffer_size 32k; proxy_buffers 4 32k; large_client_header_buffers 8 64k;"""
LOG = """log_format cookies "$sealed_cookies_opened $sealed_cookies_plain $sealed_cookies_cut "
    "$sealed_cookies_reason $sealed_cookies_sealed $http_cookie $cookie_sid"; access_log cookies.log cookies;"""
TEXT = f"""root html; userid on; proxy_intercept_errors on; error_page 404 /found; error_page 403 /denied;
    location / {{ {UP}; }}
    location /all {{ sealed_cookies all; {UP}; }}
    location /report {{ sealed_cookies_mode report; {UP}; }}
    location /migrate {{ sealed_cookies_mode migrate; {UP}; }}
    location /off {{ sealed_cookies off; {UP}; }}
    location /refuse {{ sealed_cookies_refuse 403; {UP}; }}
    location = /denied {{ sealed_cookies_refuse 403; return 200 "[$http_cookie]"; }}
    location = /found {{ return 200 "[$http_cookie]"; }}
    location /asks {{ auth_request /auth; auth_request_set $set $upstream_http_set_cookie;
                      add_header Set-Cookie $set; add_trailer Set-Cookie $set; {UP}; }}
    location = /auth {{ internal; sealed_cookies off; {UP}/?Set-Cookie=sid%3Dauth; }}
    location /accel {{ {UP}/?X-Accel-Redirect=/other&Set-Cookie=sid%3Dbob; }}
    location /other {{ internal; sealed_cookies theme; add_header Set-Cookie theme=light; return 200; }}
    location = /mixed {{ ssi on; ssi_types *; try_files /mixed.html =404; }}
    location /part {{ {UP}; }}"""


def flow(server, key, number: int) -> None:
    client = Client(server)
    client.set("sid=alice; Path=/", f"wp_{number}={'w' * number}", "theme=dark", "other=; HttpOnly")
    assert client.cookies["sid"].startswith("1~s1.") and "sid=alice" in client.sent()[0]
    for path in ("/all", "/report", "/migrate", "/off", "/refuse", "/asks", "/accel", "/mixed", "/none?status=404"):
        assert client.get(path).status in (200, 404), path
    client.set("sid=" + "v" * (3000 + 290 * number) + f"; Path=/; Max-Age={number}")
    client.sent()
    client.set("sid=; Path=/; Max-Age=0")
    client.set("n" * 300 + "x=1; HttpOnly", "=nameless", "nothing", "sid=a; Path=" + "/p" * 2100)

    context = {"context": b"upstream-cookie;shop;sid"}
    good = "1~" + s1(key, b"bob; Path=/; Max-Age=9", **context)
    over = "1~" + s1(key, b"bob", at=now() - 9, lifetime=1, **context)
    for value in (good, over, good[: 9 * number], f"{good}x", "2~" + good[2:40], "admin",
                  "1~" + s1(new_key(), b"x", **context), "1~" + s1(key, b"x")):  # fmt: skip
        header = f"a=1; sid={value}; sid~1={good[40:]}; =sid=x; {'b' * number}"
        for path in ("/", "/refuse", "/report", "/migrate", "/asks", "/mixed"):
            client.get(path, {"Cookie": header})
    client.get("/", {"Cookie": "; ".join([f"sid={good}"] * 40)})


def test_memcheck_of_sealed_cookies(ring):
    key = ring.key
    ring.write("html/mixed.html", '<!--# echo var="cookie_sid" --> <!--# include virtual="/part" -->')
    logs = f"--log-file={ring.folder}/memcheck.%p"
    with application(ring):
        server = ring.start(site(ON, TEXT, before=LOG), under=(*MEMCHECK, logs))
        for number in range(ROUNDS):
            if number == ROUNDS // 3:
                write_ring(ring, key, new_key())  # so that cookies are renewed
            if number == ROUNDS // 2:
                server.reload()
            flow(server, key, number)
        ends_without_errors(server, ring.folder)
    log = (ring.folder / "cookies.log").read_text()
    assert "1 0 0 " in log and "authentication_failed" in log and " expired " in log
