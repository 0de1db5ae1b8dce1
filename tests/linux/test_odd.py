# SPDX-License-Identifier: BSD-2-Clause
"""Odd surroundings: standard streams that are closed, names that would steer a terminal, options in odd places."""

import json
import os
import shutil
import subprocess
import sys

import lens

USAGE = 64


class Streams(lens.Case):
    def test_other_namespace_with_every_stream_closed(self):
        """The next file that is opened takes the number of a closed stream, and 0 means one's own namespace."""
        if os.geteuid() != 0:
            self.skipTest("not root: other network namespaces may not be entered")
        there = f"--netns={self.population.elder}"
        done = lens.run("sh", "-c", 'exec "$@" <&- 2>&-', "sh", lens.LASTACK, "states", "-j", there)
        self.assertEqual(done.status, 0)
        listeners = lens.counts(self.population.sockets)["LISTEN"]
        self.assertEqual(json.loads(done.out)["states"]["LISTEN"], listeners)

    def test_watching_ends_when_nobody_can_read_it(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            try:
                done = lens.run(*self.population.inside(lens.LASTACK, "states", "-w", "0.1"), stdout=full, timeout=5)
            except subprocess.TimeoutExpired:
                self.fail("lastack states -w goes on although its answers cannot be written")
        self.assertNotEqual(done.status, 0)
        self.assertIn(os.strerror(28), done.err)


class Names(lens.Case):
    NAME = b"x\n\x1b[31m\xff"

    def setUp(self):
        """A listener whose process calls itself so."""
        code = ("import socket, sys; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\n"
                f"open('/proc/self/comm', 'wb').write({self.NAME!r})\n"
                "print(s.getsockname()[1], flush=True); sys.stdin.read()")
        self.process = subprocess.Popen(self.population.inside(sys.executable, "-c", code), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def tearDown(self):
        self.process.communicate()

    def test_listed_in_one_line(self):
        out = self.lastack("ls", "-nHp", f"sport = :{self.port}")
        self.assertEqual(len(out.splitlines()), 1, out)
        self.assertIn('"x??[31m', out)

    def test_overview(self):
        out = lens.run(*self.population.inside(lens.LASTACK)).out
        self.assertNotIn("\x1b", out)

    def test_json(self):
        found, = self.objects("-p", f"sport = :{self.port}")
        self.assertEqual([owner["comm"] for owner in found["owners"]], ["?"])


class NotSeen(lens.Case):
    """What could not be read is not said to be in order."""

    def in_empty_namespace(self, command):
        if os.geteuid() != 0:
            self.skipTest("not root: /proc/sys may not be covered")
        done = lens.run("unshare", "--net", "--mount", "sh", "-c", command, "sh", lens.LASTACK)
        self.assertEqual(done.status, 0, done.err)
        return done.out

    def test_all_is_seen(self):
        self.assertIn("no path is short of local ports", self.in_empty_namespace('"$1"'))

    def test_no_tunables(self):
        out = self.in_empty_namespace('mount -t tmpfs none /proc/sys && "$1"')
        self.assertIn("ip_local_port_range cannot be read", " ".join(out.split()))
        self.assertNotIn("no path is short", out)

    def test_explained_tunable_is_not_said_to_be_missing(self):
        out = self.in_empty_namespace('mount -t tmpfs none /proc/sys && "$1" explain tcp_ecn')
        self.assertIn("there is no /proc/sys/net here", out)

    def test_source_that_knows_less(self):
        self.assertNotIn("no accept queue is full", self.in_empty_namespace('"$1" --source=proc'))


class Namespaces(lens.Case):
    def refused(self, which, *before):
        done = lens.run(*before, lens.LASTACK, "states", f"--netns={which}")
        self.assertEqual(done.status, 3)
        self.assertEqual(done.out, "")
        self.assertIn(f"'{which}'", done.err)
        return done.err

    def test_file_that_is_no_namespace(self):
        self.assertIn("is not a network namespace", self.refused("/etc/passwd"))

    def test_interfaces_are_those_of_the_other_namespace(self):
        if os.geteuid() != 0:
            self.skipTest("not root: other network namespaces may not be entered")
        if not shutil.which("ip"):
            self.skipTest("ip is not installed")
        there = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo name odd0; echo ready; read end"],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        there.stdout.readline()
        try:
            named = lens.run(lens.LASTACK, "ls", f"--netns={there.pid}", "dev = odd0")
            ours = lens.run(lens.LASTACK, "ls", f"--netns={there.pid}", "dev = lo")
        finally:
            there.communicate()
        self.assertEqual(named.status, 0, named.err)
        self.assertEqual(ours.status, USAGE, ours.out)

    def test_interfaces_among_all_are_those_of_each_namespace(self):
        """The population has an interface that we have not."""
        if os.geteuid() != 0:
            self.skipTest("not root: other network namespaces may not be entered")
        for device in ("puppet0", "lo"):
            done = lens.run(lens.LASTACK, "ls", "-j", "--netns=all", f"netns = {self.population.elder} dev = {device}")
            self.assertEqual(done.status, 0, done.err)
            found = sorted(json.loads(line)["local"]["port"] for line in done.out.splitlines())
            made = sorted(s["local_port"] for s in self.population.chosen(device=device))
            self.assertEqual(found, made, device)
            self.assertTrue(made)

    def test_interface_of_no_namespace_at_all(self):
        done = lens.run(lens.LASTACK, "ls", "--netns=all", "dport = :443 dev = nosuch0")
        self.assertEqual((done.status, done.out), (USAGE, ""))
        self.assertIn("no network namespace has an interface called 'nosuch0'", done.err)
        self.assertIn(" " * len("dport = :443 dev = ") + "^~~~~~~\n", done.err)

    def all_with_limit(self, option):
        """With room for the standard streams and two files more; there are two namespaces at least."""
        if os.geteuid() != 0:
            self.skipTest("not root: other network namespaces may not be entered")
        return lens.run("sh", "-c", f'ulimit {option} 5; exec "$1" states --netns=all', "sh", lens.LASTACK)

    def test_more_namespaces_than_the_soft_limit_of_files(self):
        done = self.all_with_limit("-Sn")
        self.assertEqual(done.status, 0, done.err)
        self.assertNotIn("may not be entered", done.err)

    def test_more_namespaces_than_files_may_be_open(self):
        done = self.all_with_limit("-n")
        self.assertEqual(done.status, 3, done.out)
        self.assertIn("too many files", done.err)

    def test_process_that_is_no_more(self):
        gone = subprocess.Popen(["true"])
        gone.wait()
        self.assertIn("there is no network namespace or process", self.refused(gone.pid))


if __name__ == "__main__":
    lens.main()
