# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus that scrapes what examples/monitoring/prometheus.yml names, at other ports."""

import json
import shutil
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

from ports import free_port

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "monitoring"


def check_metrics(text):
    """What promtool says about metrics."""
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                          timeout=60, check=False)
    return done.stdout + done.stderr + ("" if done.returncode == 0 else f"exit status {done.returncode}")


class Prometheus:
    def __init__(self, folder, targets):
        """Targets: an address of the example, and the one that is in its place."""
        self.port, self.folder = free_port(), folder
        config = (EXAMPLES / "prometheus.yml").read_text()
        for old, new in targets.items():
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

    def scrapes(self, count):
        """Whether it has scraped this many targets, without an error."""
        assert self.process.poll() is None, (self.folder / "log").read_text()
        found = self.ask("targets")
        targets = found["activeTargets"] if found else []
        assert not any(target["lastError"] for target in targets if target["health"] == "down"), targets
        return len(targets) == count and all(target["health"] == "up" for target in targets)

    def query(self, query):
        return self.ask("query", query=query)["result"]

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
