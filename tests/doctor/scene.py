# SPDX-License-Identifier: BSD-2-Clause
"""What the doctor's tests are written in: a network namespace for each test, conditions made in it, and what lastack
doctor says of them.

    class CloseWait(scene.Case):
        def test_leak(self):
            pairs = scene.connections(20)
            for client, server in pairs: client.close()
            time.sleep(3)
            finding = self.finds("close-wait")

The test process itself goes into a new namespace for each test, so that its sockets are the only ones there."""

import ctypes
import fcntl
import json
import os
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "house"))

import tap  # noqa: E402

BUILD = os.path.join(os.path.dirname(os.path.dirname(HERE)), "build")
LASTACK = os.environ.get("LASTACK", os.path.join(BUILD, "lastack"))
PATIENCE_S = 60

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)

STATUS = {"healthy": 0, "warning": 1, "critical": 2, "unknown": 3}


# ---- Namespaces ----------------------------------------------------------------------------------------------------


def unshare(flags):
    if libc.unshare(flags) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def ip(words):
    subprocess.run(["ip", *words.split()], check=True, stdout=subprocess.DEVNULL)


def set_up(name):
    SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
    with socket.socket() as s:
        request = struct.pack("16sh14x", name.encode(), 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(s, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh14x", name.encode(), flags | IFF_UP))


def setting(name, value):
    with open("/proc/sys/" + name.replace(".", "/"), "w") as file:
        file.write(str(value))


def new_world():
    """A namespace of its own for what comes; whatever is open stays where it was made."""
    unshare(CLONE_NEWNET)
    set_up("lo")


# ---- Connections ---------------------------------------------------------------------------------------------------


def listener(address="127.0.0.1", port=0, backlog=128, family=socket.AF_INET, reuseport=False):
    s = socket.socket(family)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if reuseport:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind((address, port))
    s.listen(backlog)
    return s


def connection(server, source=None):
    """Both ends of a connection to a listener: client's, server's."""
    client = socket.socket(server.family)
    if source:
        client.bind(source)
    client.connect(server.getsockname()[:2])
    return client, server.accept()[0]


def connections(count, server=None):
    server = server or listener()
    return [connection(server) for _ in range(count)]


def vanish(*sockets):
    """Closes without a trace: with a reset."""
    for s in sockets:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()


# ---- The doctor ----------------------------------------------------------------------------------------------------


def lastack(*arguments, **how):
    plain = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "TERM")}
    return subprocess.run([LASTACK, *arguments], **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                                                    "stderr": subprocess.PIPE, "text": True, "errors": "replace",
                                                    "timeout": PATIENCE_S, "env": {**plain, "LC_ALL": "C.UTF-8"}, **how})


def wait_for_sleep(process):
    """Until it has looked once and waits; where the kernel does not say so, long enough."""
    until = time.monotonic() + 10
    while time.monotonic() < until and process.poll() is None:
        with open(f"/proc/{process.pid}/wchan") as file:
            where = file.read()
        if "nanosleep" in where:
            return
        if where == "0" and time.monotonic() > until - 9:
            return
        time.sleep(0.01)


def during(act, at_least_s=0.5):
    """What the doctor says if act() happens between its two looks: it waits for as long as that takes."""
    process = subprocess.Popen([LASTACK, "doctor", "-j", "--for", "50"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    wait_for_sleep(process)
    begin = time.monotonic()
    act()
    time.sleep(max(0, begin + at_least_s - time.monotonic()))
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE_S)
    return json.loads(out)


class Case(unittest.TestCase):
    maxDiff = 4000
    look_for_s = 1
    not_ours = ("settings-not-inherited", "softnet-drops")  # these depend on the machine that the test runs on

    def setUp(self):
        new_world()

    def examine(self, *arguments):
        """What the doctor says, as a document; its exit status must be what the verdict says."""
        done = lastack("doctor", "-j", "--for", str(self.look_for_s), *arguments)
        self.assertIn(done.returncode, STATUS.values(), done.stderr)
        self.assertEqual(done.stderr, "")
        said = json.loads(done.stdout)
        self.assertEqual(done.returncode, STATUS[said["verdict"]], done.stdout)
        said["findings"] = [f for f in said["findings"] if f["id"] not in self.not_ours]
        self.last = said
        for finding in said["findings"]:
            self.judge_form(finding)
        return said

    def judge_form(self, finding):
        """What is true of each finding: evidence, a reason, and fixes in order of merit."""
        self.assertTrue(finding["evidence"], finding)
        self.assertTrue(finding["why"], finding)
        self.assertTrue(finding["fixes"], finding)
        order = ["application", "capacity", "knob"]
        kinds = [order.index(fix["kind"]) for fix in finding["fixes"]]
        self.assertEqual(kinds, sorted(kinds), finding)
        for fix in finding["fixes"]:
            self.assertEqual(set(fix), {"kind", "text", "command", "effect", "risk"})
            self.judge_command(fix["command"])

    def judge_command(self, command):
        """What is advised can be typed: lastack understands it, the tunable exists."""
        if command.startswith("lastack "):
            done = lastack(*shlex.split(command)[1:])
            self.assertNotEqual(done.returncode, 64, f"{command}: {done.stderr}")
        for name in re.findall(r"(?<=[ ])net\.[\w.]+(?==)", command):
            if name not in ("net.ipv4.tcp_mem", "net.ipv4.tcp_max_orphans"):  # the host's: not seen here
                self.assertTrue(os.path.exists("/proc/sys/" + name.replace(".", "/")), command)

    def found(self, said, name):
        return [f for f in said["findings"] if f["id"] == name]

    def finds(self, name, severity=None, *arguments):
        """The one finding of this name, which must be there."""
        said = self.examine(*arguments)
        found = self.found(said, name)
        self.assertEqual(len(found), 1, json.dumps(said["findings"], indent=1)[:4000])
        if severity:
            self.assertEqual(found[0]["severity"], severity, found[0])
        return found[0]

    def finds_nothing(self, *names):
        """None of these; and without names, nothing but notices."""
        said = self.examine()
        wrong = [f for f in said["findings"] if (f["id"] in names if names else f["severity"] != "notice")]
        self.assertEqual(wrong, [])
        return said

    def assert_evidence(self, finding, **expected):
        """Each is a number, a text, or a range (least, most)."""
        for name, value in expected.items():
            self.assertIn(name, finding["evidence"], finding)
            seen = finding["evidence"][name]
            if isinstance(value, tuple):
                self.assertTrue(value[0] <= seen <= value[1], f"{name} is {seen}, not in {value}: {finding}")
            else:
                self.assertEqual(seen, value, f"{name}: {finding}")


def main():
    if not os.path.exists(LASTACK):
        print(f"Bail out! {LASTACK} is not built")
        sys.exit(1)
    if not shutil.which("ip"):
        print("1..0 # SKIP ip is not installed")
        return
    try:
        if os.geteuid() != 0:
            user, group = os.geteuid(), os.getegid()
            unshare(CLONE_NEWUSER)
            for file, text in (("uid_map", f"0 {user} 1"), ("setgroups", "deny"), ("gid_map", f"0 {group} 1")):
                with open(f"/proc/self/{file}", "w") as out:
                    out.write(text)
        new_world()
        setting("net.ipv4.tcp_fin_timeout", 60)
    except OSError as why:
        print(f"1..0 # SKIP a network namespace of our own is not permitted: {why}")
        return
    tap.main()
