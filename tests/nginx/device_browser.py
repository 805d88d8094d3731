# SPDX-License-Identifier: Apache-2.0
"""A real chromium that binds sessions to a key, which it keeps in software, and a site with a certificate
that it trusts: its authority is in the NSS database of a home that is the test's own."""

import contextlib
import datetime
import os
import subprocess
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from demo_browser import ARGUMENTS, LoopbackService
from devices import NAME
from nginx_server import conf
from selenium import webdriver

HOST = "app.example.com"
FEATURES = "DeviceBoundSessions,EnableBoundSessionCredentialsSoftwareKeysForManualTesting"


def _certificate(name: str, key, issuer: str, issuer_key, *, authority: bool) -> x509.Certificate:
    now = datetime.datetime.fromtimestamp(time.time())
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=2))
        .not_valid_after(now + datetime.timedelta(days=90))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return made.sign(issuer_key, hashes.SHA256())


def write_certificates(folder: Path) -> None:
    """ca.pem, and the site's cert.pem and key.pem."""
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca = _certificate("tests", ca_key, "tests", ca_key, authority=True)
    certificate = _certificate(HOST, key, "tests", ca_key, authority=False)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))  # fmt: skip


def secure_site(options: str, places: str, *, more="") -> str:
    return conf(
        f"""{more} server {{
        listen 127.0.0.1:8080 ssl; ssl_certificate cert.pem; ssl_certificate_key key.pem;
        encrypted_session_keyring session.keys; session on; session_cookie {NAME};
        session_revocations revocations.list; session_binding {options};
        {places} }}"""
    )


def make_home(folder: Path) -> Path:
    home = folder / "home"
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    for words in (["-N", "--empty-password"], ["-A", "-t", "C,,", "-n", "ca", "-i", folder / "ca.pem"]):
        subprocess.run(["certutil", "-d", f"sql:{database}", *words], check=True, capture_output=True)
    return home


@contextlib.contextmanager
def chromium_with(arguments: list[str], **environment: str):
    """A browser with these arguments instead of those of the same names."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    names = {argument.split("=")[0] for argument in arguments}
    for argument in [one for one in ARGUMENTS if one.split("=")[0] not in names] + arguments:
        options.add_argument(argument)
    with pytest.MonkeyPatch.context() as patch:
        # The driver is asked by HTTP, which must not go through somebody's proxy.
        patch.setenv("no_proxy", "*")
        patch.setenv("NO_PROXY", "*")
        service = LoopbackService("/usr/bin/chromedriver", env={**os.environ, **environment})
        browser = webdriver.Chrome(service=service, options=options)
        try:
            yield browser
        finally:
            browser.quit()


@contextlib.contextmanager
def chromium(home: Path, port: int):
    """The browser, whose profile and trust are in `home`; `browser.site` is the URL of the host at this port."""
    arguments = [
        f"--user-data-dir={home / 'profile'}",
        f"--enable-features={FEATURES}",
        f"--host-resolver-rules=MAP {HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ]
    with chromium_with(arguments, HOME=str(home)) as browser:
        browser.site = f"https://{HOST}:{port}"
        yield browser
