# SPDX-License-Identifier: Apache-2.0
"""A site whose members sign in with mod_auth_form."""

import base64
import hashlib

from apache_server import MODULES, site

FORM_MODULES = (*MODULES, "auth_form", "request")
CREDENTIALS = "httpd_username=alice&httpd_password=wonderland"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def write_users(apache) -> None:
    digest = base64.b64encode(hashlib.sha1(b"wonderland").digest()).decode()
    apache.write("users", f"alice:{{SHA}}{digest}\n")
    apache.write("html/members/index.html", "the members' page\n")


def form_site(body: str) -> str:
    return site(f"""
        <Location /members>
            AuthType form
            AuthName members
            AuthFormProvider file
            AuthUserFile users
            Require valid-user
        </Location>
        <Location /login>
            SetHandler form-login-handler
            AuthType form
            AuthName members
            AuthFormProvider file
            AuthUserFile users
            Require all granted
            AuthFormLoginSuccessLocation /members/index.html
        </Location>
        <Location /logout>
            SetHandler form-logout-handler
            AuthName members
            AuthFormLogoutLocation /
        </Location>
        {body}
    """)


def log_in(server, cookie=None, credentials=CREDENTIALS):
    return server.get("/login", cookie, method="POST", body=credentials, headers=FORM)


def is_member(server, cookie) -> bool:
    answer = server.get("/members/index.html", cookie)
    assert answer.status in (200, 401)
    return answer.status == 200
