# SPDX-License-Identifier: Apache-2.0
"""Device binding through the C ABI, by a browser whose keys and proofs are of tests/vectors alone."""

import json
import re
import subprocess
import sys

import pytest
from libsealring import BUILD, ROOT, Core
from libsealring_binding import Site
from test_clients_cross import NOW, jwk, rng, write_ring  # noqa: F401

sys.path.insert(0, str(ROOT / "tests" / "vectors"))

from browser import EC, OTHER_EC, RSA, bound_of, proof  # noqa: E402

NAME = "__Host-s"


@pytest.fixture
def site(tmp_path, rng):  # noqa: F811
    path, listed = write_ring(tmp_path / "session.keys", jwk(rng)), tmp_path / "list"
    subprocess.run([BUILD / "sealring", "revocations", "--create", listed], check=True, capture_output=True)
    with Core(path, listed) as core, Site(core, NAME, refresh=300, grace=20, prefix=b"/b/") as made:
        yield made


def offered(site, at=NOW) -> str:
    header = site.sign_in(at)
    return re.fullmatch(r'\(ES256 RS256\);path="/b/register";challenge="([^"]+)"', header)[1]


def challenged(site, sid, at) -> str:
    answer = site.ask("refresh", at, id=sid)
    assert answer[:2] == ("challenged", 403)
    return re.fullmatch(rf'"([^"]+)";id="{sid}"', answer.challenge)[1]


@pytest.mark.parametrize("signer", [EC, RSA], ids=["ES256", "RS256"])
def test_from_the_offer_to_a_forgery(site, signer):
    challenge = offered(site)
    state, before, _ = site.open(NOW + 1)
    assert (state, before["user"], "bound" in before) == ("ok", "alice", False)
    answer = site.ask("register", NOW + 2, proof=proof(challenge, signer, registers=True))
    assert answer[:3] == ("registered", 200, "") and answer.challenge == ""
    sid = json.loads(answer.body)["session_identifier"]
    assert site.cookies.keys() == {NAME, f"{NAME}-bound"}

    state, fields, end = site.open(NOW + 3)
    assert (state, fields["bound"], fields["sid"], fields["prior"]) == ("ok", bound_of(signer), sid, before["sid"])
    assert end == NOW + 22, "the session from before lives for the grace"
    copied = dict(site.cookies)
    site.cookies = {NAME: copied[NAME]}
    assert site.open(NOW + 4) == ("unbound", {}, 0)
    site.cookies = copied
    assert site.open(NOW + 301)[0] == "ok" and site.open(NOW + 322)[0] == "unbound"

    sent = proof(challenged(site, sid, NOW + 400), signer)
    assert site.ask("refresh", NOW + 401, id=sid, proof=sent) == ("refreshed", 200, "", "", "")
    assert site.open(NOW + 402)[0] == "ok"
    assert site.ask("refresh", NOW + 403, id="x", proof=sent)[:2] == ("gone", 401)
    assert site.ask("refresh", NOW + 403, id=sid, proof="x")[:2] == ("refused", 400)
    assert site.ask("refresh", NOW + 600, id=sid, proof=sent)[:2] == ("challenged", 403)
    thief = proof(challenged(site, sid, NOW + 601), OTHER_EC)
    answer = site.ask("refresh", NOW + 602, id=sid, proof=thief)
    assert answer[:2] == (("forged", 401) if signer is EC else ("refused", 400))
    assert (site.cookies == {}) == (signer is EC)


def test_a_bound_cookie_without_a_session(site):
    site.cookies = {f"{NAME}-bound": "s1." + 150 * "A"}
    assert site.open(NOW) == ("none", {}, 0)
    assert site.ask("refresh", NOW, id="x")[:2] == ("gone", 401)


def test_a_registration_that_is_refused(site):
    challenge = offered(site)
    for sent in (None, "", "x", proof("x", EC, registers=True), proof(challenge, EC)):
        answer = site.ask("register", NOW + 1, proof=sent)
        assert answer[:2] == ("refused", 400) and answer.detail, sent
    late = site.ask("register", NOW + 120, proof=proof(challenge, EC, registers=True))
    assert late[:3] == ("refused", 400, "its challenge has expired")
    site.cookies = {}
    assert site.ask("register", NOW + 1, proof="x")[:2] == ("gone", 401)


@pytest.mark.parametrize(
    "wrong", [{"refresh": -1}, {"grace": 86401}, {"prefix": b"b"}, {"prefix": b"/b/?"}], ids=str
)
def test_options_out_of_bounds(site, wrong):
    with Site(site.core, NAME, **wrong) as other:
        assert other.refusal
    with Site(site.core, NAME, required=1) as other:
        assert other.refusal == ""
        other.sign_in(NOW)
        assert other.open(NOW + 59)[0] == "ok" and other.open(NOW + 60)[0] == "unbound"
