# SPDX-License-Identifier: Apache-2.0
"""What an agent counts, for Prometheus: at /metrics, at an address of this machine."""

import contextlib
import http.client
import re

import pytest
from agents import PATIENCE, ROOT, until
from ports import free_port
from prometheus import check_metrics
from provider import OTHER_EC, Unix, logout_token, post, settings
from test_agent_manual import run
from test_agent_rings import RingFleet, fleet_key  # noqa: F401

NAMES = set(re.findall(r'"(sealring_\w+)"', (ROOT / "agent/metric_names.h").read_text()))


class Metrics:
    """Those of one agent, which is not started yet."""

    def __init__(self, agent):
        self.agent, self.port = agent, free_port()
        agent.options = (*agent.options, f"--metrics-listen=127.0.0.1:{self.port}")

    def ask(self, path="/metrics", method="GET", headers=None, **more):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, headers=headers or {}, **more)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()

    def text(self):
        status, _, text = self.ask()
        assert status == 200
        return text

    def value(self, name, **labels):
        """Of the only sample that has these labels."""
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        [row] = [row for row in self.text().splitlines()
                 if re.match(rf"{name}[{{ ]", row) and all(label in row for label in wanted)]
        return float(row.rpartition(" ")[2])


@pytest.fixture
def metrics(agents):
    made = Metrics(agents())
    made.agent.start()
    return made


def test_they_are_what_promtool_accepts(metrics):
    metrics.agent.tell("sid", "a")
    assert check_metrics(metrics.text()) == ""
    assert metrics.ask()[1]["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    status, headers, text = metrics.ask(headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert status == 200 and text.endswith("# EOF\n")
    assert headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")


def test_all_that_the_core_names_are_there_and_no_others(metrics):
    families = set(re.findall(r"^# TYPE (\w+?)(?:_total)? ", metrics.text(), re.M))
    shared = {name for name in families if name.startswith(("sealring_revocation_list_", "sealring_counting_"))}
    assert families - shared == NAMES and len(shared) == 6


@pytest.mark.parametrize("request_, status, allow", [
    ({"path": "/"}, 404, None), ({"path": "/metrics/"}, 404, None), ({"method": "POST", "body": ""}, 405, "GET"),
    ({"method": "PUT", "body": b""}, 405, "GET"), ({"method": "POST", "body": b"x"}, 413, None)])  # fmt: skip
def test_anything_else_is_refused(metrics, request_, status, allow):
    answer = metrics.ask(**request_)
    assert (answer[0], answer[1]["Allow"]) == (status, allow)
    assert metrics.ask("/metrics?x=1")[0] == 200


def test_one_machine(metrics):
    agent, path = metrics.agent, str(metrics.agent.lists[0])
    for number in (1, 1, 2):
        agent.tell("sid", f"s{number}")
        until(lambda number=number: agent.list().has("sid", f"s{number}"), "it has it")
    agent.send("x")
    until(lambda: metrics.value("sealring_agent_datagrams_refused_total") == 1, "it is counted")
    assert metrics.value("sealring_agent_revocations_received_total", list=path, source="local") == 2
    assert metrics.value("sealring_revocation_list_entries", list=path) == 2
    assert metrics.value("sealring_revocation_list_generation") == agent.list().generation
    assert metrics.value("sealring_revocation_list_written_timestamp_seconds") == agent.list().written_at
    assert metrics.value("sealring_agent_good") == metrics.value("sealring_agent_list_good") == 1
    assert not re.search("^sealring_agent_store_up", metrics.text(), re.M), "there is no store"
    agent.lists[0].chmod(0o666)
    until(lambda: metrics.value("sealring_agent_good") == metrics.value("sealring_agent_list_good") == 0, "it is not")


def test_a_fleet(agents, store, fleet_key):  # noqa: F811
    fleet = RingFleet(agents, store, 2, fleet_key, "--max-staleness=1h")
    one, two = (Metrics(agent) for agent in fleet.agents)
    fleet.start().publish_first()
    for metrics in (one, two):
        until(lambda metrics=metrics: metrics.value("sealring_agent_good") == 1, "it is good")
        assert check_metrics(metrics.text()) == ""
        assert metrics.value("sealring_agent_ring_generation", keyring=metrics.agent.ring) == 1
        assert metrics.value("sealring_agent_ring_good") == metrics.value("sealring_agent_store_up") == 1
        sealed = metrics.agent.ring.with_suffix(".keys.sealed")
        assert metrics.value("sealring_agent_ring_since_timestamp_seconds") == int(sealed.stat().st_mtime)
    one.agent.tell("sid", "a")
    fleet.wait_until_has("sid", "a")
    until(lambda: one.value("sealring_agent_revocations_sent_total") == 1, "it is sent")
    assert one.value("sealring_agent_revocations_received_total", source="local") == 1
    assert two.value("sealring_agent_revocations_received_total", source="store") == 1
    assert two.value("sealring_agent_revocations_received_total", source="local") == 0
    assert two.value("sealring_agent_revocations_sent_total") == 0
    until(lambda: two.value("sealring_agent_list_unsent") == two.value("sealring_agent_list_lag_seconds") == 0,
          "it is up to date")
    assert one.value("sealring_agent_snapshots_total") >= 1
    assert (one.value("sealring_agent_store_connections_total"), one.value("sealring_agent_store_failures_total")) == (1, 0)
    store.stop()
    until(lambda: one.value("sealring_agent_store_up") == 0, "it notices")
    until(lambda: one.value("sealring_agent_list_lag_seconds") > 0, "it lags")
    until(lambda: one.value("sealring_agent_ring_good") == one.value("sealring_agent_good") == 0, "it is not good")
    assert one.value("sealring_agent_store_failures_total") >= 1
    one.agent.tell("sid", "b")
    until(lambda: one.value("sealring_agent_list_unsent") >= 1, "it waits for the store")
    store.start()
    until(lambda: two.value("sealring_agent_good") == one.value("sealring_agent_good") == 1, "they are good again")
    assert one.value("sealring_agent_store_connections_total") == 2


def test_logouts_of_a_provider_by_result(agents):
    agent = agents()
    path = agent.folder / "logout.sock"
    agent.options = settings(agent.folder, f"unix:{path}")
    metrics = Metrics(agent)
    agent.start()
    with contextlib.closing(Unix(path)) as connection:
        token = logout_token(sid="s1")
        for text in (token, token, logout_token(OTHER_EC, sid="s2"), "x"):
            post(connection, text)
    name = "sealring_agent_backchannel_logouts_total"
    assert [metrics.value(name, result=result) for result in ("ok", "revoked", "unknown_key", "malformed", "expired")] == \
        [1, 1, 1, 1, 0]
    assert metrics.value("sealring_agent_provider_keys") == 2


def test_where_it_listens(agents):
    agent = agents()
    agent.options = (f"--metrics-listen=unix:{agent.folder}/metrics.sock",)
    agent.start()
    with contextlib.closing(Unix(agent.folder / "metrics.sock")) as connection:
        connection.request("GET", "/metrics")
        assert "sealring_agent_good 1" in connection.getresponse().read().decode()
    for wrong in ("0.0.0.0:80", "127.0.0.1", "unix:", "example.org:80"):
        done = run("--config=/dev/null", f"--metrics-listen={wrong}")
        assert done.returncode == 2 and "--metrics-listen" in done.stderr
