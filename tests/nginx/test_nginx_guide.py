# SPDX-License-Identifier: Apache-2.0
"""docs/migrate-from-encrypted-session.md: each block of commands, run on folders in place of the
machine's own, and the output that the guide shows."""

import json
import os
import re
import shutil
import signal
import sys
import time
from datetime import date, timedelta

import pytest
from examples import EXAMPLES, cookie, log_in
from nginx_server import BUILD, MODULE, REPOSITORY, Server, wait_until

sys.path.insert(0, str(REPOSITORY / "tests" / "docs"))
from guide import Guide, as_shown  # noqa: E402

DOCUMENT = "docs/migrate-from-encrypted-session.md"
# Like the service: the command returns when nginx listens, or has its new workers.
SYSTEMCTL = """#!/bin/sh
case "$*" in
  'restart nginx')
    if [ -e {folder}/nginx.pid ]; then kill "$(cat {folder}/nginx.pid)"; fi
    while [ -e {folder}/nginx.pid ]; do sleep 0.1; done
    nginx ;;
  'reload nginx')
    master=$(cat {folder}/nginx.pid)
    old=$(cat /proc/$master/task/$master/children)
    kill -HUP $master
    for worker in $old; do while [ -e /proc/$worker ]; do sleep 0.1; done; done ;;
  *) exit 1 ;;
esac
"""
APT = """#!/bin/sh
modules={folder}/modules enabled={folder}/modules-enabled
case "$*" in
  'install ./sealring_*.deb ./libnginx-mod-http-sealring_*.deb')
    cp {module} $modules/new && mv $modules/new $modules/{module.name}
    echo 'load_module modules/ndk_http_module.so;' >$enabled/10-mod-http-ndk.conf
    echo 'load_module modules/{module.name};' >$enabled/50-mod-http-sealring.conf ;;
  'remove libnginx-mod-http-sealring') rm $modules/{module.name} $enabled/* ;;
  *) exit 1 ;;
esac
"""
NGINX = '#!/bin/sh\nexec /usr/sbin/nginx -p {folder}/ -c {folder}/nginx.conf "$@"\n'


def without_kids(table: str) -> str:
    return re.sub(r"^\S{8}  ", "", as_shown(table), flags=re.MULTILINE)


class Machine(Server):
    """An nginx in the background, which the guide's commands restart and reload."""

    def __init__(self, setup):  # nothing is started here
        self._setup = setup
        self._stderr = setup.folder / "stderr.log"


@pytest.fixture
def machine(public_nginx):
    folder = public_nginx.folder
    for name in ("bin", "root", "modules-enabled"):
        (folder / name).mkdir()
    # In place of the original, which Debian does not have.
    (folder / "modules" / MODULE.name).unlink()
    shutil.copy(MODULE, folder / "modules" / MODULE.name)
    (folder / "bin" / "sealring").symlink_to(BUILD / "sealring")
    for name, text in [("apt", APT), ("systemctl", SYSTEMCTL), ("nginx", NGINX)]:
        public_nginx.write(f"bin/{name}", text.format(folder=folder, module=MODULE), 0o755)
    yield public_nginx
    pid = folder / "nginx.pid"
    if pid.exists():
        os.kill(int(pid.read_text()), signal.SIGTERM)
        wait_until(lambda: not pid.exists(), "nginx to end", 30)


