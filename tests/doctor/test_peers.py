# SPDX-License-Identifier: BSD-2-Clause
"""Peers that do not answer, refuse, do not read or are dead, losses on the way, and programs that do not read."""

import json
import os
import socket
import time

import scene
import stranger


class SynSent(scene.Case):
    def connecting(self, count, address):
        sockets = []
        for _ in range(count):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(address)
            sockets.append(s)
        return sockets

    def test_nobody_answers(self):
        with stranger.Line():
            sockets = self.connecting(8, ("10.20.0.1", 443))
            time.sleep(1.3)
            finding = self.finds("syn-sent", "warning")
            self.assert_evidence(finding, destination="10.20.0.1:443", syn_sent=8, repeated=8, other_connections_there=0,
                                 pid=os.getpid(), most_repeats=(1, 3))
            self.assertIn("down", finding["why"])
            scene.vanish(*sockets)

    def test_others_get_through(self):
        with stranger.Line() as line:
            answered = []

            def first_three(seen):
                if seen.has("S") and (seen.source_port in answered or len(answered) < 3):
                    answered.append(seen.source_port)
                    return [seen.reply("SA", 5000)]
            line.answer_with(first_three)
            sockets = [socket.create_connection(("10.20.0.1", 443)) for _ in range(3)]
            sockets += self.connecting(6, ("10.20.0.1", 443))
            time.sleep(1.3)
            self.assert_evidence(self.finds("syn-sent", "warning"), repeated=6, other_connections_there=3)
            scene.vanish(*sockets)

    def test_own_listener_is_full(self):
        server = scene.listener(backlog=2)
        sockets = self.connecting(9, server.getsockname())
        time.sleep(1.3)
        finding = self.finds("syn-sent", "warning")
        self.assert_evidence(finding, repeated=6)
        self.assertIn("own listener", finding["why"])
        scene.vanish(*sockets)

    def test_a_long_way_is_healthy(self):
        """As many in SYN_SENT, and none has had to repeat."""
        with stranger.Line():
            sockets = self.connecting(30, ("10.20.0.1", 443))
            said = json.loads(scene.lastack("doctor", "-j", "--for", "0.3").stdout)
            self.assertEqual(self.found(said, "syn-sent"), [])
            scene.vanish(*sockets)


class Refused(scene.Case):
    def refuse(self, count):
        for _ in range(count):
            with socket.socket() as s:
                s.connect_ex(("127.0.0.1", 9))

    def test_nobody_listens(self):
        said = scene.during(lambda: self.refuse(40))
        self.assert_evidence(self.found(said, "refused")[0], failed_in_sample=40, opened_in_sample=40)
        self.assert_evidence(self.found(said, "refusing")[0], resets_in_sample=40, resets_of_connections=0)

    def test_service_on_loopback_alone(self):
        scene.ip("address add 10.1.0.1/32 dev lo")

        def ask(port):
            for _ in range(15):
                with socket.socket() as s:
                    s.connect_ex(("10.1.0.1", port))
        inside = scene.listener("127.0.0.1", 5432)
        finding = self.found(scene.during(lambda: ask(5432)), "refusing")[0]
        self.assert_evidence(finding, listening_on_loopback_alone="5432", resets_in_sample=15)
        both = scene.listener("10.1.0.1", 5432)
        self.assertEqual(self.found(scene.during(lambda: ask(5432)), "refusing"), [])
        other = self.found(scene.during(lambda: ask(5433)), "refusing")[0]
        self.assertNotIn("listening_on_loopback_alone", other["evidence"])
        inside.close()
        both.close()

    def test_a_few_are_healthy(self):
        said = scene.during(lambda: self.refuse(4))
        self.assertEqual(said["findings"], [])

    def test_resets_of_connections_are_not_refusals(self):
        pairs = scene.connections(60)
        said = scene.during(lambda: [scene.vanish(client) for client, _ in pairs])
        self.assertEqual(self.found(said, "refusing"), [])
        self.assertEqual(self.found(said, "connections-reset")[0]["severity"], "notice")
        self.assertEqual(said["verdict"], "healthy")


