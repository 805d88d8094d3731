# SPDX-License-Identifier: Apache-2.0
"""Puts the tables of docs/performance.json into docs/performance.md, each between its marks, and draws the
plot."""

import json
import re

import goals
import plot
import report
from plot import DOCS, family
from report import AEADS

SIZES = (64, 512, 3000)
LIMIT = "aes_256_gcm"
# In the order of the document: what each is, and with which AEADs it differs.
CORE = {
    "aes_256_gcm": ("one EVP call", "openssl"),
    "seal_s1": ("seal s1", *AEADS),
    "open_s1": ("open s1, prefix seen before", *AEADS),
    "open_s1_cold": ("open s1, prefix new", *AEADS),
    "seal_jwe": ("seal JWE", *AEADS),
    "open_jwe": ("open JWE", *AEADS),
    "seal_nginx_legacy": ("seal nginx-legacy", "openssl"),
    "open_nginx_legacy": ("open nginx-legacy", "openssl"),
    "open_apache_legacy": ("open apache-legacy, salt seen before", "openssl"),
    "legacy_algorithm": ("the original module's way to seal", "openssl"),
    "legacy_algorithm_open": ("the original module's way to open", "openssl"),
}
GROWTH = {
    "open_s1_keys": "keys in the ring",
    "open_s1_live": "live tokens",
    "open_session_fields": "fields of the session that is opened",
    "start_session_fields": "fields of the session that is sealed",
    "open_session_listed": "entries of the revocation list",
    "load_list": "entries of the list that is read",
    "open_s1_threads": "threads",
}
# The letters of the benchmark's description; an nginx without the module is `stock`.
NGINX = {
    "unread_s1": "(b) cookie not read",
    "stock_variable_s1": "(c) cookie in a variable, nginx without the module",
    "variable_s1": "(c) cookie in a variable, with the module",
    "open_s1": "(d) open s1",
    "both_s1": "open and seal s1",
    "seal_s1": "seal s1",
    "open_legacy": "base64, open nginx-legacy",
    "both_legacy": "open and seal nginx-legacy",
    "seal_legacy": "seal nginx-legacy, base64",
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
    "s1": ("s1", *AEADS),
    "legacy": ("apache-legacy, salt seen before", "openssl"),
    "stock": ("the stock module", "openssl"),
}


def core(results: dict, value) -> str:
    rows = []
    for name, (what, *aeads) in CORE.items():
        for aead in aeads:
            if aead in results:
                words = what if len(aeads) == 1 else f"{what}, {aead}"
                rows.append([words, *[value(results, aead, f"{name}/{size}") for size in SIZES]])
    return report.table(["", *[f"{size} bytes" for size in SIZES]], rows)


def times_of_evp(results: dict, aead: str, name: str) -> str:
    """Nanoseconds, and the time of one EVP call, in whose time so many are done, as a part of it."""
    call = results[aead]["calls"][name]
    nanoseconds = f"{1000 * call['microseconds'][1]:,.0f}"
    if not call["against"]:
        return f"{nanoseconds} (1.00)"
    low, median, high = (1 / share for share in reversed(next(iter(call["against"].values()))["share"]))
    return f"{nanoseconds} ({median:.2f} ± {max(high - median, median - low):.2f})"


def instructions_of_evp(results: dict, aead: str, name: str) -> str:
    counts = results[aead]["instructions"]
    evp = results["openssl"]["instructions"][f"{LIMIT}/{name.rpartition('/')[2]}"]
    return f"{counts[name]:,} ({counts[name] / evp:.2f})"


def growth(results: dict, name: str, is_counted: bool = True) -> str:
    """Time, and instructions."""
    aeads = [aead for aead in AEADS if aead in results]
    numbers = sorted(family(results["openssl"]["calls"], name))
    rows = []
    for aead in aeads:
        calls = family(results[aead]["calls"], name)
        rows.append([f"ns, {aead}", *[report.shown([1000 * it for it in calls[number]["microseconds"]], 0)
                                      for number in numbers]])
    for aead in aeads if is_counted else ():
        counts = family(results[aead]["instructions"], name)
        rows.append([f"instructions, {aead}", *[f"{counts[number]:,}" for number in numbers]])
    return report.table([GROWTH[name], *[f"{number:,}" for number in numbers]], rows)


def memory(results: dict) -> str:
    rows = []
    for places in results["openssl"]["bytes"]:
        rings, sealers = places.split("/")
        row = [f"{sealers} sealers on {rings} rings" if rings != "1" else f"{sealers} on one ring"]
        for aead in AEADS:
            row += [f"{size / 1024:,.1f}" for size in results[aead]["bytes"][places]] if aead in results else []
        rows.append(row)
    head = [f"{when}, {aead}" for aead in AEADS if aead in results
            for when in ("made", "one token", "1,000 prefixes")]
    return report.table(["KiB", *head], rows)


def share(requests: dict, name: str, base: str) -> str:
    """Of the first word's AEAD."""
    against = requests[name]["against"].get(f"{name.partition(' ')[0]} {base}")
    return report.shown(against["share"]) if against else ""


