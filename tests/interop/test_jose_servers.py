# SPDX-License-Identifier: Apache-2.0
"""JWE with three JOSE libraries and real servers: each makes tokens that nginx and Apache open, and
opens theirs, all with one ring file that `sealring keyring init` made."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "nginx"))
sys.path.insert(0, str(TESTS / "apache"))

import apache_server  # noqa: E402
import nginx_server  # noqa: E402
from jose_workers import LIBRARIES, Library  # noqa: E402
from libsealring import BUILD  # noqa: E402

USERS = [f"user=alice{i}" for i in range(20)]
APPLICATION_CLAIMS = {"sub": "alice", "roles": ["admin"]}


@pytest.fixture(scope="module")
def ring():
    """Made by the tool, rotated once, in a folder that servers' workers can enter."""
    folder = Path(tempfile.mkdtemp(prefix="sealring-jose-"))
    folder.chmod(0o755)
    path = folder / "session.keys"
    for words in (["init", path, "--alg", "A256GCM"], ["rotate", path, "--activate-in", "0"]):
        subprocess.run([BUILD / "sealring", "keyring", *words], check=True, capture_output=True)
    yield path
    shutil.rmtree(folder)


class Nginx:
    """Seals a given value, and shows what a token opens to."""

    CONFIGURATION = """
    server {
        listen 127.0.0.1:8080;
        encrypted_session_keyring /etc/nginx/session.keys;
        encrypted_session_context session;
        encrypted_session_expires 1h;
        location = /seal {
            set_encrypt_session $token "user=$arg_user";
            return 200 $token;
        }
        location = /open {
            set_decrypt_session $payload $cookie_session;
            return 200 "$encrypted_session_verify $payload";
        }
    }"""

    def __init__(self, ring: Path):
        self.folder = Path(tempfile.mkdtemp(prefix="sealring-jose-nginx-"))
        self.setup = nginx_server.Setup(self.folder)
        self.setup.write("session.keys", ring.read_text(), 0o640)
        self.server = self.setup.start(nginx_server.conf(self.CONFIGURATION))

    def seal(self, user: str) -> str:
        return self.server.get(f"/seal?{user}").text

    def open(self, token: str) -> str:
        """The payload; "" if the token was refused."""
        verify, _, payload = self.server.get(
            "/open", {"Cookie": f"session={token}"}
        ).body.decode().partition(" ")
        assert (verify == "OK") == (payload != ""), verify
        return payload


class Apache:
    CONFIGURATION = """
    SessionCryptoKeyring /etc/apache2/session.keys
    SessionCryptoContext session
    SessionMaxAge 3600
    """

    def __init__(self, ring: Path):
        self.folder = Path(tempfile.mkdtemp(prefix="sealring-jose-apache-"))
        self.folder.chmod(0o755)
        self.setup = apache_server.Setup(self.folder)
        self.setup.write_ring(ring.read_text())
        self.server = self.setup.start(apache_server.site(self.CONFIGURATION))

    def seal(self, user: str) -> str:
        return self.server.get(f"/session?{user}").cookie()

    def open(self, token: str) -> str:
        """Without the expiry that mod_session adds to the session."""
        pairs = self.server.get("/session", token).text.split("&")
        return "&".join(pair for pair in pairs if not pair.startswith("expiry="))


@pytest.fixture(scope="module", params=[Nginx, Apache])
def server(request, ring):
    started = request.param(ring)
    yield started
    started.setup.stop()
    shutil.rmtree(started.folder)


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_server_and_a_library(server, ring, name):
    library = Library(name, ring)
    tokens = library.seal([("session", {"payload": user}) for user in USERS])
    assert [server.open(token) for token in tokens] == USERS
    sealed = [server.seal(user) for user in USERS]
    assert all(token.startswith("eyJ") for token in sealed)
    opened = library.open([("session", token) for token in sealed])
    for user, claims in zip(USERS, opened, strict=True):
        assert claims is not None and user in claims["payload"].split("&")

    user = {"payload": "user=bob"}
    download, other = library.seal([("download", user), ("session", user)])
    assert server.open(download) == ""
    parts = other.split(".")
    parts[3] = tokens[0].split(".")[3]
    assert server.open(".".join(parts)) == ""
    assert server.open(other) == "user=bob"


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_claims_set_without_payload_reaches_the_application_whole(ring, name):
    nginx = Nginx(ring)
    try:
        (token,) = Library(name, ring).seal([("session", APPLICATION_CLAIMS)])
        payload = nginx.open(token)
        assert '"sub":"alice"' in payload.replace(" ", "") and '"aud"' in payload
    finally:
        nginx.setup.stop()
        shutil.rmtree(nginx.folder)
