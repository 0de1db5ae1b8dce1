# SPDX-License-Identifier: BSD-2-Clause
"""Listeners: accept queues that overflow, floods of SYNs, and what only looks like them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import scene
import stranger


def begin_connecting(address, count):
    """Clients that do not wait: those that get in, and those that hang in SYN_SENT."""
    clients = []
    for _ in range(count):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(address)
        clients.append(s)
    return clients


def accept_all(server):
    """All that wait there."""
    server.setblocking(False)
    accepted = []
    try:
        while True:
            accepted.append(server.accept()[0])
    except BlockingIOError:
        return accepted


class AcceptQueue(scene.Case):
    def test_nobody_accepts(self):
        server = scene.listener(backlog=5)
        clients = begin_connecting(server.getsockname(), 14)
        time.sleep(0.2)
        finding = self.finds("accept-queue", "critical")
        self.assert_evidence(finding, queue=6, limit=5, limit_set_by="application", somaxconn=4096, sockets=1, sockets_full=1,
                             waiting=6, drops_in_sample=(1, 100), drops=(9, 200), overflows_in_sample=(1, 100),
                             pid=os.getpid())
        self.assertFalse([fix for fix in finding["fixes"] if "somaxconn=" in fix["command"]])
        scene.vanish(*clients)

    def test_somaxconn_binds(self):
        scene.setting("net.core.somaxconn", 8)
        server = scene.listener(backlog=128)
        clients = begin_connecting(server.getsockname(), 20)
        time.sleep(0.2)
        finding = self.finds("accept-queue", "critical")
        self.assert_evidence(finding, queue=9, limit=8, limit_set_by="somaxconn", somaxconn=8)
        self.assertTrue([fix for fix in finding["fixes"] if "somaxconn=" in fix["command"]])
        scene.vanish(*clients)

    def test_drops_between_the_looks(self):
        """A burst in between: drops, though the queue is empty at both looks."""
        server = scene.listener(backlog=4)
        clients, accepted = [], []

        def burst():
            clients.extend(begin_connecting(server.getsockname(), 20))
            accepted.extend(accept_all(server))
        finding = self.found(scene.during(burst), "accept-queue")[0]
        self.assertEqual(finding["severity"], "warning")
        self.assert_evidence(finding, drops_in_sample=15, overflows_in_sample=15, queue=(0, 5))
        scene.vanish(*clients, *accepted)

    def test_waiting_without_overflow(self):
        """Three wait in a queue of 128, and nobody comes for them."""
        server = scene.listener(backlog=128)
        clients = [socket.create_connection(server.getsockname()) for _ in range(3)]
        time.sleep(2)
        finding = self.finds("accept-queue", "warning")
        self.assert_evidence(finding, queue=3, waiting=3, oldest_waits_s=(2, 6), drops=0)
        scene.vanish(*clients)

    def test_one_worker_is_stuck(self):
        first = scene.listener(port=7777, backlog=2, reuseport=True)
        second = scene.listener(port=7777, backlog=64, reuseport=True)
        clients = begin_connecting(("127.0.0.1", 7777), 24)
        time.sleep(0.2)
        accepted = accept_all(second)
        finding = self.finds("accept-queue", "critical")
        self.assert_evidence(finding, sockets=2, sockets_full=1, queue=3, limit=2)
        self.assertIn("1 of the 2 sockets", finding["fixes"][0]["text"])
        scene.vanish(*clients, *accepted)
        first.close()

    def test_one_worker_is_behind(self):
        """Nothing is full yet, and half of the clients wait for ever."""
        first = scene.listener(port=7777, backlog=64, reuseport=True)
        second = scene.listener(port=7777, backlog=64, reuseport=True)
        clients = [socket.create_connection(("127.0.0.1", 7777)) for _ in range(24)]
        accepted = accept_all(second)
        time.sleep(2)
        finding = self.finds("accept-queue", "warning")
        self.assert_evidence(finding, sockets=2, sockets_full=0, sockets_with_queue=1, waiting=24 - len(accepted))
        self.assertIn("1 of the 2 sockets", finding["fixes"][0]["text"])
        scene.vanish(*clients, *accepted)
        first.close()

    def test_clients_that_gave_up(self):
        server = scene.listener(backlog=50)
        clients = [socket.create_connection(server.getsockname()) for _ in range(20)]
        for client in clients[:15]:
            client.close()
        time.sleep(2)
        finding = self.finds("accept-queue", "warning")
        self.assert_evidence(finding, waiting=20, waiting_and_closed_by_client=15)
        self.assertIn("clients of 15 have closed", finding["summary"])
        scene.vanish(*clients[15:])

    def test_full_for_a_moment_is_healthy(self):
        """The last look finds the queue full, and nobody was dropped."""
        server = scene.listener(backlog=5)
        clients = []

        def at_the_end():
            time.sleep(0.5)
            clients.extend(begin_connecting(server.getsockname(), 6))
        said = scene.during(at_the_end)
        self.assertEqual([f for f in said["findings"] if f["severity"] != "notice"], [])
        scene.vanish(*clients)

    def test_busy_and_keeping_up_is_healthy(self):
        server = scene.listener(backlog=16)
        doctor = subprocess.Popen([scene.LASTACK, "doctor", "-j", "--for", "1"], stdout=subprocess.PIPE)
        while doctor.poll() is None:
            scene.vanish(*scene.connection(server))
        said = json.loads(doctor.stdout.read())
        self.assertEqual([f for f in said["findings"] if f["id"] == "accept-queue"], [])

    def test_drops_of_the_past_are_a_notice(self):
        server = scene.listener(backlog=1)
        clients = begin_connecting(server.getsockname(), 8)
        time.sleep(0.1)
        for _ in range(2):
            server.accept()
        scene.vanish(*clients)
        finding = self.finds("accept-queue", "notice")
        self.assert_evidence(finding, drops=6, drops_in_sample=0, queue=0)
        self.assertEqual(self.last["verdict"], "healthy")


class SynQueue(scene.Case):
    def open(self, backlog):
        self.server = scene.listener(stranger.OURS, 80, backlog)

    def test_flood_with_cookies(self):
        with stranger.Line() as line:
            self.open(64)
            stranger.flood(line, 300, 80)
            time.sleep(1.2)
            said = scene.during(lambda: stranger.flood(line, 200, 80, lambda i: f"198.19.{i // 250}.{i % 250 + 1}"))
            finding = self.found(said, "syn-queue")[0]
            self.assertEqual(finding["severity"], "warning")
            self.assert_evidence(finding, half_open=65, limit=64, sources=65, tcp_syncookies=1, cookies_sent_in_sample=200,
                                 cookies_returned_in_sample=0, dropped_in_sample=0, completed_in_sample=0,
                                 unanswered=(60, 65), established=0)
            self.assertFalse([fix for fix in finding["fixes"] if "tcp_max_syn_backlog" in fix["command"]])

    def test_flood_without_cookies(self):
        scene.setting("net.ipv4.tcp_syncookies", 0)
        scene.setting("net.ipv4.tcp_max_syn_backlog", 4096)
        with stranger.Line() as line:
            self.open(64)
            finding = self.found(scene.during(lambda: stranger.flood(line, 300, 80)), "syn-queue")[0]
            self.assertEqual(finding["severity"], "critical")
            self.assert_evidence(finding, half_open=65, limit=64, dropped_in_sample=235, cookies_sent_in_sample=0)
            self.assertIn("sysctl -w net.ipv4.tcp_syncookies=1", [fix["command"] for fix in finding["fixes"]])

    def test_cookies_off_and_a_small_syn_backlog(self):
        """The last quarter of tcp_max_syn_backlog is not for strangers: then it is that which binds."""
        scene.setting("net.ipv4.tcp_syncookies", 0)
        scene.setting("net.ipv4.tcp_max_syn_backlog", 64)
        with stranger.Line() as line:
            self.open(4000)
            said = scene.during(lambda: stranger.flood(line, 300, 80))
            self.assert_evidence(self.found(said, "syn-queue")[0], half_open=49, limit=4000, dropped_in_sample=251,
                                 limit_of_tcp_max_syn_backlog=48)
            self.assertEqual(self.found(said, "syn-queue")[0]["severity"], "critical")
            self.assertEqual(self.found(said, "syn-dropped"), [])

    def test_limit_that_is_not_known_is_not_told(self):
        with stranger.Line() as line:
            self.open(64)
            stranger.flood(line, 300, 80)
            time.sleep(1.2)
            finding = self.finds("syn-queue", "warning", "--source", "proc")
            self.assertNotIn("at most", finding["summary"])
            self.assertNotIn("hold more than", json.dumps(finding["fixes"]))

    def test_from_one_address(self):
        with stranger.Line() as line:
            self.open(64)
            stranger.flood(line, 100, 80, lambda i: "198.18.0.1")
            time.sleep(1.2)
            finding = self.finds("syn-queue", "warning")
            self.assert_evidence(finding, half_open=65, sources=1)

    def test_each_listener_by_itself(self):
        """The one whose places are taken sends the cookies, although another has more that are half-open."""
        with stranger.Line() as line:
            self.open(200)
            small = scene.listener(stranger.OURS, 81, 16)
            stranger.flood(line, 50, 80)

            def both():
                stranger.flood(line, 300, 81, lambda i: f"198.19.{i // 250}.{i % 250 + 1}")
            found = self.found(scene.during(both), "syn-queue")
            self.assertEqual([f["evidence"]["listener"] for f in found], [f"{stranger.OURS}:81"])
            self.assert_evidence(found[0], half_open=17, limit=16, cookies_sent_in_sample=283)
            stranger.flood(line, 100, 80, lambda i: f"198.20.0.{i + 1}")
            time.sleep(1.3)
            found = self.found(self.examine(), "syn-queue")
            self.assertEqual([f["evidence"]["half_open"] for f in found], [150, 17])
            del small

    def test_flood_beside_a_busy_listener(self):
        """What another completes says nothing of the one that is flooded."""
        with stranger.Line() as line:
            self.open(512)
            busy = scene.listener()
            stranger.flood(line, 100, 80)
            time.sleep(1.2)
            pairs = []
            said = scene.during(lambda: pairs.extend(scene.connections(60, busy)))
            self.assert_evidence(self.found(said, "syn-queue")[0], half_open=100, completed_in_sample=0)

    def test_slow_clients_are_healthy(self):
        """As many half-open, far from the limit, from clients that do answer in the end."""
        with stranger.Line() as line:
            self.open(512)
            waiting = []
            line.answer_with(lambda seen: waiting.append(seen) if seen.has("S") else None)
            stranger.flood(line, 60, 80)
            self.finds_nothing("syn-queue", "accept-queue")
            seen = {s.port: s for s in waiting}
            self.assertEqual(len(seen), 60)

    def test_burst_of_real_clients_is_no_flood(self):
        """The queue is full for a while, and the handshakes are completed."""
        with stranger.Line() as line:
            self.open(64)
            held = []
            line.answer_with(held.append)

            def burst():
                stranger.flood(line, 100, 80)
                time.sleep(0.2)
                for seen in held[:100]:  # the last ACK of each; those of cookies, too
                    if seen.has("SA"):
                        line.send(seen.reply("A", 1001))
                accept_all(self.server)
            said = scene.during(burst)
            self.assertEqual([f for f in said["findings"] if f["id"] == "syn-queue" and f["severity"] != "notice"], [])


class Handshakes(scene.Case):
    def syns(self, line, count):
        for i in range(count):
            line.send(stranger.segment(f"198.18.0.{i + 1}", 2000 + i, 80, "S"))

    def test_no_way_back(self):
        with stranger.Line() as line:
            server = scene.listener(stranger.OURS, 80)
            scene.ip("route del default dev line")
            said = scene.during(lambda: self.syns(line, 30))
            finding = self.found(said, "syn-dropped")[0]
            self.assertEqual(finding["severity"], "warning")
            self.assert_evidence(finding, dropped_with_room_in_sample=30, overflows_in_sample=0)
            self.assertEqual(self.found(said, "accept-queue"), [])
            server.close()

    def test_a_way_back_is_healthy(self):
        with stranger.Line() as line:
            server = scene.listener(stranger.OURS, 80)
            self.assertEqual(scene.during(lambda: self.syns(line, 30))["findings"], [])
            server.close()

    def test_answers_are_lost(self):
        with stranger.Line() as line:
            server = scene.listener(stranger.OURS, 80)
            said = scene.during(lambda: self.syns(line, 30), 1.5)
            finding = self.found(said, "handshakes")[0]
            self.assert_evidence(finding, repeated_in_sample=(30, 60), half_open=30, half_open_unanswered=30)
            self.assertEqual(self.found(said, "syn-queue"), [])
            server.close()

    def test_first_syns_are_lost(self):
        """All get in, some of them a second late."""
        with stranger.Line() as line:
            lost = set()

            def answer(seen):
                if seen.has("S") and (seen.source_port in lost or seen.source_port % 4 < 2):
                    return [seen.reply("SA", 5000)]
                if seen.has("S"):
                    lost.add(seen.source_port)
            line.answer_with(answer)
            clients = []
            said = scene.during(lambda: clients.extend(begin_connecting(("10.20.0.1", 443), 60)), 1.6)
            finding = self.found(said, "handshakes")[0]
            self.assert_evidence(finding, repeated_in_sample=len(lost), opened_in_sample=60, half_open=0)
            self.assertEqual([f["id"] for f in said["findings"] if f["id"] in ("syn-sent", "retransmissions")], [])
            scene.vanish(*clients)


class Ipv6Only(scene.Case):
    def listener6(self, only):
        s = socket.socket(socket.AF_INET6)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
        s.bind(("::", 7070))
        s.listen(5)
        return s

    def refused_in_sample(self):
        return scene.during(lambda: [socket.socket().connect_ex(("127.0.0.1", 7070)) for _ in range(3)])

    def test_ipv4_clients_are_refused(self):
        server = self.listener6(1)
        finding = self.found(self.refused_in_sample(), "ipv6-only")[0]
        self.assert_evidence(finding, listener="[::]:7070", resets_in_sample=3, pid=os.getpid())
        server.close()

    def test_dual_stack_is_healthy(self):
        server = self.listener6(0)
        self.assertEqual(self.found(self.refused_in_sample(), "ipv6-only"), [])
        server.close()


if __name__ == "__main__":
    scene.main()
