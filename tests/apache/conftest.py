# SPDX-License-Identifier: Apache-2.0
"""Fixtures for tests with a real httpd of Debian and the built module, or the stock one beside it.

The module is build/mod_session_crypto.so; the environment variable SEALRING_BUILD names another
build folder.
"""

import shutil
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "nginx"))
sys.path.insert(0, str(HERE.parent / "agent"))
sys.path.insert(0, str(HERE.parent / "vectors"))

from apache_server import Setup  # noqa: E402
from tokens import jwk_set, new_key  # noqa: E402


@pytest.fixture
def apache():
    """An httpd that the test configures, starts and asks; the fixture stops it.

        def test_it(apache):
            server = apache.start(site("SessionCryptoPassphrase secret"))
            cookie = server.get("/session?user=alice").cookie()
            assert server.get("/session", cookie).text == "user=alice"

    A site is written as for /etc/apache2/sites-enabled and runs in a folder of its own,
    apache.folder:
      - /etc/apache2/, /var/log/apache2/, /var/lib/apache2/ and /var/www/html become places in that
        folder; relative paths lie in it anyway;
      - each 127.0.0.1:PORT becomes a free port, always the same for one PORT and server;
      - `replace={"old": "new"}` maps further strings, before all that;
      - Debian's modules that `modules` names are loaded, and the rest of a main configuration is
        there. Line numbers in messages are those of the site.
    Started by root, httpd's children are of the user www-data, as on Debian. At the end none of
    them may have crashed.
    """
    folder = Path(tempfile.mkdtemp(prefix="sealring-apache-"))
    folder.chmod(0o755)
    setup = Setup(folder)
    yield setup
    setup.stop()
    shutil.rmtree(folder)


@pytest.fixture
def ring(apache):
    """The fixture `apache` with a key ring session.keys of one key, ring.key."""
    apache.key = new_key()
    apache.write_ring(jwk_set(apache.key))
    return apache