class Silent(scene.Case):
    def test_data_is_not_acknowledged(self):
        with stranger.Line() as line:
            line.answer_with(stranger.shakes_hands())
            sockets = [socket.create_connection(("10.20.0.1", 443)) for _ in range(6)]
            for s in sockets:
                s.send(b"hello")
            time.sleep(1.5)
            finding = self.finds("silent-peers", "warning")
            self.assert_evidence(finding, peer="10.20.0.1:443", silent=6, waiting_bytes=30, pid=os.getpid())
            self.assertEqual(self.found(self.last, "zero-window"), [])
            scene.vanish(*sockets)

    def test_peer_does_not_read(self):
        with stranger.Line() as line:
            line.answer_with(stranger.never_reads())
            sockets = [socket.create_connection(("10.20.0.1", 443)) for _ in range(6)]
            for s in sockets:
                s.send(b"hello")
            time.sleep(2)
            finding = self.finds("zero-window", "warning")
            self.assert_evidence(finding, peer="10.20.0.1:443", closed_windows=6, waiting_bytes=30)
            self.assertEqual(self.found(self.last, "silent-peers"), [])
            scene.vanish(*sockets)

    def test_keepalive_is_not_answered(self):
        """A dead peer, and a program that has asked to be told."""
        with stranger.Line() as line:
            line.answer_with(stranger.shakes_hands())
            sockets = [socket.create_connection(("10.20.0.1", 443)) for _ in range(6)]
            for s in sockets:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
            time.sleep(3.2)
            self.assert_evidence(self.finds("silent-peers", "warning"), silent=6, waiting_bytes=0)
            scene.vanish(*sockets)

    def test_idle_is_healthy(self):
        with stranger.Line() as line:
            line.answer_with(stranger.shakes_hands())
            sockets = [socket.create_connection(("10.20.0.1", 443)) for _ in range(6)]
            time.sleep(1)
            self.finds_nothing("silent-peers", "zero-window", "dead-peers")
            scene.vanish(*sockets)


class Losses(scene.Case):
    def talk(self, s, count):
        for _ in range(count):
            s.send(bytes(1400))
            time.sleep(0.001)

    def talk_over(self, answer):
        with stranger.Line() as line:
            line.answer_with(answer)
            s = socket.create_connection(("10.20.0.1", 443))
            said = scene.during(lambda: self.talk(s, 600))
            scene.vanish(s)
        return said

    def test_lossy_line(self):
        finding = self.found(self.talk_over(stranger.loses(12)), "retransmissions")[0]
        self.assertIn(finding["severity"], ("warning", "critical"))
        self.assert_evidence(finding, share=(0.02, 0.5), repeated_in_sample=(20, 600), worst_peer="10.20.0.1:443",
                             pid=os.getpid())

    def test_good_line_is_healthy(self):
        self.assertEqual(self.talk_over(stranger.loses(10**9))["findings"], [])


class Unread(scene.Case):
    look_for_s = 0.5

    def test_program_does_not_read(self):
        pairs = scene.connections(3)
        for client, _ in pairs:
            client.send(bytes(30000))
        time.sleep(2.7)
        finding = self.finds("unread-data", "warning")
        self.assert_evidence(finding, connections=3, unread_bytes=90000, pid=os.getpid())

    def test_bytes_of_this_moment_are_healthy(self):
        pairs = scene.connections(3)
        for client, _ in pairs:
            client.send(bytes(30000))
        self.finds_nothing("unread-data")


class SmallBuffers(scene.Case):
    def exchange(self, server):
        """A peer that writes more than fits, and a program that reads it in small pieces."""
        pairs = scene.connections(5, server)
        for client, accepted in pairs:
            client.setblocking(False)
            client.send(bytes(20000))
            accepted.setblocking(False)
        return pairs

    def read_slowly(self, pairs, seconds=1.5):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for _, accepted in pairs:
                try:
                    accepted.recv(300)
                except BlockingIOError:
                    pass
            time.sleep(0.02)

    def test_set_by_the_program(self):
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        server.bind(("127.0.0.1", 7000))
        server.listen(8)
        pairs = self.exchange(server)
        finding = self.found(scene.during(lambda: self.read_slowly(pairs)), "small-buffers")[0]
        self.assertEqual(finding["severity"], "warning")
        self.assert_evidence(finding, connections=5, pid=os.getpid(), windows_closed_in_sample=(5, 10000))
        scene.vanish(*[end for pair in pairs for end in pair])

    def test_left_to_the_kernel_is_healthy(self):
        pairs = self.exchange(scene.listener(port=7000))
        self.assertEqual(scene.during(lambda: self.read_slowly(pairs, 0.5))["findings"], [])
        scene.vanish(*[end for pair in pairs for end in pair])


