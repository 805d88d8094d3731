# SPDX-License-Identifier: Apache-2.0
"""The manual page of the agent agrees with the help; settings are options, and lines of a file."""

import os
import re
import subprocess

import pytest
from agents import PATIENCE, PROGRAM, ROOT, until
from ports import free_port

PAGE = ROOT / "docs" / "sealring-agent.1"
EXAMPLE = ROOT / "examples" / "agent" / "agent.conf"


def help_of(*command):
    return subprocess.run([PROGRAM, *command, "--help"], capture_output=True, text=True, check=True,
                          timeout=PATIENCE).stdout


COMMANDS = re.findall(r"^  (\w+)", help_of().partition("Commands:\n")[2].partition("\n\n")[0], re.M)


@pytest.fixture(scope="module")
def page():
    text = subprocess.run(["mandoc", "-T", "ascii", "-O", "width=1000", PAGE], capture_output=True,
                          check=True, timeout=PATIENCE).stdout
    return re.sub(r"\s+", " ", re.sub(".\b", "", text.decode()))


def test_the_commands_are_found():
    assert set(COMMANDS) == {"run", "status", "publish"}


@pytest.mark.parametrize("command", ["run", "status", "publish"])
def test_the_synopsis_and_the_options(page, command):
    text = help_of(command)
    assert re.search(r"^Usage: (.*)", text, re.M)[1] in page
    description = page.partition("DESCRIPTION")[2].partition("FILES")[0]
    for option in re.findall(r"^  (--[\w-]+)", text, re.M):
        assert re.search(rf"{option}(?![\w-])", description), option
    assert re.search(rf"^  .*sealring-agent {command}", text, re.M), "an example"
    assert all(len(line) <= 80 for line in text.splitlines() if not line.startswith("Usage"))


def test_its_markup_is_clean():
    for command in (["mandoc", "-T", "lint", "-W", "style"], ["man", "--warnings=w", "--local-file"]):
        done = subprocess.run([*command, PAGE], capture_output=True, text=True, timeout=PATIENCE,
                              env={**os.environ, "MAN_DISABLE_SECCOMP": "1"})
        assert done.returncode == 0 and done.stderr == "", done.stderr
        assert "WARNING" not in done.stdout and "STYLE" not in done.stdout, done.stdout


def run(*arguments):
    return subprocess.run([PROGRAM, "run", *arguments], capture_output=True, text=True,
                          timeout=PATIENCE)


def test_the_example_of_a_configuration(agents):
    agent = agents()
    text = EXAMPLE.read_text().replace("/var/lib/sealring", str(agent.folder))
    assert str(agent.lists[0]) in text
    configuration = agent.folder / "agent.conf"
    configuration.write_text(text + f"\n socket = {agent.socket} \ncontrol={agent.control}\n")
    agent.command = lambda: [PROGRAM, "run", "--config", configuration]
    agent.start()
    status = subprocess.run([PROGRAM, "status", f"--config={configuration}"], capture_output=True,
                            text=True, timeout=PATIENCE)
    assert status.returncode == 0 and str(agent.lists[0]) in status.stdout
    assert agent.list().generation == 1


def test_the_example_of_a_fleet(agents, stores, certificates):
    """The store's configuration and the agent's."""
    agent, folder = agents(), certificates
    (folder / "ca.pem").rename(folder / "store-ca.pem")
    (folder / "store-password").write_text("PASSWORD")
    (folder / "store-password").chmod(0o600)
    port = free_port()
    text = (EXAMPLE.parent / "store.conf").read_text().replace("/etc/sealring", str(folder))
    (folder / "store.conf").write_text(text.replace("6379", str(port)))
    store = stores(folder / "store", "--include", str(folder / "store.conf"), "--bind", "127.0.0.1", "--port",
                   "0")
    store.start(wait=False)
    text = (EXAMPLE.parent / "fleet.conf").read_text().replace("/var/lib/sealring", str(agent.folder))
    text = text.replace("/etc/sealring", str(folder)).replace("store.example", "127.0.0.1")
    configuration = agent.folder / "agent.conf"
    configuration.write_text(text.replace("6379", str(port)) +
                             f"\nsocket = {agent.socket}\ncontrol = {agent.control}\n")
    agent.command = lambda: [PROGRAM, "run", "--config", configuration]
    agent.start()
    assert agent.status()["store"]["address"] == f"rediss://127.0.0.1:{port}"
    until(lambda: agent.status()["good"], "it is in touch")
    agent.revoke("user=alice")
    until(lambda: agent.status()["lists"][0]["unsent"] == 0, "the store has it")


