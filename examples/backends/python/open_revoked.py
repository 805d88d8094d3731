# SPDX-License-Identifier: Apache-2.0
import sealring

ring = sealring.LiveKeyring("session.keys")
revocations = sealring.LiveRevocationList("session.revoked")


def user_of(cookie_header):
    try:
        session = sealring.open_session(cookie_header, ring, revocations=revocations)
    except sealring.RefusedError as refusal:
        return f"nobody: {refusal.reason}"  # "nobody: revoked" after a logout
    return session.subject if session else None


fields = sealring.session_header({"user": "alice"})
token = ring.seal(fields, lifetime=1800, context="__Host-session")
print(user_of(f"__Host-session={token}"))
