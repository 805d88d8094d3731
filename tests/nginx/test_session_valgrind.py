# SPDX-License-Identifier: Apache-2.0
"""Sessions under valgrind's memcheck: all that can become of one, again and again, without an error
and with nothing definitely lost."""

from revocation_lists import Agent
from sessions import NAME, Browser, application, site
from test_valgrind import MEMCHECK, ends_without_errors
from tokens import new_key, now, s1, write_ring

ROUNDS = 12
LOG = """log_format session "$session_verify $session_user $session_fields $session_issued_at "
    "$session_expires_at $session_kid $session_id_hash $http_cookie"; access_log session.log session;"""
SITE = site(
    """
    root html; large_client_header_buffers 8 64k; proxy_buffer_size 32k; proxy_buffers 4 32k;
    session_header X-Replace-Session; session_login /in?client=1;
    error_page 418 =200 @after; error_page 404 /other;
    location / { proxy_pass http://127.0.0.1:9000; }
    location /needs { session_require user=alice; proxy_pass http://127.0.0.1:9000; }
    location /set { session_set user $arg_user; session_set role $arg_role; return 204; }
    location /inside { return 418; }
    location @after { return 200 "$session_user $session_fields"; }
    location /other { return 200 $session_user; }
    location /gone { try_files /none =404; }
    location /asked { auth_request /asks; proxy_pass http://127.0.0.1:9000; }
    location = /asks { internal; session_require user; proxy_pass http://127.0.0.1:9000; }
    location /signs { auth_request /brings; session_require user; try_files /none @after; }
    location = /brings { internal; proxy_pass http://127.0.0.1:9000/?X-Replace-Session=user%3Dbob; }
    location /mixed { ssi on; ssi_types *; try_files /mixed.html =404; }
    location /end { session_end; return 303 /; }
    """,
    before=LOG + "session_revocations revocations.list agent=unix:agent.sock;",
)


def flow(server, key, number: int) -> None:
    browser = Browser(server)
    assert browser.get("/needs").status == 401
    assert browser.get("/needs", {"Accept": "text/html"}).status == 303
    browser.sign_in()
    assert browser.get("/needs").status == 200
    assert browser.get(f"/set?user=alice&role={'r' * number}").status == 204
    assert browser.get("/inside").text.startswith("alice user=alice&sid=")
    assert browser.get("/gone").text == "alice"
    assert browser.get("/asked").status == 200
    assert browser.get("/mixed").text == "alice: alice"

    assert browser.get(f"/?fill={4000 + 100 * number}").status == 200
    assert len(browser.cookies) == 2 and browser.get("/inside").text.startswith("alice user=")
    first = browser.cookies[NAME]
    assert browser.get("/?fill=20000").status == 500
    assert browser.get("/?fill=9").status == 200 and len(browser.cookies) == 1
    browser.get("/", {"Cookie": f"a=1; {NAME}={first}; {NAME}={browser.cookies[NAME]}; {NAME}-1=x"})

    browser.get("/?X-Replace-Session=user%3Dalice%26sid%3Dforged")
    browser.get("/?X-Replace-Session=%25zz")
    browser.get("/?X-Replace-Session=" + "%26".join(f"f{i}%3D1" for i in range(63)))
    browser.get(f"/?Set-Cookie={NAME}%3Deve")
    copied = dict(browser.cookies)
    assert browser.get("/end").status == 303 and browser.cookies == {}
    assert Browser(server, copied).get("/needs").status == 401, "a copy after logout"
    assert browser.get("/signs").text.startswith("bob ") and NAME in browser.set

    fields = b"user=alice&sid=AAAAAAAAAAAAAAAAAAAAAA&auth_time=%d" % (now() - 700)
    of = {"context": NAME.encode(), "lifetime": 1800}
    browser.cookies = {NAME: s1(key, fields, at=now() - 600, **of)}
    assert browser.get("/needs").status == 200 and NAME in browser.set, "a renewal"
    browser.cookies = {NAME: s1(key, fields, at=now() - 3600, **of)}
    assert browser.get("/needs").status == 401 and browser.cookies == {}, "an end"
    good = s1(key, fields, **of)
    for wrong in ("x", "2~x", s1(new_key(), fields, **of), s1(key, fields), s1(key, b"%", **of),
                  good[: 9 * number], f"{good}x"):  # fmt: skip
        browser.cookies = {NAME: wrong}
        assert browser.get("/needs").status == 401, wrong


def test_memcheck_of_sessions(listed):
    ring, key = listed, listed.key
    agent = Agent(ring.folder / "agent.sock")
    ring.write("html/mixed.html", '<!--# echo var="session_user" -->: '
               '<!--# include virtual="/other" -->')
    logs = f"--log-file={ring.folder}/memcheck.%p"
    with application(ring):
        server = ring.start(SITE, under=(*MEMCHECK, logs))
        for number in range(ROUNDS):
            if number == ROUNDS // 3:
                write_ring(ring, key, new_key())
            if number == ROUNDS // 4:
                ring.revocations.revoke("user", "nobody")
            if number == ROUNDS // 2:
                server.reload()
                ring.revocations.put(b"damaged")
            flow(server, key, number)
        ends_without_errors(server, ring.folder)
    assert agent.receive() and "the list loaded before stays in use" in server.error_log
    agent.close()
    assert "OK alice user=alice" in (ring.folder / "session.log").read_text()
