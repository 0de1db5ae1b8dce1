# SPDX-License-Identifier: BSD-2-Clause
"""A stack that serves the kernel's own clients, looked at from outside: what lastack says of it is what its clients see."""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "house"))

import tap  # noqa: E402

LASTACK = os.environ["LASTACK"]
PATIENCE_S = 30

# Runs where the stack's interface is, and does what it is told: a line in, a line out.
CLIENT = r"""
import socket, sys
held = {}
for line in sys.stdin:
    order, *words = line.split()
    if order == "open":
        s = socket.create_connection(("10.77.0.2", 7))
        s.sendall(b"hello")
        assert s.recv(5) == b"hello"
        held[s.getsockname()[1]] = s
        said = s.getsockname()[1]
    elif order == "close":
        held.pop(int(words[0])).close()
        said = "done"
    elif order == "fill":                # the server cannot write any more, nor then read
        s = held[int(words[0])]
        s.setblocking(False)
        said = 0
        try:
            while True:
                said += s.send(bytes(65536))
        except BlockingIOError:
            pass
    elif order == "refuse":
        try:
            socket.create_connection(("10.77.0.2", 81))
        except ConnectionRefusedError:
            said = "refused"
    print(said, flush=True)
"""


class Unavailable(Exception):
    pass


class Stack:
    """lastack up in namespaces of its own, and the client there."""

    def __init__(self, directory, name="look0"):
        self.process = subprocess.Popen(
            [LASTACK, "up", "--unshare", "--name", name, "--addr", "10.77.0.2/24", "--serve", "echo=7", "--quiet", "--",
             sys.executable, "-c", CLIENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env={**os.environ, "LASTACK_DIR": directory})
        if self.say("open") == "":
            reason = self.process.stderr.read().strip()
            self.close()
            raise Unavailable(" ".join(reason.split()))

    def say(self, order):
        try:
            print(order, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            return ""
        return self.process.stdout.readline().strip()

    def close(self):
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                stream.close()
            except BrokenPipeError:
                pass
        return self.process.wait(PATIENCE_S)


class Look(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="lastack-test-")
        try:
            cls.stack = Stack(cls.directory)
        except Unavailable as why:
            os.rmdir(cls.directory)
            raise unittest.SkipTest(str(why))

    @classmethod
    def tearDownClass(cls):
        cls.stack.close()
        os.rmdir(cls.directory)  # which fails if the stack left its socket there

    def ask(self, *arguments):
        return subprocess.run([LASTACK, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S, check=False,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "LASTACK_DIR": self.directory})

    def documents(self, *arguments):
        done = self.ask(*arguments, "-j", "--stack", "look0")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def explained(self, port):
        document, = self.documents("explain", "10.77.0.2:7", f"10.77.0.1:{port}")
        return document

    def test_what_the_client_has_the_stack_has(self):
        ports = {int(self.stack.say("open")) for _ in range(3)}
        listed = {s["remote"]["port"]: s for s in self.documents("ls", "state", "established")}
        self.assertLessEqual(ports, set(listed))
        for port in ports:
            self.assertEqual(listed[port]["local"], {"address": "10.77.0.2", "port": 7})
            self.assertEqual(listed[port]["recv_q"], 0)
            self.assertEqual(self.explained(port)["why"]["id"], "SYN_RECEIVED_RCV_ACK")
            self.assertEqual(self.stack.say(f"close {port}"), "done")
        for _ in range(100):
            left = ports & {s["remote"]["port"] for s in self.documents("ls")}
            if not left:
                break
        self.assertEqual(left, set())

    def test_a_client_that_does_not_read_is_who_must_act(self):
        port = self.stack.say("open")
        for _ in range(200):
            self.stack.say(f"fill {port}")
            document = self.explained(port)
            if document["connection"]["timer"]["kind"] == "persist":
                break
        self.assertEqual(document["connection"]["timer"]["kind"], "persist")
        self.assertIn("window has no room", document["sent"])
        self.assertGreater(document["connection"]["send_q"], 0)
        self.assertIn("window has no room", " ".join([document["must_act"]["sentence"], *document["remarks"]]))
        self.stack.say(f"close {port}")

    def test_events_of_a_connection_s_life(self):
        process = subprocess.Popen([LASTACK, "events", "-j", "--stack", "look0"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env={**os.environ, "LASTACK_DIR": self.directory})
        while not select.select([process.stdout], [], [], 0.1)[0]:  # until it has been heard
            self.stack.say("refuse")
        port = int(self.stack.say("open"))
        self.stack.say(f"close {port}")
        rows = []
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "verdict" and event["id"] == "CLOSED":
                self.assertEqual((event["local"]["port"], event["answer"]), (81, "RST"))
            elif event.get("remote", {}).get("port") == port:
                rows.append(event["id"])
            if rows and event.get("to") == "CLOSED":
                break
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 0, said)
        self.assertRegex(said, r"lost: 0\n$")
        self.assertEqual(rows, ["LISTEN_RCV_SYN", "SYN_RECEIVED_RCV_ACK", "ESTABLISHED_RCV_FIN", "CLOSE_WAIT_CLOSE",
                                "LAST_ACK_RCV_ACK"])

    def test_a_tunable_is_set_live(self):
        done = self.ask("knob", "tcp_fin_timeout", "20", "--stack", "look0")
        self.assertEqual(done.stdout, "net.ipv4.tcp_fin_timeout: 60 -> 20\n", done.stderr)
        self.assertEqual(self.documents("knob", "tcp_fin_timeout")[0]["value"], "20")

    def test_it_is_listed(self):
        stack, = [json.loads(line) for line in self.ask("stacks", "-j").stdout.splitlines()]
        self.assertEqual((stack["name"], stack["pid"], stack["addresses"], stack["interface"]),
                         ("look0", self.stack.process.pid, "10.77.0.2", "look0"))

    def test_a_second_one_of_its_name_is_refused(self):
        with self.assertRaisesRegex(Unavailable, "a running stack answers to the name look0 already; --name gives another"):
            Stack(self.directory)
        Stack(self.directory, "look1").close()


if __name__ == "__main__":
    tap.main()
