# SPDX-License-Identifier: Apache-2.0
"""What the project wants to reach, and whether it did: a table of docs/performance.md."""

import report
from report import AEADS

# How many requests are served in the time of one of the base, at least: by part, request and base.
SHARES = [
    ("nginx, 64 bytes: a cookie opened (d), of one that nginx puts into a variable (c)",
     "nginx", "open_s1/64", "stock_variable_s1/64", {"openssl": 0.88, "ipsec-mb": 0.91}),
    ("nginx, 3000 bytes: a cookie opened (d), of one that is not read (b)",
     "nginx", "open_s1/3000", "unread_s1/3000", {"openssl": 0.84, "ipsec-mb": 0.90}),
    ("httpd: a session in s1, of a plain one of the same length",
     "apache", "s1", "same_length", {"openssl": 0.955, "ipsec-mb": 0.98}),
    *[(f"nginx, a session, of its cookie in a variable: {answer}",
       "sessions", f"{answer}/session", f"{answer}/variable", 0.95) for answer in ("empty", "file", "proxy")],
    *[(f"a revocation list of a million, of none: {answer}",
       "listed", f"{answer}/listed", f"{answer}/session", 0.98) for answer in ("empty", "file", "proxy")],
    *[(f"a session bound to a device, of one that is not: {answer}",
       "bound", f"{answer}/bound", f"{answer}/unbound", 0.95) for answer in ("empty", "file", "proxy")],
    ("an answer that sets three cookies, sealed, of the same unsealed",
     "cookies", "sets/sealed", "sets/plain", 0.93),
]  # fmt: skip


def reached(low: float, high: float, least: float) -> str:
    return "yes" if low >= least else "no" if high < least else "not decided"


def shares(results: dict) -> list[list]:
    rows = []
    for what, part, name, base, goals in SHARES:
        for aead in AEADS:
            requests = results[part]["requests"]
            if f"{aead} {name}" not in requests:
                continue
            share = requests[f"{aead} {name}"]["against"][f"{aead} {base}"]["share"]
            least = goals[aead] if isinstance(goals, dict) else goals
            rows.append([f"{what}, {aead}", f"≥ {least}", report.shown(share),
                         reached(share[0], share[2], least)])
    return rows


def ratios(core: dict, aead: str) -> list[tuple[str, float, float]]:
    """What, how much it may be, and how much it is; of instructions and bytes."""
    counts, evp = core[aead]["instructions"], core["openssl"]["instructions"]
    small, large = {"openssl": (1.1, 1.4), "ipsec-mb": (0.5, 0.7)}[aead]

    def of(name, base, among=counts):
        return counts[name] / among[base]

    def mebibytes(places):
        return core[aead]["bytes"][places][0] / 2**20

    return [
        ("open s1, 64 bytes, of one EVP call", small, of("open_s1/64", "aes_256_gcm/64", evp)),
        ("open s1, 3000 bytes, of one EVP call", large, of("open_s1/3000", "aes_256_gcm/3000", evp)),
        ("seal s1, 64 bytes, of opening it", 1, of("seal_s1/64", "open_s1/64")),
        ("seal s1, 3000 bytes, of opening it", 1, of("seal_s1/3000", "open_s1/3000")),
        ("open JWE, 64 bytes, of opening s1", 2.0, of("open_jwe/64", "open_s1/64")),
        ("open JWE, 3000 bytes, of opening s1", 2.5, of("open_jwe/3000", "open_s1/3000")),
        ("open apache-legacy, 64 bytes, salt seen before: instructions", 6500, counts["open_apache_legacy/64"]),
        ("a sealer before its first token: KiB", 8, 1024 * mebibytes("1/1")),
        ("500 sealers on 20 rings, before their first token: MiB", 8, mebibytes("20/500")),
    ]


def table(results: dict) -> str:
    rows = shares(results)
    for aead in AEADS:
        for what, most, value in ratios(results["core"], aead) if aead in results["core"] else ():
            rows.append([f"{what}, {aead}", f"≤ {most:,}", f"{value:,.2f}" if value < 100 else f"{value:,}",
                         "yes" if value <= most else "no"])
    return report.table(["", "goal", "measured", "reached"], rows)
