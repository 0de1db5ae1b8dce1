# SPDX-License-Identifier: BSD-2-Clause
"""curl and the files that lastack serves: bytes whole, in one piece, in many, in parts."""

import concurrent.futures
import os
import time
import unittest

import peers

CURL = ("curl", "-sS", "--max-time", "90")
PARALLEL = 64


@peers.needs("curl")
class Files(peers.Case):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("www"))
        self.arguments = ("--serve", f"http=80:{self.path('www')}")

    def make(self, name, size):
        return peers.make_file(self.path("www", name), size)

    def curl(self, *arguments, **how):
        return self.ask(*CURL, *arguments, **how)

    def expect_whole(self, address, name, digest, *arguments):
        self.curl(*arguments, "-o", self.path("got"), peers.url(address, 80, name))
        self.assertEqual(peers.digest(self.path("got")), digest)

    def test_a_large_file_over_both_families(self):
        digest = self.make("large", peers.WHOLE_MIB * peers.MIB)
        with self.up(*self.arguments) as stack:
            for address in stack.addresses:
                begin = time.monotonic()
                self.assertEqual(peers.digest_of_output(*CURL, peers.url(address, 80, "large")), digest)
                gbits = peers.WHOLE_MIB * peers.MIB * 8 / (time.monotonic() - begin) / 1e9
                peers.note(f"{peers.WHOLE_MIB} MiB from {address}, digested as they come: {gbits:.2f} Gb/s")

    def test_many_at_once(self):
        digest = self.make("shared", peers.WHOLE_MIB * peers.MIB // 4 // PARALLEL)
        with self.up(*self.arguments) as stack:
            transfers = [word for number in range(PARALLEL) for word in
                         ("-o", self.path(f"got-{number}"), peers.url(stack.addresses[number % 2], 80, "shared"))]
            self.curl("--parallel", "--parallel-immediate", "--parallel-max", PARALLEL, *transfers)
        for number in range(PARALLEL):
            self.assertEqual(peers.digest(self.path(f"got-{number}")), digest)

    def test_many_processes_at_once(self):
        digest = self.make("shared", peers.MIB)

        def fetch(number):
            name = self.path(f"got-{number}")
            self.curl("-o", name, peers.url(peers.ADDRESS4, 80, "shared"))
            return peers.digest(name)

        with self.up(*self.arguments), concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
            self.assertEqual(set(pool.map(fetch, range(PARALLEL))), {digest})

    def test_without_offloads(self):
        digest = self.make("plain", 32 * peers.MIB)
        with self.up("--plain", *self.arguments) as stack:
            for address in stack.addresses:
                self.expect_whole(address, "plain", digest)

    def test_small_and_large_mtu(self):
        digest = self.make("sized", 8 * peers.MIB)
        for mtu in (1280, 9000, 65535):
            with self.up("--mtu", mtu, *self.arguments) as stack:
                for address in stack.addresses:
                    self.expect_whole(address, "sized", digest)

    def test_queues(self):
        digest = self.make("shared", 4 * peers.MIB)
        with self.up("--queues", 2, *self.arguments), concurrent.futures.ThreadPoolExecutor(8) as pool:
            jobs = [pool.submit(self.curl, "-o", self.path(f"got-{n}"), peers.url(peers.ADDRESS4, 80, "shared"))
                    for n in range(16)]
            for job in jobs:
                job.result()
        self.assertEqual({peers.digest(self.path(f"got-{n}")) for n in range(16)}, {digest})

    def test_ranges(self):
        self.make("file", 3 * peers.MIB + 5)
        with open(self.path("www", "file"), "rb") as file:
            whole = file.read()
        ranges = {"0-0": whole[:1], "1000-1999999": whole[1000:2000000], "-77": whole[-77:],
                  f"{len(whole) - 1}-": whole[-1:], "0-": whole}
        with self.up(*self.arguments) as stack:
            for address in stack.addresses:
                for text, part in ranges.items():
                    got = self.curl("-r", text, "-D", self.path("head"), peers.url(address, 80, "file"), text=False)
                    self.assertTrue(got == part, f"{text}: {len(got)} bytes, not {len(part)}, or others")
                    with open(self.path("head"), encoding="ascii") as file:
                        self.assertRegex(file.readline(), "^HTTP/1.1 206 ")
            code = self.curl("-r", f"{len(whole)}-", "-o", "/dev/null", "-w", "%{http_code}",
                             peers.url(peers.ADDRESS4, 80, "file"))
            self.assertEqual(code, "416")

    def test_a_transfer_is_resumed(self):
        digest = self.make("file", 8 * peers.MIB)
        with self.up(*self.arguments):
            with open(self.path("www", "file"), "rb") as file, open(self.path("got"), "wb") as got:
                got.write(file.read(3 * peers.MIB + 1))
            self.expect_whole(peers.ADDRESS4, "file", digest, "-C", "-")

    def test_a_transfer_that_is_broken_off_leaves_nothing(self):
        self.make("file", 64 * peers.MIB)
        with self.up(*self.arguments) as stack:
            for address in stack.addresses:
                self.ask(*CURL, "--max-time", "0.5", "--limit-rate", "1M", "-o", "/dev/null",
                         peers.url(address, 80, "file"), status=28)

    def test_head(self):
        self.make("page.html", 12345)
        with self.up(*self.arguments) as stack:
            for address in stack.addresses:
                head = self.curl("-I", peers.url(address, 80, "page.html"))
                self.assertRegex(head, "^HTTP/1.1 200 ")
                self.assertRegex(head, "(?im)^content-length: 12345\r?$")
                self.assertRegex(head, "(?im)^content-type: text/html")

    def test_a_connection_is_kept_for_the_next_request(self):
        digest = self.make("file", 100000)
        with self.up(*self.arguments) as stack:
            for address in stack.addresses:
                words = [word for n in range(50) for word in ("-o", self.path(f"got-{n}"), peers.url(address, 80, "file"))]
                connects = self.curl("-w", "%{num_connects}\n", *words).split()
                self.assertEqual(connects, ["1"] + ["0"] * 49)
                for n in range(50):
                    self.assertEqual(peers.digest(self.path(f"got-{n}")), digest)

    def test_what_is_not_there(self):
        os.symlink("/etc/passwd", self.path("www", "out"))
        self.make("file", 10)
        with self.up(*self.arguments):
            for path in ("nothing", "../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "file/..", "out"):
                code = self.curl("--path-as-is", "-o", "/dev/null", "-w", "%{http_code}",
                                 peers.url(peers.ADDRESS4, 80, path))
                self.assertIn(code, ("400", "403", "404"), path)
            self.assertEqual(self.curl("-X", "DELETE", "-o", "/dev/null", "-w", "%{http_code}",
                                       peers.url(peers.ADDRESS4, 80, "file")), "405")


if __name__ == "__main__":
    peers.main()
