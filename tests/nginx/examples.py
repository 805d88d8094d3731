# SPDX-License-Identifier: Apache-2.0
"""For the tests of examples/nginx: running one, and tokens in the form that each example uses."""

import base64
import re
from urllib.parse import quote, unquote

from nginx_server import REPOSITORY
from ring import Key
from tokens import jwk_set, legacy, new_key, now, s1

EXAMPLES = REPOSITORY / "examples" / "nginx"
OLD = Key("nginx-legacy", b"abcdefghijklmnopqrstuvwxyz123456", "", b"1234567812345678")
RING = new_key()


# site.conf is only a part, which Debian's nginx.conf includes.
WHOLE = """
load_module modules/ndk_http_module.so;
load_module modules/ngx_http_encrypted_session_module.so;
events {{}}
http {{ {part} }}
"""


def start(nginx, name, replace=None):
    if not (nginx.folder / "session.keys").exists():
        nginx.write("session.keys", jwk_set(RING), mode=0o640)
    # www-data cannot enter the folder of the test.
    replace = {"user www-data;": "", **(replace or {})}
    replace["/srv/downloads"] = nginx.folder / "downloads"
    text = (EXAMPLES / f"{name}.conf").read_text()
    if name == "site":
        text = WHOLE.format(part=text)
    return nginx.start(text, replace=replace)


def is_old(name):
    return name.endswith("-old")


def as_text(name, token: bytes) -> str:
    """A token of the old format as the old examples encode it: base64 in some, base32 in others."""
    if name == "download-token-old":
        return quote(base64.b64encode(token).decode(), safe="")
    if name == "backend-proxy-old":
        return base64.b64encode(token).decode()
    text = base64.b32hexencode(token).decode().lower()
    return text.rstrip("=") if name == "csrf-old" else text


def sealed(name, payload: str, purpose: str, lifetime=60) -> str:
    """A token that the example's own keys sealed, made without the module."""
    if is_old(name):
        return as_text(name, legacy(payload.encode(), key=OLD, lifetime=lifetime))
    return s1(RING, payload.encode(), lifetime=lifetime, context=purpose.encode())


def expired(name, payload: str, purpose: str) -> str:
    if is_old(name):
        return as_text(name, legacy(payload.encode(), key=OLD, at=now() - 60, lifetime=59))
    return s1(RING, payload.encode(), at=now() - 60, lifetime=59, context=purpose.encode())


def altered(token: str) -> str:
    """The token with one character in its middle changed to another one of its alphabet."""
    plain = unquote(token)
    middle = len(plain) // 2
    changed = plain[:middle] + ("a" if plain[middle] != "a" else "b") + plain[middle + 1 :]
    return quote(changed, safe="") if plain != token else changed


def cookie(value):
    return {"Cookie": f"session={value}"}


def log_in(server, user="alice"):
    """Logs in; returns the session's token."""
    response = server.get(f"/login?user={user}")
    assert response.status == 200
    return re.match("session=([^;]+);", response.headers["Set-Cookie"])[1]


def get_token(server, path, headers=None):
    response = server.get(path, headers)
    assert response.status == 200
    assert response.headers["Cache-Control"] == "no-store"
    return response.text.strip()
