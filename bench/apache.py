# SPDX-License-Identifier: Apache-2.0
"""What sealed sessions cost a request to httpd, one core, against a session in a plain cookie; with
the stock mod_session_crypto beside ours."""

import contextlib
import os
import subprocess
import tempfile
import time
from pathlib import Path

import report
import server_load
from server_load import Request, await_connections, free_port

PAYLOAD = "user=" + "v" * 59
PASSPHRASE = "a passphrase to measure with"
MODULE = {
    "ours": report.BUILD / "mod_session_crypto.so",
    "stock": Path("/usr/lib/apache2/modules/mod_session_crypto.so"),
}
CONFIGURATION = """
ServerRoot {folder}
ServerName localhost
PidFile {name}.pid
DefaultRuntimeDir {folder}
ErrorLog {name}.log
LogLevel warn session_crypto:info
{user}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule session_module {modules}/mod_session.so
LoadModule session_cookie_module {modules}/mod_session_cookie.so
LoadModule session_crypto_module {module}
StartServers 1
ServerLimit 1
ThreadsPerChild 64
MaxRequestWorkers 64
MaxKeepAliveRequests 0
Listen 127.0.0.1:{port}
DocumentRoot {folder}/html
Session On
SessionCookieName session path=/
{locations}
"""
# The directives of a place. Each has a section of its own, because every merge costs httpd time.
PLACES = {
    "plain": "SessionEnv Off",
    "s1": "SessionCryptoKeyring {folder}/ring",
    "legacy": 'SessionCryptoPassphrase "{passphrase}"',
}


def locations(folder: Path, name: str) -> str:
    """A session without SessionMaxAge is only read; with it, each response writes it anew."""
    text = ""
    for place, line in PLACES.items():
        line = line.format(folder=folder, passphrase=PASSPHRASE)
        if name == "stock" and place == "s1":
            continue
        text += f"<Location /{place}>\n{line}\n</Location>\n"
        text += f"<Location /both/{place}>\n{line}\nSessionMaxAge 3600\n</Location>\n"
    return text


def sealed(folder: Path, ring: str) -> str:
    return subprocess.run([report.BUILD / "sealring", "seal", "--keyring", folder / ring],
                          input=PAYLOAD, check=True, capture_output=True, text=True).stdout.strip()


def prepare(folder: Path) -> dict[str, str]:
    """Files and rings; returns the cookie's value by the name of a location."""
    folder.chmod(0o755)
    for parent in (folder / "html", folder / "html/both"):
        parent.mkdir()
        for place in PLACES:
            (parent / place).write_text("x")
    sealring = report.BUILD / "sealring"
    subprocess.run([sealring, "keyring", "init", folder / "ring"], check=True, capture_output=True)
    legacy = folder / "legacy"
    subprocess.run([sealring, "keyring", "init", legacy, "--activate-in", "30d"], check=True,
                   capture_output=True)
    subprocess.run([sealring, "keyring", "add", legacy, "--alg", "apache-aes256"],
                   input=PASSPHRASE, check=True, capture_output=True, text=True)
    return {"plain": PAYLOAD, "s1": sealed(folder, "ring"), "legacy": sealed(folder, "legacy")}


@contextlib.contextmanager
def server(folder: Path, name: str):
    """Yields the port and a function that lists the children. The server has the first core
    practically to itself: wrk, with one thread, uses the others."""
    port = free_port()
    (folder / f"{name}.conf").write_text(CONFIGURATION.format(
        folder=folder, name=name, module=MODULE[name], modules="/usr/lib/apache2/modules",
        user="User www-data\nGroup www-data" if os.geteuid() == 0 else "", port=port,
        locations=locations(folder, name)))
    with (folder / "startup.log").open("ab") as log:
        # In a process group of its own, because httpd sends a signal to its group when it ends.
        httpd = subprocess.Popen(
            ["taskset", "-c", "0", "apache2", "-f", folder / f"{name}.conf", "-DFOREGROUND"],
            stdout=log, stderr=log, start_new_session=True)
    try:
        await_connections(httpd, port)
        time.sleep(0.5)  # its sockets accept connections before it is ready
        children = Path(f"/proc/{httpd.pid}/task/{httpd.pid}/children")
        yield port, lambda: [int(pid) for pid in children.read_text().split()]
    finally:
        httpd.terminate()
        httpd.wait()


def main() -> None:
    options = report.arguments("apache", __doc__)
    rounds = 1 if options.quick else 15
    with tempfile.TemporaryDirectory(prefix="sealring-bench-") as name:
        folder = Path(name)
        cookies = prepare(folder)
        with server(folder, "ours") as (ours, our_children), \
                server(folder, "stock") as (stock, stock_children):
            requests = {}
            # The plain session, and beside it a token that nobody reads: httpd spends time on
            # each character of a header.
            unread = {"Cookie": f"session={PAYLOAD}; token={cookies['s1']}"}
            for prefix in ("", "both/"):
                requests[f"{prefix}unread"] = Request(ours, f"/{prefix}plain", unread)
                for place in PLACES:
                    cookie = {"Cookie": f"session={cookies[place]}"}
                    requests[f"{prefix}{place}"] = Request(ours, f"/{prefix}{place}", cookie)
                requests[f"{prefix}stock"] = Request(stock, f"/{prefix}legacy", cookie)
            rates = server_load.measure(
                requests, lambda: [*our_children(), *stock_children()], rounds + 1)
            # In the first round each thread makes what it keeps for the others.
            rates = {name: rates[name][1:] for name in rates}
        for log in ("ours.log", "stock.log"):
            said = (folder / log).read_text()
            assert "refused" not in said and "failed" not in said, said[:2000]
    results, rows = {}, []
    for name in requests:
        prefix = "both/" if name.startswith("both/") else ""
        result = server_load.summary(rates, name, [f"{prefix}plain", f"{prefix}unread"])
        results[name] = result
        plain, same = result["against"].values()
        rows.append([name, result["requests_per_second"], f"{plain['requests']:.3f}",
                     f"{same['requests']:.3f}", f"{result['cpu_microseconds']:.2f}",
                     f"{plain['cpu']:.3f}", f"{same['cpu']:.3f}"])
    print(report.table(["", "requests/s", "of plain", "of unread", "CPU us a request", "of plain",
                        "of unread"], rows))
    report.save("apache", {"rounds": rounds, "requests": results}, options.json)


if __name__ == "__main__":
    main()
