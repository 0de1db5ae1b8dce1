# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's own bad weather: nftables drops one packet in a hundred, or in twenty, both ways.  What comes is whole.

With offloads a packet is up to 64 KiB, and is lost as one; without, segments are lost one by one."""

import concurrent.futures
import os
import random

import peers

RULES = """
table inet weather {{
    chain in {{ type filter hook input priority 0; iifname "la0" numgen random mod 100 < {percent} drop; }}
    chain out {{ type filter hook output priority 0; oifname "la0" numgen random mod 100 < {percent} drop; }}
}}
"""
SCALE = 4 if peers.SANITIZED else 1


@peers.needs("nft", "curl")
class Weather(peers.Case):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("www"))

    def begin(self, percent):
        done = peers.run("nft", "-f", self.write("weather.nft", RULES.format(percent=percent)))
        if done.status:
            self.skipTest(f"nftables: {done.err.strip().splitlines()[0]}")
        self.addCleanup(peers.run, "nft", "delete", "table", "inet", "weather")

    def dropped(self):
        """True if it has dropped anything: else the test would show nothing."""
        return sum(int(line.split()[1]) for line in self.ask("nstat", "-asz", "TcpRetransSegs").splitlines()[1:]) > 0

    def fetch(self, address, number):
        return peers.digest_of_output("curl", "-sS", peers.url(address, 80, f"file?{number}"))

    def expect_echo(self, address, size):
        """Both ways at once."""
        sent = random.Random(size).randbytes(size)
        client = self.connect(address, 7, timeout=90)
        got = bytearray()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            sending = pool.submit(client.sendall, sent)
            while len(got) < size and (piece := client.recv(peers.MIB)):
                got += piece
            sending.result()
        self.assertTrue(got == sent, f"{len(got)} of {size} bytes came, or others")
        client.close()

    def endure(self, percent, bytes_one_way, bytes_echoed, *arguments):
        digest = peers.make_file(self.path("www", "file"), bytes_one_way // SCALE)
        with self.up("--serve", f"http=80:{self.path('www')}", "--serve", "echo=7", *arguments) as stack:
            self.begin(percent)
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                files = [pool.submit(self.fetch, address, n) for n in range(4) for address in stack.addresses]
                echoes = [pool.submit(self.expect_echo, address, bytes_echoed // SCALE) for address in stack.addresses]
                for file in files:
                    self.assertEqual(file.result(), digest)
                for echo in echoes:
                    echo.result()
            self.ask("nft", "delete", "table", "inet", "weather")

    def test_one_in_a_hundred(self):
        self.endure(1, 16 * peers.MIB, 4 * peers.MIB)

    def test_one_in_a_hundred_without_offloads(self):
        self.endure(1, 4 * peers.MIB, peers.MIB, "--plain")

    def test_one_in_twenty(self):
        self.endure(5, 4 * peers.MIB, peers.MIB)

    def test_one_in_twenty_without_offloads(self):
        self.endure(5, peers.MIB, peers.MIB // 4, "--plain")


if __name__ == "__main__":
    peers.main()
