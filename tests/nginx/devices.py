# SPDX-License-Identifier: Apache-2.0
"""A browser that binds its session to a device (spec/device-binding.md), with keys and proofs from
tests/vectors alone; and a site for it."""

import json
import os
import re

import binding
import signatures
from browser import proof
from nginx_server import Response, conf
from sessions import NAME, Browser
from tokens import now, opened, s1

PREFIX = "/session-binding/"
REGISTER, REFRESH = f"{PREFIX}register", f"{PREFIX}refresh"
BOUND = f"{NAME}-bound"
# Secure, as browsers need it; this one speaks plain HTTP and does not care.
ON = (
    f"encrypted_session_keyring session.keys; session on; session_cookie {NAME}; "
    "session_revocations revocations.list;"
)
PLACES = """
    location / { return 200 "$session_user|$session_verify|$session_bound"; }
    location /in { session_set user $arg_user; return 303 /; }
    location /out { session_end; return 303 /; }
    location /application { proxy_pass http://127.0.0.1:9000; }
"""


def bound_site(options="on", text=PLACES, *, on=ON, more="", main="") -> str:
    return conf(
        f"{more} server {{ listen 127.0.0.1:8080; {on} session_binding {options};\n{text}\n}}",
        main=main,
    )


def new_signer() -> signatures.EcKey:
    return signatures.EcKey(int.from_bytes(os.urandom(31), "big") | 1)


class Device(Browser):
    """signer     the device's key
    offered    the challenge of the last offer; "" if there was none
    """

    def __init__(self, server, cookies=None, signer=None):
        super().__init__(server, cookies)
        self.signer = signer or new_signer()
        self.offered = ""

    def get(self, path="/", headers=None, **options) -> Response:
        response = super().get(path, headers, **options)
        offer = response.headers.get("Secure-Session-Registration")
        if offer:
            found = re.fullmatch(r'\(ES256 RS256\);path="([^"]*)";challenge="([^"]*)"', offer)
            self.path, self.offered = found.groups()
        return response

    def sign_in(self, user="alice") -> Response:
        self.offered = ""
        return self.get(f"/in?user={user}")

    def post(self, path: str, **headers) -> Response:
        """`id` and `proof` are the headers' values; None: there is none."""
        names = {"id": "Sec-Secure-Session-Id", "proof": "Secure-Session-Response"}
        sent = {names[name]: value for name, value in headers.items() if value is not None}
        return self.get(path, sent, method="POST", body=b"")

    def registration(self, challenge=None, **options) -> str:
        return proof(challenge or self.offered, self.signer, registers=True, **options)

    def register(self, sent=None) -> Response:
        return self.post(REGISTER, proof=sent or self.registration())

    def refresh(self, sent=None, *, id="") -> Response:
        return self.post(REFRESH, id=self.sid if id == "" else id, proof=sent)

    def challenge(self) -> str:
        """A new one, by a refresh without a proof."""
        response = self.refresh()
        assert response.status == 403
        found = re.fullmatch(r'"([^"]*)";id="([^"]*)"', response.headers["Secure-Session-Challenge"])
        assert found[2] == self.sid
        return found[1]

    def refreshed(self) -> Response:
        response = self.refresh(proof(self.challenge(), self.signer))
        assert response.status == 200
        return response

    def bind(self, user="alice") -> dict:
        """Signs in and registers; the instructions."""
        self.sign_in(user)
        response = self.register()
        assert response.status == 200, response
        self.instructions = json.loads(response.body)
        return self.instructions

    @property
    def sid(self) -> str:
        return self.instructions["session_identifier"]

    def copy(self, *without: str) -> "Device":
        """Another client with the same cookies, and a key of its own."""
        cookies = {name: value for name, value in self.cookies.items() if name not in without}
        thief = Device(self.server, cookies)
        thief.instructions = getattr(self, "instructions", None)
        thief.offered = ""
        return thief


def seen(browser: Browser) -> list[str]:
    """The user, the verdict, and whether the session is bound."""
    return browser.get("/").text.split("|")


def fields_of(key, value: str) -> dict[str, str]:
    payload = opened(value, key, context=NAME.encode()).payload.decode()
    return dict(pair.split("=", 1) for pair in payload.split("&"))


def bound_cookie(key, sid: str, *, age=0, lifetime=600) -> str:
    return s1(key, sid.encode(), at=now() - age, lifetime=lifetime, context=binding.COOKIE)


def challenge_of(key, sid: str, *, age=0, lifetime=120) -> str:
    return s1(key, sid.encode(), at=now() - age, lifetime=lifetime, context=binding.CHALLENGE)


def session_cookie(key, *, at: int, **fields) -> str:
    text = "&".join(f"{name}={value}" for name, value in fields.items())
    return s1(key, text.encode(), at=at, lifetime=1800, context=NAME.encode())
