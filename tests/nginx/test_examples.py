# SPDX-License-Identifier: Apache-2.0
"""Every configuration in examples/nginx runs here, unchanged, on real nginx."""

import base64
import http.client
import http.server
import re
import socket
import subprocess
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from examples import (
    EXAMPLES, RING, altered, cookie, expired, get_token, is_old, log_in, sealed, start,
)  # fmt: skip
from nginx_server import wait_until
from tokens import opened

tested = set()


def example(*names):
    """Runs the test with each of these examples, and notes that they are tested."""
    tested.update(names)
    return pytest.mark.parametrize("name", names)


def both(flow):
    return example(f"{flow}-old", f"{flow}-new")


def test_every_example_is_tested():
    assert tested == {path.stem for path in EXAMPLES.glob("*.conf")}


def test_every_whole_example_logs_why_tokens_are_refused():
    """Debian's nginx logs to stderr unless a file is configured. site.conf is a part of nginx.conf."""
    for path in [*EXAMPLES.glob("*.conf"), EXAMPLES.parent / "backends" / "nginx.conf"]:
        is_whole = re.search("^events", path.read_text(), re.MULTILINE) is not None
        assert is_whole != (path.stem == "site")
        lines = re.findall("^error_log /var/log/nginx/error.log info;$", path.read_text(), re.MULTILINE)
        assert len(lines) == is_whole, path


# ---- A session in a cookie ----------------------------------------------------------------------

SESSIONS = example(
    "cookie-auth-old", "cookie-auth-new", "backend-proxy-old", "backend-proxy-new",
    "backend-fastcgi-old", "backend-fastcgi-new", "csrf-old", "csrf-new", "migration", "site",
)  # fmt: skip
# Where a session is required, and what a visitor without one gets.
GUARDED = {"csrf-old": "/csrf-token", "csrf-new": "/csrf-token"}


@SESSIONS
def test_login_sets_a_careful_cookie(nginx, name):
    server = start(nginx, name)
    response = server.get("/login?user=alice")
    assert response.status == 200
    attributes = response.headers["Set-Cookie"].split("; ")[1:]
    assert attributes == ["Path=/", "Max-Age=3600", "HttpOnly", "SameSite=Lax"]
    assert response.headers["Cache-Control"] == "no-store"
    token = log_in(server)
    assert "alice" not in token
    if not is_old(name):
        content = opened(token, RING, context=b"session")
        assert content.payload == b"alice"
        assert content.expires_at - content.issued_at == 3600


@SESSIONS
def test_login_takes_plain_names_only(nginx, name):
    server = start(nginx, name)
    for user in ("", "a%20b", "a+b", "al%C3%AFce", "a:b", "a%0d%0aSet-Cookie:%20x=1", "a%00", "%"):
        response = server.get(f"/login?user={user}")
        assert (response.status, response.headers["Set-Cookie"]) == (400, None), user
    assert server.get("/login").status == 400


@SESSIONS
def test_only_a_good_cookie_passes(nginx, name):
    server = start(nginx, name)
    path = GUARDED.get(name, "/protected")
    token = log_in(server)
    bad = ["", "x", "!!!!", "s1.", "AAAA", token[:-8], altered(token), "a" * 4000]
    bad.append(expired(name, "alice", "session"))
    # Sealed with the same keys, for the other uses.
    bad.append(sealed(name, "download:report.txt", "download"))
    bad.append(sealed(name, "csrf:alice", "csrf:alice"))
    for value in bad:
        assert server.get(path, cookie(value)).status == 401, value
    assert server.get(path).status == 401
    assert "token refused: " in server.error_log, "the documents say that the log says why"
    # Shows that the tokens above are refused because of their content.
    if "fastcgi" not in name and "proxy" not in name:
        assert server.get(path, cookie(token)).status == 200
        assert server.get(path, cookie(sealed(name, "alice", "session"))).status == 200


@both("cookie-auth")
def test_a_session_ends(nginx, name):
    server = start(nginx, name, {"encrypted_session_expires 1h;": "encrypted_session_expires 5s;"})
    token = log_in(server)
    response = server.get("/protected", cookie(token))
    assert (response.status, response.text) == (200, "hello, alice\n")
    wait_until(
        lambda: server.get("/protected", cookie(token)).status == 401, "the session to end")


@example("cookie-auth-new")
def test_the_log_tells_the_reason_and_no_token(nginx, name):
    server = start(nginx, name)
    token = altered(log_in(server))
    assert server.get("/protected", cookie(token)).status == 401
    kid = f"kid={token[3:11]}"
    assert f'"GET /protected" 401 session=FAILED:authentication_failed {kid}' in server.access_log
    assert '"GET /login" 200 session=NONE' in server.access_log
    assert token[11:] not in server.access_log + server.error_log


