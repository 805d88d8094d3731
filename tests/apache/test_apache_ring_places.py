# SPDX-License-Identifier: Apache-2.0
"""How a ring comes to httpd's children: renamed, through links, with its folder; scheduled keys.

Every child is asked through a connection of its own, under an MPM with threads and one without."""

import contextlib
import http.client
import os
import shutil
import time

import pytest
from apache_server import AS_ROOT, own, site
from ring_places import (
    CHANGES,
    FAULTS,
    as_folder,
    check_schedule,
    name_of,
    see_within_two_seconds,
    while_it_is_refused,
)
from tokens import new_key, opened, s1

CHILDREN = 2
SITE = site("""SessionCryptoKeyring keys/session.keys
StartServers 2
ServerLimit 2
KeepAliveTimeout 60
MaxKeepAliveRequests 0
<Location /process>
Session Off
SetHandler lua-script
</Location>
LuaMapHandler process$ /etc/apache2/process.lua
""")
# Many more threads than connections: when a child has no idle thread, even for a moment, the event
# MPM closes all of its kept-alive connections.
THREADED = "ThreadsPerChild 16\nMaxRequestWorkers 32\nMinSpareThreads 1\nMaxSpareThreads 32\n"
UNTHREADED = "MaxRequestWorkers 2\n"
PROCESS = """
function handle(r)
  local file = io.open("/proc/self/stat")
  r:puts(file:read("*n"))
  file:close()
  return apache2.OK
end
"""


class Child:
    """A connection that one child serves."""

    def __init__(self, port):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.pid = self.get("/process")[0]

    def get(self, path, token=None):
        """The body, and the token that the response sets, if any."""
        headers = {"Cookie": f"session={token}"} if token else {}
        self._connection.request("GET", path, headers=headers)
        response = self._connection.getresponse()
        cookie = (response.headers["Set-Cookie"] or "").removeprefix("session=").split(";")[0]
        return response.read().decode(), cookie

    def sealed(self):
        return self.get("/session?p=x")[1]

    def said(self, key):
        """The session that a token of the key opens to."""
        return self.get("/session", s1(key, b"p=x", lifetime=0))[0]

    def opens(self, key):
        """A question that asks whether it opens a token of the key."""
        return lambda: self.said(key) == "p=x"

    def close(self):
        self._connection.close()


def start(apache, mpm):
    apache.write("process.lua", PROCESS)
    return apache.start(SITE + (UNTHREADED if mpm == "prefork" else THREADED), mpm=mpm)


@contextlib.contextmanager
def every_child(server):
    with contextlib.ExitStack() as stack:
        children = {}
        deadline = time.monotonic() + 30
        while len(children) < CHILDREN:
            assert time.monotonic() < deadline
            child = Child(server.port)
            if child.pid in children:
                child.close()
            else:
                stack.callback(child.close)
                children[child.pid] = child
        yield list(children.values())


# The MPMs differ in nothing here but in who looks, so one of them is asked for all.
@pytest.mark.parametrize(
    ("mpm", "begin", "change"),
    [("prefork", *CHANGES[0]), *(("event", *change) for change in CHANGES)], ids=name_of)
def test_every_child_sees_a_changed_ring_within_two_seconds(apache, mpm, begin, change):
    first, second = new_key(), new_key()
    begin(apache.folder, first)
    server = start(apache, mpm)
    with every_child(server) as children:
        for child in children:
            assert own(opened(child.sealed(), first).payload) == b"p=x"
        change(apache.folder, second)
        see_within_two_seconds([child.opens(second) for child in children])
        for child in children:
            assert own(opened(child.sealed(), second).payload) == b"p=x"
            assert child.said(first) == ""


def unreadable(ring):
    os.chown(ring, 0, 0)


UNREADABLE = [(unreadable, "Permission denied; let this user's group read it")] if AS_ROOT else []


@pytest.mark.parametrize(
    ("mpm", "fault", "reason"),
    [("prefork", *FAULTS[0]), *(("event", *fault) for fault in [*FAULTS, *UNREADABLE])],
    ids=name_of)
def test_a_bad_ring_is_logged_once_by_each_child_and_the_one_in_use_stays(
        apache, mpm, fault, reason):
    key, successor = new_key(), new_key()
    as_folder(apache.folder, key)
    ring = apache.folder / "keys" / "session.keys"
    server = start(apache, mpm)
    with every_child(server) as children:

        def errors():
            lines = server.error_log.splitlines()
            return [line for line in lines if "[session_crypto:error]" in line]

        def check():
            for child in children:
                assert child.said(key) == "p=x"
                assert own(opened(child.sealed(), key).payload) == b"p=x"

        fault(ring)
        for line in while_it_is_refused(errors, CHILDREN, check):
            assert f'SessionCryptoKeyring: key ring "{ring}": {reason}' in line
            assert line.endswith("(the keys loaded before stay in use)")

        shutil.rmtree(ring.parent, ignore_errors=True)
        as_folder(apache.folder, successor)
        see_within_two_seconds([child.opens(successor) for child in children])


def test_a_scheduled_key_seals_from_its_second_on_and_the_file_stays(apache):
    check_schedule(apache.folder, lambda: every_child(start(apache, "event")))
