# SPDX-License-Identifier: Apache-2.0
"""What sealed sessions cost a request to httpd, against a session in a plain cookie of the same length;
with the stock mod_session_crypto beside ours."""

import contextlib
import os
import subprocess
import time
from pathlib import Path

import report
import server_benchmark
import servers
from server_load import Request
from servers import free_port

PAYLOAD = "user=" + "v" * 59
PASSPHRASE = "a passphrase to measure with"
DEBIAN_MODULES = "/usr/lib/apache2/modules"
MODULE = {
    "ours": report.BUILD / "mod_session_crypto.so",
    "stock": Path(DEBIAN_MODULES) / "mod_session_crypto.so",
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
MaxKeepAliveRequests 0
KeepAliveTimeout 3600
StartServers 1
ServerLimit 1
ThreadsPerChild 64
MaxRequestWorkers 64
Listen 127.0.0.1:{port}
DocumentRoot {folder}/html
FileETag None
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


def sealed(ring: Path) -> str:
    return subprocess.run([report.BUILD / "sealring", "seal", "--keyring", ring],
                          input=PAYLOAD, check=True, capture_output=True, text=True).stdout.strip()


def prepare(folder: Path) -> dict[str, str]:
    """Files and rings; returns cookies by the name of a location."""
    folder.chmod(0o755)
    for parent in (folder / "html", folder / "html/both"):
        parent.mkdir()
        for place in PLACES:
            (parent / place).write_text("x")
    servers.make_ring(folder / "ring")
    servers.make_ring(folder / "legacy", "--activate-in", "30d")
    subprocess.run([report.BUILD / "sealring", "keyring", "add", folder / "legacy", "--alg", "apache-aes256"],
                   input=PASSPHRASE, check=True, capture_output=True, text=True)
    return {"s1": sealed(folder / "ring"), "legacy": sealed(folder / "legacy")}


@contextlib.contextmanager
def httpd(folder: Path, name: str, aead):
    port = free_port()
    (folder / f"{name}.conf").write_text(CONFIGURATION.format(
        folder=folder, name=name, module=MODULE[name], modules=DEBIAN_MODULES,
        user="User www-data\nGroup www-data" if os.geteuid() == 0 else "", port=port,
        locations=locations(folder, name)))
    command = ["apache2", "-f", folder / f"{name}.conf", "-DFOREGROUND"]
    with servers.running(folder, name, command, port, aead) as server:
        time.sleep(0.5)  # its sockets accept connections before it is ready
        yield server
    said = (folder / f"{name}.log").read_text()
    assert "refused" not in said and "failed" not in said, said[:2000]


@contextlib.contextmanager
def serve(folder, aead, under, options):
    tokens = prepare(folder)
    # httpd spends time on each character of a cookie.
    plain = {"plain": PAYLOAD, "same_length": PAYLOAD.ljust(len(tokens["s1"]), "v")}
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(httpd(folder, "ours", aead))
        cookies = {("plain", name): value for name, value in plain.items()}
        cookies |= {(name, name): value for name, value in tokens.items()}
        requests = {f"{prefix}{name}": Request(ours, f"/{prefix}{place}", {"Cookie": f"session={value}"})
                    for (place, name), value in cookies.items() for prefix in ("", "both/")}
        if aead == "openssl":
            stock = stack.enter_context(httpd(folder, "stock", aead))
            cookie = {"Cookie": f"session={tokens['legacy']}"}
            # One takes it milliseconds.
            requests |= {f"{prefix}stock": Request(stock, f"/{prefix}legacy", cookie, waves=1)
                         for prefix in ("", "both/")}
        yield requests


def bases(name: str) -> list[str]:
    prefix = "both/" if name.startswith("both/") else ""
    if name == f"{prefix}plain":
        return []
    return [f"{prefix}plain"] + ([f"{prefix}same_length"] if name != f"{prefix}same_length" else [])


if __name__ == "__main__":
    # Callgrind cannot be told what to count in a process that has become another user's.
    server_benchmark.main("apache", __doc__, serve, bases, rounds=200, counts=False)
