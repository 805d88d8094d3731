# SPDX-License-Identifier: Apache-2.0
"""examples/containers: a secret of Docker, which everybody may read, becomes a ring before the server
starts. There is no Docker here: the entry point runs on folders in place of the container's own."""

import os
import stat
import subprocess

import yaml
from nginx_server import AS_ROOT, REPOSITORY, conf
from tokens import jwk_set, new_key, opened

EXAMPLES = REPOSITORY / "examples" / "containers"
DOCUMENT = "docs/containers.md"
ENTRYPOINT = EXAMPLES / "sealring-entrypoint"
SITE = """
    encrypted_session_keyring {ring};
    server {{
        listen 127.0.0.1:8080;
        location /seal {{ set_encrypt_session $t alice; return 200 $t; }}
    }}"""


def secret(nginx, key):
    """As Docker mounts it: readable by all, with an owner that nobody in the container chose."""
    path = nginx.write("secrets/session.keys", jwk_set(key), mode=0o444)
    if AS_ROOT:
        os.chown(path, 12345, 12345)
    return path


def entrypoint(nginx, mounted):
    """The beginning of the server's command line."""
    return ["env", f"SEALRING_SECRET={mounted}", f"SEALRING_RING={nginx.folder}/memory/session.keys",
            ENTRYPOINT]  # fmt: skip


def test_without_it_the_message_leads_to_the_document(nginx):
    mounted = secret(nginx, new_key())
    said = nginx.check(conf(SITE.format(ring=mounted)))
    assert not said.ok
    assert f'key ring "{mounted}": others may read or change it (a secret in a container: see ' in said.output
    assert f"{DOCUMENT}); run: chmod 640 {mounted}" in said.output
    assert (REPOSITORY / DOCUMENT).exists()


def test_nginx_starts_with_the_copy_and_its_workers_can_read_it(public_nginx):
    key = new_key()
    ring = public_nginx.folder / "memory" / "session.keys"
    server = public_nginx.start(conf(SITE.format(ring=ring)), user="www-data", log_level="warn",
                                under=entrypoint(public_nginx, secret(public_nginx, key)))  # fmt: skip
    assert opened(server.get("/seal").text, key).payload == b"alice"
    assert "[warn]" not in server.startup + server.error_log
    assert stat.S_IMODE(ring.stat().st_mode) == 0o640
    assert stat.S_IMODE(ring.parent.stat().st_mode) == 0o750
    assert (ring.owner(), ring.group(), ring.parent.group()) == ("root", "www-data", "www-data")
    assert [path.name for path in ring.parent.iterdir()] == ["session.keys"]


def test_another_start_takes_the_secret_as_it_is_then(public_nginx):
    ring = public_nginx.folder / "memory" / "session.keys"
    for key in (new_key(), new_key()):
        mounted = secret(public_nginx, key)
        subprocess.run([*entrypoint(public_nginx, mounted), "true"], check=True, timeout=60)
        assert ring.read_bytes() == mounted.read_bytes()
        mounted.unlink()


def test_without_a_secret_nothing_starts(nginx):
    done = subprocess.run([*entrypoint(nginx, nginx.folder / "missing"), "echo", "started"], timeout=60,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode != 0 and done.stdout == ""
    assert str(nginx.folder / "missing") in done.stderr


def test_a_container_that_does_not_run_as_root(public_nginx):
    """Only that user can read the copy. In a container the tmpfs is open to every user."""
    mounted = secret(public_nginx, new_key())
    memory = public_nginx.folder / "memory"
    memory.mkdir()
    memory.chmod(0o1777)
    said = subprocess.run(
        ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", *entrypoint(public_nginx, mounted),
         "stat", "-c", "%a %u", memory / "session.keys"],
        timeout=60, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert said in ("400 54321\n", "600 54321\n")


def test_compose_mounts_what_the_entry_point_reads():
    compose = yaml.safe_load((EXAMPLES / "compose.yaml").read_text())
    web = compose["services"]["web"]
    assert web["entrypoint"] == [f"/usr/local/bin/{ENTRYPOINT.name}"] and web["command"][0] == "nginx"
    assert set(web["secrets"]) == set(compose["secrets"])
    script = ENTRYPOINT.read_text()
    for name in web["secrets"]:
        assert f"${{SEALRING_SECRET:-/run/secrets/{name}}}" in script
    for folder in web["tmpfs"]:
        assert f"${{SEALRING_RING:-{folder}/" in script
