# SPDX-License-Identifier: Apache-2.0
"""Machines in network namespaces, connected by a bridge. All of them belong to child processes, and
end with these; the host's own network is not touched."""

import contextlib
import ctypes
import os
import subprocess
import time

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
HOST = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


class Unavailable(Exception):
    """Namespaces cannot be made here."""


def enter(namespace: int) -> None:
    """For this thread, and for what it starts."""
    if LIBC.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Machine:
    """A network namespace, with an address in the network."""

    def __init__(self, address=None):
        self.address = address
        self.port = None  # the bridge's, that it is connected to
        self.holder = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE,
                                       stderr=subprocess.PIPE)
        own = os.stat(HOST).st_ino
        path = f"/proc/{self.holder.pid}/ns/net"
        while self.holder.poll() is None and os.stat(path).st_ino == own:
            time.sleep(0.005)
        if self.holder.poll() is not None:
            raise Unavailable(self.holder.stderr.read().decode().strip())
        self.namespace = os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    @contextlib.contextmanager
    def inside(self):
        """What this thread connects and starts here, it does on this machine."""
        enter(self.namespace)
        try:
            yield
        finally:
            enter(HOST)

    def ip(self, arguments: str) -> None:
        with self.inside():
            done = subprocess.run(["ip", *arguments.split()], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Unavailable(f"ip {arguments}: {done.stderr.strip()}")

    def end(self) -> None:
        self.holder.kill()
        self.holder.communicate()
        os.close(self.namespace)


class Network:
    """Machines 10.99.0.1, 10.99.0.2, ..., each of which can be cut off."""

    can_cut = True

    def __init__(self):
        self.machines = []
        try:
            self.switch = self._made(Machine())
            self.switch.ip("link add bridge0 type bridge")
            self.switch.ip("link set bridge0 up")
            self.add()  # one for nothing, which shows that there can be others
        except (OSError, Unavailable) as reason:
            self.end()
            raise Unavailable(str(reason)) from reason

    def _made(self, machine: Machine) -> Machine:
        self.machines.append(machine)
        return machine

    def add(self) -> Machine:
        number = len(self.machines)
        machine = self._made(Machine(f"10.99.0.{number}"))
        machine.port = f"port{number}"
        self.switch.ip(f"link add {machine.port} type veth peer name eth0 netns {machine.holder.pid}")
        self.switch.ip(f"link set {machine.port} master bridge0 up")
        machine.ip("link set lo up")
        machine.ip(f"addr add {machine.address}/24 dev eth0")
        machine.ip("link set eth0 up")
        return machine

    def cut(self, machine: Machine) -> None:
        self.switch.ip(f"link set {machine.port} down")

    def connect(self, machine: Machine) -> None:
        self.switch.ip(f"link set {machine.port} up")

    def end(self) -> None:
        for machine in self.machines:
            machine.end()


class HostMachine:
    """The host, as one machine of several."""

    address = "127.0.0.1"

    def inside(self):
        return contextlib.nullcontext()


class OneHost:
    """All machines are the host."""

    can_cut = False

    def add(self) -> HostMachine:
        return HostMachine()

    def end(self) -> None:
        pass
