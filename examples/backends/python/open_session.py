# SPDX-License-Identifier: Apache-2.0
import sealring

ring = sealring.LiveKeyring("session.keys")


def user_of(cookie_header):
    try:
        session = sealring.open_session(cookie_header, ring, lifetime=12 * 3600)
    except sealring.RefusedError as refusal:
        print("no session:", refusal.reason, refusal.end)  # for your log
        return None
    return session.subject if session else None  # None: there is no cookie


# nginx makes this cookie when it gets this value in the header X-Replace-Session.
fields = sealring.session_header({"user": "alice", "role": "admin"})
token = ring.seal(fields, lifetime=1800, context="__Host-session")
print(user_of(f"__Host-session={token}"))  # where WSGI has environ.get("HTTP_COOKIE")
