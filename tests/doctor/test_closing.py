# SPDX-License-Identifier: BSD-2-Clause
"""What does not end: CLOSE_WAIT, FIN_WAIT_2 of both kinds, connections stuck while they close."""

import os
import socket
import time

import scene
import stranger


class CloseWait(scene.Case):
    look_for_s = 0.5

    def test_leak(self):
        pairs = scene.connections(25)
        for client, _ in pairs:
            client.close()
        time.sleep(2.7)
        finding = self.finds("close-wait", "warning")
        self.assert_evidence(finding, close_wait=25, late=25, pid=os.getpid(), growth=0, oldest_s=(2, 10))
        self.assertEqual(finding["fixes"][0]["kind"], "application")
        self.assertFalse([fix for fix in finding["fixes"] if fix["kind"] == "knob"])

    def test_growth_is_told(self):
        pairs = scene.connections(60)
        for client, _ in pairs[:20]:
            client.close()
        time.sleep(2.7)
        said = scene.during(lambda: [client.close() for client, _ in pairs[20:50]])
        finding = self.found(said, "close-wait")[0]
        self.assert_evidence(finding, close_wait=50, growth=30, late=20)

    def test_brief_burst_is_healthy(self):
        """As many, but of this moment: the program is about to close them."""
        pairs = scene.connections(200)
        for client, _ in pairs:
            client.close()
        self.finds_nothing("close-wait")

    def test_half_closed_in_use_is_healthy(self):
        """The client has said all it has to say, and the server still answers."""
        pairs = scene.connections(15)
        for client, _ in pairs:
            client.shutdown(socket.SHUT_WR)
        until = time.monotonic() + 2.8
        while time.monotonic() < until:
            for _, server in pairs:
                server.send(b"more")
            time.sleep(0.1)
        self.finds_nothing("close-wait")


class FinWait2(scene.Case):
    look_for_s = 0.5

    def test_held_by_an_application(self):
        pairs = scene.connections(12)
        for client, _ in pairs:
            client.shutdown(socket.SHUT_WR)
        time.sleep(2.7)
        finding = self.finds("fin-wait-2-held", "notice")
        self.assert_evidence(finding, held=12, orphans=0, pid=os.getpid(), tcp_fin_timeout=60)
        self.assertEqual(self.found(self.last, "fin-wait-2-orphans"), [])

    def test_orphans(self):
        """Closed by their program, and not by their peer: that one leaks."""
        pairs = scene.connections(400)
        pairs += scene.connections(400)
        pairs += scene.connections(250)
        for client, _ in pairs:
            client.close()
        finding = self.finds("fin-wait-2-orphans", "notice")
        # The kernel keeps one whole whose FIN is acknowledged while it is being closed (tcp_rcv_state_process(), "bad case").
        self.assert_evidence(finding, orphans=1050, of_full_size=(0, 20), held_by_programs=0, last_ends_in_s=(50, 60))
        self.assertEqual(self.found(self.last, "fin-wait-2-held"), [])

    def test_orphans_of_full_size(self):
        scene.setting("net.ipv4.tcp_fin_timeout", 300)
        pairs = scene.connections(150)
        for client, _ in pairs:
            client.close()
        finding = self.finds("fin-wait-2-orphans", "warning")
        self.assert_evidence(finding, orphans=150, of_full_size=150, tcp_fin_timeout=300)
        self.assertIn("sysctl -w net.ipv4.tcp_fin_timeout=60", [fix["command"] for fix in finding["fixes"]])

    def test_a_moment_of_half_close_is_healthy(self):
        pairs = scene.connections(30)
        for client, _ in pairs:
            client.shutdown(socket.SHUT_WR)
        self.finds_nothing("fin-wait-2-held", "fin-wait-2-orphans")


class Stuck(scene.Case):
    look_for_s = 0.5

    def open(self, line, count, answer):
        line.answer_with(answer)
        opened = []
        for i in range(count):
            s = socket.socket()
            s.connect(("10.20.0.1", 8000 + i))
            opened.append(s)
        return opened

    def test_peer_is_gone(self):
        with stranger.Line() as line:
            for s in self.open(line, 12, stranger.shakes_hands()):
                s.send(b"last words")
                s.close()
            time.sleep(1.5)
            finding = self.finds("closing-stuck", "warning")
            self.assert_evidence(finding, no_answer=12, closed_window=0, in_fin_wait_1=12, orphans_of_these=12,
                                 waiting_bytes=12 * 11)

    def test_peer_does_not_read(self):
        """It answers each probe: the window is closed."""
        with stranger.Line() as line:
            for s in self.open(line, 12, stranger.never_reads()):
                s.send(b"last words")
                s.close()
            time.sleep(2)
            finding = self.finds("closing-stuck", "warning")
            self.assert_evidence(finding, no_answer=0, closed_window=12)

    def test_just_closed_is_healthy(self):
        """FIN_WAIT_1 for as long as a long way takes."""
        with stranger.Line() as line:
            opened = self.open(line, 12, stranger.shakes_hands())
            for s in opened:
                s.close()
            done = scene.lastack("doctor", "-j", "--for", "0")
            said = scene.json.loads(done.stdout)
            self.assertEqual(self.found(said, "closing-stuck"), [])
            states = scene.json.loads(scene.lastack("states", "-j").stdout)["states"]
            self.assertEqual(states["FIN_WAIT_1"], 12)


if __name__ == "__main__":
    scene.main()
