# SPDX-License-Identifier: Apache-2.0
"""One site on four machines: the same sessions everywhere, and a logout on each of them."""

import base64
import http.client
import os
import shutil
import tempfile
import time
from pathlib import Path

import apache_server
import nginx_server
from agents import Agent, until
from stores import Store
from tokens import jwk_set, new_key, now, s1

LIST = "session.revoked"
CONTEXT = "fleet"
NGINX = """
    encrypted_session_keyring session.keys;
    session on; session_cookie session insecure; session_context fleet; session_idle 30m;
    session_revocations {list} agent=unix:{socket};
    keepalive_requests 1000000; keepalive_timeout 10m;
    server {{
        listen 127.0.0.1:8080;
        location = /session {{ return 200 "user=$session_user"; }}
        location = /out {{ session_end; return 204; }}
    }}"""
APACHE = """
    SessionCryptoKeyring session.keys
    SessionCryptoContext fleet
    SessionMaxAge 1800
    SessionCryptoRevocations {list} agent=unix:{socket}
    KeepAlive On
    MaxKeepAliveRequests 0
    KeepAliveTimeout 600
    ThreadsPerChild 16
    MaxRequestWorkers 16"""


class Client:
    """Sends requests with a session to one server, over one connection."""

    def __init__(self, node: "Node"):
        self.node = node
        self.connection = None

    def get(self, path: str, token: str):
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.node.server.port, timeout=60)
            try:
                self.connection.request("GET", path, headers={"Cookie": f"session={token}"})
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (http.client.HTTPException, ConnectionError):
                # A server may close a connection between two requests.
                self.connection = None
                if attempt == 2:
                    raise

    def is_good(self, token: str) -> bool:
        status, body = self.get("/session", token)
        assert status == 200, (self.node.name, status, body)
        return b"user=alice" in body

    def log_out(self, token: str) -> None:
        status, body = self.get(self.node.logout, token)
        assert status in (200, 204), (self.node.name, status, body)


class Node:
    """A machine with a server and an agent."""

    def __init__(self, name: str, machine, setup, store: str):
        self.name, self.machine, self.setup = name, machine, setup
        self.agent = Agent(setup.folder, f"--store={store}", f"--node={name}", "--max-staleness=10m",
                           lists=(LIST,))
        self.server = None

    def start(self, key) -> None:
        self.start_agent()
        until(self.agent.lists[0].exists, "the list is there")
        self.start_server(key)

    def start_agent(self) -> None:
        with self.machine.inside():
            self.agent.start()
        # httpd's children are of another user.
        self.agent.socket.chmod(0o666)

    def start_server(self, key) -> None:
        places = {"list": self.agent.lists[0], "socket": self.agent.socket}
        with self.machine.inside():
            if isinstance(self.setup, nginx_server.Setup):
                self.logout = "/out"
                self.setup.write("session.keys", jwk_set(key), mode=0o640)
                self.server = self.setup.start(nginx_server.conf(NGINX.format(**places)))
            else:
                self.logout = "/session?user="
                self.setup.write_ring(jwk_set(key))
                self.server = self.setup.start(apache_server.site(APACHE.format(**places)))

    def stop(self) -> None:
        self.agent.stop()
        self.setup.stop()


class Fleet:
    """Nodes web1, web2 and web3 with nginx, web4 with Apache, and their store."""

    def __init__(self, network, folder: Path):
        self.network, self.key, self.nodes = network, new_key(), []
        self.where = network.add()
        addresses = {"127.0.0.1", self.where.address}
        self.store = Store(folder / "store", "--bind", *addresses, "--protected-mode", "no")
        url = f"redis://{self.where.address}:{self.store.port}"
        self.apache_folder = Path(tempfile.mkdtemp(prefix="sealring-fleet-"))
        self.apache_folder.chmod(0o755)
        for number in (1, 2, 3):
            (folder / f"web{number}").mkdir()
            self.nodes.append(Node(f"web{number}", network.add(), nginx_server.Setup(folder / f"web{number}"),
                                   url))
        self.nodes.append(Node("web4", network.add(), apache_server.Setup(self.apache_folder), url))

    def start_store(self) -> None:
        with self.where.inside():
            self.store.start()

    def ask_store(self, *command):
        with self.where.inside():
            return self.store(*command)

    def start(self) -> None:
        self.start_store()
        for node in self.nodes:
            node.start(self.key)
        self.wait_until_in_touch()

    def wait_until_in_touch(self) -> None:
        for node in self.nodes:
            until(lambda node=node: node.agent.status()["good"], f"{node.name} is in touch")

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()
        self.store.stop()
        shutil.rmtree(self.apache_folder)

    def session(self) -> str:
        """The token of a new session."""
        sid = base64.urlsafe_b64encode(os.urandom(16)).rstrip(b"=").decode()
        return s1(self.key, f"user=alice&sid={sid}&auth_time={now() - 100}".encode(), at=now() - 10,
                  lifetime=1800, context=CONTEXT.encode())

    def log_out(self, node: Node, token: str) -> None:
        with node.machine.inside():
            Client(node).log_out(token)

    def is_good(self, node: Node, token: str) -> bool:
        with node.machine.inside():
            return Client(node).is_good(token)

    def where_good(self, token: str) -> list[str]:
        return [node.name for node in self.nodes if self.is_good(node, token)]

    def wait_until_refused(self, tokens, nodes=None) -> None:
        for token in tokens:
            for node in nodes or self.nodes:
                until(lambda node=node, token=token: not self.is_good(node, token),
                      f"{node.name} refuses a session that was ended")

    def hold(self, seconds: float, condition) -> None:
        """Asserts that something is so for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert condition()
            time.sleep(1)
