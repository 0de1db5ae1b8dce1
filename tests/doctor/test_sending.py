# SPDX-License-Identifier: BSD-2-Clause
"""What does not leave this host, or not in this size: its own firewall, its own queues, a path that takes no large packets;
each beside a peer that is dead, does not read, or is merely slow."""

import os
import shutil
import socket
import subprocess
import time

import scene
import stranger

ELSEWHERE = ("10.20.0.1", 443)


def nft(rules):
    subprocess.run(["nft", rules], check=True)


def can_filter():
    return shutil.which("nft") and subprocess.run(["nft", "list ruleset"], stdout=subprocess.DEVNULL,
                                                  stderr=subprocess.DEVNULL).returncode == 0


def drop_what_goes_out(match):
    nft("add table inet t; add chain inet t o { type filter hook output priority 0; }; "
        f"add rule inet t o {match} drop")


def reads_all():
    return stranger.shakes_hands(then=lambda seen: [seen.reply("A", 5001)] if seen.payload else [])


def begin(count):
    """Connections that are begun and not waited for."""
    sockets = []
    for _ in range(count):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(ELSEWHERE)
        sockets.append(s)
    return sockets


class OwnFirewall(scene.Case):
    def setUp(self):
        super().setUp()
        if not can_filter():
            self.skipTest("nft is not installed, or may not filter here")

    def test_data_of_open_connections(self):
        with stranger.Line() as line:
            line.answer_with(reads_all())
            sockets = [socket.create_connection(ELSEWHERE) for _ in range(6)]
            drop_what_goes_out("tcp dport 443")
            for s in sockets:
                s.send(b"hello")
            time.sleep(1)
            finding = self.finds("not-sent", "warning")
            self.assert_evidence(finding, held_back=6, waiting_bytes=30, most_to="10.20.0.1:443", pid=os.getpid())
            self.assertEqual(finding["fixes"][0]["command"], "nft list ruleset")
            self.assertEqual([f["id"] for f in self.last["findings"]], ["not-sent"])
            scene.vanish(*sockets)

    def test_syns(self):
        with stranger.Line() as line:
            line.answer_with(reads_all())
            drop_what_goes_out("tcp dport 443")
            sockets = []
            said = scene.during(lambda: sockets.extend(begin(6)), 1.5)
            self.assert_evidence(self.found(said, "not-sent")[0], held_back=0, refused_in_sample=(6, 24))
            self.assertIn("own firewall", self.found(said, "syn-sent")[0]["why"])
            scene.vanish(*sockets)

    def test_others_are_dropped(self):
        """The rule is there and in use, and drops what is not TCP."""
        with stranger.Line() as line:
            line.answer_with(reads_all())
            drop_what_goes_out("udp dport 443")
            with socket.socket(type=socket.SOCK_DGRAM) as s, self.assertRaises(PermissionError):
                s.sendto(b"hello", ELSEWHERE)
            sockets = [socket.create_connection(ELSEWHERE) for _ in range(6)]
            for s in sockets:
                s.send(b"hello")
            self.finds_nothing()
            scene.vanish(*sockets)

    def test_a_peer_that_is_gone_is_another_matter(self):
        with stranger.Line() as line:
            line.answer_with(stranger.shakes_hands())
            sockets = [socket.create_connection(ELSEWHERE) for _ in range(6)]
            for s in sockets:
                s.send(b"hello")
            time.sleep(1.5)
            self.assertEqual(self.found(self.examine(), "not-sent"), [])
            self.assertEqual(len(self.found(self.last, "silent-peers")), 1)
            scene.vanish(*sockets)


class OwnQueue(scene.Case):
    def test_nobody_answers_arp(self):
        """The address is of our own net, so it is asked for, and nobody has it."""
        scene.ip("link add v0 type veth peer name v1")
        scene.ip("address add 10.20.0.9/24 dev v0")
        scene.set_up("v0")
        scene.set_up("v1")
        sockets = []
        said = scene.during(lambda: sockets.extend(begin(6)), 1.5)
        self.assert_evidence(self.found(said, "not-sent")[0], refused_in_sample=0, still_queued_in_sample=(6, 24))
        self.assertIn("ARP", self.found(said, "syn-sent")[0]["why"])
        scene.vanish(*sockets)


class LargePackets(scene.Case):
    """The path takes what is small."""

    def through(self, largest):
        def then(seen):
            return [seen.reply("A", 5001)] if 0 < len(seen.payload) <= largest else []
        return stranger.shakes_hands(then=then)

    def open(self, line, largest):
        line.answer_with(self.through(largest))
        return [socket.create_connection(ELSEWHERE) for _ in range(7)]

    def test_black_hole(self):
        with stranger.Line() as line:
            sockets = self.open(line, 1000)
            for s in sockets[1:]:
                s.send(bytes(4 * 1460))
            time.sleep(1.2)
            said = scene.during(lambda: [sockets[0].send(b"hello") and time.sleep(0.1) for _ in range(5)])
            finding = self.found(said, "silent-peers")[0]
            self.assertEqual(finding["severity"], "warning")
            self.assert_evidence(finding, silent=6, silent_with_full_segments=6, peer_answers_others=1)
            self.assertIn("full size", finding["summary"])
            self.assertIn("sysctl -w net.ipv4.tcp_mtu_probing=1", [fix["command"] for fix in finding["fixes"]])
            scene.vanish(*sockets)

    def test_small_packets_get_through(self):
        with stranger.Line() as line:
            sockets = self.open(line, 1000)
            for s in sockets:
                s.send(bytes(900))
            time.sleep(1.2)
            self.finds_nothing()
            scene.vanish(*sockets)


if __name__ == "__main__":
    scene.main()
