# SPDX-License-Identifier: Apache-2.0
"""The directive session_binding: what it accepts, what `nginx -t` says, and how it is inherited."""

import re

import pytest
from devices import NAME, ON, REGISTER, Device, bound_site, seen
from nginx_server import conf

LISTED = "session_revocations revocations.list;"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("maybe", '"maybe" is not one of on, off and required'),
        ("on refresh=0", '"refresh=0" is not one of refresh=TIME, grace=TIME and path=PREFIX'),
        ("on refresh=soon", '"refresh=soon" is not one of'),
        ("on grace=", '"grace=" is not one of'),
        ("on lifetime=5", '"lifetime=5" is not one of'),
        ("on refresh=2d", "refresh and grace are 1 second to 1 day each"),
        ("on grace=25h", "refresh and grace are 1 second to 1 day each"),
        ("on path=device/", 'the path "device/" is not'),
        ("on path=/device", 'the path "/device" is not'),
        ("on path=/", 'the path "/" is not'),
        ("on path=/a//b/", 'the path "/a//b/" is not'),
        ("on path=/a/../b/", 'the path "/a/../b/" is not'),
        ("on path=/a%20b/", 'the path "/a%20b/" is not'),
        ("on path=/" + "a" * 128 + "/", "is not at most 128 letters"),
        ("on; session_binding off", '"session_binding" directive is duplicate'),
    ],
)
def test_what_is_refused(listed, options, message):
    check = listed.check(bound_site(options))
    assert not check.ok and message in check.output, check.output
    assert re.search(r"nginx.conf:\d+", check.output)


@pytest.mark.parametrize(
    ("on", "message"),
    [
        (ON.replace(f" {NAME};", f" {NAME} insecure;"),
         "session_binding: browsers bind only sessions whose cookie is Secure and not Partitioned"),
        (ON.replace(f" {NAME};", f" {NAME} partitioned;"),
         "session_binding: browsers bind only sessions whose cookie is Secure and not Partitioned"),
        (ON.replace(f" {NAME};", f" {NAME} path=/app;"),
         'session_binding: the path "/session-binding/" is not below the cookie\'s path "/app"'),
        (ON.replace(LISTED, ""), "session_binding: no session_revocations is in effect with it"),
        (ON.replace(LISTED, "session_revocations off;"),
         "session_binding: no session_revocations is in effect with it"),
    ],
)  # fmt: skip
def test_what_it_needs(listed, on, message):
    check = listed.check(bound_site(on=on))
    assert not check.ok and message in check.output, check.output
    assert listed.check(bound_site("off", on=on)).ok


def test_two_kinds_of_sessions_need_two_paths(listed):
    text = "location / {{ return 204; }} location /b {{ session_cookie b; session_binding on {}; return 204; }}"
    check = listed.check(bound_site(text=text.format("")))
    assert not check.ok
    assert 'the path "/session-binding/" is also that of' in check.output, check.output
    assert listed.check(bound_site(text=text.format("path=/b-binding/"))).ok


def test_inheritance(listed):
    text = """
        location / { return 200 "$session_user|$session_verify|$session_bound"; }
        location /in { session_set user $arg_user; return 204; }
        location /plain { session_binding off; session_set user $arg_user; return 204; }
    """
    server = listed.start(conf(
        f"{ON} session_binding on refresh=99; server {{ listen 127.0.0.1:8080; {text} }}"))  # fmt: skip
    device = Device(server)
    assert device.get("/plain?user=bob").status == 204 and not device.offered
    device.bind()
    assert device.path == REGISTER
    assert seen(device) == ["alice", "OK", "1"]
    device.refreshed()
    assert device.set[f"{NAME}-bound"]["max-age"] == "99"
