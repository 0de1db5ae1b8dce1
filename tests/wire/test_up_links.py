# SPDX-License-Identifier: BSD-2-Clause
"""lastack up on interfaces of Ethernet: one that it makes, and one that it shares with the kernel."""

import os
import subprocess

import wire

LASTACK = os.environ.get("LASTACK", os.path.join(wire.BUILD, "lastack"))
CLIENT = f"python3 -B {wire.HERE}/echo_client.py"
UP = f"{LASTACK} up --quiet --addr 10.77.0.2/24 --addr fd77::2/64 --serve echo=7"
XDP_LEFT_BEHIND = "ip -d link show vb | grep -c xdp"


class Up(wire.Case):
    def shell(self, script, status=0):
        """In one more namespace, so that nothing is left of it."""
        done = subprocess.run(["unshare", "--net", "sh", "-c", "ip link set lo up\n" + script], capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_tap_is_asked_for_by_its_neighbours(self):
        said = self.shell(f"{UP} --tap -- sh -c '{CLIENT} 10.77.0.2 7 300000 && {CLIENT} fd77::2 7 300000 && ip neigh'")
        self.assertEqual(said.count("300000 bytes came back"), 2)
        self.assertRegex(said, r"10\.77\.0\.2 dev la0 lladdr")
        self.assertRegex(said, r"fd77::2 dev la0 lladdr")

    def test_a_tap_s_queues_have_one_neighbour(self):
        """The queue that a connection comes on is seldom that which the kernel's question came on: so it asks for itself, and
        what it is answered comes on any."""
        said = self.shell(f"{UP} --tap --queues 4 -- sh -c 'for i in 1 2 3 4 5 6 7 8; do {CLIENT} 10.77.0.2 7 50000 || exit 1; "
                          f"{CLIENT} fd77::2 7 50000 || exit 1; done; ip neigh'")
        self.assertEqual(said.count("50000 bytes came back"), 16)
        self.assertRegex(said, r"10\.77\.0\.2 dev la0 lladdr")

    def test_an_interface_is_shared_and_left_as_it_was(self):
        said = self.shell("ip link add va type veth peer name vb\n"
                          "ip addr add 10.77.0.1/24 dev va; ip addr add fd77::1/64 dev va nodad\n"
                          "ip link set va up; ip link set vb up\n"
                          f"{UP} --xdp vb --trust-checksums -- "
                          f"sh -c '{CLIENT} 10.77.0.2 7 300000 && {CLIENT} fd77::2 7 300000 && {XDP_LEFT_BEHIND}' || exit 1\n"
                          f"{XDP_LEFT_BEHIND}; true")
        if "built without BPF" in said or "has no AF_XDP" in said:
            self.skipTest(said)
        lines = said.split()
        self.assertEqual(said.count("300000 bytes came back"), 2)
        self.assertNotIn("one of a veth pair", said)
        self.assertNotEqual(lines[-2], "0", "while it ran")
        self.assertEqual(lines[-1], "0", "afterwards")

    def test_a_veth_pair_s_missing_checksums_are_told_of(self):
        said = self.shell("ip link add va type veth peer name vb; ip link set va up; ip link set vb up\n"
                          f"{UP} --xdp vb -- true || true")
        if "built without BPF" in said or "has no AF_XDP" in said:
            self.skipTest(said)
        self.assertIn("vb is one of a veth pair", said)
        self.assertIn("--trust-checksums", said)

    def test_what_does_not_go_together_is_said(self):
        for words, told in (("--xdp nosuch", "no such interface"), ("--xdp lo --tap", "--tap is about"),
                            ("--xdp lo --mtu 1400", "--mtu is about"), ("--gateway 10.77.0.1", "--gateway is for"),
                            ("--xdp-mode copy", "--xdp INTERFACE"),
                            ("--xdp lo --xdp-mode fast", "'fast'"), ("--addr 10.77.0.2/24", "given twice"),
                            ("--host-addr 10.77.0.2/24", "is the stack's own"),
                            ("--host-addr 10.77.0.1/24", "fd77::2 is in the network of no --host-addr"), ("--tap --gateway nobody", "nobody")):
            with self.subTest(words=words):
                self.assertIn(told, self.shell(f"{UP} {words}", status=3 if "nosuch" in words else 64))


if __name__ == "__main__":
    wire.tap.main()
