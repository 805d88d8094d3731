# SPDX-License-Identifier: Apache-2.0
"""mod_auth_form: login, the members' area, logout; and the lockout of the stock module."""

import time

import pytest
from form_login import FORM_MODULES, form_site, is_member, log_in, write_users

SEALED = "SessionCryptoPassphrase secret"


def start(apache, body=SEALED, **options):
    write_users(apache)
    return apache.start(form_site(body), modules=FORM_MODULES, **options)


def test_login_members_logout(apache):
    server = start(apache)
    assert not is_member(server, None)
    assert not is_member(server, "x")
    refused = log_in(server, credentials="httpd_username=alice&httpd_password=wrong")
    assert refused.status == 401 and not is_member(server, refused.cookie())

    accepted = log_in(server)
    assert accepted.status == 302
    assert accepted.headers["Location"].endswith("/members/index.html")
    cookie = accepted.cookie()
    assert "alice" not in cookie and is_member(server, cookie)

    out = server.get("/logout", cookie)
    assert out.status == 307 and not is_member(server, out.cookie())


@pytest.mark.parametrize("crypto", ["stock", "ours"])
def test_no_lockout(apache, crypto):
    """With a cookie that does not open, or whose session is over, one can log in all the same. With
    the stock module the login seems to succeed, and is not kept: the user goes round in circles."""
    server = start(apache, f"{SEALED}\nSessionMaxAge 3", crypto=crypto)
    over = log_in(server).cookie()
    assert is_member(server, over)
    time.sleep(3.1)
    assert not is_member(server, over)
    for old in ("not a token", "s1.AAAA", over):
        answer = log_in(server, old)
        assert answer.status == 302
        lasts = answer.cookie() is not None and is_member(server, answer.cookie())
        assert lasts == (crypto == "ours"), old
    if crypto == "ours":
        assert set(server.refusals()) == {"malformed", "unsupported", "expired"}
