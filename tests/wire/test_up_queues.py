# SPDX-License-Identifier: BSD-2-Clause
"""lastack up on several queues: whoever asks the stack by its name is told of all of them."""

import contextlib
import json
import os
import signal
import subprocess

import peers

NAMES = ["la0.0", "la0.1", "la0.2"]


class Queues(peers.Case):
    def stack(self, *arguments):
        return self.up("--queues", 3, "--serve", "echo=7", *arguments)

    def lastack(self, *words, name="la0", status=0):
        return self.ask(peers.LASTACK, *words, "--stack", name, status=status)

    def document(self, *words, name="la0", status=0):
        return json.loads(self.lastack(*words, "-j", name=name, status=status))

    def documents(self, *words, name="la0"):
        return [json.loads(line) for line in self.lastack(*words, "-j", name=name).splitlines()]

    def refused(self, *words, status=3):
        done = peers.run(peers.LASTACK, *words)
        self.assertEqual((done.status, done.out), (status, ""), done.err)
        return done.err

    def established(self, name="la0"):
        return self.document("states", name=name)["states"]["ESTABLISHED"]

    def per_queue(self):
        return [self.established(name) for name in NAMES]

    @contextlib.contextmanager
    def connections(self, enough):
        """Connections, one after the other, until what each queue has is enough; by their ports."""
        with contextlib.ExitStack() as stack:
            held = {}
            while not held or not enough(self.per_queue()):
                self.assertLess(len(held), 200)
                connection = self.connect(peers.ADDRESS4, 7)
                stack.callback(connection.close)
                connection.sendall(b"hello")
                self.assertEqual(connection.recv(5, 0x100), b"hello")
                held[connection.getsockname()[1]] = connection
            yield held

    def test_all_queues_are_told(self):
        with self.stack(), self.connections(all) as held:
            each = self.per_queue()
            self.assertEqual(sum(each), len(held))
            self.assertEqual(self.established(), len(held))
            filtered = self.document("states", "dport", "!=", "1")["states"]  # counted one by one
            self.assertEqual((filtered["ESTABLISHED"], filtered["LISTEN"]), (len(held), 6))
            listed = [s["remote"]["port"] for s in self.documents("ls", "state", "established")]
            self.assertEqual(sorted(listed), sorted(held))
            one = [s["remote"]["port"] for s in self.documents("ls", "state", "established", name="la0.2")]
            self.assertEqual(len(one), each[2])
            overview = self.document()
            self.assertEqual((overview["states"]["ESTABLISHED"], overview["queues"]), (len(held), 3))
            limit = overview["limits"]["connections"]
            self.assertEqual((limit["used"], limit["limit"]), (len(held), 3 * 65536))
            self.assertEqual(limit["fullest"], {"queue": NAMES[each.index(max(each))], "used": max(each), "limit": 65536})
            self.assertEqual(overview["counters"]["TcpPassiveOpens"], len(held))
            self.assertIn("all 3 queues", self.lastack())

    def test_one_alone_is_as_ever(self):
        with self.stack():
            overview = self.document(name="la0.0")
            self.assertNotIn("queues", overview)
            self.assertNotIn("fullest", overview["limits"]["listeners"])
            self.assertEqual(overview["states"]["LISTEN"], 2)
            self.assertNotIn("queues", self.lastack(name="la0.1"))

    def test_it_is_listed_once_with_its_queues(self):
        with self.stack(), self.up("--serve", "echo=7", name="la0-x", addresses=("--addr", "10.78.0.2/24")), \
                self.connections(all) as held:
            each = self.per_queue()
            stacks = [json.loads(line) for line in self.ask(peers.LASTACK, "stacks", "-j").splitlines()]
            self.assertEqual([s["name"] for s in stacks], ["la0", "la0-x"])
            self.assertEqual((stacks[0]["listeners"], stacks[0]["connections"]), (6, len(held)))
            self.assertEqual(stacks[0]["queues"], [{"name": name, "listeners": 2, "connections": n}
                                                   for name, n in zip(NAMES, each)])
            self.assertNotIn("queues", stacks[1])
            words = [line.split()[0] for line in self.ask(peers.LASTACK, "stacks").splitlines()]
            self.assertEqual(words, ["NAME", "la0", *NAMES, "la0-x"])

    def test_a_connection_is_explained_wherever_it_is(self):
        with self.stack(), self.connections(all) as held:
            seen = set()
            for port in held:
                document = self.document("explain", f"10.77.0.2:7 10.77.0.1:{port}")
                self.assertEqual(document["connection"]["remote"]["port"], port)
                seen.add(document["stack"])
                self.assertEqual(self.document("explain", f":{port}")["stack"], document["stack"])
            self.assertEqual(seen, set(NAMES))
            self.assertIn("(LISTEN)  --stack la0.2",
                          self.refused("explain", "0.0.0.0:7 *:*", "--stack", "la0"))

    def test_tunables_are_set_in_all(self):
        with self.stack():
            self.assertEqual(self.lastack("knob", "tcp_fin_timeout"), "60\n")
            self.assertEqual(self.lastack("knob", "tcp_fin_timeout", "20"), "net.ipv4.tcp_fin_timeout: 60 -> 20\n")
            self.assertEqual([self.lastack("knob", "tcp_fin_timeout", name=name) for name in NAMES], 3 * ["20\n"])
            self.lastack("knob", "tcp_fin_timeout", "30", name="la0.1")
            self.assertEqual(self.lastack("knob", "tcp_fin_timeout"), "la0.0: 20\nla0.1: 30\nla0.2: 20\n")
            document = self.document("knob", "tcp_fin_timeout")
            self.assertEqual(document["values"], {"la0.0": "20", "la0.1": "30", "la0.2": "20"})
            self.assertNotIn("value", document)
            self.assertRegex(self.lastack("knob"), r"(?m)^\*  tcp_fin_timeout +20, 30, 20 ")
            self.assertIn("'1000000'", self.refused("knob", "lastack.initial_window", "1000000", "--stack", "la0", status=64))
            self.assertEqual(self.lastack("knob", "tcp_fin_timeout", "25"), "net.ipv4.tcp_fin_timeout: 20, 30, 20 -> 25\n")
            self.assertEqual(self.document("knob", "tcp_fin_timeout")["value"], "25")

    def events(self):
        with open(self.path("events"), encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def one_more(self):
        self.connect(peers.ADDRESS4, 7).close()
        return self.events()

    def test_events_of_all_in_the_order_of_time(self):
        with self.stack(), open(self.path("events"), "w", encoding="utf-8") as file:
            process = self.start(peers.LASTACK, "events", "-j", "--transitions", "--stack", "la0", stdout=file,
                                 stderr=subprocess.PIPE, text=True)
            self.assertTrue(peers.until(self.one_more, peers.READY_S))  # it is heard
            with self.connections(lambda each: all(each) and sum(each) > 20) as held:
                pass
            self.assertTrue(peers.until(lambda: set(held) <= {e["remote"]["port"] for e in self.events()
                                                           if e["from"] == "LAST_ACK"}, peers.READY_S))
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=peers.PATIENCE_S)
            self.assertEqual(process.returncode, 0, said)
            self.assertRegex(said, r"lost: 0\n$")
            events = self.events()
            self.assertEqual({e["queue"] for e in events}, set(NAMES))
            times = [e["time_us"] for e in events]
            self.assertEqual(times, sorted(times))
            opened_by = [e["remote"]["port"] for e in events if e["to"] == "ESTABLISHED" and e["remote"]["port"] in held]
            self.assertEqual(opened_by, list(held))  # one after the other

    def test_the_doctor_sees_the_queue_that_is_full(self):
        with self.stack("--connections", 10), self.connections(lambda each: max(each) >= 8):
            each = self.per_queue()
            finding, = self.document("doctor", "--for", "0", status=1)["findings"]
            self.assertEqual(finding["id"], "stack-capacity")
            self.assertEqual((finding["evidence"]["queue"], finding["evidence"]["used"], finding["evidence"]["most"]),
                             (each.index(max(each)), max(each), 10))
            self.assertIn(f"Queue {each.index(max(each))} of the stack holds", finding["summary"])
            self.lastack("record", self.path("recording"), "--for", "0")
            done = peers.run(peers.LASTACK, "doctor", "--from", self.path("recording"), "-j")
            self.assertEqual(json.loads(done.out)["findings"][0]["evidence"], finding["evidence"])

    def test_a_queue_that_does_not_answer_is_named(self):
        with self.stack():
            socket = self.path("control", "la0.1.sock")
            os.rename(socket, self.path("away"))
            try:
                for words in (["states"], ["ls"], [], ["knob", "tcp_fin_timeout", "20"], ["events"],
                              ["doctor", "--for", "0"], ["explain", "10.77.0.2:7 10.77.0.1:1"]):
                    said = self.refused(*words, "--stack", "la0")
                    self.assertRegex(said, r"^lastack: .*'la0\.1'")
                    self.assertIn("Stack 'la0' is told with all its queues, or not at all.", said)
                self.assertEqual(self.lastack("knob", "tcp_fin_timeout", name="la0.0"), "60\n")
                done = peers.run(peers.LASTACK, "stacks", "-j")
                self.assertEqual(done.status, 3)
                self.assertEqual([json.loads(line)["name"] for line in done.out.splitlines()], ["la0.2"])  # as one alone
                self.assertIn("'la0.1'", done.err)
            finally:
                os.rename(self.path("away"), socket)


if __name__ == "__main__":
    peers.main()
