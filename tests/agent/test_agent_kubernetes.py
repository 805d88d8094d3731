# SPDX-License-Identifier: Apache-2.0
"""examples/kubernetes: there is no cluster here, so the commands of the containers run on folders in place
of what is mounted."""

import stat
import subprocess

import yaml
from agents import PATIENCE, PROGRAM, ROOT, until
from ports import free_port
from stores import PROGRAM as STORE
from stores import RULES

EXAMPLES = ROOT / "examples" / "kubernetes"


def objects(name):
    return {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all((EXAMPLES / name).read_text())}


STORE_YAML, WEB_YAML = objects("store.yaml"), objects("web.yaml")
AGENT = WEB_YAML["Deployment", "web"]["spec"]["template"]["spec"]["initContainers"][0]
POD = WEB_YAML["Deployment", "web"]["spec"]["template"]["spec"]


def mounted(pod, container):
    """The volumes of a container, by where they are."""
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    return {mount["mountPath"]: volumes[mount["name"]] for mount in container["volumeMounts"]}


def test_what_belongs_together():
    store = STORE_YAML["Deployment", "store"]["spec"]["template"]
    assert STORE_YAML["Service", "store"]["spec"]["selector"] == store["metadata"]["labels"]
    secret = STORE_YAML["Secret", "store"]["stringData"]
    assert f"user sealring on >{secret['password']} {' '.join(RULES)}\n" in secret["valkey.conf"]
    agent, web = mounted(POD, AGENT), mounted(POD, POD["containers"][0])
    for place in ("/var/lib/sealring", "/run/sealring"):
        assert agent[place] is web[place] and "emptyDir" in web[place], "both containers have it"
    assert agent["/etc/sealring/store"]["secret"]["secretName"] == "store"
    assert agent["/etc/sealring/agent"]["configMap"]["name"] == "sealring-agent"
    for volume in POD["volumes"]:
        if "secret" in volume:
            assert volume["secret"]["defaultMode"] & 0o007 == 0, "others must not read it"
    assert POD["securityContext"]["fsGroup"] == AGENT["securityContext"]["runAsGroup"]


def test_the_containers_run(stores, agents, tmp_path):
    port = free_port()
    secret = STORE_YAML["Secret", "store"]["stringData"]
    (tmp_path / "valkey.conf").write_text(secret["valkey.conf"].replace("bind * -::*", f"port {port}"))
    command = STORE_YAML["Deployment", "store"]["spec"]["template"]["spec"]["containers"][0]["command"]
    assert command == ["valkey-server", "/etc/valkey/valkey.conf"]
    store = subprocess.Popen([STORE, tmp_path / "valkey.conf", "--bind", "127.0.0.1", "--dir", tmp_path],
                             stdout=subprocess.DEVNULL)

    agent = agents("pod", lists=("session.revoked",))

    def here(text):
        for place, folder in (("/etc/sealring/store/", tmp_path), ("/etc/sealring/agent/", tmp_path),
                              ("/var/lib/sealring/", agent.folder), ("/run/sealring/", agent.folder)):
            text = text.replace(place, f"{folder}/")
        return text.replace("store:6379", f"127.0.0.1:{port}")

    (tmp_path / "password").write_text(secret["password"])
    (tmp_path / "password").chmod(stat.S_IRUSR)
    configuration = here(WEB_YAML["ConfigMap", "sealring-agent"]["data"]["agent.conf"])
    (tmp_path / "agent.conf").write_text(f"{configuration}control = {agent.control}\n")
    program, *arguments = AGENT["command"]
    assert program == PROGRAM.name
    agent.command = lambda: [PROGRAM, *map(here, arguments)]
    probe = [here(word) for word in AGENT["startupProbe"]["exec"]["command"]]
    try:
        assert subprocess.run(probe, check=False).returncode == 1, "the list is not there yet"
        agent.start()
        until(lambda: subprocess.run(probe, check=False).returncode == 0, "the probe succeeds")
        until(lambda: agent.status()["good"], "it is in touch")
        agent.revoke("user=alice")
        agent.kill()
        # Another pod has an empty volume, and gets the list from the store.
        agent.lists[0].unlink()
        agent.start()
        until(lambda: agent.lists[0].exists() and agent.list().has("user", "alice"), "the list is back")
    finally:
        store.kill()
        store.wait(PATIENCE)
