# SPDX-License-Identifier: BSD-2-Clause
"""What the tests over real interfaces speak of: a network of namespaces, and a stack in it that serves echo, discard and
chargen.

    class Tap(wire.Case):
        def test_echo(self):
            with self.stack("tap", "la0", "addr=10.77.0.2/24", "kernel=10.77.0.1/24") as stack:
                self.echo("10.77.0.2", 100000)
            self.assertEqual(stack.counts["dropped_out"], 0)

A test program goes on in a network namespace of its own; a second one, for who is on the other end of a veth, is that of a
process which sleeps in it."""

import ctypes
import fcntl
import json
import os
import random
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "house"))

import tap  # noqa: E402,F401

BUILD = os.environ.get("LASTACK_BUILD", os.path.join(os.path.dirname(os.path.dirname(HERE)), "build"))
HOST = os.environ.get("LASTACK_TEST_HOST", os.path.join(BUILD, "tests", "wire", "host"))
PATIENCE_S = 20
CLONE_NEWNET = 0x40000000

ECHO_REQUEST = {socket.AF_INET: 8, socket.AF_INET6: 128}
ICMP = {socket.AF_INET: socket.IPPROTO_ICMP, socket.AF_INET6: socket.IPPROTO_ICMPV6}


def why_not():
    """Why these tests cannot be run here; None if they can."""
    if os.geteuid() != 0:
        return "needs root, for network namespaces and devices"
    if not os.path.exists("/dev/net/tun"):
        return "there is no /dev/net/tun"
    return None


def run(*command, check=True, **how):
    done = subprocess.run(command, **{"capture_output": True, "text": True, "timeout": PATIENCE_S, **how})
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def enter_namespace():
    """This process, and what it starts from now on, has a network of its own."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "a network namespace of our own")
    run("ip", "link", "set", "lo", "up")


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {PATIENCE_S} s in vain: {what}")
        time.sleep(0.01)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Stack:
    """The program host, from its start to its end."""

    def __init__(self, *words, inside=()):
        self.counts = {}
        self.process = subprocess.Popen([*inside, HOST, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.says = self.process.stdout.readline().strip()

    def __enter__(self):
        if not self.says.startswith("ready"):
            self.end()
            raise AssertionError(self.says or "host said nothing")
        return self

    def __exit__(self, *error):
        self.end()

    def end(self):
        out, _ = self.process.communicate(timeout=PATIENCE_S)
        if out.startswith("{"):
            self.counts = json.loads(out)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = why_not()
        if reason:
            raise unittest.SkipTest(reason)
        enter_namespace()

    def stack(self, *words, **how):
        return Stack(*words, **how)

    def echo(self, address, size, port=7, prepare=None):
        """Sends bytes to the echo server while it reads what comes back, which is to be the same."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sent, received = random.Random(size).randbytes(size), bytearray()
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(PATIENCE_S)
            if prepare:
                prepare(connection)
            connection.connect((address, port))

            def send():
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)

            sender = threading.Thread(target=send)
            sender.start()
            while piece := connection.recv(1 << 16):
                received += piece
            sender.join()
        self.assertTrue(received == sent, f"{len(received)} of {size} bytes came back, or others")

    def ping(self, address, size, prepare=None):
        """The data of the reply to an echo request of so many bytes; None if none came."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        data = random.Random(size).randbytes(size)
        message = struct.pack(">BBHHH", ECHO_REQUEST[family], 0, 0, 0x1234, 1) + data
        if family == socket.AF_INET:
            message = message[:2] + struct.pack(">H", checksum(message)) + message[4:]
        with socket.socket(family, socket.SOCK_RAW, ICMP[family]) as raw:
            raw.settimeout(5)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            if prepare:
                prepare(raw)
            raw.sendto(message, (address, 0))
            while True:
                try:
                    answer, sender = raw.recvfrom(70000)
                except socket.timeout:
                    return None
                if family == socket.AF_INET:
                    answer = answer[20:]
                if sender[0].split("%")[0] == address.split("%")[0] and answer[0] in (0, 129):
                    return answer[8:]

    def assert_pings(self, address, *sizes):
        for size in sizes:
            with self.subTest(address=address, size=size):
                self.assertTrue(self.ping(address, size) == random.Random(size).randbytes(size))


class Peer:
    """Another network namespace, at the other end of a veth; that of a process that does nothing."""

    def __init__(self, ours="va", theirs="vb", mtu=1500):
        self.process = subprocess.Popen(["unshare", "--net", "sleep", "600"])
        wait_until(lambda: self.is_apart(), "a namespace for the other end")
        run("ip", "link", "add", ours, "mtu", str(mtu), "numrxqueues", "1", "numtxqueues", "1", "type", "veth", "peer",
            "name", theirs, "mtu", str(mtu), "netns", str(self.process.pid), "numrxqueues", "1", "numtxqueues", "1")
        self.ours, self.theirs = ours, theirs
        run("ip", "link", "set", ours, "up")
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "link", "set", theirs, "up")

    def is_apart(self):
        try:
            return os.readlink(f"/proc/{self.process.pid}/ns/net") != os.readlink("/proc/self/ns/net")
        except OSError:
            return False

    def inside(self):
        return ["nsenter", f"--net=/proc/{self.process.pid}/ns/net", "--"]

    def run(self, *command, **how):
        return run(*self.inside(), *command, **how)

    def close(self):
        self.process.kill()
        self.process.wait()
        run("ip", "link", "del", self.ours, check=False)


SIOCETHTOOL, ETHTOOL_STXCSUM = 0x8946, 0x17


def make_checksums(interface, make=True):
    """As ethtool -K INTERFACE tx off: the kernel makes them before a frame leaves, since no device would."""
    value = ctypes.create_string_buffer(struct.pack("II", ETHTOOL_STXCSUM, not make))
    request = struct.pack("16sP", interface.encode(), ctypes.addressof(value))
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCETHTOOL, request)
