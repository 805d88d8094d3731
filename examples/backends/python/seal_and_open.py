# SPDX-License-Identifier: Apache-2.0
import sealring

ring = sealring.LiveKeyring("session.keys")
token = ring.seal("alice", lifetime=3600, context="session")
try:
    print(ring.open(token, context="session").payload.decode())
except sealring.RefusedError as refusal:
    print("no session:", refusal.reason)  # for your log; to the client every refusal looks the same
