# SPDX-License-Identifier: Apache-2.0
"""Fixtures for tests with a real nginx and the built module.

The module is build/ngx_http_encrypted_session_module.so; the environment variable SEALRING_BUILD
names another build folder.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "vectors"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "agent"))

from nginx_server import AS_ROOT, Setup  # noqa: E402
from revocation_lists import RevocationList  # noqa: E402
from tokens import new_key, write_ring  # noqa: E402


@pytest.fixture
def nginx(tmp_path):
    """An nginx that the test configures, starts and sends requests to; the fixture stops it.

        def test_it(nginx):
            nginx.write("session.keys", jwk_set(new_key()), mode=0o640)
            server = nginx.start(conf("server { listen 127.0.0.1:8080; ... }"))
            assert server.get("/").status == 200

    nginx.start(config) accepts a complete configuration: one made by nginx_server.conf(), or the text
    of a file in examples/. A configuration is written as for /etc/nginx and runs in its own folder,
    nginx.folder:
      - /etc/nginx/, /var/log/nginx/ and /run/ become that folder; relative paths are inside it anyway,
        and `load_module modules/...` finds Debian's modules and ours there;
      - each 127.0.0.1:PORT becomes a free port, always the same for one PORT: a test that serves a
        backend for `proxy_pass http://127.0.0.1:9000` listens on nginx.port(9000);
      - `replace={"old": "new"}` maps further strings, before all that;
      - daemon, pid, user, error_log, access_log and the temporary paths are added where they are
        missing, within existing lines, so that line numbers in messages stay correct.
    nginx.write(name, content, mode) puts a file into the folder. nginx.check(config) runs
    `nginx -t`. A server has get(), error_log, access_log, startup, wait_for_log(), reload() and
    stop(). At the end no worker may have crashed.
    """
    setup = Setup(tmp_path)
    yield setup
    setup.stop()


@pytest.fixture
def ring(nginx):
    """The fixture `nginx` with a key ring session.keys of one key, ring.key."""
    nginx.key = new_key()
    write_ring(nginx, nginx.key)
    return nginx


@pytest.fixture
def listed(ring):
    """The fixture `ring` with an empty revocation list, listed.revocations."""
    ring.revocations = RevocationList(ring.folder / "revocations.list")
    return ring


@pytest.fixture
def public_nginx():
    """Like `nginx`, in a folder that a worker without root's rights can enter. Needs root."""
    if not AS_ROOT:
        pytest.skip("only root can start workers of another user")
    folder = Path(tempfile.mkdtemp(prefix="sealring-nginx-"))
    folder.chmod(0o755)
    setup = Setup(folder)
    yield setup
    setup.stop()
    shutil.rmtree(folder)
