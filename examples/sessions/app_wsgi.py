# SPDX-License-Identifier: Apache-2.0
"""The application behind uwsgi.conf: uwsgi --socket 127.0.0.1:9000 --plugin python3 --wsgi-file app_wsgi.py"""

import hmac
import re
from urllib.parse import parse_qs, quote, urlencode

# Where yours asks its database.
USERS = {"alice": ("wonderland", "admin"), "bob": ("builder", "user")}

FORM = b"""<!doctype html><title>Sign in</title>
<form method="post"><input name="user"> <input name="password" type="password"> <button>Sign in</button></form>
"""


def sign_in(environ, start_response):
    body = environ["wsgi.input"].read(min(int(environ.get("CONTENT_LENGTH") or 0), 10000))
    fields = {name: values[0] for name, values in parse_qs(body.decode("latin-1")).items()}
    name = fields.get("user", "")
    password, role = USERS.get(name, ("", ""))
    if not password or not hmac.compare_digest(password, fields.get("password", "")):
        start_response("401 Unauthorized", [("Content-Type", "text/html")])
        return [FORM]
    # The session's fields are written as a form is; nginx makes the cookie of them.
    session = urlencode({"user": name, "role": role})
    target = parse_qs(environ.get("QUERY_STRING", "")).get("next", ["/"])[0]
    if not re.match(r"/(?![/\\])", target):
        target = "/"
    location = quote(target, safe="/?&=%")
    start_response("303 See Other", [("X-Replace-Session", session), ("Location", location)])
    return [b""]


def application(environ, start_response):
    if environ["PATH_INFO"] == "/signin":
        if environ["REQUEST_METHOD"] == "POST":
            return sign_in(environ, start_response)
        start_response("200 OK", [("Content-Type", "text/html")])
        return [FORM]
    start_response("200 OK", [("Content-Type", "text/plain")])
    # nginx says who the user is, whatever header the client sent.
    return [f"hello, {environ.get('HTTP_X_USER') or 'nobody'}\n".encode()]
