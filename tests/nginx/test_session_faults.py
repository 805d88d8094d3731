# SPDX-License-Identifier: Apache-2.0
"""What is answered where a session cannot be opened or may not hold a value, and what a logout does to
one that is refused."""

import subprocess

import pytest
from logouts import SID, cookie, token
from nginx_server import STATIC
from sessions import NAME, Browser, application, site
from tokens import new_key

HEADER = "session_revocations revocations.list stale=refuse; session_header X-Replace-Session;"


@pytest.fixture
def app(listed):
    listed.revocations.revoke("sid", "B" * 21 + "A")
    with application(listed):
        yield listed


@pytest.fixture
def without_hashes(app, tmp_path, monkeypatch):
    """An nginx in which SHA-256 fails as soon as there is a file."""
    source, switch = tmp_path / "fails.c", tmp_path / "fails"
    source.write_text(f"""#define _GNU_SOURCE
        #include <dlfcn.h>
        #include <unistd.h>
        int SHA256_Init(void* state) {{
          int (*real)(void*) = (int (*)(void*))dlsym(RTLD_NEXT, "SHA256_Init");
          return access("{switch}", F_OK) == 0 ? 0 : real(state); }}""")
    library = tmp_path / "fails.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    monkeypatch.setenv("LD_PRELOAD", str(library))
    app.fail = switch.touch
    return app


PLACES = """root html;
location / { proxy_pass http://127.0.0.1:9000; }
location = /out { session_end; return 303 /; }
location = /out-off { session_end; try_files /none /off/; }
location /off/ { session off; return 200 bye; }
location = /set { session_set user $arg_user; return 204; }
location = /read { return 200 "[$session_user]"; }
location = /denied { session_end; deny all; }
location = /page { error_page 500 /sorry; session_end; proxy_pass http://127.0.0.1:9000; }
location = /sorry { return 500 "sorry [$session_user]"; }
"""


@pytest.mark.skipif(STATIC, reason="the module's library is nginx's own")
def test_one_that_cannot_be_opened_is_not_said_to_have_changed(without_hashes):
    app = without_hashes
    server = app.start(site(HEADER + PLACES))
    sent = cookie(token(app.key))
    assert server.get("/read", sent).text == "[alice]"
    app.fail()
    for path, status in (("/read", 200), ("/?X-Replace-Session=user%3Dbob", 500), ("/?X-Replace-Session=", 500),
                         ("/out", 500), ("/out-off", 500), ("/set?user=bob", 500), ("/set", 204),
                         ("/denied", 403), ("/", 200)):  # fmt: skip
        answer = server.get(path, sent)
        assert answer.status == status, path
        assert answer.headers["X-Replace-Session"] is None and answer.headers["Set-Cookie"] is None, path
    assert server.get("/page", sent).text == "sorry []"
    assert "session: cannot open: crypto_failure" in server.error_log


def test_a_value_that_no_text_has_is_an_error(app):
    text = "location = /set { set_unescape_uri $role $arg_role; session_set role $role; return 204; }"
    browser = Browser(app.start(site(text)))
    assert browser.get("/set?role=a%00b").status == 500 and browser.set == {}
    assert 'session_set: the value for "role" has a byte 0' in browser.server.error_log
    assert browser.get("/set?role=ab").status == 204 and NAME in browser.set


@pytest.mark.parametrize("why", ["unknown_key", "revoked", "unbound"])
def test_a_logout_of_the_application_counts_where_a_session_is_refused(app, why):
    """It may be good again later, or elsewhere."""
    options = "session_binding required grace=1s; session_cookie s;" if why == "unbound" else ""
    server = app.start(site(HEADER + PLACES, on="encrypted_session_keyring session.keys; session on;"
                            + (options or "session_cookie s insecure;")))  # fmt: skip
    value = token(new_key() if why == "unknown_key" else app.key)
    if why == "revoked":
        server.get("/out", cookie(value))
    browser = Browser(server, {NAME: value})
    assert browser.get("/?X-Replace-Session=").status == 200
    assert browser.cookies == {} and browser.set[NAME]["max-age"] == "0"
    if why == "unbound":
        assert server.error_log.count("session: refused: unbound") == 1
        server.get("/read", cookie(value))
        assert "session: refused: revoked" in server.error_log
    assert SID not in server.error_log
