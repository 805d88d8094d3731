# SPDX-License-Identifier: Apache-2.0
"""Lines of JSON in, lines of JSON out: see jose_workers.py.   jose_jwcrypto_worker.py RING"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "examples/backends/jose"))

from jose_jwcrypto import open_token, seal  # noqa: E402


def answer(ring, request):
    if "claims" in request:
        return {"token": seal(ring, request["context"], request["claims"])}
    try:
        return {"claims": open_token(ring, request["context"], request["token"])}
    except Exception:  # of whatever kind: it was refused
        return {"claims": None}


for line in sys.stdin:
    print(json.dumps(answer(sys.argv[1], json.loads(line))))
