# SPDX-License-Identifier: Apache-2.0
"""Puts the tables of docs/performance.json into docs/performance.md, each between its marks."""

import json
import re

import report
from plot import DOCS, family

SIZES = (64, 512, 3000)
LIMIT = "aes_256_gcm"
# In the order of the document, with what each is.
CORE = {
    "aes_256_gcm": "AES-256-GCM alone, the limit",
    "seal_s1": "seal s1",
    "open_s1": "open s1, prefix seen before",
    "open_s1_cold": "open s1, prefix new",
    "seal_jwe": "seal JWE",
    "open_jwe": "open JWE",
    "seal_nginx_legacy": "seal nginx-legacy",
    "open_nginx_legacy": "open nginx-legacy",
    "open_apache_legacy": "open apache-legacy, salt seen before",
    "legacy_algorithm": "the original module's way to seal",
    "legacy_algorithm_open": "the original module's way to open",
}
NGINX = {
    "unread": "cookie not read",
    "seal_s1": "seal s1",
    "open_s1": "open s1",
    "both_s1": "open and seal s1",
    "seal_legacy": "seal nginx-legacy, base64",
    "open_legacy": "base64, open nginx-legacy",
    "both_legacy": "both of these",
}

COOKIES = {
    "sets": "an answer that sets three cookies",
    "gets": "a request with three cookies",
    "both": "both",
}
SESSIONS = {
    "empty": "an empty answer out of memory",
    "file": "a file of 4 KiB",
    "proxy": "an answer of another server",
}

APACHE = {
    "unread": "a plain session, and an s1 token that is not read",
    "s1": "s1",
    "legacy": "apache-legacy, salt seen before",
    "stock": "the stock module",
}


def core(values: dict) -> str:
    rows = []
    for name, what in CORE.items():
        of_size, limit = family(values, name), family(values, LIMIT)
        rows.append([what, *[f"{of_size[size]:,.0f} ({of_size[size] / limit[size]:.2f})"
                             for size in SIZES]])
    return report.table(["", *[f"{size} bytes" for size in SIZES]], rows)


def growth(values: dict, name: str, what: str) -> str:
    line = dict(sorted(family(values, name).items()))
    return report.table([what, *[f"{number:,}" for number in line]],
                        [["ns", *[f"{value:,.0f}" for value in line.values()]]])


def has_cookie(name: str) -> bool:
    """Requests that only seal carry none, so those with a cookie that is not read are not the same."""
    return not name.startswith("seal_")


def share(requests: dict, name: str, size: int) -> str:
    """Of `return 200`, and of the same request with the cookie not read."""
    against = requests[f"{name}/{size}"]["against"]
    bare = f"{1 / against['return 200']['cpu']:.2f}"
    return f"{bare} ({1 / against[f'unread/{size}']['cpu']:.2f})" if has_cookie(name) else bare


def added(requests: dict, name: str, size: int) -> str:
    against = requests[f"{name}/{size}"]["against"]
    return f"{against[f'unread/{size}']['added_cpu_microseconds']:.1f}"


def nginx(requests: dict, measure, names) -> str:
    return report.table(["", *[f"{size} bytes" for size in SIZES]], [
        [NGINX[name], *[measure(requests, name, size) for size in SIZES]] for name in names])


def sessions(requests: dict) -> str:
    rows = []
    for name, what in SESSIONS.items():
        row = [what]
        for reading in ("unread", "session"):
            variable = requests[f"{name}/{reading}"]["against"][f"{name}/variable"]
            row += [f"{1 / variable['cpu']:.2f}", f"{variable['added_cpu_microseconds']:.1f}"]
        rows.append(row)
    return report.table(["", "not read", "us added", "a session", "us added"], rows)


def session_instructions(counts: dict) -> str:
    return report.table(["", "not read", "read into a variable", "a session"],
                        [[what, *[f"{counts[f'{name}/{reading}']:,}"
                                  for reading in ("unread", "variable", "session")]]
                         for name, what in SESSIONS.items()])


def listed(requests: dict, counts: dict) -> str:
    rows = []
    for name, what in SESSIONS.items():
        added = requests[f"{name}/listed"]["against"][f"{name}/session"]
        rows.append([what, f"{1 / added['cpu']:.3f}", f"{added['added_cpu_microseconds']:.2f}",
                     f"{counts[f'{name}/session']:,}", f"{counts[f'{name}/listed']:,}"])
    return report.table(["", "with a list", "us added", "instructions without", "instructions with"],
                        rows)


def cookies(requests: dict) -> str:
    rows = []
    for name, what in COOKIES.items():
        plain = requests[f"{name}/sealed"]["against"][f"{name}/plain"]
        rows.append([what, f"{1 / plain['cpu']:.2f}", f"{plain['added_cpu_microseconds']:.1f}"])
    return report.table(["", "of unsealed", "us added"], rows)


def apache(requests: dict) -> str:
    rows = []
    for name, what in APACHE.items():
        row = [what]
        for prefix in ("", "both/"):
            plain = requests[prefix + name]["against"][f"{prefix}plain"]
            row += [f"{plain['requests']:.3f}", f"{plain['added_cpu_microseconds']:,.0f}"]
        rows.append(row)
    return report.table(["", "read", "us added", "read and written", "us added"], rows)


def tables(results: dict) -> dict[str, str]:
    nanoseconds, requests = results["core"]["nanoseconds"], results["nginx"]["requests"]
    return {
        "core": core(nanoseconds),
        "instructions": core(results["core"]["instructions"]),
        "keys": growth(nanoseconds, "open_s1_keys", "keys in the ring"),
        "prefixes": growth(nanoseconds, "open_s1_prefixes", "distinct prefixes"),
        "requests": nginx(requests, share, NGINX),
        "cpu": nginx(requests, added, filter(has_cookie, NGINX)),
        "sessions": sessions(results["sessions"]["requests"]),
        "session instructions": session_instructions(results["sessions"]["instructions"]),
        "cookies": cookies(results["cookies"]["requests"]),
        "listed": listed(results["listed"]["requests"], results["listed"]["instructions"]),
        "apache": apache(results["apache"]["requests"]),
    }


def filled(document: str, made: dict[str, str]) -> str:
    """The document with these tables, by their names, in place of those that it has."""
    for name, table in made.items():
        document, found = re.subn(rf"(<!-- table {name} -->\n).*?(<!-- end -->)",
                                  lambda match, table=table: f"{match[1]}{table}\n{match[2]}",
                                  document, flags=re.S)
        if found != 1:
            raise ValueError(f"the document has {found} places for the table {name}")
    return document


if __name__ == "__main__":
    path = DOCS / "performance.md"
    results = json.loads((DOCS / "performance.json").read_text())
    path.write_text(filled(path.read_text(), tables(results)))