# ---- From the old style to the new --------------------------------------------------------------

LEGACY_UNTIL = re.search(
    "encrypted_session_legacy_until .*;", (EXAMPLES / "migration.conf").read_text()
)[0]


def legacy_until(days):
    return {LEGACY_UNTIL: f"encrypted_session_legacy_until {date.today() + timedelta(days)};"}


@example("migration")
def test_people_stay_signed_in(nginx, name):
    server = start(nginx, "cookie-auth-old")
    before = log_in(server)
    server.stop()

    server = start(nginx, name, legacy_until(30))
    assert server.get("/protected", cookie(before)).text == "hello, alice\n"
    after = log_in(server, "bob")
    assert opened(after, RING, context=b"session").payload == b"bob"
    assert server.get("/protected", cookie(after)).text == "hello, bob\n"
    server.stop()

    server = start(nginx, name, legacy_until(-2))
    assert server.get("/protected", cookie(before)).status == 401
    server.wait_for_log("unsupported")
    assert server.get("/protected", cookie(after)).text == "hello, bob\n"
    server.stop()

    server = start(nginx, "cookie-auth-new")
    assert server.get("/protected", cookie(before)).status == 401
    assert server.get("/protected", cookie(after)).text == "hello, bob\n"


# ---- Download links -----------------------------------------------------------------------------


def from_another_address(server, path):
    connection = http.client.HTTPConnection(
        "127.0.0.1", server.port, timeout=30, source_address=("127.0.0.2", 0)
    )
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


@both("download-token")
def test_a_link_gives_the_file_it_was_made_for(nginx, name):
    nginx.write("downloads/report.txt", "the report\n")
    nginx.write("downloads/other.txt", "another file\n")
    nginx.write("secret.txt", "not for download\n")
    server = start(nginx, name)

    token = get_token(server, "/generate-token?file=report.txt")
    response = server.get(f"/download?token={token}")
    assert (response.status, response.text) == (200, "the report\n")
    assert response.headers["Content-Type"] == "text/plain"
    assert response.headers["Content-Disposition"] == "attachment; filename=report.txt"
    assert response.headers["Cache-Control"] == "no-store"
    response = server.get(f"/download?token={token}&file=other.txt")
    assert response.text == "the report\n"

    for file in ("", "../secret.txt", "..%2Fsecret.txt", ".hidden", "a/b", "a%0d%0ab"):
        assert server.get(f"/generate-token?file={file}").status == 400, file
    assert from_another_address(server, "/generate-token?file=report.txt") == 403
    assert from_another_address(server, f"/download?token={token}") == 200
    missing = get_token(server, "/generate-token?file=missing.txt")
    assert server.get(f"/download?token={missing}").status == 404


@both("download-token")
def test_a_bad_link_gives_nothing(nginx, name):
    nginx.write("downloads/report.txt", "the report\n")
    nginx.write("secret.txt", "not for download\n")
    server = start(nginx, name)
    payload = "download:report.txt" if is_old(name) else "report.txt"
    token = get_token(server, "/generate-token?file=report.txt")
    assert server.get(f"/download?token={sealed(name, payload, 'download')}").status == 200

    bad = ["", "x", "!!!!", "%%%", "AAAA", "s1.", altered(token), token[:-8], token + "A"]
    bad.append(expired(name, payload, "download"))
    bad.append(sealed(name, "report.txt", "session"))
    bad.append(sealed(name, "csrf:report.txt", "csrf:report.txt"))
    if is_old(name):
        # As a forger of old tokens could.
        bad.append(sealed(name, "download:../secret.txt", "download"))
    for value in bad:
        assert server.get(f"/download?token={value}").status == 403, value
    assert "token refused: " in server.error_log
    assert server.get("/download").status == 403


@both("download-token")
def test_a_link_ends(nginx, name):
    nginx.write("downloads/report.txt", "the report\n")
    server = start(nginx, name, {"encrypted_session_expires 10m;": "encrypted_session_expires 5s;"})
    token = get_token(server, "/generate-token?file=report.txt")
    assert server.get(f"/download?token={token}").status == 200
    wait_until(lambda: server.get(f"/download?token={token}").status == 403, "the link to end")


# ---- CSRF tokens --------------------------------------------------------------------------------


