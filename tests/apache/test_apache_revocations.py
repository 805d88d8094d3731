# SPDX-License-Identifier: Apache-2.0
"""Logout that holds: a session that was ended, or that a revocation list has, is refused at the next
request, in every child, over graceful restarts, and while other requests of it are in flight."""

import os
import re
import threading

import pytest
from apache_server import MODULES, REPOSITORY, modules_of, own, site, warnings_of
from form_login import FORM_MODULES, form_site, is_member, log_in, write_users
from nginx_server import AS_ROOT, wait_until
from pipeline import send_pipelined
from revocation_lists import Agent, RevocationList, told
from tokens import now, opened, s1

TRIES = int(os.environ.get("SEALRING_LOGOUT_TRIES", "25"))
SID = "AAAAAAAAAAAAAAAAAAAAAA"
FILE = "revocations.list"
CHILDREN = {
    "event": "StartServers 3\nServerLimit 3\nThreadsPerChild 2\nMaxRequestWorkers 6\n"
             "MinSpareThreads 6\nMaxSpareThreads 6",
    "prefork": "StartServers 3\nServerLimit 3\nMinSpareServers 3\nMaxSpareServers 3\n"
               "MaxRequestWorkers 3",
}  # fmt: skip
# The children that answered.
PIDS = 'LogFormat "%P" pid\nCustomLog pids.log pid'


def logout_site(options="", *, more="", mpm="event") -> str:
    return site(f"""SessionCryptoKeyring session.keys
        SessionCryptoRevocations {FILE} {options}
        SessionMaxAge 1800
        {CHILDREN[mpm]}
        {PIDS}
        {more}""")


@pytest.fixture
def listed(ring):
    """The fixture `ring` with an empty revocation list, listed.revocations."""
    ring.revocations = RevocationList(ring.folder / FILE)
    return ring


def token(key, fields="user=alice", *, sid=SID, auth_time=None, lifetime=1800) -> str:
    auth_time = now() - 100 if auth_time is None else auth_time
    return s1(key, f"{fields}&sid={sid}&auth_time={auth_time}".encode(), at=now() - 10,
              lifetime=lifetime)  # fmt: skip


def is_good(server, cookie: str) -> bool:
    answer = server.get("/session", cookie)
    assert answer.status == 200
    return "user=alice" in answer.text


def ask_each_child(setup, server, cookie: str) -> list[bool]:
    log = setup.folder / "pids.log"
    log.write_text("")
    answers = []

    def all_were_asked():
        answers.append(is_good(server, cookie))
        return len(set(log.read_text().split())) == 3

    wait_until(all_were_asked, "each child to answer")
    return answers


@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_a_copied_cookie_after_logout(listed, mpm):
    """By a SessionHeader that empties it."""
    server = listed.start(logout_site(mpm=mpm), mpm=mpm)
    for number in range(TRIES):
        copied = server.get("/session?user=alice").cookie()
        assert is_good(server, copied)
        left = server.get("/session?user=", copied)
        assert left.cookie() == "", number
        assert not is_good(server, copied), number
    assert not any(ask_each_child(listed, server, copied))
    assert re.search(r"AH01842: session refused: revoked, key [\w-]+ \(session [\w-]{16}\)",
                     server.error_log)  # fmt: skip


