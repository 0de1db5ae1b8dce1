# SPDX-License-Identifier: BSD-2-Clause
"""Ordinary servers behind --forward, with the clients that are made for them: what they get is whole, and how fast it
comes beside the same client at the server itself."""

import csv
import json
import os
import select
import socket

import servers
import test_wrk
import peers

SECONDS = 1
REQUESTS = 5000 if peers.SANITIZED else 20000


def beside(what, through, direct, unit):
    peers.note(f"{what}: {through:.{1 if unit == 'Gb/s' else 0}f} {unit} through forward, "
              f"{direct:.{1 if unit == 'Gb/s' else 0}f} to the server itself")


@peers.needs("nginx", "curl", "wrk")
class Nginx(peers.Case):
    def setUp(self):
        super().setUp()
        servers.nginx(self)
        self.arguments = ("--forward", f"80=127.0.0.1:{servers.NGINX}", "--forward", f"81=[::1]:{servers.NGINX}")

    def wrk(self, address, port, *arguments):
        said = self.ask("wrk", "-t", 2, "-c", 50, "-d", f"{SECONDS}s", "--timeout", "30s", *arguments,
                        peers.url(address, port, "small"))
        self.assertEqual(test_wrk.wrong(said), [])
        return test_wrk.per_second(said)

    def test_a_large_file(self):
        mib = peers.WHOLE_MIB // 4
        digest = peers.make_file(self.path("www", "large"), mib * peers.MIB)
        with self.up(*self.arguments) as stack:
            for address in stack.addresses:
                for port in (80, 81):
                    got = peers.digest_of_output("curl", "-sS", peers.url(address, port, "large"))
                    self.assertEqual(got, digest, f"{address} {port}")

    def test_many_requests(self):
        peers.make_file(self.path("www", "small"), 100)
        with self.up(*self.arguments) as stack:
            for address, port in ((stack.address4, 80), (stack.address6, 81)):
                through = self.wrk(address, port)
                beside(f"wrk, nginx at {port}, 50 connections kept", through, self.wrk("127.0.0.1", servers.NGINX),
                       "requests/s")

    def test_many_connections(self):
        peers.make_file(self.path("www", "small"), 100)
        close = ("-H", "Connection: close")
        with self.up(*self.arguments) as stack:
            for address, port in ((stack.address4, 80), (stack.address6, 81)):
                through = self.wrk(address, port, *close)
                beside(f"wrk, nginx at {port}", through, self.wrk("127.0.0.1", servers.NGINX, *close), "connections/s")


@peers.needs("redis-server", "redis-cli", "redis-benchmark")
class Redis(peers.Case):
    def setUp(self):
        super().setUp()
        servers.redis(self)
        self.arguments = ("--forward", f"6379=127.0.0.1:{servers.REDIS}",
                          "--forward", f"6380=unix:{self.path('redis.sock')}")

    def benchmark(self, host, port, *arguments):
        said = self.ask("redis-benchmark", "-h", host, "-p", port, "-n", REQUESTS, "-t", "set,get", "-r", 10000, "--csv",
                        *arguments)
        return {row["test"]: float(row["rps"]) for row in csv.DictReader(said.splitlines())}

    def test_its_own_benchmark(self):
        with self.up(*self.arguments) as stack:
            for arguments in (("-c", 50), ("-c", 50, "-P", 16)):
                for address, port in ((stack.address4, 6379), (stack.address6, 6380)):
                    through = self.benchmark(address, port, *arguments)
                    direct = self.benchmark("127.0.0.1", servers.REDIS, *arguments)
                    for name in ("SET", "GET"):
                        beside(f"redis-benchmark {name} {' '.join(map(str, arguments))} at {port}", through[name],
                               direct[name], "requests/s")

    def test_what_is_put_in_comes_out(self):
        peers.make_file(self.path("value"), 20 * peers.MIB)
        with self.up(*self.arguments) as stack:
            for address in stack.addresses:
                cli = ("redis-cli", "-h", address)
                with open(self.path("value"), "rb") as value:
                    self.assertEqual(self.ask(*cli, "-x", "SET", f"at {address}", stdin=value), "OK\n")
                got = self.ask(*cli, "-p", 6380, "--raw", "GET", f"at {address}", text=False)
                with open(self.path("value"), "rb") as value:
                    self.assertTrue(got == value.read() + b"\n", f"{len(got)} bytes came, or others")


