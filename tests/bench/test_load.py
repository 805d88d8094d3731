# SPDX-License-Identifier: Apache-2.0
"""What benchmarks read is what happened: answers are checked, CPU time and instructions are the server's."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

import callgrind  # noqa: E402
import server_load  # noqa: E402
import servers  # noqa: E402

CONFIGURATION = """
server {{
    listen 127.0.0.1:{port};
    location = /good {{ return 200 good; }}
    location = /other {{ if ($arg_a) {{ return 404 good; }} return 200 good; }}
    location = /grows {{ return 200 $connection_requests; }}
    location = /closed {{ return 444; }}
}}
"""


@pytest.fixture
def nginx(tmp_path):
    port = servers.free_port()
    with servers.nginx(tmp_path, "nginx", CONFIGURATION.format(port=port), port, modules=()) as server:
        yield server


def test_each_kind_of_request_has_a_time_of_each_round(nginx):
    requests = {name: server_load.Request(nginx, "/good", {"X-Name": name}) for name in ("one", "other")}
    taken = server_load.measure(requests, 3)
    assert {name: len(times) for name, times in taken.items()} == {"one": 3, "other": 3}
    assert min(map(min, taken.values())) > 0


@pytest.mark.parametrize("path, said", [("/missing", "answered"), ("/other?a=1", "answered"),
                                        ("/grows", "answered"), ("/closed", "closed")])
def test_an_answer_that_is_none_ends_the_benchmark(nginx, path, said):
    with pytest.raises(RuntimeError, match=said):
        server_load.measure({"it": server_load.Request(nginx, path)}, 1)


def test_headers_can_be_made_for_each_block(nginx):
    made = []

    def headers():
        made.append(1)
        return {"X-Number": str(len(made))}

    server_load.measure({"it": server_load.Request(nginx, "/good", headers)}, 4)
    assert len(made) == 5, "with the round that does not count"


def test_cpu_time_is_that_of_a_process_and_its_children():
    """The parent waits, the child works."""
    work = "import os, sys\nif os.fork(): os.wait()\nelse: print(sum(range(10_000_000)), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        nanoseconds = servers.Server(0, process.pid).cpu_nanoseconds()
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        own = int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[0])
        childs = int(Path(f"/proc/{children[0]}/schedstat").read_text().split()[0])
        process.stdin.close()
    assert childs > own and own + 0.9 * childs < nanoseconds <= own + 1.1 * childs + 10**8


DUMP = """
events: Ir
ob=(1) /usr/sbin/nginx
fl=(1) a.c
fn=(1) run
1 100
+1 20
cob=(2) /lib/libcrypto.so.3
cfi=(2) b.c
cfn=(2) encrypt
calls=3 7
* 5000
* 7
ob=(2)
fl=(2)
fn=(2)
9 5000
ob=(1)
-3 1
"""


def test_instructions_are_counted_where_they_are():
    assert callgrind.by_file(DUMP) == {"nginx": 128, "libcrypto.so.3": 5000}


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="instructions are counted on this processor only")
def test_instructions_of_a_call_are_always_as_many():
    """A larger payload takes more: at most 16 bytes an instruction."""
    def counted():
        said = subprocess.run([servers.report.BUILD / "bench_core", "instructions", "aes_256_gcm"], check=True,
                              capture_output=True, text=True).stdout
        return json.loads(said)

    first, second = counted(), counted()
    for name, count in first.items():
        assert abs(count - second[name]) <= 0.02 * count, name
    assert first["aes_256_gcm/3000"] - first["aes_256_gcm/64"] > (3000 - 64) / 16
