# SPDX-License-Identifier: Apache-2.0
"""The metrics of both servers, as examples/monitoring has them, are what promtool and a real
Prometheus accept."""

import json
import shutil
import subprocess
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

import nginx_server
import pytest
from apache_server import REPOSITORY, modules_of
from nginx_server import wait_until
from ports import free_port
from tokens import jwk_set, s1

EXAMPLES = REPOSITORY / "examples" / "monitoring"


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
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                              timeout=60, check=False)
        assert done.returncode == 0 and done.stderr == "", done.stderr


class Prometheus:
    def __init__(self, folder, targets):
        self.port = free_port()
        config = (EXAMPLES / "prometheus.yml").read_text()
        for old, new in zip(("127.0.0.1:8080", "127.0.0.1:8081"), targets, strict=True):
            assert old in config
            config = config.replace(old, new)
        (folder / "prometheus.yml").write_text(config.replace("15s", "1s"))
        shutil.copy(EXAMPLES / "alerts.yml", folder)
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address=127.0.0.1:{self.port}"], stdout=log, stderr=log)

    def ask(self, path, **query):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=30) as answer:
                return json.load(answer)["data"]
        except OSError:
            return None

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def test_prometheus_scrapes_both(servers, ring, tmp_path):
    prometheus = Prometheus(tmp_path, [f"127.0.0.1:{server.port}" for server in servers.values()])
    try:
        def healthy():
            assert prometheus.process.poll() is None, (tmp_path / "log").read_text()
            found = prometheus.ask("targets")
            targets = found["activeTargets"] if found else []
            assert not any(target["lastError"] for target in targets if target["health"] == "down"), targets
            return len(targets) == 2 and all(target["health"] == "up" for target in targets)

        wait_until(healthy, "both targets", 120)
        rows = prometheus.ask("query", query="sealring_key_primary == 1")["result"]
        assert {row["metric"]["kid"] for row in rows} == {ring.key.kid} and len(rows) == 2
        [row] = prometheus.ask("query", query='sealring_sessions_opened_total{result="ok"} > 0')["result"]
        assert row["value"][1] == "1"
        groups = prometheus.ask("rules")["groups"]
        wait_until(lambda: all(rule["health"] in ("ok", "unknown") for group in groups for rule in group["rules"]),
                   "the alerts")
        assert len(groups[0]["rules"]) == 7
    finally:
        prometheus.stop()
