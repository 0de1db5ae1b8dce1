# SPDX-License-Identifier: BSD-2-Clause
"""What is no TCP, from the kernel: echo of every size, fragments, ports and protocols that nobody serves, IPv6's extension
headers."""

import errno
import socket
import struct

import wire

OURS4, OURS6 = "10.77.0.2", "fd77::2"
WORDS = ("addr=10.77.0.2/24", "addr=fd77::2/64", "kernel=10.77.0.1/24", "kernel=fd77::1/64")

IPV6_HOPOPTS, IPV6_DSTOPTS = 54, 59
PADDED = struct.pack("BBBBI", 0, 0, 1, 4, 0)  # an options header with nothing but padding: PadN
LONG = struct.pack("BBBB12x", 0, 1, 1, 12)
UNKNOWN_SILENT = struct.pack("BBBBI", 0, 0, 0x42, 4, 0)
UNKNOWN_TOLD = struct.pack("BBBBI", 0, 0, 0x82, 4, 0)
SKIPPED = struct.pack("BBBBI", 0, 0, 0x02, 4, 0)


class Answers(wire.Case):
    def test_echo_of_every_size(self):
        for mtu in (1280, 1500, 9000):
            with self.subTest(mtu=mtu), self.stack("tun", "la0", f"mtu={mtu}", *WORDS) as stack:
                self.assert_pings(OURS4, 0, 1, 56, mtu - 28, mtu - 27, 8000, 65507)
                self.assert_pings(OURS6, 0, 1, 56, mtu - 48, mtu - 47, 8000, 65527)
            self.assertEqual(stack.counts["echo_replies"], 14)
            self.assertGreaterEqual(stack.counts["reassembled"], 4)
            self.assertEqual(stack.counts["fragments_dropped"], 0)

    def refused(self, address, port=9999):
        """What the kernel says to a UDP socket whose datagram was answered with an error."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as udp:
            udp.settimeout(5)
            udp.connect((address, port))
            udp.send(b"anybody?")
            try:
                udp.recv(10)
            except OSError as error:
                return error.errno
        return None

    def test_udp_is_refused(self):
        with self.stack("tun", "la0", *WORDS) as stack:
            self.assertEqual(self.refused(OURS4), errno.ECONNREFUSED)
            self.assertEqual(self.refused(OURS6), errno.ECONNREFUSED)
        self.assertEqual(stack.counts["unreachables"], 2)

    def error_of(self, family, protocol, address):
        with socket.socket(family, socket.SOCK_RAW, wire.ICMP[family]) as icmp, \
                socket.socket(family, socket.SOCK_RAW, protocol) as raw:
            icmp.settimeout(5)
            raw.sendto(b"something else", (address, 0))
            while True:
                message = icmp.recv(2000)
                message = message[20:] if family == socket.AF_INET else message
                if message[0] in (3, 4) if family == socket.AF_INET else message[0] in (1, 4):
                    return message[0], message[1], struct.unpack(">I", message[4:8])[0]

    def test_other_protocols_are_refused(self):
        with self.stack("tun", "la0", *WORDS):
            self.assertEqual(self.error_of(socket.AF_INET, 253, OURS4), (3, 2, 0))
            self.assertEqual(self.error_of(socket.AF_INET6, 253, OURS6), (4, 1, 6))

    def extended(self, *headers):
        def prepare(connection):
            for option, value in headers:
                connection.setsockopt(socket.IPPROTO_IPV6, option, value)
        return prepare

    def test_tcp_behind_extension_headers(self):
        """As Linux sends them, on each segment of a connection; what comes back has none."""
        with self.stack("tun", "la0", *WORDS):
            for headers in ([(IPV6_HOPOPTS, PADDED)], [(IPV6_DSTOPTS, PADDED)], [(IPV6_DSTOPTS, LONG)],
                            [(IPV6_HOPOPTS, LONG), (IPV6_DSTOPTS, SKIPPED)]):
                with self.subTest(headers=headers):
                    self.echo(OURS6, 200000, prepare=self.extended(*headers))
                    self.assertTrue(self.ping(OURS6, 4000, prepare=self.extended(*headers)))

    def test_unknown_options_end_the_packet(self):
        with self.stack("tun", "la0", *WORDS):
            with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as icmp:
                icmp.settimeout(5)
                with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
                    udp.setsockopt(socket.IPPROTO_IPV6, IPV6_DSTOPTS, UNKNOWN_SILENT)
                    udp.sendto(b"silence", (OURS6, 99))
                    udp.setsockopt(socket.IPPROTO_IPV6, IPV6_DSTOPTS, UNKNOWN_TOLD)
                    udp.sendto(b"tell me", (OURS6, 99))
                message = icmp.recv(2000)
                while message[0] not in (1, 4):
                    message = icmp.recv(2000)
                self.assertEqual((message[0], message[1], struct.unpack(">I", message[4:8])[0]), (4, 2, 42))

    def test_pieces_that_never_come(self):
        """A first fragment alone: time exceeded would come after 30 s; what can be seen now is that it is kept, and that
        the others are not taken for whole packets."""
        header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 0, 7, 0x2000, 64, 17, 0, socket.inet_aton("10.77.0.1"),
                             socket.inet_aton(OURS4))
        with self.stack("tun", "la0", *WORDS) as stack:
            with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
                raw.sendto(header + bytes(16), (OURS4, 0))
                raw.sendto(header[:6] + struct.pack(">H", 0x2001) + header[8:] + bytes(16), (OURS4, 0))  # overlaps
            self.assert_pings(OURS4, 56)
        self.assertEqual(stack.counts["fragments"], 2)
        self.assertEqual(stack.counts["fragments_dropped"], 2)
        self.assertEqual(stack.counts["unreachables"], 0)

    def test_what_is_for_others(self):
        with self.stack("tun", "la0", *WORDS) as stack:
            self.assertIsNone(self.ping("10.77.0.3", 56, prepare=lambda raw: raw.settimeout(0.3)))
        self.assertGreaterEqual(stack.counts["not_ours"], 1)
        self.assertEqual(stack.counts["echo_replies"], 0)


if __name__ == "__main__":
    wire.tap.main()
