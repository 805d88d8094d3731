# SPDX-License-Identifier: Apache-2.0
"""Every configuration in examples/apache runs here, on real httpd, as it is but for the day that
ends a passphrase. Others are in test_apache_databases.py and test_apache_htaccess_rings.py."""

import re
from datetime import date, timedelta

import pytest
from apache_server import REPOSITORY, modules_of
from form_login import is_member, log_in, write_users
from tokens import opened

EXAMPLES = REPOSITORY / "examples" / "apache"
LOGINS = ("form-login-old", "form-login-new", "migration")
OTHERS = {"application", "database-sqlite", "database-postgresql", "htaccess"}


def text_of(name: str) -> str:
    return (EXAMPLES / f"{name}.conf").read_text()


LEGACY_UNTIL = re.search("SessionCryptoLegacyUntil .*", text_of("migration"))[0]


def start(apache, name, days=30, replace=None, **options):
    """Passphrases open for so many days more where the example ends them."""
    text = text_of(name)
    until = {LEGACY_UNTIL: f"SessionCryptoLegacyUntil {date.today() + timedelta(days)}"}
    return apache.start(text, name=name, modules=modules_of(text),
                        replace=until | (replace or {}), **options)  # fmt: skip


def test_every_example_is_tested():
    assert {*LOGINS, *OTHERS} == {path.stem for path in EXAMPLES.glob("*.conf")}


@pytest.mark.parametrize("name", LOGINS)
def test_form_login(ring, name):
    write_users(ring)
    ring.write("html/login.html", "the form\n")
    server = start(ring, name)
    assert server.get("/").text == "a page\n"
    assert server.get("/members/").status == 401
    assert server.get("/members/").text == "the form\n"
    wrong = log_in(server, credentials="httpd_username=alice&httpd_password=wrong")
    assert wrong.headers["Location"].endswith("/login.html") and not is_member(server, wrong.cookie())

    answer = log_in(server)
    assert answer.headers["Location"].endswith("/members/")
    attributes = answer.headers["Set-Cookie"].split(";")[1:]
    assert sorted(attributes) == ["HttpOnly", "Max-Age=3600", "SameSite=Lax", "path=/"]
    cookie = answer.cookie()
    assert is_member(server, cookie)
    assert not is_member(server, cookie[:40] + ("a" if cookie[40] != "a" else "b") + cookie[41:])
    if name != "form-login-old":
        assert b"members-user=alice" in opened(cookie, ring.key, context=b"members").payload
    assert not is_member(server, server.get("/logout", cookie).cookie())


def test_the_old_example_runs_on_the_stock_module(apache):
    write_users(apache)
    server = start(apache, "form-login-old", crypto="stock")
    assert is_member(server, log_in(server).cookie())


def test_migration_keeps_everyone_signed_in(ring):
    write_users(ring)
    cookie = log_in(start(ring, "form-login-old", crypto="stock")).cookie()
    during = start(ring, "migration")
    answer = during.get("/members/index.html", cookie)
    assert answer.status == 200 and answer.cookie().startswith("s1.")
    during.stop()
    ended = start(ring, "migration", days=-2)
    assert is_member(ended, answer.cookie()) and not is_member(ended, cookie)
    assert any("unsupported" in refusal for refusal in ended.refusals())
    after = start(ring, "form-login-new")
    assert is_member(after, answer.cookie()) and not is_member(after, cookie)


def test_application(ring):
    script = ring.write("cart.cgi", (EXAMPLES / "cart.cgi").read_text(), 0o755)
    server = start(ring, "application", replace={"/etc/apache2/cart.cgi": script})
    cookie = server.get("/cart?add=tea").cookie("cart")
    assert opened(cookie, ring.key, context=b"cart").payload.startswith(b"items=tea")
    two = server.get("/cart?add=milk", f"cart={cookie};").cookie("cart")
    answer = server.get("/cart", f"cart={two};")
    assert answer.text == "in the cart: tea milk\n"
    assert answer.cookie("cart") is None  # within the hour it is not renewed
