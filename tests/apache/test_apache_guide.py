# SPDX-License-Identifier: Apache-2.0
"""docs/migrate-from-mod_session_crypto.md: each block of commands, run on folders that stand for the
machine's own, and what the guide says that they print."""

import os
import re
import shutil
import signal
import sys
from datetime import date, timedelta

import pytest
from apache_server import REPOSITORY, SEALRING, Server, modules_of, wait_until
from form_login import is_member, log_in, write_users

sys.path.insert(0, str(REPOSITORY / "tests" / "docs"))
from guide import Guide  # noqa: E402

EXAMPLES = REPOSITORY / "examples" / "apache"
OLD = (EXAMPLES / "form-login-old.conf").read_text()
MEMBERS = "sites-enabled/members.conf"
# As the service does it: the command is back when httpd is up.
SYSTEMCTL = """#!/bin/sh
starts() {{ grep -c "resuming normal operations" {log}; }}
before=$(starts)
case "$*" in
  'restart apache2')
    apache2 -f {conf} -k stop
    while [ -e {pid} ]; do sleep 0.1; done
    apache2 -f {conf} -k start ;;
  'reload apache2') apache2 -f {conf} -k graceful ;;
  *) exit 1 ;;
esac
while [ "$(starts)" = "$before" ]; do sleep 0.1; done
"""


class Machine(Server):
    """An httpd in the background, which the guide's commands restart and reload."""

    def __init__(self, setup):  # nothing is started here
        self._setup, self._name = setup, "httpd"


@pytest.fixture
def machine(apache):
    folder = apache.folder
    modules = folder / "modules"
    modules.mkdir()
    shutil.copy("/usr/lib/apache2/modules/mod_session_crypto.so", modules)
    write_users(apache)
    apache.write("html/login.html", "the form\n")
    log = apache.write("httpd.log", "")
    enabled = folder / "mods-enabled"
    others = [name for name in modules_of(OLD) if name != "session_crypto"]
    command = apache.command(f"IncludeOptional {enabled}/*.load\nInclude {MEMBERS}\n", crypto=None,
                             modules=others)
    conf, pid = command[-1], folder / "httpd.pid"
    apache.write("bin/systemctl", SYSTEMCTL.format(conf=conf, pid=pid, log=log), 0o755)
    apache.write("bin/apachectl", f'#!/bin/sh\n[ "$*" = configtest ] && exec apache2 -f {conf} -t\n', 0o755)
    # What the packages install, and how Debian's tools switch modules.
    apache.write("bin/apt", f"#!/bin/sh\ncp {SEALRING.parent}/mod_session_crypto.so "
                 f"{modules}/mod_sealring.so\nln -s {SEALRING} {folder}/usr-local/bin/sealring\n", 0o755)
    apache.write("bin/a2dismod", f"#!/bin/sh\nrm {enabled}/$1.load\n", 0o755)
    apache.write("bin/a2enmod", f"#!/bin/sh\necho LoadModule session_crypto_module {modules}/mod_$1.so "
                 f">{enabled}/$1.load\n", 0o755)
    enabled.mkdir()
    apache.write(f"{enabled.name}/session_crypto.load",
                 f"LoadModule session_crypto_module {modules}/mod_session_crypto.so\n")
    (folder / "usr-local" / "bin").mkdir(parents=True)
    (folder / "bin" / "sealring").symlink_to(folder / "usr-local" / "bin" / "sealring")
    yield apache
    if pid.exists():
        os.kill(int(pid.read_text()), signal.SIGTERM)
        wait_until(lambda: not pid.exists(), "httpd to end", 30)


def test_the_guide(machine):
    folder = machine.folder
    guide = Guide("docs/migrate-from-mod_session_crypto.md", {
        "/usr/lib/apache2/modules": folder / "modules", "/usr/local": folder / "usr-local",
        "/etc/apache2": folder, "127.0.0.1:8080": f"127.0.0.1:{machine.port('httpd', 8080)}",
    }, folder / "bin")  # fmt: skip

    def use(example: str, until: date | None = None) -> None:
        text = (EXAMPLES / example).read_text()
        # The example's own is well known.
        text = text.replace("an example: take random words of your own", "rhubarb kestrel ninety lamp")
        if until:
            text = re.sub("LegacyUntil .*", f"LegacyUntil {until}", text)
        machine.write(MEMBERS, machine.as_here(text, "httpd"))

    def same(shown: str, printed: str) -> None:
        """The output, but for its times, processes and keys."""
        for line in shown.splitlines():
            core = re.escape(re.sub(r"^\[session_crypto:\w+\] (\[.*?\] )*", "", line))
            core = core.replace("oYUJgbK8", "[A-Za-z0-9_-]{8}")
            core = re.sub(r"\d{4}\\-\d\d\\-\d\d", r"\\d{4}-\\d\\d-\\d\\d", core)
            assert re.search(core, printed), (line, printed)

    use("form-login-old.conf")
    guide.shell("systemctl restart apache2")
    server = Machine(machine)
    old = log_in(server).cookie()

    same_lines = guide.run()  # 1: the module
    same(guide.printed(), same_lines)
    enabled = folder / "mods-enabled"
    assert [path.name for path in enabled.iterdir()] == ["sealring.load"]
    guide.run()  # restart
    assert "AH01849" in server.error_log and is_member(server, old)

    same(*reversed((guide.run(), guide.printed())))  # 2: the ring

    use("migration.conf", date.today() + timedelta(1))  # 3
    assert re.fullmatch(r"\d{4}-\d\d-\d\d\n", guide.run())
    found = guide.run()
    assert f"{MEMBERS}:" in found and "SessionCookieName" in found

    checked = guide.run()  # 4: reload
    assert checked == guide.printed() == "Syntax OK\n"

    wait_until(lambda: server.get("/members/index.html", old).cookie().startswith("s1."), "the reload")
    shown = guide.run({"ia6NtQX8…YqV6ew==": old})  # 5
    assert re.match(r"HTTP/1.1 200 OK\s+Set-Cookie: session=s1\.[\w-]+;Max-Age=3600;path=/;HttpOnly;"
                    r"SameSite=Lax\s*$", shown), shown  # fmt: skip
    new = re.search("session=(s1[^;]*)", shown)[1]
    assert guide.shell(f"sealring inspect {new}")
    server.get("/members/index.html", new[:-4] + ("AAAA" if new[-4:] != "AAAA" else "BBBB"))
    same(guide.printed(), server.error_log)

    use("migration.conf", date.today() - timedelta(3))  # 6
    same(guide.printed(), guide.shell("apachectl configtest 2>&1"))
    use("form-login-new.conf")
    guide.shell("apachectl configtest && systemctl reload apache2")
    wait_until(lambda: not is_member(server, old), "the reload")
    assert is_member(server, new)

    (folder / "session.keys").unlink()  # several servers, without a gap
    guide.run()
    assert "apache-aes256" in guide.shell(f"sealring keyring list {folder}/session.keys")
    guide.end()

    # Rolling back, as the table says.
    use("form-login-old.conf")
    document = (REPOSITORY / "docs" / "migrate-from-mod_session_crypto.md").read_text()
    row = re.search(r"^\| 1 \| (.*?) \|", document, re.MULTILINE)[1]
    for command in re.findall("`(.*?)`", row):
        guide.shell(guide.here(command))
    assert "AH01849" in server.error_log and is_member(server, log_in(server).cookie())
    assert [path.name for path in enabled.iterdir()] == ["session_crypto.load"]
