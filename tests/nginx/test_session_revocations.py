# SPDX-License-Identifier: Apache-2.0
"""Logout that holds: a session that was ended, or that a revocation list has, is refused at the next
request, in every worker, over reloads, and while other requests of it are in flight."""

import os
import re
import socket
import threading
import time

import pytest
from logouts import (FILE, PLACES, SID, TRIES, ask_each_worker, cookie, eventually, is_good,
                     logout_site, token)  # fmt: skip
from nginx_server import wait_until
from revocation_lists import RevocationList
from sessions import NAME, ON, Browser, application, site
from tokens import new_key, now, opened, write_ring


def test_a_copied_cookie_after_logout(listed):
    server = listed.start(logout_site())
    for number in range(TRIES):
        copied = Browser(server)
        copied.get("/?user=alice")
        value = copied.cookies[NAME]
        assert is_good(server, value)
        assert server.get("/out", cookie(value)).status == 303
        assert not is_good(server, value), number
    answers = ask_each_worker(server, value)
    assert not any(answers.values()), answers
    log = server.error_log
    assert re.search(r"\[info\].*session: ended: signed out \(session [\w-]{16}\)", log)
    assert re.search(r"\[info\].*session: refused: revoked, key [\w-]+ \(session [\w-]{16}\)", log)


def test_the_cookie_of_a_revoked_session_is_deleted(listed):
    server = listed.start(logout_site())
    value = token(listed.key)
    server.get("/out", cookie(value))
    browser = Browser(server, {NAME: value})
    assert browser.get("/").text.split()[1:] == ["FAILED:revoked"]
    assert browser.cookies == {} and browser.set[NAME]["max-age"] == "0"


def test_by_the_application(listed):
    """An emptied session_header is a logout, and another subject ends the session that was."""
    with application(listed):
        server = listed.start(logout_site())
        for change in ("", "user%3Dbob"):
            value = token(listed.key, sid="B" * 21 + ("A" if change else "Q"))
            assert is_good(server, value)
            assert server.get(f"/slow?X-Replace-Session={change}", cookie(value)).status == 200
            assert not is_good(server, value), change
        value = token(listed.key, sid="C" * 21 + "A")
        server.get("/slow?X-Replace-Session=user%3Dalice%26role%3Dadmin", cookie(value))
        assert is_good(server, value), "the same subject goes on"


def test_a_request_that_is_refused_signs_nobody_out(listed):
    server = listed.start(logout_site(text=PLACES + "location /no { session_end; deny all; }"))
    value = token(listed.key)
    assert server.get("/no", cookie(value)).status == 403
    assert is_good(server, value)


class Gate:
    """An application whose answers wait until it opens."""

    def __init__(self, nginx, count: int):
        self._socket = socket.create_server(("127.0.0.1", nginx.port(9000)), backlog=count)
        self.waiting: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, args=(count,))
        self._thread.start()

    def _accept(self, count: int) -> None:
        while len(self.waiting) < count:
            connection = self._socket.accept()[0]
            request = b""
            while b"\r\n\r\n" not in request:
                request += connection.recv(65536)
            self.waiting.append(connection)

    def open(self) -> None:
        self._thread.join()
        for connection in self.waiting:
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")
            connection.close()
        self._socket.close()