def test_the_guide(machine):
    folder = machine.folder
    guide = Guide(DOCUMENT, {
        "/etc/nginx": folder, "/usr/lib/nginx/modules": folder / "modules", " /root/": f" {folder}/root/",
        "127.0.0.1:8080": f"127.0.0.1:{machine.port(8080)}",
    }, folder / "bin")  # fmt: skip
    server = Machine(machine)

    def use(example: str, until: date | None = None, replace=None, packaged=True) -> None:
        text = (EXAMPLES / f"{example}.conf").read_text()
        for old, new in (replace or {}).items():
            assert old in text
            text = text.replace(old, new)
        if packaged:  # as the guide says, and as Debian's own nginx.conf has it
            text = text.replace("load_module modules/ndk_http_module.so;", "include modules-enabled/*.conf;")
            text = text.replace(f"load_module modules/{MODULE.name};", "")
        if until:
            text = re.sub("legacy_until .*;", f"legacy_until {until};", text)
        # On the same line, because messages show line numbers.
        machine.rewrite(text.replace("user www-data;", "user www-data; daemon on; pid nginx.pid;"))

    def user_of(value: str) -> str | int:
        response = server.get("/protected", cookie(value))
        return response.text if response.status == 200 else response.status

    def restarted(run) -> bool:
        """A reload does not replace a loaded module."""
        before = (folder / "nginx.pid").read_text()
        run()
        return (folder / "nginx.pid").read_text() != before

    def checked() -> str:
        return as_shown(guide.shell("nginx -t"))

    use("cookie-auth-old", packaged=False)
    guide.shell("systemctl restart nginx")
    before = log_in(server)

    guide.run()  # 1: the module
    assert (folder / "root" / MODULE.name).read_bytes() == MODULE.read_bytes()
    use("cookie-auth-old")
    assert checked() == as_shown(guide.printed())
    assert restarted(guide.run)
    assert user_of(before) == "hello, alice\n"

    made = guide.run()  # 2: the ring
    kid = re.search(r"Its key (\S+) ", made)[1]
    assert guide.printed().replace("oYUJgbK8", kid) in made
    assert (folder / "session.keys").group() == "www-data"

    use("migration", date.today() + timedelta(1))  # 3: the configuration
    assert re.fullmatch(r"\d{4}-\d\d-\d\d\n", guide.run())
    found = guide.run()
    for directive in ("set_encrypt_session", "set_decrypt_session", "set_decode_base32"):
        assert re.search(rf"^{folder}/nginx\.conf:\d+: +(if .*)?{directive}", found, re.MULTILINE), found

    assert guide.run() == guide.printed()  # 4: reload, without a warning

    shown = re.search(r"Cookie: session=([a-v0-9=]+)", (REPOSITORY / DOCUMENT).read_text())[1]
    assert guide.run({shown: before}) == guide.shown  # 5: check
    said = guide.run()
    assert as_shown(said) == as_shown(guide.shown)
    after = re.search("session=(s1[^;]*)", said)[1]
    assert user_of(after) == "hello, alice\n"
    said = guide.run()
    assert said == guide.shown, "the token that is shown is a token"
    # What the guide says about an old cookie if the line that decodes it is missing.
    day = date.today() + timedelta(1)
    use("migration", day, {r'if ($session !~ "^s1\.") { set_decode_base32 $session; }': ""})
    guide.shell("systemctl reload nginx")
    assert user_of(before) == 401
    assert as_shown(guide.printed()) in as_shown(server.error_log)
    # And about a new one with another context.
    use("migration", day, {"encrypted_session_context session;": "encrypted_session_context other;"})
    guide.shell("systemctl reload nginx")
    assert user_of(after) == 401 and "refused: authentication_failed" in server.error_log

    use("migration", date.today() - timedelta(3))  # 6: after the last day
    assert as_shown(guide.printed()) in as_shown(checked())
    guide.shell("nginx -t && systemctl reload nginx")
    assert user_of(before) == 401
    assert "unsupported" in server.error_log
    use("cookie-auth-new")
    guide.shell("nginx -t && systemctl reload nginx")
    assert user_of(after) == "hello, alice\n"

    (folder / "session.keys").unlink()  # several servers, without interruption
    guide.run()
    said = guide.run()
    assert without_kids(said) == without_kids(guide.shown)
    new, old = json.loads(guide.shell(f"sealring keyring list --json {folder}/session.keys"))["keys"]
    assert abs(new["seal_from"] - time.time() - 86400) < 60
    assert abs(old["open_until"] - new["seal_from"] - 86400) < 60
    guide.end()

    # Rolling back according to the table: after step 4, and then the module.
    use("migration", None, {
        "encrypted_session_keyring /etc/nginx/session.keys;": "", "encrypted_session_context session;": "",
        "encrypted_session_legacy_until 2027-01-31;": "",
        "set_encrypt_session $session $arg_user;":
            "set_encrypt_session $session $arg_user; set_encode_base32 $session;",
    })  # fmt: skip
    guide.shell("nginx -t && systemctl reload nginx")
    assert user_of(after) == 401 and user_of(before) == "hello, alice\n"
    assert user_of(log_in(server)) == "hello, alice\n"
    row = re.search(r"^\| 1 \| (.*?) \|", (REPOSITORY / DOCUMENT).read_text(), re.MULTILINE)[1]
    remove, put_back, load, restart = re.findall("`(.*?)`", row)
    guide.shell(remove)
    guide.shell(guide.here(put_back))
    assert load == "load_module"
    use("cookie-auth-old", packaged=False)
    assert restarted(lambda: guide.shell(restart))
    assert user_of(before) == "hello, alice\n"
