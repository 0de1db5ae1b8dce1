# SPDX-License-Identifier: BSD-2-Clause
"""A stack that paces what it sends: never faster than it was told, nor much slower, and idle meanwhile.

How much has come by now can never be more than what may have left: that bound is exact on any machine.  How much less it
may be depends on how busy the machine is, so that bound is wide."""

import json
import os
import time
import unittest

import peers

RATE = 4_000_000 if peers.SANITIZED else 50_000_000
SECONDS = 1.5
BURST = 4 * 1460 + 65536  # four segments, and what the loop may still hold in its hands
LEAST = 0.4  # of the rate, on a machine that is busy with others


def paced(rate):
    return "--set", f"lastack.max_pacing_rate={rate}"


class Pacing(peers.Case):
    def take(self, connection, seconds):
        """Bytes, and the seconds in which they came."""
        begin, taken = time.monotonic(), 0
        while (now := time.monotonic()) - begin < seconds:
            taken += len(connection.recv(1 << 20))
        return taken, now - begin

    def expect_rate(self, rate, taken, seconds):
        peers.note(f"{taken / seconds / 1e6:.2f} of {rate / 1e6:.0f} MB/s")
        # What waited in the kernel's receive buffer before is at most the buffer; see where connections are opened.
        self.assertLessEqual(taken, rate * (seconds + 0.002) + BURST)
        self.assertGreaterEqual(taken, LEAST * rate * seconds)

    def test_chargen_at_a_rate(self):
        with self.up("--serve", "chargen=19", *paced(RATE)) as stack:
            for address in stack.addresses:
                begin = time.monotonic()
                connection = self.connect(address, 19)
                taken, _ = self.take(connection, SECONDS)
                self.expect_rate(RATE, taken, time.monotonic() - begin)
                connection.close()

    def test_without_offloads(self):
        with self.up("--plain", "--serve", "chargen=19", *paced(RATE // 2)) as stack:
            begin = time.monotonic()
            connection = self.connect(stack.address4, 19)
            taken, _ = self.take(connection, SECONDS)
            self.expect_rate(RATE // 2, taken, time.monotonic() - begin)
            connection.close()

    def test_the_rate_is_each_connections(self):
        with self.up("--serve", "chargen=19", *paced(1_000_000)) as stack:
            begin = time.monotonic()
            connections = [self.connect(stack.address4, 19) for _ in range(4)]
            taken = [0] * len(connections)
            while time.monotonic() - begin < SECONDS:
                for number, connection in enumerate(connections):
                    taken[number] += len(connection.recv(65536))
            seconds = time.monotonic() - begin
            for bytes_taken, connection in zip(taken, connections):
                self.expect_rate(1_000_000, bytes_taken, seconds)
                connection.close()

    @peers.needs("curl")
    def test_a_file_comes_whole_at_a_rate(self):
        size, rate = 3 * peers.MIB, 2_000_000
        os.mkdir(self.path("www"))
        digest = peers.make_file(self.path("www", "file"), size)
        with self.up("--serve", f"http=80:{self.path('www')}", *paced(rate)) as stack:
            begin = time.monotonic()
            self.ask("curl", "-sS", "-o", self.path("got"), peers.url(stack.address4, 80, "file"))
            self.expect_rate(rate, size, time.monotonic() - begin)
        self.assertEqual(peers.digest(self.path("got")), digest)

    def test_the_rate_can_be_set_while_it_runs(self):
        with self.up("--serve", "chargen=19", *paced(100_000)) as stack:
            connection = self.connect(stack.address4, 19)
            self.take(connection, 0.3)
            slow, seconds = self.take(connection, 0.7)
            self.expect_rate(100_000, slow, seconds)
            self.ask(peers.LASTACK, "knob", "lastack.max_pacing_rate", "0", "--stack", stack.name)
            fast, seconds = self.take(connection, 0.7)
            self.assertGreater(fast / seconds, 10 * slow / 0.7)
            connection.close()

    def test_by_the_congestion_window(self):
        with self.up("--serve", "chargen=19", "--set", "lastack.pacing=1") as stack:
            connection = self.connect(stack.address4, 19)
            taken, seconds = self.take(connection, 1)
            peers.note(f"by the window: {taken / seconds / 1e6:.0f} MB/s")
            self.assertGreater(taken, 1_000_000)
            one, = self.sockets(stack, "state", "established")
            self.assertGreater(one["tcp"]["pacing_rate"], 1_000_000)
            connection.close()

    def sockets(self, stack, *filter_words):
        out = self.ask(peers.LASTACK, "ls", "-i", "-j", "--stack", stack.name, *filter_words)
        return [json.loads(line) for line in out.splitlines()]

    def test_it_says_that_it_waits(self):
        with self.up("--serve", "chargen=19", *paced(20_000)) as stack:
            connection = self.connect(stack.address4, 19)
            ends = f"{stack.address4}:19", "{}:{}".format(*connection.getsockname())
            self.take(connection, 0.3)

            def waits():
                out = self.ask(peers.LASTACK, "explain", "-j", "--stack", stack.name, *ends)
                return (found := json.loads(out))["connection"]["tcp"]["pacing_wait_ms"] > 0 and found

            found = peers.until(waits, 10)
            self.assertEqual(found["must_act"]["actor"], "timer")
            self.assertIn("pacing", found["must_act"]["sentence"])
            self.assertEqual(found["ends"]["by_itself"], "timer")
            self.assertLessEqual(found["ends"]["in_ms"], 2 * 1460 * 1000 // 20_000 + 1)
            self.assertEqual(found["connection"]["tcp"]["pacing_rate"], 20_000)
            text = peers.until(lambda: "may leave in" in (out := self.ask(peers.LASTACK, "explain", "--stack", stack.name,
                                                                         *ends)) and out, 10)
            self.assertIn("This stack's pacing", text)
            self.assertIn("pacing_rate 160000bps", text)
            connection.close()

    @unittest.skipIf(peers.SANITIZED, "what the sanitizers cost is no measure")
    def test_who_waits_costs_little(self):
        with self.up("--serve", "chargen=19", *paced(1_000_000)) as stack:
            connection = self.connect(stack.address4, 19)
            before = self.cpu_s(stack)
            _, seconds = self.take(connection, SECONDS)
            share = (self.cpu_s(stack) - before) / seconds
            peers.note(f"{100 * share:.0f} % of a processor")
            self.assertLess(share, 0.5)
            connection.close()

    @staticmethod
    def cpu_s(stack):
        with open(f"/proc/{stack.process.pid}/stat", encoding="ascii") as file:
            words = file.read().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    peers.main()