def nginx(requests: dict) -> str:
    """By size: of return 200, of the cookie that is not read, of the variable without the module."""
    rows = []
    for size in SIZES:
        for kind, what in NGINX.items():
            for aead in AEADS:
                name = f"{aead} {kind}/{size}"
                is_of_aead = kind.partition("_")[0] in ("open", "both", "seal") and kind.endswith("s1")
                if name not in requests or (aead != "openssl" and not is_of_aead):
                    continue
                format = kind.rpartition("_")[2]
                bases = ("plain", f"unread_{format}/{size}", f"stock_variable_{format}/{size}",
                         f"variable_{format}/{size}")
                if kind.startswith("stock"):
                    bases = ("stock_plain", f"stock_unread_{format}/{size}", "", "")
                rows.append([f"{size}: {what}" + (f", {aead}" if is_of_aead else ""),
                             *[share(requests, name, base) for base in bases]])
    return report.table(["bytes", "of (a)", "of (b)", "of (c) without the module", "of (c) with it"], rows)


def by_file(counts: dict, names) -> str:
    """Where the instructions of requests are."""
    files = sorted({file for name in names for file in counts[name]},
                   key=lambda file: -max(counts[name].get(file, 0) for name in names))
    files = [file for file in files if max(counts[name].get(file, 0) for name in names) > 50]
    return report.table(["", *files, "all"],
                        [[name, *[f"{counts[name].get(file, 0):,}" for file in files],
                          f"{sum(counts[name].values()):,}"] for name in names])


def of_nginx(counts: dict) -> str:
    kinds = [("openssl", kind) for kind in ("plain", "unread_s1", "stock_variable_s1", "variable_s1", "open_s1")]
    names = []
    for size in (64, 3000):
        for aead, kind in [*kinds, ("ipsec-mb", "open_s1")]:
            name = f"{aead} {kind}" if kind == "plain" else f"{aead} {kind}/{size}"
            if name in counts and name not in names:
                names.append(name)
    return by_file(counts, names)


def compared(requests: dict, counts: dict, answers: dict, kind: str, base: str) -> str:
    rows = []
    for answer, what in answers.items():
        for aead in AEADS:
            name = f"{aead} {answer}/{kind}"
            if name in requests:
                against = requests[name]["against"][f"{aead} {answer}/{base}"]
                rows.append([f"{what}, {aead}", report.shown(against["share"]),
                             report.shown(against["added_microseconds"], 2),
                             f"{sum(counts[f'{aead} {answer}/{base}'].values()):,}",
                             f"{sum(counts[name].values()):,}"])
    return report.table(["", "share", "us added", "instructions without", "instructions with"], rows)


def apache(requests: dict) -> str:
    rows = []
    for name, (what, *aeads) in APACHE.items():
        for aead in aeads:
            if f"{aead} {name}" not in requests:
                continue
            row = [what if len(aeads) == 1 else f"{what}, {aead}"]
            for prefix in ("", "both/"):
                against = requests[f"{aead} {prefix}{name}"]["against"]
                for base in ("same_length", "plain"):
                    row.append(report.shown(against[f"{aead} {prefix}{base}"]["share"]))
                row.append(f"{against[f'{aead} {prefix}same_length']['added_microseconds'][1]:,.1f}")
            rows.append(row)
    head = ["of the same length", "of the same fields", "us added"]
    return report.table(["", *[f"read: {it}" for it in head], *[f"and written: {it}" for it in head]], rows)


def machine(results: dict) -> str:
    return report.table(["", "rounds", "with priority", "load at the end"],
                        [[part, f"{result['rounds']:,}", "yes" if result["priority"] else "no",
                          result["machine"]["load"]] for part, result in results.items()])


def tables(results: dict) -> dict[str, str]:
    of = {part: results[part]["requests"] for part in results if part != "core"}
    counts = {part: results[part]["instructions"] for part in results if part != "core"}
    measured = {aead: results["core"][aead] for aead in AEADS if aead in results["core"]}
    return {
        "machine": machine(results),
        "goals": goals.table(results),
        "core": core(measured, times_of_evp),
        "instructions": core(measured, instructions_of_evp),
        **{name: growth(measured, name, name not in ("load_list", "open_s1_threads")) for name in GROWTH},
        "memory": memory(measured),
        "nginx": nginx(of["nginx"]),
        "nginx instructions": of_nginx(counts["nginx"]),
        "sessions": compared(of["sessions"], counts["sessions"], SESSIONS, "session", "variable"),
        "listed": compared(of["listed"], counts["listed"], SESSIONS, "listed", "session"),
        "bound": compared(of["bound"], counts["bound"], SESSIONS, "bound", "unbound"),
        "cookies": compared(of["cookies"], counts["cookies"], COOKIES, "sealed", "plain"),
        "apache": apache(of["apache"]),
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
    (DOCS / "performance.svg").write_text(plot.draw(results))
