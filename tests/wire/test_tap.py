# SPDX-License-Identifier: BSD-2-Clause
"""On a TAP interface, as a neighbour of the kernel: ARP and neighbour discovery both ways, TCP with offloads, gateways."""

import re
import socket
import time

import wire

OURS4, OURS6 = "10.77.0.2", "fd77::2"
WORDS = ("addr=10.77.0.2/24", "addr=fd77::2/64", "kernel=10.77.0.1/24", "kernel=fd77::1/64")


def neighbour(address):
    """The MAC that the kernel knows of an address."""
    found = re.search(r"lladdr (\S+)", wire.run("ip", "neigh", "show", address).stdout)
    return found and found[1]


class Tap(wire.Case):
    def test_tcp_both_families(self):
        for plain in ((), ("plain=1",)):
            with self.subTest(plain=plain), self.stack("tap", "la0", *WORDS, *plain) as stack:
                self.echo(OURS4, 3000000)
                self.echo(OURS6, 3000000)
            self.assertEqual(stack.counts["dropped_out"], 0)

    def test_echo_in_fragments(self):
        with self.stack("tap", "la0", *WORDS):
            self.assert_pings(OURS4, 0, 56, 1472, 1473, 65507)
            self.assert_pings(OURS6, 0, 56, 1452, 1453, 65527)

    def test_the_kernel_learns_our_mac(self):
        with self.stack("tap", "la0", *WORDS, "mac=02:11:22:33:44:55"):
            self.assert_pings(OURS4, 56)
            self.assert_pings(OURS6, 56)
            self.assertEqual(neighbour(OURS4), "02:11:22:33:44:55")
            self.assertEqual(neighbour(OURS6), "02:11:22:33:44:55")
            self.assert_pings("fe80::11:22ff:fe33:4455%la0", 56, 4000)

    def test_our_own_mac_is_made_beside_the_kernels(self):
        with self.stack("tap", "la0", *WORDS):
            self.assert_pings(OURS4, 56)
            theirs = wire.run("ip", "-o", "link", "show", "la0").stdout.split("link/ether ")[1].split()[0]
            self.assertEqual(neighbour(OURS4)[:-2], theirs[:-2])
            self.assertNotEqual(neighbour(OURS4), theirs)

    def test_who_was_forgotten_is_asked_again(self):
        """The kernel forgets us, and changes its own MAC, of which we hear by its announcement or ask."""
        with self.stack("tap", "la0", *WORDS):
            self.assert_pings(OURS4, 56)
            wire.run("ip", "neigh", "flush", "dev", "la0")
            self.assert_pings(OURS4, 56)
            wire.run("ip", "link", "set", "la0", "address", "02:00:00:00:77:77")
            wire.run("ip", "neigh", "flush", "dev", "la0")
            self.echo(OURS4, 100000)
            self.echo(OURS6, 100000)

    def test_answers_over_a_gateway(self):
        """From an address that is not on the link: over the kernel's end, as the gateway."""
        with self.stack("tap", "la0", *WORDS, "gw4=10.77.0.1", "gw6=fd77::1") as stack:
            wire.run("ip", "addr", "add", "203.0.113.7/32", "dev", "lo")
            wire.run("ip", "addr", "add", "2001:db8:9::7/128", "dev", "lo")
            self.echo(OURS4, 100000, prepare=lambda s: s.bind(("203.0.113.7", 0)))
            self.echo(OURS6, 100000, prepare=lambda s: s.bind(("2001:db8:9::7", 0)))
        self.assertEqual(stack.counts["dropped_out"], 0)

    def test_no_gateway_no_answer(self):
        with self.stack("tap", "la0", *WORDS) as stack:
            wire.run("ip", "addr", "add", "203.0.113.8/32", "dev", "lo")

            def prepare(raw):
                raw.bind(("203.0.113.8", 0))
                raw.settimeout(0.3)

            self.assertIsNone(self.ping(OURS4, 56, prepare=prepare))
        self.assertEqual(stack.counts["dropped_out"], 1)

    def test_announces_its_address_twice(self):
        """RFC 5227 2.3: ARP requests for our own address, two seconds apart."""
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as sniffer:
            with self.stack("tap", "la0", *WORDS):
                sniffer.settimeout(0.2)
                seen, end = [], time.monotonic() + 2.6
                while time.monotonic() < end:
                    try:
                        frame, at = sniffer.recvfrom(2000)
                    except socket.timeout:
                        continue
                    if at[0] == "la0" and frame[12:14] == b"\x08\x06" and frame[28:32] == frame[38:42]:
                        seen.append(socket.inet_ntoa(frame[28:32]))
        self.assertEqual(seen, [OURS4, OURS4])


if __name__ == "__main__":
    wire.tap.main()