@pytest.mark.parametrize("round_number", range(max(1, TRIES // 25)))
def test_requests_in_flight_do_not_bring_it_back(listed, round_number):
    count = 50
    server = listed.start(logout_site(on=ON + "session_renew 1s;"))
    value = token(listed.key, at=now() - 60)
    gate = Gate(listed, count)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(server.get("/slow", cookie(value))))
               for _ in range(count)]  # fmt: skip
    for thread in threads:
        thread.start()
    wait_until(lambda: len(gate.waiting) == count, "all requests to be in flight")
    assert server.get("/out", cookie(value)).status == 303
    gate.open()
    for thread in threads:
        thread.join()
    assert [answer.status for answer in answers] == [200] * count
    for answer in answers:
        lines = answer.headers.get_all("Set-Cookie")
        assert lines and all("Max-Age=0" in line for line in lines), lines
    assert server.error_log.count("session: refused: revoked") == count
    assert not is_good(server, value)


def test_over_reloads(listed):
    config = logout_site()
    server = listed.start(config)
    value = token(listed.key)
    server.get("/out", cookie(value))
    for _ in range(2):
        server.reload()
        assert not any(ask_each_worker(server, value).values())
    # A list that comes with a reload has its own memory, and leaves this one alone.
    RevocationList(listed.folder / "other.list")
    listed.rewrite(config.replace("http {", "http { server { listen 127.0.0.1:8081; "
                                  f"session_revocations other.list; {ON} }}", 1))  # fmt: skip
    server.reload()
    assert not is_good(server, value)


@pytest.mark.parametrize("name, value", [("sid", SID), ("user", "alice"), ("USER", "alice"),
                                         ("tenant", "7"), ("", "")])  # fmt: skip
def test_what_a_list_says(listed, name, value):
    server = listed.start(logout_site())
    mine = token(listed.key, "user=alice&tenant=7")
    other = token(listed.key, "user=alice&tenant=8", sid="D" * 21 + "A", auth_time=now() + 60)
    assert is_good(server, mine) and is_good(server, other)
    listed.revocations.revoke(name.lower(), value)
    # Each worker looks at the file once a second.
    eventually(lambda: not any(ask_each_worker(server, mine).values()), "the list to be followed")
    assert is_good(server, other), "who signed in later, or is another"


def test_a_list_that_has_a_logout_takes_it_over(listed):
    server = listed.start(logout_site())
    value = token(listed.key)
    server.get("/out", cookie(value))
    listed.revocations.revoke("sid", SID)
    assert not is_good(server, value)
    server.stop()
    server = listed.start(logout_site())
    assert not is_good(server, value)


@pytest.mark.parametrize("damage, said", [
    (lambda lst: lst.put(lst.bytes()[:-1]), ""),
    (lambda lst: lst.put(b""), "it is empty"),
    (lambda lst: lst.path.unlink(), "No such file"),
    (lambda lst: lst.put(lst.bytes(), 0o666), "others than its owner can change it"),
    (lambda lst: (setattr(lst, "generation", 1), lst.entries.clear(), lst.put(lst.bytes())),
     "it is older than the list in use"),
    (lambda lst: RevocationList(lst.path), "it is another list"),
])  # fmt: skip
def test_a_bad_list_leaves_the_one_in_use(listed, damage, said):
    listed.revocations.revoke("user", "alice")
    server = listed.start(logout_site(main=""))
    revoked = token(listed.key)
    assert not is_good(server, revoked)
    damage(listed.revocations)
    path = re.escape(str(listed.folder / FILE))
    line = rf'\[error\].*session_revocations: revocation list "{path}": {said}.*stays in use'
    eventually(lambda: is_good(server, revoked) or re.search(line, server.error_log), line)
    begin = time.monotonic()
    while time.monotonic() < begin + 2.2:
        assert not is_good(server, revoked)
        time.sleep(0.2)
    assert len(re.findall("stays in use", server.error_log)) == 1, "logged once"


def test_a_stale_list(listed):
    listed.revocations.max_staleness = 30
    listed.revocations.write()
    server = listed.start(logout_site(on=ON + "session_renew 1s;", main=""))
    value = token(listed.key, at=now() - 100)
    assert "Set-Cookie" in server.get("/", cookie(value)).headers
    listed.revocations.confirmed(now() - 100)
    eventually(lambda: "Set-Cookie" not in server.get("/", cookie(value)).headers, "no renewal")
    assert is_good(server, value)
    changed = Browser(server, {NAME: token(listed.key, sid="B" * 21 + "A")})
    changed.get("/?user=bob")  # a new session, which has nothing to fear from before
    assert opened(changed.cookies[NAME], listed.key, context=NAME.encode()).expires_at > now() + 1700
    begin = time.monotonic()
    while time.monotonic() < begin + 2.2:
        assert "Set-Cookie" not in server.get("/", cookie(value)).headers
        time.sleep(0.2)
    listed.revocations.confirmed(now())
    eventually(lambda: "Set-Cookie" in server.get("/", cookie(value)).headers, "a renewal")
    assert is_good(server, value)
    lines = re.findall(r"\[error\].*session_revocations: the list \"\S+\" is stale: its agent has not "
                       r"confirmed it for 1\d\d s", server.error_log)  # fmt: skip
    assert len(lines) == 1


def test_a_stale_list_that_refuses(listed):
    listed.revocations.max_staleness = 30
    listed.revocations.write()
    listed.revocations.confirmed(now() - 100)
    lenient = f"location /lenient {{ session_revocations {FILE}; return 200 $session_verify; }}"
    server = listed.start(logout_site("stale=refuse", text=PLACES + lenient, main=""))
    value = token(listed.key)
    assert server.get("/lenient", cookie(value)).text == "OK"
    answer = server.get("/", cookie(value))
    assert answer.text.split()[1:] == ["FAILED:revoked"]
    assert "Set-Cookie" not in answer.headers, "it is not over for good"
    assert "(the revocation list is stale" in server.error_log
    left = token(listed.key, sid="L" * 21 + "A")
    assert server.get("/out", cookie(left)).status == 303
    listed.revocations.confirmed(now())
    eventually(lambda: server.get("/", cookie(value)).text.split()[-1] == "OK", "a fresh list")
    assert not is_good(server, left), "it was signed out while the list was stale"


def test_off_and_inheritance(listed):
    listed.revocations.revoke("user", "alice")
    server = listed.start(logout_site(text=PLACES + """
        location /off { session_revocations off; proxy_set_header X-User $session_user;
                        proxy_pass http://127.0.0.1:9001/; }""", main="") .replace(
        "http {", 'http { server { listen 127.0.0.1:9001; location / { return 200 "$http_x_user."; } }'))
    value = token(listed.key)
    assert not is_good(server, value)
    assert server.get("/off", cookie(value)).text == "alice."


BAD = [
    ("session_revocations none.list;", "session_revocations: revocation list \\S*none.list\": No such file"),
    (f"session_revocations {FILE} later;", 'session_revocations: "later" is neither agent=unix:PATH nor'),
    (f"session_revocations {FILE} agent=/x;", '"agent=/x" is neither agent=unix:PATH nor'),
    (f"session_revocations {FILE} agent=unix:;", '"agent=unix:" is neither agent=unix:PATH nor'),
    (f"session_revocations {FILE}; session_revocations off;", "is duplicate"),
    (f"session_revocations {FILE} agent=unix:/a; location /x {{ session_revocations {FILE}; }}",
     "session_revocations: the agent= is not that of \\S+nginx.conf:5, where the same file is named"),
    ("encrypted_session_revocations none.list;", "encrypted_session_revocations: revocation list"),
]  # fmt: skip


@pytest.mark.parametrize("line, said", BAD)
def test_mistakes(listed, line, said):
    checked = listed.check(site("", on=f"{ON}\n{line}"))
    assert not checked.ok
    assert re.search(rf"\[emerg\].*{said}.* in {listed.folder}/nginx.conf:5", checked.output), checked.output


def test_a_list_that_only_root_can_read(public_nginx):
    write_ring(public_nginx, new_key())
    lst = RevocationList(public_nginx.folder / FILE)
    os.chown(public_nginx.folder / "session.keys", 0, 33)
    lst.put(lst.bytes(), 0o600)
    said = "session_revocations: worker processes will not see this list change: revocation list"
    checked = public_nginx.check(logout_site(), user="www-data")
    assert checked.ok
    server = public_nginx.start(logout_site(), user="www-data")
    assert said in server.startup + server.error_log
