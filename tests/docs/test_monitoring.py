# SPDX-License-Identifier: Apache-2.0
"""docs/monitoring.md has the metrics that there are, and the alerts and the dashboard use no others."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "monitoring"
# The lists of the servers and of the agent: a counter without "_total", which is added where it is written.
SOURCE = "".join((ROOT / name).read_text() for name in ("src/status/metrics.h", "agent/metric_names.h"))
NAME = re.compile(r"sealring_[a-z0-9_]+")


def metrics() -> dict[str, set[str]]:
    """The names, and the values of the labels that are fixed."""
    values = {name: set(re.findall(r'"([^"]+)"', text))
              for name, text in re.findall(r"std::string_view (k\w+)\[\] = \{(.*?)\};", SOURCE, re.S)}
    found = {}
    rows = SOURCE.partition("kCounters = {")[2].partition("\n};")[0].split("CounterRow{")[1:]
    for row in rows + re.findall(r"CounterRow k\w+\{(.*?)\};", SOURCE, re.S):
        name = re.search(r'"(\w+)"', row)[1]
        labels = re.findall(r"\bk[A-Z]\w+", re.sub(r'"[^"]*"', "", row))
        found[f"{name}_total"] = {value for label in labels for value in values[label]}
    for row in re.findall(r" Row k\w+\{(.*?)\};", SOURCE, re.S):
        name = re.search(r'"(\w+)"', row)[1]
        found[name + ("_total" if row.rstrip().endswith("true") else "")] = set()
    return found


METRICS = metrics()


def rules() -> list[dict]:
    return yaml.safe_load((EXAMPLES / "alerts.yml").read_text())["groups"][0]["rules"]


def test_the_list_is_read():
    assert {"sealring_tokens_opened_total", "sealring_key_seals_total", "sealring_info",
            "sealring_revocation_list_stale", "sealring_revocations_total"} <= set(METRICS)
    assert SOURCE.count('"sealring_') == len(METRICS) > 20
    assert {"ok", "expired", "s1", "none"} <= METRICS["sealring_tokens_opened_total"]
    assert METRICS["sealring_agent_votes_total"] == {"equal", "different"}


def test_the_document_has_each_metric_and_no_other():
    text = (ROOT / "docs" / "monitoring.md").read_text()
    shown = set(re.findall(r"^\| `(sealring_\w+)` \|", text, re.M))
    assert shown == set(METRICS)


@pytest.mark.parametrize("document", ["docs/monitoring.md", "docs/troubleshooting.md"])
def test_metrics_in_documents_exist(document):
    text = (ROOT / document).read_text()
    assert set(NAME.findall(text)) <= set(METRICS)
    for name, label, value in re.findall(r'(sealring_\w+)\{(\w+)="(\w+)"\}', text):
        assert value in METRICS[name], (name, label, value)


def test_what_alerts_use_exists_and_the_document_names_each():
    text = (ROOT / "docs" / "monitoring.md").read_text()
    assert re.findall(r"^\| `(Sealring\w+)` \|", text, re.M) == [rule["alert"] for rule in rules()]
    for rule in rules():
        assert set(NAME.findall(rule["expr"])) <= set(METRICS), rule["alert"]
        for matched in re.findall(r'result=~"([^"]+)"', rule["expr"]):
            assert set(matched.split("|")) <= METRICS["sealring_tokens_opened_total"]


def test_each_alert_is_tested():
    tests = [test for file in EXAMPLES.glob("*.test.yml") for test in yaml.safe_load(file.read_text())["tests"]]
    fired = {case["alertname"] for test in tests for case in test["alert_rule_test"] if case.get("exp_alerts")}
    assert fired == {rule["alert"] for rule in rules()}


def test_what_the_dashboard_uses_exists():
    dashboard = json.loads((EXAMPLES / "dashboard.json").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(expressions) > 10
    expressions += [variable["query"]["query"] for variable in dashboard["templating"]["list"][1:]]
    for expression in expressions:
        names = set(NAME.findall(expression))
        assert names and names <= set(METRICS), expression
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


@pytest.mark.parametrize("command", [
    ["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"],
    ["test", "rules", "alerts-of-days.test.yml"],
    ["check", "config", "prometheus.yml"]], ids=" ".join)
def test_promtool(command):
    done = subprocess.run(["promtool", *command], cwd=EXAMPLES, capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
