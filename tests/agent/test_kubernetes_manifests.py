# SPDX-License-Identifier: Apache-2.0
"""The manifests in examples/kubernetes have the fields that the API of Kubernetes 1.29 has, of the right types,
and all that it requires. A field that the API does not know is refused, as `kubectl apply` does it."""

import copy
import re

import pytest
import yaml
from agents import ROOT

EXAMPLES = ROOT / "examples" / "kubernetes"
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")


# A schema is a type, a set of values, a pattern, [of its elements], {KEY: of all values}, or an object: its
# fields, of which those with a "!" are required.
LABELS = {LABEL: LABEL}
METADATA = {"name!": NAME, "namespace": LABEL, "labels": LABELS}
EXEC = {"exec": {"command!": [str]}, "periodSeconds": int, "failureThreshold": int, "timeoutSeconds": int}
CONTAINER = {
    "name!": LABEL, "image!": str, "command": [str], "args": [str], "ports": [{"containerPort!": int, "name": LABEL}],
    "restartPolicy": {"Always"}, "startupProbe": EXEC, "livenessProbe": EXEC, "readinessProbe": EXEC,
    "securityContext": {"runAsUser": int, "runAsGroup": int},
    "volumeMounts": [{"name!": LABEL, "mountPath!": re.compile("/.*"), "readOnly": bool}]}
ITEMS = [{"key!": KEY, "path!": re.compile("[^/].*"), "mode": int}]
VOLUME = {"name!": LABEL, "configMap": {"name!": NAME, "items": ITEMS, "defaultMode": int},
          "secret": {"secretName!": NAME, "items": ITEMS, "defaultMode": int}, "emptyDir": {"medium": {"", "Memory"}}}
POD = {"securityContext": {"fsGroup": int}, "initContainers": [CONTAINER], "containers!": [CONTAINER],
       "volumes": [VOLUME]}
KINDS = {
    "ConfigMap": ("v1", {"data": {KEY: str}}),
    "Secret": ("v1", {"stringData": {KEY: str}}),
    "Service": ("v1", {"spec!": {"selector": LABELS, "ports!": [{"port!": int, "name": LABEL}]}}),
    "Deployment": ("apps/v1", {"spec!": {"replicas": int, "selector!": {"matchLabels!": LABELS}, "template!": {
        "metadata!": {"labels!": LABELS}, "spec!": POD}}}),
}


def faults(value, schema, where):
    if isinstance(schema, list):
        if not isinstance(value, list) or not value:
            return [f"{where} is no list"]
        return [fault for i, one in enumerate(value) for fault in faults(one, schema[0], f"{where}[{i}]")]
    if isinstance(schema, set):
        return [] if value in schema else [f"{where} is {value}"]
    if isinstance(schema, re.Pattern):
        return [] if isinstance(value, str) and schema.fullmatch(value) else [f"{where} is {value}"]
    if isinstance(schema, type):
        return [] if type(value) is schema else [f"{where} is no {schema.__name__}"]
    if not isinstance(value, dict):
        return [f"{where} is no object"]
    [*patterns] = [(key, of) for key, of in schema.items() if isinstance(key, re.Pattern)]
    if patterns:
        [(pattern, of)] = patterns
        return [fault for key, one in value.items()
                for fault in faults(key, pattern, f"{where}, a key,") + faults(one, of, f"{where}.{key}")]
    found = [f"{where} has no {name[:-1]}" for name in schema if name.endswith("!") and name[:-1] not in value]
    known = {name.rstrip("!"): of for name, of in schema.items()}
    for key, one in value.items():
        found += faults(one, known[key], f"{where}.{key}") if key in known else [f"{where} has {key}, which is no field"]
    return found


def faults_of_object(one):
    if one.get("kind") not in KINDS:
        return [f"there is no kind {one.get('kind')}"]
    version, fields = KINDS[one["kind"]]
    found = faults(one, {"apiVersion!": {version}, "kind!": str, "metadata!": METADATA} | fields, one["kind"])
    if found or one["kind"] != "Deployment":
        return found
    spec = one["spec"]
    labels, pod = spec["template"]["metadata"]["labels"], spec["template"]["spec"]
    if not spec["selector"]["matchLabels"].items() <= labels.items():
        found.append("the selector does not match the pods")
    volumes = [volume["name"] for volume in pod.get("volumes", [])]
    containers = pod.get("initContainers", []) + pod["containers"]
    if len(set(volumes)) != len(volumes) or len({c["name"] for c in containers}) != len(containers):
        found.append("two have one name")
    found += [f"the volume {volume['name']} has not one source" for volume in pod.get("volumes", []) if len(volume) != 2]
    for container in containers:
        found += [f"there is no volume {mount['name']}" for mount in container.get("volumeMounts", [])
                  if mount["name"] not in volumes]
    if any("restartPolicy" in container for container in pod["containers"]):
        found.append("only an init container has a restartPolicy of its own")
    return found


def objects(name):
    return list(yaml.safe_load_all((EXAMPLES / name).read_text()))


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*")))
def test_a_manifest(name):
    assert [fault for one in objects(name) for fault in faults_of_object(one)] == []


def wrong(change):
    deployment = copy.deepcopy(next(one for one in objects("web.yaml") if one["kind"] == "Deployment"))
    pod = deployment["spec"]["template"]["spec"]
    change(deployment, pod, pod["initContainers"][0])
    return faults_of_object(deployment)


@pytest.mark.parametrize("change, fault", [
    (lambda one, pod, agent: agent.update(restartpolicy="Always"), "which is no field"),
    (lambda one, pod, agent: agent.pop("image"), "has no image"),
    (lambda one, pod, agent: agent.update(command="sealring-agent run"), "is no list"),
    (lambda one, pod, agent: agent.update(name="the agent"), "is the agent"),
    (lambda one, pod, agent: agent["securityContext"].update(runAsUser="33"), "is no int"),
    (lambda one, pod, agent: agent["volumeMounts"][0].update(name="other"), "there is no volume"),
    (lambda one, pod, agent: pod["containers"][0].update(restartPolicy="Always"), "only an init container"),
    (lambda one, pod, agent: pod["volumes"][0].update(emptyDir={}), "has not one source"),
    (lambda one, pod, agent: one["spec"]["selector"]["matchLabels"].update(app="x"), "does not match"),
    (lambda one, pod, agent: one.update(apiVersion="v1"), "apiVersion is v1"),
    (lambda one, pod, agent: one["spec"].pop("template"), "has no template")])  # fmt: skip
def test_what_is_wrong_is_found(change, fault):
    assert any(fault in found for found in wrong(change)), wrong(change)