@both("csrf")
def test_a_form_is_taken_with_its_own_token_only(nginx, name):
    server = start(nginx, name)
    session = log_in(server)
    token = get_token(server, "/csrf-token", cookie(session))

    def submit(value, who=session):
        response = server.get(f"/submit?csrf={value}", cookie(who), method="POST", body=b"")
        return response.status

    response = server.get(f"/submit?csrf={token}", cookie(session), method="POST", body=b"x=1")
    assert (response.status, response.text) == (200, "done, alice\n")
    payload = "csrf:alice" if is_old(name) else "form"
    assert submit(sealed(name, payload, "csrf:alice")) == 200

    bad = ["", "x", "!!!!", "s1.", altered(token), token[:-8]]
    bad.append(expired(name, payload, "csrf:alice"))
    bad.append(session)
    bad.append(sealed(name, "download:report.txt", "download"))
    bad.append(sealed(name, payload.replace("alice", "bob"), "csrf:bob"))
    for value in bad:
        assert submit(value) == 403, value
    assert "token refused: " in server.error_log
    assert submit(token, who=log_in(server, "bob")) == 403
    for nobody in ("", altered(session)):
        of_nobody = sealed(name, payload.replace("alice", ""), "csrf:")
        assert submit(of_nobody, who=nobody) == 403
        assert submit(token, who=nobody) == 403


@both("csrf")
def test_a_form_ends(nginx, name):
    server = start(nginx, name, {"encrypted_session_expires 10m;": "encrypted_session_expires 5s;"})
    session = log_in(server)
    token = get_token(server, "/csrf-token", cookie(session))

    def submit():
        return server.get(f"/submit?csrf={token}", cookie(session)).status

    assert submit() == 200
    wait_until(lambda: submit() == 403, "the form to end")
    assert server.get("/csrf-token", cookie(session)).status == 200


# ---- Backends -----------------------------------------------------------------------------------


class Backend(http.server.BaseHTTPRequestHandler):
    """Answers with the request's headers."""

    def do_GET(self):
        body = str(self.headers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def http_backend(nginx):
    backend = http.server.ThreadingHTTPServer(("127.0.0.1", nginx.port(9000)), Backend)
    thread = threading.Thread(target=backend.serve_forever)
    thread.start()
    yield
    backend.shutdown()
    thread.join()
    backend.server_close()


def users(response):
    assert response.status == 200
    return re.findall(r"(?im)^(x[-_]user: .*?)\r?$", response.text)


@both("backend-proxy")
def test_an_http_backend_is_told_the_user(nginx, http_backend, name):
    server = start(nginx, name)
    alice = cookie(log_in(server))
    smuggled = {"X-User": "admin", "x-user": "admin", "X_User": "admin"}

    assert users(server.get("/protected", alice)) == ["X-User: alice"]
    assert users(server.get("/protected", {**alice, **smuggled})) == ["X-User: alice"]
    assert server.get("/protected", smuggled).status == 401
    assert users(server.get("/", {**alice, **smuggled})) == []


@example("backend-proxy-old")
def test_a_forged_old_token_adds_no_header(nginx, http_backend, name):
    server = start(nginx, name)
    for user in ("alice\r\nX-User: admin", "alice\n"):
        assert server.get("/protected", cookie(sealed(name, user, ""))).status == 401


@pytest.fixture(scope="module")
def fastcgi_program(tmp_path_factory):
    program = tmp_path_factory.mktemp("fastcgi") / "fastcgi_echo"
    source = Path(__file__).with_name("fastcgi_echo.c")
    subprocess.run(["cc", "-Wall", "-Wextra", "-o", program, source, "-lfcgi"], check=True)
    return program


@pytest.fixture
def fastcgi_backend(nginx, fastcgi_program):
    path = nginx.folder / "app" / "fastcgi.sock"
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        process = subprocess.Popen([fastcgi_program], stdin=listener)
    yield
    process.terminate()
    process.wait()


@both("backend-fastcgi")
def test_a_fastcgi_application_is_told_the_user(nginx, fastcgi_backend, name):
    server = start(nginx, name)
    alice = cookie(log_in(server))
    smuggled = {"Remote-User": "admin", "REMOTE_USER": "admin"}
    smuggled["Authorization"] = "Basic " + base64.b64encode(b"admin:x").decode()

    def user(headers):
        response = server.get("/protected?x=1", headers)
        assert response.status == 200
        assert "QUERY_STRING=x=1\n" in response.text
        return re.findall("(?m)^REMOTE_USER=(.*)$", response.text)

    assert user(alice) == ["alice"]
    assert user({**alice, **smuggled}) == ["alice"]
    assert server.get("/protected", smuggled).status == 401


# ---- A session that a subrequest checks ---------------------------------------------------------


@example("auth-request")
def test_the_log_has_what_the_subrequest_found(nginx, name):
    nginx.write("downloads/page", "for members\n")
    server = start(nginx, name)
    token = sealed(name, "alice", "session")
    assert server.get("/page", cookie(token)).text == "for members\n"
    assert server.get("/page", cookie(altered(token))).status == 401
    assert "token refused: authentication_failed" in server.error_log
    assert '"GET /page" 200 session=OK' in server.access_log
    assert '"GET /page" 401 session=FAILED:authentication_failed' in server.access_log
