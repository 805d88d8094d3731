# SPDX-License-Identifier: Apache-2.0
"""Two servers with a ring file each, rotated as docs/key-rotation.md says: publish, wait, then seal;
what happens on a machine that was forgotten; and an emergency."""

import json
import os
import shutil
import subprocess
import time

import pytest
from nginx_server import BUILD, Setup, conf, wait_until
from ring import Key, base64url, from_base64url, thumbprint_kid
from tokens import s1

SITE = conf(
    """
    encrypted_session_keyring session.keys;
    encrypted_session_expires 60;
    server {
        listen 127.0.0.1:8080;
        location /seal { set_encrypt_session $t x; return 200 $t; }
        location /open { set_decrypt_session $p $arg_t; return 200 $encrypted_session_verify; }
    }"""
)


class Site:
    """web1, where keys are rotated, and web2."""

    def __init__(self, folder):
        self.setups = []
        for name in ("web1", "web2"):
            (folder / name).mkdir()
            self.setups.append(Setup(folder / name))
        self.rings = [setup.folder / "session.keys" for setup in self.setups]
        self.keyring("init")
        self.publish()
        self.servers = [setup.start(SITE) for setup in self.setups]

    def keyring(self, command, *options):
        done = subprocess.run([BUILD / "sealring", "keyring", command, self.rings[0], *options],
                              check=True, capture_output=True, timeout=60)
        return done.stdout

    def keys(self):
        return json.loads(self.keyring("list", "--json"))["keys"]

    def publish(self):
        shutil.copy2(self.rings[0], f"{self.rings[1]}.new")
        os.rename(f"{self.rings[1]}.new", self.rings[1])

    def sealed(self):
        return [server.get("/seal").text for server in self.servers]

    def said(self, token):
        return [server.get(f"/open?t={token}").text for server in self.servers]

    def check_that_all_open_all(self, *older):
        for token in [*self.sealed(), *older]:
            assert self.said(token) == ["OK", "OK"]


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path)
    yield site
    for setup in site.setups:
        setup.stop()


def kid(token):
    return token[3:11]


def test_publish_wait_then_seal(site):
    old_tokens = site.sealed()
    # A busy machine may take seconds for each check, and web2 has to have the ring in time.
    site.keyring("rotate", "--activate-in", "15s", "--max-lifetime", "90s")
    old, new = site.keys()
    while time.time() < new["seal_from"] - 12:
        site.check_that_all_open_all(*old_tokens)  # web1 has the new ring, web2 does not
    site.publish()
    while time.time() < new["seal_from"] + 2:
        site.check_that_all_open_all(*old_tokens)
    assert [kid(token) for token in site.sealed()] == [new["kid"]] * 2
    assert {kid(token) for token in old_tokens} == {old["kid"]}


def test_a_machine_that_was_forgotten_refuses_new_tokens_until_it_has_the_ring(site):
    old_token = site.sealed()[0]
    site.keyring("rotate", "--activate-in", "1s", "--max-lifetime", "90s")
    new = site.keys()[1]["kid"]
    wait_until(lambda: kid(site.sealed()[0]) == new, "web1 to seal with the new key")
    token = site.sealed()[0]
    assert site.said(token) == ["OK", "FAILED:unknown_key"]
    assert site.said(old_token) == ["OK", "OK"]
    site.publish()
    wait_until(lambda: site.said(token) == ["OK", "OK"], "web2 to take the ring")


def test_an_emergency_ends_what_a_thief_can_forge(site):
    stolen = json.loads(site.rings[0].read_text())["keys"][0]
    secret = from_base64url(stolen["k"])
    thief = Key("XAES-256-GCM", secret, base64url(thumbprint_kid(secret)))
    assert site.said(s1(thief, b"forged")) == ["OK", "OK"]
    site.keyring("rotate", "--activate-in", "0", "--max-lifetime", "1s")
    site.publish()
    refused = ["FAILED:unknown_key"] * 2
    wait_until(lambda: site.said(s1(thief, b"forged")) == refused, "the end of the stolen key")
    site.check_that_all_open_all()