@pytest.mark.parametrize("line, message", [
    ("lists = a", 'line 2: there is no setting "lists"'), ("list", "line 2: write it as"),
    ("max-staleness = soon", '"max-staleness" has to be a duration'),
    ("store = http://a", '"store" has to be redis://'), ("max-staleness = 5", '"max-staleness" has to be'), ("list = ", '"list" has to be')])
def test_a_line_that_is_wrong(tmp_path, line, message):
    configuration = tmp_path / "agent.conf"
    configuration.write_text(f"# a comment\n{line}\n")
    done = run(f"--config={configuration}")
    assert done.returncode == 2 and message in done.stderr, done.stderr
    assert f'configuration "{configuration}", line 2' in done.stderr


@pytest.mark.parametrize("arguments, message", [
    (["--config=/nonexistent"], '"/nonexistent": No such file'), (["--config=/dev/null"], "no list"),
    (["--config=/dev/null", "--list=a", "--list=./a"], "is there twice"),
    (["--config=/dev/null", "--list=a", "--store=redis://a", "--store-user=x"], "store-user needs"),
    (["--config=/dev/null", "--list=a", "--store=redis://a", "--store-key=x"], "belong together"),
    (["--config=/dev/null", "--list=a", "--list=b/a", "--store=redis://a"], "has to be unique"),
    (["--config=/dev/null", "--max-staleness=1"], "--max-staleness: has to be"),
    (["--lists=a"], "--lists"), (["--list"], "--list"), (["now"], "now")])
def test_wrong_use(tmp_path, arguments, message):
    done = subprocess.run([PROGRAM, "run", *arguments], capture_output=True, text=True,
                          timeout=PATIENCE, cwd=tmp_path)
    assert done.returncode == 2 and message in done.stderr, done.stderr


def test_options_replace_lines(agents, tmp_path):
    agent = agents("one", "--config=" + str(tmp_path / "agent.conf"))
    (tmp_path / "agent.conf").write_text("max-staleness = 1h\ncontrol = /nonexistent/control\n")
    agent.options += ("--max-staleness=20s",)
    plain = agent.command
    agent.command = lambda: [word for word in plain() if word != "--config=/dev/null"]
    agent.start()
    assert agent.list().max_staleness == 20


def test_the_version():
    version = re.search(r"project\(sealring VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    done = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout == f"sealring-agent {version}\n"


def test_it_is_installed(tmp_path):
    subprocess.run(["cmake", "--install", PROGRAM.parent, "--prefix", tmp_path], check=True,
                   capture_output=True, timeout=PATIENCE)
    assert (tmp_path / "share/man/man1/sealring-agent.1").read_bytes() == PAGE.read_bytes()
    units = tmp_path / "lib/systemd/system"
    socket = (units / "sealring-agent.socket").read_text()
    assert "SocketGroup=www-data" in socket
    # The agent recognises the sockets of systemd by its own paths.
    oidc = (EXAMPLE.parent / "backchannel-logout.conf").read_text()
    assert "ListenStream=%s\n" % re.search(r"^oidc-listen = unix:(.*)$", oidc, re.M)[1] in socket
    for option, line in (("socket", "ListenDatagram"), ("control", "ListenStream")):
        path = re.search(rf"--{option} FILE  [^-]*default\s+is\s+(/[\w./]+)", help_of("run"))[1]
        assert f"{line}={path}\n" in socket
    checked = subprocess.run(["systemd-analyze", "verify", "--man=no", *sorted(units.glob("sealring-agent.*"))],
                             capture_output=True, text=True, timeout=PATIENCE)
    wrong = [line for line in checked.stderr.splitlines()
             if "sealring-agent." in line and "not executable" not in line]
    assert not wrong, wrong
