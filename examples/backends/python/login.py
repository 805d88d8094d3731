# SPDX-License-Identifier: Apache-2.0
# A backend that logs people in, behind the nginx of ../nginx.conf. It is a WSGI application; to
# serve it on port 9000: python3 login.py
import os
import re
from urllib.parse import parse_qs
from wsgiref.simple_server import make_server

import sealring

ring = sealring.LiveKeyring(os.environ.get("SESSION_KEYS", "/etc/nginx/session.keys"))


def login(environ):
    # Replace this by your own login, which asks for a password.
    user = parse_qs(environ["QUERY_STRING"]).get("user", [""])[0]
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", user):
        return "400 Bad Request", [], "who?\n"
    token = ring.seal(user, lifetime=3600, context="session")
    cookie = f"session={token}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"
    return "200 OK", [("Set-Cookie", cookie)], f"signed in as {user}\n"


def account(environ):
    # nginx has opened the token; requests without a valid one do not get here.
    user = environ["HTTP_X_USER"]
    return "200 OK", [], f"hello, {user}\n"


PAGES = {"/login": login, "/account": account}


def application(environ, start_response):
    page = PAGES.get(environ["PATH_INFO"], lambda _: ("404 Not Found", [], "no such page\n"))
    status, headers, text = page(environ)
    plain = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
    start_response(status, plain + headers)
    return [text.encode()]


if __name__ == "__main__":
    # For nginx only: anyone else who could reach this port could claim to be any user.
    make_server("127.0.0.1", int(os.environ.get("PORT", "9000")), application).serve_forever()
