# SPDX-License-Identifier: Apache-2.0
"""docs/logout.md: its commands in their order, on the configurations that it shows."""

import re
import sys

import pytest
from nginx_server import BUILD, REPOSITORY, wait_until
from sessions import Browser
from test_session_access import basic
from tokens import new_key, write_ring

sys.path.insert(0, str(REPOSITORY / "tests" / "docs"))
from guide import Guide  # noqa: E402

LISTS = "/var/lib/sealring"


@pytest.fixture
def guide(nginx):
    write_ring(nginx, new_key())
    nginx.write("users", "alice:{PLAIN}secret\nbob:{PLAIN}secret\n")
    for name in ("index", "signed-in"):
        nginx.write(f"html/{name}.html", f"{name}\n")
    programs = nginx.folder / "bin"
    programs.mkdir()
    (programs / "sealring").symlink_to(BUILD / "sealring")
    return Guide("docs/logout.md", {LISTS: nginx.folder / "lists"}, programs)


def start(nginx, name):
    replace = {"/var/www/html": nginx.folder / "html", LISTS: nginx.folder / "lists"}
    return nginx.start((REPOSITORY / "examples/revocations" / name).read_text(), replace=replace)


class User(Browser):
    def __init__(self, server, name):
        super().__init__(server)
        self.name = name
        self.sign_in()

    def sign_in(self):
        assert self.get("/signin", basic(self.name)).text == "signed-in\n"

    def is_signed_in(self) -> bool:
        answer = self.server.get("/", {"Cookie": f"session={self.cookies['session']}"})
        assert answer.status in (200, 401)
        return answer.status == 200


def test_the_guide(nginx, guide):
    assert "nothing is revoked" in guide.run()
    server = start(nginx, "nginx.conf")
    alice, bob = User(server, "alice"), User(server, "bob")
    copy = Browser(server, alice.cookies)
    assert copy.get("/").status == 200
    assert alice.get("/signout").status == 303
    assert copy.get("/").status == 401, "a copied cookie, at once"
    assert bob.is_signed_in()

    alice.sign_in()
    assert "user=alice" in guide.run()
    wait_until(lambda: not alice.is_signed_in(), "the server to know that alice is revoked")
    assert bob.is_signed_in()

    def signed_in_again():  # not within the second of the revocation
        alice.sign_in()
        return alice.is_signed_in()

    wait_until(signed_in_again, "another second")
    assert "everything" in guide.run()
    wait_until(lambda: not bob.is_signed_in(), "the server to know that all are revoked")
    assert not alice.is_signed_in()
    assert "session: refused: revoked" in server.error_log
    server.stop()

    server = start(nginx, "tokens.conf")

    def link():
        link = server.get("/link?file=a.pdf", basic()).text.strip()
        return link if server.get(link).status == 200 else None

    links = [wait_until(link, "another second") for _ in range(2)]
    assert server.get(links[0]).text == "a.pdf\n"
    token_id = re.findall(r" 200 token=(\S+)", server.access_log)[-1]
    shown = re.search(r"--token (\S{32}) ", (REPOSITORY / "docs/logout.md").read_text())[1]
    assert "this token" in guide.run({shown: token_id})
    wait_until(lambda: server.get(links[0]).status == 403, "the server to know it")
    assert server.get(links[1]).status == 200
    guide.end()
