# SPDX-License-Identifier: BSD-2-Clause
"""How many sockets are in each state: as many as were made, and as many as ss says."""

import itertools
import json
import os
import signal
import subprocess

import lens


def expected(sockets):
    """What is only bound is told when it is asked for."""
    return {**lens.counts(sockets), "CLOSED": 0}


class Oracle(lens.Case):
    """The population is what it should be; else the other tests say nothing."""

    def test_no_two_states_have_the_same_count(self):
        for which in ({}, {"kind": "ipv4"}, {"kind": "ipv6"}, {"kind": "mapped"}):
            counts = lens.counts(self.population.chosen(**which))
            self.assertEqual(len(set(counts.values())), len(counts), counts)
            self.assertNotIn(0, counts.values())

    def test_ss_counts_what_was_made(self):
        counts = dict.fromkeys(lens.STATES, 0)
        for line in self.ss("-tanH").splitlines():
            counts[lens.FROM_SS[line.split()[0]]] += 1
        self.assertEqual(counts, expected(self.population.sockets))


class Counts(lens.Case):
    def expected(self, **which):
        return expected(self.population.chosen(**which))

    def test_json_counts_what_was_made(self):
        document = self.document("states")
        self.assertEqual(document["states"], self.expected())
        self.assertEqual(document["total"], sum(self.expected().values()))

    def test_json_has_the_eleven_states_in_the_order_of_the_rfc(self):
        self.assertEqual(list(self.document("states")["states"]), list(lens.STATES))

    def test_table_has_the_same_counts(self):
        lines = [line.split() for line in self.lastack("states").splitlines()]
        self.assertEqual(lines[0], ["STATE", "COUNT"])
        self.assertEqual({name: int(count) for name, count in lines[1:-1]}, self.expected())
        self.assertEqual(lines[-1], ["total", str(sum(self.expected().values()))])

    def test_families(self):
        self.assertEqual(self.document("states", "-4")["states"], self.expected(kind="ipv4"))
        ipv6, mapped = self.expected(kind="ipv6"), self.expected(kind="mapped")
        self.assertEqual(self.document("states", "-6")["states"], {state: ipv6[state] + mapped[state] for state in ipv6})

    def test_each_state_by_itself(self):
        everything = self.expected()
        if self.from_netlink() and lens.kernel_lists_bound():
            everything["CLOSED"] = lens.counts(self.population.sockets)["CLOSED"]
        for state in lens.STATES:
            with self.subTest(state):
                document = self.document("states", "state", state)
                self.assertEqual(document["states"], {**dict.fromkeys(lens.STATES, 0), state: everything[state]})

    def test_filter_counts_one_story(self):
        """Each story has a peer of its own; an IPv4 address is also meant where it is mapped into IPv6."""
        leaked = self.population.chosen(story="leaked")
        peer = self.population.chosen(story="leaked", kind="ipv4")[0]["remote"]
        document = self.document("states", "dst", peer)
        self.assertEqual(document["states"]["CLOSE_WAIT"], sum(s["kind"] != "ipv6" for s in leaked))
        self.assertEqual(document["total"], document["states"]["CLOSE_WAIT"])

    def test_filter_that_takes_nothing(self):
        document = self.document("states", "dst", "192.0.2.1")
        self.assertEqual(document["states"], dict.fromkeys(lens.STATES, 0))
        self.assertEqual(document["total"], 0)


class CountsFromProc(Counts):
    source = ("--source=proc",)

    def test_source_is_named(self):
        self.assertIn("/proc/net/tcp", self.document("states")["source"])
        self.assertIn("/proc/net/tcp", self.ask("states").err)


class Repeated(lens.Case):
    def test_watch_counts_again_and_again(self):
        process = subprocess.Popen(self.population.inside(lens.LASTACK, "states", "-j", "-w", "0.1"),
                                   stdout=subprocess.PIPE, text=True)
        try:
            for line in itertools.islice(process.stdout, 3):
                self.assertEqual(json.loads(line)["states"], expected(self.population.sockets))
        finally:
            process.send_signal(signal.SIGINT)
            process.stdout.close()
            process.wait(lens.PATIENCE_S)


class FromOutside(lens.Case):
    """The same namespace, looked into from another one."""

    def from_outside(self, *arguments):
        done = lens.run(lens.LASTACK, "states", "-j", *arguments)
        self.assertEqual(done.status, 0, done.err)
        return json.loads(done.out)

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("not root: other namespaces may not be entered")

    def test_by_process(self):
        for pid in (self.population.elder, self.population.younger):
            self.assertEqual(self.from_outside(f"--netns={pid}")["states"], expected(self.population.sockets))

    def test_by_process_from_proc(self):
        document = self.from_outside(f"--netns={self.population.elder}", "--source=proc")
        self.assertEqual(document["states"], expected(self.population.sockets))

    def test_by_name(self):
        """The name exists in a mount namespace of its own, with a /run of its own, and goes away with it."""
        script = 'mount -t tmpfs none /run && ip netns attach known "$1" && exec "$0" states -j --netns=known'
        done = lens.run("unshare", "--mount", "sh", "-c", script, lens.LASTACK, str(self.population.elder))
        if "mount:" in done.err or "unshare:" in done.err:
            self.skipTest(f"no mount namespace of our own: {done.err.strip()}")
        self.assertEqual(done.status, 0, done.err)
        self.assertEqual(json.loads(done.out)["states"], expected(self.population.sockets))

    def test_among_all(self):
        inode = os.stat(f"/proc/{self.population.elder}/ns/net").st_ino
        found = [n for n in self.from_outside("--netns=all")["namespaces"] if n["netns"] == inode]
        self.assertEqual([n["states"] for n in found], [expected(self.population.sockets)])

    def test_no_such_namespace(self):
        done = lens.run(lens.LASTACK, "states", "--netns=nowhere")
        self.assertNotEqual(done.status, 0)
        self.assertIn("'nowhere'", done.err)
        self.assertEqual(done.out, "")

    def test_file_that_is_no_namespace(self):
        done = lens.run(lens.LASTACK, "states", "--netns=/dev/null")
        self.assertEqual(done.status, 3)
        self.assertIn("'/dev/null' is not a network namespace", done.err)


if __name__ == "__main__":
    lens.main()
