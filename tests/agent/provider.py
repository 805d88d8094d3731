# SPDX-License-Identifier: Apache-2.0
"""An OpenID provider that signs users out, and the agent's answers to it."""

import http.client
import itertools
import json
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

from agents import PATIENCE

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "vectors"))
from browser import EC, OTHER_EC, RSA, jwk_of, proof_of  # noqa: E402

EVENT = "http://schemas.openid.net/event/backchannel-logout"
ISSUER, CLIENT, PATH = "https://op.example", "shop", "/backchannel-logout"
FORM = "application/x-www-form-urlencoded"
KIDS = {id(EC): "ec", id(RSA): "rsa", id(OTHER_EC): "new"}
numbers = itertools.count()


def key_set(*signers) -> str:
    return json.dumps({"keys": [jwk_of(one) | {"kid": KIDS[id(one)], "use": "sig"} for one in signers]})


def logout_token(signer=EC, without=(), **claims) -> str:
    """With a jti of its own."""
    now = int(time.time())
    made = {"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 120,
            "jti": f"{now}-{next(numbers)}", "events": {EVENT: {}}} | claims
    made = {name: value for name, value in made.items() if name not in without}
    return proof_of({"alg": signer.algorithm, "typ": "logout+jwt", "kid": KIDS[id(signer)]}, made, signer)


class Unix(http.client.HTTPConnection):
    """To a UNIX socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


def request(connection, body, method="POST", path=PATH, headers=None):
    connection.request(method, path, body, {"Content-Type": FORM} | (headers or {}))
    answer = connection.getresponse()
    answer.text = answer.read().decode()
    return answer


def post(connection, token, **more):
    """The status and the description of what is wrong."""
    answer = request(connection, urlencode({"logout_token": token}), **more)
    assert answer.headers["Cache-Control"] == "no-store"
    if answer.status == 200:
        assert answer.text == ""
        return 200, ""
    assert answer.headers["Content-Type"] == "application/json"
    said = json.loads(answer.text)
    assert set(said) == {"error", "error_description"}, said
    return answer.status, said["error"] + ": " + said["error_description"]


def settings(folder, listen, **more):
    """Options of the agent, and the key set that they name."""
    keys = Path(folder) / "jwks.json"
    keys.write_text(key_set(EC, RSA))
    keys.chmod(0o644)
    named = {"listen": listen, "issuer": ISSUER, "client": CLIENT, "keys": keys,
             "sid_field": "oidc_sid", "sub_field": "user"} | more
    return [f"--oidc-{name.replace('_', '-')}={value}" for name, value in named.items() if value is not None]
