# SPDX-License-Identifier: BSD-2-Clause
"""AF_XDP over a veth: the stack on one end, beside the kernel of that end, and the kernel of the other end as its peer."""

import re

import wire

OURS4, OURS6, KERNELS4, KERNELS6 = "10.78.0.2", "fd78::2", "10.78.0.3", "fd78::3"
WORDS = ("addr=10.78.0.2/24", "addr=fd78::2/64")


class Xdp(wire.Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peer = wire.Peer(ours="va", theirs="vb")
        for address in ("10.78.0.1/24", "fd78::1/64"):
            wire.run("ip", "addr", "add", address, "dev", "va", *(["nodad"] if ":" in address else []))
        for address in (KERNELS4 + "/24", KERNELS6 + "/64"):
            cls.peer.run("ip", "addr", "add", address, "dev", "vb", *(["nodad"] if ":" in address else []))
        with wire.Stack("xdp", "vb", *WORDS, inside=cls.peer.inside()) as stack:
            pass
        if not stack.says.startswith("ready"):
            raise wire.unittest.SkipTest(stack.says)

    @classmethod
    def tearDownClass(cls):
        cls.peer.close()

    def setUp(self):
        wire.make_checksums("va")

    def on_veth(self, *words):
        return self.stack("xdp", "vb", *WORDS, *words, inside=self.peer.inside())

    def program_on(self, interface):
        return re.search(r"prog/xdp|xdpgeneric|xdpdrv| xdp ", self.peer.run("ip", "link", "show", interface).stdout)

    def test_tcp_both_modes_and_families(self):
        for mode in ("native", "copy"):
            with self.subTest(mode=mode), self.on_veth(f"mode={mode}") as stack:
                self.assertEqual(stack.says, f"ready {mode}")
                self.echo(OURS4, 2000000)
                self.echo(OURS6, 2000000)
            self.assertEqual(stack.counts["dropped_out"], 0)

    def test_native_comes_first(self):
        with self.on_veth() as stack:
            self.assertEqual(stack.says, "ready native")

    def test_echo_in_fragments(self):
        with self.on_veth() as stack:
            self.assert_pings(OURS4, 0, 56, 1472, 1473, 20000)
            self.assert_pings(OURS6, 0, 56, 1452, 1453, 20000)
        self.assertEqual(stack.counts["echo_replies"], 10)
        self.assertEqual(stack.counts["fragments_dropped"], 0)

    def test_the_kernel_keeps_its_own(self):
        """Its addresses on the same interface answer as before, during and after."""
        for _ in range(2):
            with self.on_veth() as stack:
                self.assertTrue(self.program_on("vb"))
                self.assert_pings(KERNELS4, 56, 3000)
                self.assert_pings(KERNELS6, 56, 3000)
            self.assertEqual(stack.counts["not_ours"], 0)
            self.assertEqual(stack.counts["packets_in"], 0)
            self.assertFalse(self.program_on("vb"))
            self.assert_pings(KERNELS4, 56)

    def test_a_stack_that_is_killed_leaves_nothing(self):
        stack = self.on_veth()
        self.assertTrue(self.program_on("vb"))
        stack.process.kill()
        stack.process.communicate()
        self.assertFalse(self.program_on("vb"))
        with self.on_veth():
            self.assert_pings(OURS4, 56)

    def test_switches_hear_of_its_groups(self):
        """By the kernel, which is a member for as long as the stack is there."""
        group = "ff02::1:ff00:2"
        self.assertNotIn(group, self.peer.run("ip", "maddr", "show", "dev", "vb").stdout)
        with self.on_veth():
            self.assertIn(group, self.peer.run("ip", "maddr", "show", "dev", "vb").stdout)
        self.assertNotIn(group, self.peer.run("ip", "maddr", "show", "dev", "vb").stdout)

    def test_without_ipv6_in_the_kernel(self):
        self.peer.run("sysctl", "-qw", "net.ipv6.conf.vb.disable_ipv6=1")
        try:
            with self.on_veth():
                self.assert_pings(OURS4, 56)
                self.assert_pings(OURS6, 56)
        finally:
            self.peer.run("sysctl", "-qw", "net.ipv6.conf.vb.disable_ipv6=0")
            self.peer.run("ip", "addr", "add", KERNELS6 + "/64", "dev", "vb", "nodad")

    def test_another_mac(self):
        with self.on_veth("mac=02:aa:bb:cc:dd:ee"):
            self.assert_pings(OURS4, 56)
            self.assert_pings(OURS6, 56)
            self.assert_pings("fe80::aa:bbff:fecc:ddee%va", 56)
            self.assertIn("02:aa:bb:cc:dd:ee", wire.run("ip", "neigh", "show", OURS4).stdout)
            self.assertIn("02:aa:bb:cc:dd:ee", wire.run("ip", "neigh", "show", OURS6).stdout)
            self.assert_pings(KERNELS4, 56)

    def test_the_interfaces_own_mac(self):
        with self.on_veth():
            self.assert_pings(OURS4, 56)
            mac = self.peer.run("ip", "-o", "link", "show", "vb").stdout.split("link/ether ")[1].split()[0]
            self.assertIn(mac, wire.run("ip", "neigh", "show", OURS4).stdout)

    def test_checksums_that_a_device_was_to_make(self):
        """Where the other end leaves them, as veth does unless told: they can be trusted."""
        wire.make_checksums("va", False)
        with self.on_veth("trust=1"):
            self.echo(OURS4, 300000)
            self.echo(OURS6, 300000)

    def test_small_rings(self):
        with self.on_veth("ring=64"):
            self.echo(OURS4, 1000000)
            self.assert_pings(OURS4, 20000)

    def test_says_why_not(self):
        for words, why in ((["xdp", "nosuch"], "No such device"), (["xdp", "vb", "ring=100"], "Invalid argument"),
                           (["xdp", "vb", "mac=01:00:00:00:00:00"], "Invalid argument"), (["xdp", "lo"], "Message too long")):
            with self.subTest(words=words):
                stack = self.stack(*words, inside=self.peer.inside())
                stack.end()
                self.assertIn(why, stack.says)
        with self.on_veth():
            second = self.on_veth()
            second.end()
            self.assertIn("Device or resource busy", second.says)


if __name__ == "__main__":
    wire.tap.main()
