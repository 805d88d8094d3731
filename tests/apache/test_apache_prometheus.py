# SPDX-License-Identifier: Apache-2.0
"""The metrics of both servers and of an agent, as examples/monitoring has them, are what promtool and a
real Prometheus accept."""

import shutil
import tempfile
from pathlib import Path

import nginx_server
import pytest
import yaml
from agents import Agent
from apache_server import modules_of
from nginx_server import wait_until
from ports import free_port
from prometheus import EXAMPLES, Prometheus, check_metrics
from tokens import jwk_set, s1


@pytest.fixture
def servers(ring):
    """Both servers with one ring; each has counted a session."""
    folder = Path(tempfile.mkdtemp(prefix="sealring-nginx-"))
    nginx = nginx_server.Setup(folder)
    nginx.write("session.keys", jwk_set(ring.key), mode=0o640)
    text = (EXAMPLES / "apache.conf").read_text()
    httpd = ring.start(text, modules=modules_of(text))
    server = nginx.start((EXAMPLES / "nginx.conf").read_text())
    server.get("/", {"Cookie": f"shop_session={s1(ring.key, b'user=alice', context=b'shop_session')}"})
    yield {"nginx": server, "httpd": httpd}
    nginx.stop()
    shutil.rmtree(folder)


def test_promtool_finds_nothing(servers):
    for server in servers.values():
        text = server.get("/sealring-status.prom").text
        assert "sealring_tokens_opened_total" in text
        assert check_metrics(text) == ""


def test_prometheus_scrapes_all(servers, ring, tmp_path):
    address = f"127.0.0.1:{free_port()}"
    agent = Agent(tmp_path / "agent", f"--metrics-listen={address}").start()
    own = [f"127.0.0.1:{server.port}" for server in servers.values()]
    prometheus = Prometheus(tmp_path, dict(zip(("127.0.0.1:8080", "127.0.0.1:8081", "127.0.0.1:8082"),
                                               (*own, address), strict=True)))
    try:
        wait_until(lambda: prometheus.scrapes(3), "all targets", 120)
        rows = prometheus.query("sealring_key_primary == 1")
        assert {row["metric"]["kid"] for row in rows} == {ring.key.kid} and len(rows) == 2
        [row] = prometheus.query('sealring_sessions_opened_total{result="ok"} > 0')
        assert row["value"][1] == "1"
        [row] = prometheus.query("sealring_agent_good == 1")
        assert row["metric"]["instance"] == address
        groups = prometheus.ask("rules")["groups"]
        wait_until(lambda: all(rule["health"] in ("ok", "unknown") for group in groups for rule in group["rules"]),
                   "the alerts")
        assert len(groups[0]["rules"]) == len(yaml.safe_load((EXAMPLES / "alerts.yml").read_text())["groups"][0]["rules"])
    finally:
        prometheus.stop()
        agent.stop()
