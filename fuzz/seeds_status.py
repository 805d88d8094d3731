# SPDX-License-Identifier: Apache-2.0
"""Accept headers, and what servers and agents answer: as they do, and as nobody should."""

import json

NOW = 1_800_000_000
EVIL = "\x1b[2J\x07\x7f\x9b1m\r" + 40 * "\n" + "forged"
LONG = 400 * "a"


def server(text: str) -> dict:
    counts = {"minute": 1, "hour": 2, "day": 3}
    key = {"kid": text, "alg": "s1", "in_keyring": True, "primary": False, "removal": "possible", "last_open": NOW - 5,
           "counting_since": NOW - 9000, "sealed": counts, "opened": counts}  # fmt: skip
    return {"version": text, "now": NOW, "counting_since": NOW - 9000,
            "counters": {text: [{text: text, "value": 3}]},
            "keys": [key, {"kid": "b", "primary": True}],
            "keyrings": [{"keyring": text, "keys": 1, "primary": text}],
            "revocation_lists": [{"list": text, "entries": 2, "stale": True}]}  # fmt: skip


def agent(text: str) -> dict:
    ring = {"path": text, "generation": 7, "since": NOW - 60, "kids": [text, 1], "in_touch": True}
    the_list = {"path": text, "generation": 1, "age": 2, "in_touch": False, "problem": text, "store_problem": text}
    node = {"name": text, "missing": False, "good": True, "lists": {text: {"lag": 1}}, "rings": {text: {"kids": text}}}
    return {"version": text, "now": NOW, "since": NOW - 60, "good": True, "refused": 1, "lists": [the_list],
            "rings": [ring], "nodes": [node, {}],
            "backchannel_logout": {"accepted": 1, "results": {text: 1, "ok": 2}, "problem": text},
            "store": {"address": text, "up": True, "problem": text, "nodes": text}}  # fmt: skip


def written(status: dict) -> bytes:
    return json.dumps(status, separators=(",", ":")).encode()


# Long texts are in each row if columns are as wide as what is in them.
WIDE_KEYS = {"keys": [{"kid": 4 * LONG}, *400 * [0]]}
WIDE_LISTS = {"lists": [{"path": 4 * LONG}, *400 * [0]]}

STATUSES = {
    "accept_of_a_browser": b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "accept_of_prometheus": b"application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3",
    "accept_json": b"application/json",
    "accept_anything": b"*/*",
    "accept_cut": b"text/htm",
    "accept_nothing": b"",
    "accept_not_ascii": b"text\0/html\xff",
    "path": b"/status.prom",
    "server": written(server("a")),
    "server_evil": written(server(EVIL)),
    "server_wide_keys": written(WIDE_KEYS),
    "server_of_other_types": b'{"keys":{"a":[1],"b":null},"counters":{"a":1,"b":[1,[],"x"]},"keyrings":"x","now":-1,'
                             b'"revocation_lists":[[{}]],"version":1.5,"counting_since":1e300}',
    "agent": written(agent("session")),
    "agent_evil": written(agent(EVIL)),
    "agent_wide_lists": written(WIDE_LISTS),
    "agent_of_other_types": b'{"lists":"x","rings":{"a":1},"nodes":[[],{"lists":[{}],"rings":1}],"store":7,'
                            b'"backchannel_logout":[1],"since":18446744073709551615}',
    "latest_times": b'{"now":18446744073709551615,"since":0,"counting_since":18446744073709551615,'
                    b'"rings":[{"since":1}],"keys":[{"in_keyring":true,"removal":"needed","last_open":18446744073709551615}]}',
    "nested": b'{"version":' + 100 * b"[" + 100 * b"]" + b"}",
    "nested_open": 100 * b'{"a":',
    "c1": '{"version":"\x9b1m"}'.encode(),
    "surrogate": b'{"version":"\\ud83d"}',
    "not_utf8": b'{"version":"\xff"}',
    "no_object": b"[]",
}
