# SPDX-License-Identifier: BSD-2-Clause
"""wrk: as many connections a second as this machine gives, and not one that fails."""

import re

import peers

SECONDS = 1 if peers.SANITIZED else 2


def per_second(said):
    return float(re.search(r"Requests/sec:\s*([\d.]+)", said)[1])


def wrong(said):
    """What wrk complains of: sockets that fail, other answers than 200."""
    return re.findall(r"(?m)^\s*(Socket errors.*|Non-2xx.*)$", said)


@peers.needs("wrk")
class Requests(peers.Case):
    def wrk(self, address, *arguments, connections=64, port=80):
        said = self.ask("wrk", "-t", 2, "-c", connections, "-d", f"{SECONDS}s", "--timeout", "30s", *arguments,
                        peers.url(address, port, "small"))
        self.assertEqual(wrong(said), [])
        self.assertGreater(per_second(said), 0)
        return per_second(said)

    def serve_small(self):
        peers.make_file(self.path("small"), 100)
        return self.up("--serve", f"http=80:{self.here}")

    def test_short_connections(self):
        with self.serve_small() as stack:
            for address in stack.addresses:
                rate = self.wrk(address, "-H", "Connection: close")
                peers.note(f"{rate:.0f} connections a second to {address}, each with a request")

    def test_kept_connections(self):
        with self.serve_small() as stack:
            for address in stack.addresses:
                peers.note(f"{self.wrk(address):.0f} requests a second to {address}, 64 connections")

    def test_a_thousand_connections(self):
        """They end all at once, many by a reset; that none is left behind shows that each of them arrived."""
        with self.serve_small():
            peers.note(f"{self.wrk(peers.ADDRESS4, connections=1000):.0f} requests a second, 1000 connections")

    def test_ports_are_used_again_and_again(self):
        """Few ports: most SYNs meet a TIME_WAIT of ours, and open it anew (RFC 6191)."""
        self.ask("sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40199")
        self.addCleanup(self.ask, "sysctl", "-qw", "net.ipv4.ip_local_port_range=32768 60999")
        with self.serve_small():
            rate = self.wrk(peers.ADDRESS4, "-H", "Connection: close", connections=20)
            peers.note(f"{rate:.0f} connections a second over 200 ports")
            self.assertGreater(rate * SECONDS, 400)


if __name__ == "__main__":
    peers.main()