TRIES = 3


@peers.needs("iperf3")
class Iperf(peers.Case):
    def setUp(self):
        super().setUp()
        servers.iperf(self)

    def gbits(self, host, port, *arguments):
        """One test at a time is all that its server takes: whoever comes while it is at the end of the last one is refused
        or reset, and may come again."""
        for _ in range(TRIES):
            peers.until(lambda: all(s.state in peers.SETTLED for s in peers.kernel_sockets()), 5)
            said = json.loads(self.ask("iperf3", "-J", "-t", SECONDS, "-c", host, "-p", port, *arguments))
            if "error" not in said:
                break
        self.assertNotIn("error", said)
        return said["end"]["sum_received"]["bits_per_second"] / 1e9

    def test_both_directions_one_stream_and_four(self):
        with self.up("--forward", f"5201=127.0.0.1:{servers.IPERF}") as stack:
            for arguments in ((), ("-R",), ("-P", 4), ("-P", 4, "-R"), ("--bidir",)):
                for address in stack.addresses[:1 if arguments else 2]:
                    through = self.gbits(address, 5201, *arguments)
                    direct = self.gbits("127.0.0.1", servers.IPERF, *arguments)
                    beside(" ".join(map(str, ("iperf3", *arguments, "to", address))), through, direct, "Gb/s")
                    self.assertGreater(through, 0)


class Ends(peers.Case):
    """How connections end is passed on, both ways; the server is this test."""

    def setUp(self):
        super().setUp()
        self.listener = socket.create_server(("127.0.0.1", 8005))
        self.listener.settimeout(20)
        self.addCleanup(self.listener.close)

    def pair(self, address):
        client = self.connect(address, 80)
        server, _ = self.listener.accept()
        server.settimeout(20)
        self.addCleanup(server.close)
        return client, server

    def test_half_closed_connections(self):
        with self.up("--forward", "80=127.0.0.1:8005") as stack:
            for address in stack.addresses:
                client, server = self.pair(address)
                client.sendall(b"question")
                client.shutdown(socket.SHUT_WR)
                self.assertEqual(server.makefile("rb").read(), b"question")
                server.sendall(b"answer")
                server.close()
                self.assertEqual(client.makefile("rb").read(), b"answer")
                client.close()

    def test_resets(self):
        reset = b"\1\0\0\0\0\0\0\0"
        # So soon a reset may come that it is the answer to connecting.
        says = ["forward 80: 127.0.0.1:8005: Connection reset by peer"]
        with self.up("--forward", "80=127.0.0.1:8005", says=says) as stack:
            for address in stack.addresses:
                for way in (0, 1):
                    ends = self.pair(address)
                    ends[way].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
                    ends[way].close()
                    with self.assertRaises(ConnectionResetError):
                        ends[1 - way].recv(1)
                    ends[1 - way].close()

    def test_a_reader_that_waits_holds_the_writer(self):
        """Back-pressure: what is under way is bounded, and all of it comes once it is read."""
        size = 64 * peers.MIB
        with self.up("--forward", "80=127.0.0.1:8005") as stack:
            for way in (0, 1):
                ends = self.pair(stack.address4)
                writer, reader = ends[way], ends[1 - way]
                writer.setblocking(False)
                taken, data = 0, os.urandom(peers.MIB) * (size // peers.MIB)
                while select.select([], [writer], [], 1)[1]:
                    taken += writer.send(data[taken:taken + peers.MIB])
                    self.assertLess(taken, size)
                got = bytearray()
                while len(got) < taken:
                    got += reader.recv(peers.MIB)
                self.assertTrue(got == data[:taken])
                for end in ends:
                    end.close()

    def test_a_server_that_is_not_there(self):
        with self.up("--forward", "80=127.0.0.1:8006", says=["forward 80: 127.0.0.1:8006: Connection refused"]) as stack:
            for address in stack.addresses:
                with self.assertRaises(ConnectionResetError):
                    self.connect(address, 80).recv(1)


if __name__ == "__main__":
    peers.main()