def test_mod_auth_form(listed):
    write_users(listed)
    server = listed.start(form_site(f"""
        SessionCryptoKeyring session.keys
        SessionCryptoSubject members-user
        SessionCryptoRevocations {FILE}
        SessionMaxAge 1800"""), modules=FORM_MODULES)  # fmt: skip
    for number in range(max(2, TRIES // 5)):
        cookie = log_in(server).cookie()
        assert is_member(server, cookie)
        left = server.get("/logout", cookie).cookie()
        assert left == "", number
        assert not is_member(server, cookie), number
    # What else is in it goes on, in a session of its own.
    cart = server.get("/session?cart=7").cookie()
    cookie = log_in(server, cart).cookie()
    left = server.get("/logout", cookie).cookie()
    assert b"cart=7" in opened(left, listed.key).payload
    assert not is_member(server, cookie)
    assert "cart=7" not in server.get("/session", cookie).text
    assert "cart=7" in server.get("/session", left).text


def test_another_subject(listed):
    server = listed.start(logout_site())
    cookie = server.get("/session?user=alice").cookie()
    other = server.get("/session?user=bob", cookie).cookie()
    assert server.get("/session", other).text.startswith("user=bob")
    assert not is_good(server, cookie)
    more = server.get("/session?user=bob&role=admin", other).cookie()
    assert server.get("/session", other).text.startswith("user=bob"), "the same subject goes on"
    assert more


GATE = """
function handle(r)
  local path = "FOLDER/"
  io.open(path .. "waits", "a"):write("x"):close()
  while not io.open(path .. "open") do r.usleep(20000) end
  r:puts("ok")
  return apache2.OK
end
"""


def test_requests_in_flight_do_not_bring_it_back(listed):
    count = 50
    gate = listed.folder / "gate"
    gate.mkdir()
    listed.give_to_children(gate)
    listed.write("gate.lua", GATE.replace("FOLDER", str(gate)))
    threads = "StartServers 1\nServerLimit 1\nThreadsPerChild 60\nMaxRequestWorkers 60"
    server = listed.start(logout_site(more=f"LuaMapHandler slow$ /etc/apache2/gate.lua\n{threads}")
                          .replace(CHILDREN["event"], ""))  # fmt: skip
    cookie = token(listed.key)
    answers = []
    asking = [threading.Thread(target=lambda: answers.append(server.get("/slow", cookie)))
              for _ in range(count)]  # fmt: skip
    for thread in asking:
        thread.start()
    waits = gate / "waits"
    wait_until(lambda: waits.exists() and waits.stat().st_size == count, "all to be in flight", 120)
    assert server.get("/session?user=", cookie).cookie() == ""
    (gate / "open").touch()
    for thread in asking:
        thread.join()
    assert [answer.status for answer in answers] == [200] * count
    assert {answer.cookie() for answer in answers} == {""}, "none of them renews it"
    assert not is_good(server, cookie)


@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_over_graceful_restarts(listed, mpm):
    server = listed.start(logout_site(mpm=mpm), mpm=mpm)
    cookie = token(listed.key)
    assert server.get("/session?user=", cookie).cookie() == ""
    for _ in range(2):
        server.reload(60)
        assert not is_good(server, cookie)
    assert not any(ask_each_child(listed, server, cookie))


def test_children_of_before_a_graceful_restart(listed):
    """One that still answers shares its logouts with those that come."""
    gate = listed.folder / "gate"
    gate.mkdir()
    listed.give_to_children(gate)
    listed.write("gate.lua", GATE.replace('r:puts("ok")', 'r.headers_out["X-Replace-Session"] = "user="')
                 .replace("FOLDER", str(gate)))  # fmt: skip
    server = listed.start(logout_site(more="LuaMapHandler slow$ /etc/apache2/gate.lua"))
    cookie = token(listed.key)
    asking = threading.Thread(target=server.get, args=("/slow", cookie))
    asking.start()
    wait_until((gate / "waits").exists, "the request to be in flight")
    old = server.begin_reload()
    wait_until(lambda: server.children() - old, "new children")
    assert is_good(server, cookie)
    (gate / "open").touch()
    asking.join()
    wait_until(lambda: not server.children() & old, "the old child to end")
    assert not is_good(server, cookie)


@pytest.mark.parametrize("name, value", [("sid", SID), ("user", "alice"), ("tenant", "7"), ("", "")])
def test_what_a_list_says(listed, name, value):
    server = listed.start(logout_site())
    mine = token(listed.key, "user=alice&tenant=7")
    other = token(listed.key, "user=alice&tenant=8", sid="D" * 21 + "A", auth_time=now() + 60)
    assert is_good(server, mine) and is_good(server, other)
    listed.revocations.revoke(name, value)
    wait_until(lambda: not is_good(server, mine), "the list to be followed")
    assert is_good(server, other), "who signed in later, or is another"


def test_a_bad_list_leaves_the_one_in_use(listed):
    listed.revocations.revoke("user", "alice")
    one = "StartServers 1\nServerLimit 1\nThreadsPerChild 2\nMaxRequestWorkers 2"
    server = listed.start(logout_site().replace(CHILDREN["event"], one))
    revoked = token(listed.key)
    assert not is_good(server, revoked)
    listed.revocations.put(listed.revocations.bytes()[:-1])
    line = "SessionCryptoRevocations: revocation list"
    wait_until(lambda: is_good(server, revoked) or line in server.error_log, "the damage to be met")
    for _ in range(5):
        assert not is_good(server, revoked)
    assert server.error_log.count(line) == 1, "logged once"
    assert "the list loaded before stays in use" in server.error_log


def test_the_agent_is_told(listed):
    agent = Agent(listed.folder / "agent.sock")
    server = listed.start(logout_site(f"agent=unix:{agent.path}"))
    cookie = token(listed.key)
    before = now()
    assert server.get("/session?user=", cookie).cookie() == ""
    said = agent.receive(wait=False)  # it was sent before the answer
    assert said.items() >= told(listed.revocations, SID).items()
    assert before <= int(said["revoked_at"]) <= now()
    assert agent.receive() == said, "again, until the list has it"
    listed.revocations.revoke("sid", SID, at=int(said["revoked_at"]))
    agent.quiet(25, said)
    assert not is_good(server, cookie)
    agent.close()


def test_children_that_cannot_read_the_list(listed):
    """The parent can, if it is root's: what was revoked here holds in its children, too."""
    agent = Agent(listed.folder / "agent.sock")
    server = listed.start(logout_site(f"agent=unix:{agent.path}"))
    cookie, other = token(listed.key), token(listed.key, sid="B" * 21 + "A")
    assert server.get("/session?user=", cookie).cookie() == ""
    said = agent.receive()
    listed.revocations.add("sid", "B" * 21 + "A", now())
    listed.revocations.add("sid", SID, int(said["revoked_at"]))
    listed.revocations.generation += 1
    listed.revocations.put(listed.revocations.bytes(), 0o600)
    agent.quiet(25, said)
    assert is_good(server, other) == AS_ROOT
    assert not any(ask_each_child(listed, server, cookie))
    agent.close()


def test_an_agent_that_comes_later(listed):
    path = listed.folder / "agent.sock"
    server = listed.start(logout_site(f"agent=unix:{path}"))
    for number in range(3):
        value = token(listed.key, sid=f"{number}" * 21 + "A")
        assert server.get("/session?user=", value).cookie() == ""
        assert not is_good(server, value)
    agent = Agent(path)
    got = {agent.receive()["hash"] for _ in range(3)}
    assert got == {told(listed.revocations, f"{n}" * 21 + "A")["hash"] for n in range(3)}
    agent.close()
    lines = re.findall(r"\[pid (\d+)[^\]]*\].*SessionCryptoRevocations: the agent at \"unix:\S+\" cannot be"
                       r" told: No such file or directory", server.error_log)  # fmt: skip
    assert lines and len(set(lines)) == len(lines), "once in each process"


def test_an_agent_that_does_not_read(listed):
    agent = Agent(listed.folder / "agent.sock")
    server = listed.start(logout_site(f"agent=unix:{agent.path}"))
    for number in range(100):  # more than a queue holds
        sid = f"{number:03}".ljust(21, "x") + "A"
        assert server.get("/session?user=", token(listed.key, sid=sid)).cookie() == ""
    assert not is_good(server, token(listed.key, sid=sid))
    wanted = {told(listed.revocations, f"{n:03}".ljust(21, "x") + "A")["hash"] for n in range(100)}
    while wanted:
        wanted.discard(agent.receive()["hash"])
    agent.close()


def test_a_stale_list(listed):
    listed.revocations.max_staleness = 30
    listed.revocations.write()
    server = listed.start(logout_site(more="""<Location /strict>
        SessionCryptoRevocations revocations.list stale=refuse
        </Location>"""))
    value = token(listed.key, lifetime=600)
    renewed = opened(server.get("/session", value).cookie(), listed.key)
    assert renewed.expires_at > now() + 1700
    listed.revocations.confirmed(now() - 100)
    wait_until(lambda: "user=" not in server.get("/strict/session", value).text, "the list to be stale")

    def sealed():
        return opened(server.get("/session", value).cookie(), listed.key)

    end = opened(value, listed.key).expires_at
    wait_until(lambda: sealed().expires_at == end, "each child to look at the list")
    assert own(sealed().payload).startswith(b"user=alice")
    assert "the revocation list is stale" in server.error_log
    listed.revocations.confirmed(now())
    wait_until(lambda: is_good(server, value) and "user=" in server.get("/strict/session", value).text,
               "the list to be fresh")  # fmt: skip
    assert re.search(r"SessionCryptoRevocations: the list \"\S+\" is stale: its agent has not confirmed "
                     r"it for 1\d\d s", server.error_log)  # fmt: skip


def test_none(listed):
    listed.revocations.revoke("user", "alice")
    server = listed.start(logout_site(more="""<Location /off>
        SessionCryptoRevocations none
        </Location>"""))
    value = token(listed.key)
    assert not is_good(server, value)
    assert "user=alice" in server.get("/off/session", value).text


@pytest.mark.parametrize("line, said", [
    ("SessionCryptoRevocations none.list", 'SessionCryptoRevocations: revocation list "'),
    (f"SessionCryptoRevocations {FILE} later", '"later" is neither agent=unix:PATH nor stale=refuse'),
    (f"SessionCryptoRevocations {FILE} agent=/run/x", '"agent=/run/x" is neither agent=unix:PATH nor'),
    (f"SessionCryptoRevocations {FILE} stale=refuse agent=unix:", '"agent=unix:" is neither'),
    (f"SessionCryptoRevocations {FILE} agent=unix:/{'a' * 110}", "the path of a socket has from 1 to"),
    (f"SessionCryptoRevocations {FILE} agent=unix:/a\n<Location /b>\nSessionCryptoRevocations {FILE}"
     "\n</Location>", "where the same file is named"),
    ("SessionCryptoRevocations ${NOPE}", '"${NOPE}" was not replaced'),
])  # fmt: skip
def test_mistakes(listed, line, said):
    checked = listed.check(site(f"SessionCryptoKeyring session.keys\n{line}"))
    assert not checked.ok and said in checked.output, checked.output
    assert "check.site:" in checked.output


def test_it_needs_a_ring(listed):
    line = f"SessionCryptoRevocations {FILE}"
    for body in (f"SessionCryptoPassphrase secret\n{line}", line):
        checked = listed.check(site(body))
        assert not checked.ok
        assert "SessionCryptoRevocations: there is no SessionCryptoKeyring" in checked.output
    elsewhere = f"<Location /ring>\nSessionCryptoKeyring session.keys\n</Location>\n{line}"
    checked = listed.check(site(f"SessionCryptoPassphrase secret\n{elsewhere}"))
    assert checked.ok
    assert any(w.startswith("SessionCryptoRevocations: ") for w in warnings_of(checked.output))
    checked = listed.check(site(elsewhere))
    assert not checked.ok
    assert "SessionCryptoRevocations: sessions would be in plain text" in checked.output


def test_a_list_that_only_root_can_read(listed):
    listed.revocations.put(listed.revocations.bytes(), 0o600)
    checked = listed.check(logout_site(), modules=MODULES)
    assert checked.ok
    said = "SessionCryptoRevocations: child processes will not see this list change"
    assert any(w.startswith(said) for w in warnings_of(checked.output)) == (os.geteuid() == 0)


def test_the_example(listed):
    write_users(listed)
    listed.write("html/login.html", "the form\n")
    listed.write("html/members/index.html", "the members' page\n")
    agent = Agent(listed.folder / "agent.sock")
    text = (REPOSITORY / "examples/revocations/apache.conf").read_text()
    server = listed.start(text, modules=modules_of(text),
                          replace={"/run/sealring/agent.sock": agent.path,
                                   "/var/lib/sealring/session.revoked": listed.revocations.path})  # fmt: skip
    cookie = log_in(server).cookie()
    assert is_member(server, cookie)
    assert server.get("/logout", cookie).cookie() == ""
    assert not is_member(server, cookie)
    assert agent.receive()["name"] == "sid"
    agent.close()
    cookie = log_in(server).cookie()
    listed.revocations.revoke("members-user", "alice")
    wait_until(lambda: not is_member(server, cookie), "her sessions to be revoked")


def test_memory_that_is_full(listed):
    """The one that ends first is dropped, with an alert, and a new one still counts."""
    room = 45_000
    one = "StartServers 1\nServerLimit 1\nThreadsPerChild 2\nMaxRequestWorkers 2"
    server = listed.start(logout_site(more="""MaxKeepAliveRequests 0
        Listen 127.0.0.1:8081
        <VirtualHost 127.0.0.1:8080>
            DocumentRoot /var/www/html
        </VirtualHost>
        <VirtualHost 127.0.0.1:8081>
            DocumentRoot /var/www/html
            Header set X-Replace-Session user= early
        </VirtualHost>""").replace(CHILDREN["event"], one), modules=(*MODULES, "headers"),
        log_level="notice")  # fmt: skip
    values = [token(listed.key, sid=f"{number:06}".ljust(21, "x") + "A") for number in range(room)]
    send_pipelined(listed.port("httpd", 8081), "/index.html", [f"session={value}" for value in values], "200 OK")
    assert not is_good(server, values[-1])
    assert re.search(r"session_crypto:alert\].*SessionCryptoRevocations: the memory for logouts that \"\S+\" "
                     "does not have is full", server.error_log)  # fmt: skip
