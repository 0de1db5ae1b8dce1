# SPDX-License-Identifier: BSD-2-Clause
"""nmap sees what is there, and lastack bears being looked at."""

import concurrent.futures
import os
import xml.etree.ElementTree

import peers

OPEN, CLOSED = (7, 9, 19, 80), (8, 81, 6000)
SOME = ",".join(map(str, sorted(OPEN + CLOSED)))


@peers.needs("nmap", "curl")
class Scans(peers.Case):
    def setUp(self):
        super().setUp()
        if os.getuid():
            self.skipTest("nmap needs root for its own packets")
        os.mkdir(self.path("www"))
        self.digest = peers.make_file(self.path("www", "file"), 100000)

    def start_all(self):
        return self.up("--serve", "echo=7", "--serve", "discard=9", "--serve", "chargen=19", "--serve",
                       f"http=80:{self.path('www')}")

    def nmap(self, address, *arguments, ports=SOME):
        """{port: (state, service)}, of the ports that nmap lists one by one."""
        family = ("-6",) if ":" in address else ()
        said = self.ask("nmap", *family, "-n", "-Pn", "-T5", "-oX", "-", "-p", ports, *arguments, address)
        ports = {}
        for port in xml.etree.ElementTree.fromstring(said).iter("port"):
            service = port.find("service")
            ports[int(port.get("portid"))] = (port.find("state").get("state"),
                                              service.get("name") if service is not None else None)
        return ports

    def expect_states(self, address, kind, opened="open", closed="closed"):
        found = {port: state for port, (state, _) in self.nmap(address, kind).items()}
        self.assertEqual(found, {**{port: opened for port in OPEN}, **{port: closed for port in CLOSED}}, kind)

    def expect_health(self, stack):
        for address in stack.addresses:
            self.assertEqual(peers.digest_of_output("curl", "-sS", peers.url(address, 80, "file")), self.digest)

    def test_syn_and_connect_scans(self):
        with self.start_all() as stack:
            for address in stack.addresses:
                for kind in ("-sS", "-sT"):
                    self.expect_states(address, kind)
            self.expect_health(stack)

    def test_all_ports(self):
        with self.start_all() as stack:
            for kind in ("-sS", "-sT"):
                found = self.nmap(stack.address4, kind, ports="-")
                self.assertEqual({port for port, (state, _) in found.items() if state == "open"}, set(OPEN))
            self.expect_health(stack)

    def test_scans_that_are_no_way_to_begin(self):
        """RFC 9293 3.10.7.1 and .2: a closed port answers RST; a listener drops what has no SYN, RST or ACK."""
        with self.start_all() as stack:
            for address in stack.addresses:
                for kind in ("-sN", "-sF", "-sX"):
                    self.expect_states(address, kind, opened="open|filtered")
                self.expect_states(address, "-sA", "unfiltered", "unfiltered")
            self.expect_health(stack)

    def test_versions(self):
        def look(address):
            return self.nmap(address, "-sV", "--version-intensity", 1, ports="7,80,81")

        with self.start_all() as stack:
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                for found in pool.map(look, stack.addresses):
                    self.assertEqual(found, {7: ("open", "echo"), 80: ("open", "http"), 81: ("closed", found[81][1])})
            self.expect_health(stack)

    def test_what_system_it_is(self):
        """Odd options, flags and windows; what nmap makes of it is its affair."""
        with self.start_all() as stack:
            for address in stack.addresses:
                self.nmap(address, "-O", "--max-os-tries", 1)
            self.expect_health(stack)


if __name__ == "__main__":
    peers.main()