class Dead(scene.Case):
    """With --idle, since nobody waits for an hour here."""
    look_for_s = 0.3

    def test_idle_without_keepalive(self):
        pairs = scene.connections(4)
        for client, server in pairs[:1]:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            server.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        time.sleep(2.1)
        finding = self.finds("dead-peers", "notice", "--idle", "2")
        self.assert_evidence(finding, idle=6, idle_with_keepalive=2, threshold_s=2, oldest_s=(2, 5), pid=os.getpid())

    def test_in_use_is_healthy(self):
        pairs = scene.connections(4)
        until = time.monotonic() + 2.1
        while time.monotonic() < until:
            for client, server in pairs:
                client.send(b"x")
                server.recv(1)
            time.sleep(0.2)
        self.assertEqual(self.found(self.examine("--idle", "2"), "dead-peers"), [])


class Counters(scene.Case):
    def test_checksum_errors(self):
        with stranger.Line() as line:
            server = scene.listener(stranger.OURS, 80)

            def broken():
                for i in range(7):
                    line.send(stranger.segment("198.18.0.1", 2000 + i, 80, "S", broken=True))
            finding = self.found(scene.during(broken), "checksum-errors")[0]
            self.assertEqual(finding["severity"], "warning")
            self.assert_evidence(finding, InCsumErrors_in_sample=7, InCsumErrors=7)
            self.assertEqual(self.found(self.examine(), "checksum-errors"), [])
            server.close()

    def test_no_route(self):
        def try_it():
            for _ in range(12):
                with socket.socket() as s:
                    self.assertEqual(s.connect_ex(("198.18.0.1", 80)), 101)
        finding = self.found(scene.during(try_it), "no-route")[0]
        self.assert_evidence(finding, OutNoRoutes_in_sample=12)
        self.assertEqual(self.found(self.examine(), "no-route"), [])

    def test_fast_open_is_dropped(self):
        """A box that lets a SYN pass only without data."""
        scene.setting("net.ipv4.tcp_fastopen", 1)

        def open_fast(taken):
            with stranger.Line() as line:
                line.answer_with(lambda seen: [seen.reply("SA", 5000)] if seen.has("S") and (taken or not seen.payload)
                                 else [])
                sockets = []

                def begin():
                    for _ in range(8):
                        s = socket.socket()
                        s.setblocking(False)
                        s.setsockopt(socket.IPPROTO_TCP, 34, 1)  # TCP_FASTOPEN_NO_COOKIE
                        try:
                            s.sendto(b"GET /", 0x20000000, ("10.20.0.1", 443))  # MSG_FASTOPEN
                        except BlockingIOError:
                            pass
                        sockets.append(s)
                said = scene.during(begin, 1.6)
                scene.vanish(*sockets)
                return self.found(said, "fast-open-fails")
        self.assert_evidence(open_fast(taken=False)[0], TCPFastOpenActiveFail_in_sample=8)
        self.assertEqual(open_fast(taken=True), [])

    def test_blind_resets(self):
        with stranger.Line() as line:
            line.answer_with(stranger.shakes_hands())
            s = socket.create_connection(("10.20.0.1", 443))
            port = s.getsockname()[1]

            def reset(count, seq):
                for _ in range(count):
                    line.send(stranger.segment("10.20.0.1", 443, port, "R", seq))
            said = scene.during(lambda: reset(40, 5001 + 1000))
            self.assertEqual(self.found(said, "challenged")[0]["severity"], "notice")
            self.assertEqual(self.found(scene.during(lambda: reset(1, 5001 + 1000)), "challenged"), [])
            s.send(b"x")  # it is there
            scene.vanish(s)

    def test_given_up(self):
        scene.setting("net.ipv4.tcp_syn_retries", 1)
        with stranger.Line() as line:
            line.answer_with(stranger.shakes_hands())
            s = socket.create_connection(("10.20.0.1", 443))
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 600)
            s.send(b"hello")
            said = scene.during(lambda: time.sleep(1.2))
            self.assert_evidence(self.found(said, "given-up")[0], TCPAbortOnTimeout_in_sample=1)


if __name__ == "__main__":
    scene.main()
