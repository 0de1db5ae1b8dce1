# SPDX-License-Identifier: BSD-2-Clause
"""Local ports, and TIME_WAIT: short of ports, or harmless."""

import os
import socket
import time

import scene

PORTS = 200


class Ports(scene.Case):
    look_for_s = 0.5

    def setUp(self):
        super().setUp()
        scene.setting("net.ipv4.ip_local_port_range", f"40000 {40000 + PORTS - 1}")
        scene.setting("net.ipv4.tcp_tw_reuse", 0)
        # Addresses that are not loopback's: tcp_tw_reuse=2 would be for those.
        scene.ip("address add 10.1.0.1/32 dev lo")
        scene.ip("address add 10.1.0.2/32 dev lo")

    def leave_time_wait(self, count, server, source="10.1.0.1"):
        """Connections that their client has closed first."""
        for _ in range(count):
            client = socket.socket()
            client.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
            client.bind((source, 0))
            client.connect(server.getsockname())
            accepted = server.accept()[0]
            client.close()
            accepted.close()

    def hold(self, count, server, source="10.1.0.1", no_port=True):
        held = []
        for _ in range(count):
            client = socket.socket()
            if no_port:
                client.setsockopt(socket.IPPROTO_IP, 24, 1)
            client.bind((source, 0))
            client.connect(server.getsockname())
            held += [client, server.accept()[0]]
        return held


class Ephemeral(Ports):
    def test_exhausted_by_time_wait(self):
        server = scene.listener("10.1.0.2", 9000)
        self.leave_time_wait(PORTS, server)
        with self.assertRaises(OSError) as failed:
            self.hold(1, server)
        self.assertEqual(failed.exception.errno, 99)
        finding = self.finds("ephemeral-ports", "critical")
        self.assert_evidence(finding, source="10.1.0.1", destination="10.1.0.2", port=9000, used=PORTS, ports=PORTS,
                             share=1.0, slow_from=PORTS // 2, time_wait=PORTS, open=0, seconds_to_exhaustion=0,
                             tcp_tw_reuse=0)
        self.assertEqual(finding["fixes"][0]["kind"], "application")

    def test_exhausted_by_open_connections(self):
        server = scene.listener("10.1.0.2", 9000)
        held = self.hold(150, server)
        finding = self.finds("ephemeral-ports", "warning")
        self.assert_evidence(finding, used=150, time_wait=0, open=150, timestamps="both ends", pid=os.getpid(),
                             share=0.75)
        # No TIME_WAIT, so tcp_tw_reuse would bring nothing.
        self.assertFalse([fix for fix in finding["fixes"] if "tcp_tw_reuse" in fix["command"]])
        self.assertTrue([fix for fix in finding["fixes"] if "ip_local_port_range" in fix["command"]])
        del held

    def test_reuse_is_advised_only_with_timestamps(self):
        server = scene.listener("10.1.0.2", 9000)
        held = self.hold(2, server)
        self.leave_time_wait(150, server)
        with_timestamps = self.finds("ephemeral-ports")
        self.assertTrue([fix for fix in with_timestamps["fixes"] if "tcp_tw_reuse=1" in fix["command"]])
        self.assert_evidence(with_timestamps, timestamps="both ends")
        del held
        self.setUp()
        scene.setting("net.ipv4.tcp_timestamps", 0)
        server = scene.listener("10.1.0.2", 9000)
        held = self.hold(2, server)
        self.leave_time_wait(150, server)
        without = self.finds("ephemeral-ports")
        self.assert_evidence(without, timestamps="not used")
        self.assertFalse([fix for fix in without["fixes"] if "tcp_tw_reuse" in fix["command"]])

    def test_soon(self):
        """Not half of them yet, but they go so fast that nobody would come in time."""
        server = scene.listener("10.1.0.2", 9000)
        self.leave_time_wait(50, server)
        said = scene.during(lambda: self.leave_time_wait(30, server), 1)
        finding = self.found(said, "ephemeral-ports")[0]
        self.assertEqual(finding["severity"], "critical")
        self.assert_evidence(finding, used=80, growth_per_second=(30 / said["for_s"] - 0.1, 30 / said["for_s"] + 0.1),
                             seconds_to_exhaustion=(int(4 * said["for_s"]) - 1, int(4 * said["for_s"]) + 1))

    def test_same_number_on_two_paths_is_healthy(self):
        for port in (9000, 9001, 9002):
            server = scene.listener("10.1.0.2", port)
            self.leave_time_wait(PORTS // 3, server)
        self.finds_nothing("ephemeral-ports", "bind-ports")

    def test_reused_ports_are_healthy(self):
        """tcp_tw_reuse takes them, so no path is short, although all its ports are in TIME_WAIT."""
        scene.setting("net.ipv4.tcp_tw_reuse", 1)
        server = scene.listener("10.1.0.2", 9000)
        self.leave_time_wait(PORTS, server)
        time.sleep(1.1)
        held = self.hold(3, server)  # which shows that they are taken
        said = self.finds_nothing("ephemeral-ports")
        self.assertEqual(len(self.found(said, "time-wait")), 1)
        self.assert_evidence(self.found(said, "time-wait")[0], whose_ports_tcp_tw_reuse_takes=(PORTS - 10, PORTS))
        del held

    def test_mapped_addresses_share_the_ports(self):
        """70 of IPv4 and 70 of IPv4 mapped into IPv6 are 140 ports of one path."""
        server = scene.listener("10.1.0.2", 9000)
        self.leave_time_wait(70, server)
        for _ in range(70):
            client = socket.socket(socket.AF_INET6)
            client.setsockopt(socket.IPPROTO_IP, 24, 1)
            client.bind(("::ffff:10.1.0.1", 0))
            client.connect(("::ffff:10.1.0.2", 9000))
            accepted = server.accept()[0]
            client.close()
            accepted.close()
        self.assert_evidence(self.finds("ephemeral-ports", "warning"), used=140, source="10.1.0.1", destination="10.1.0.2")


class Bind(Ports):
    def open_to_many(self, count, no_port):
        self.servers = [scene.listener("10.1.0.2", 9000 + i) for i in range(5)]
        self.held = []
        for i in range(count):
            self.held += self.hold(1, self.servers[i % 5], no_port=no_port)

    def test_bind_before_connect(self):
        self.open_to_many(150, no_port=False)
        finding = self.finds("bind-ports", "warning")
        self.assert_evidence(finding, source="10.1.0.1", used=150, ports=PORTS, connections=150, chosen_by_bind=100,
                             chosen_by_connect=50)
        self.assertIn("IP_BIND_ADDRESS_NO_PORT", finding["fixes"][0]["text"])
        self.assertEqual(self.found(self.last, "ephemeral-ports"), [])

    def test_bind_has_none_left(self):
        self.open_to_many(PORTS, no_port=False)
        with self.assertRaises(OSError) as failed:
            self.hold(1, self.servers[0], no_port=False)
        self.assertEqual(failed.exception.errno, 98)
        self.assert_evidence(self.finds("bind-ports", "critical"), used=PORTS, ports=PORTS)

    def test_bound_sockets_use_up_one_destination(self):
        """All ports are in use, so their parity no longer tells; what has been bound is advised nevertheless."""
        server = scene.listener("10.1.0.2", 9000)
        held = self.hold(PORTS, server, no_port=False)
        finding = self.finds("ephemeral-ports", "critical")
        self.assertTrue([fix for fix in finding["fixes"] if "IP_BIND_ADDRESS_NO_PORT" in fix["text"]])
        del held
        self.setUp()
        held = self.hold(PORTS * 3 // 4, scene.listener("10.1.0.2", 9000))
        finding = self.finds("ephemeral-ports", "warning")
        self.assertFalse([fix for fix in finding["fixes"] if "IP_BIND_ADDRESS_NO_PORT" in fix["text"]])
        del held

    def test_as_many_chosen_by_connect_are_healthy(self):
        self.open_to_many(150, no_port=True)
        self.finds_nothing("bind-ports", "ephemeral-ports")


class TimeWait(Ports):
    def test_of_a_server(self):
        """The server closes first: its one port is enough for all of them."""
        scene.setting("net.ipv4.ip_local_port_range", "40000 49999")
        server = scene.listener("10.1.0.2", 9000)
        for _ in range(1500):
            client = socket.create_connection(("10.1.0.2", 9000))
            server.accept()[0].close()
            client.close()
        said = self.finds_nothing("ephemeral-ports", "time-wait-table")
        finding = self.found(said, "time-wait")[0]
        self.assertEqual(finding["severity"], "notice")
        # A client that takes a port again within the minute takes over the TIME_WAIT there (RFC 6191).
        waiting = scene.json.loads(scene.lastack("states", "-j").stdout)["states"]["TIME_WAIT"]
        self.assertGreater(waiting, 1300)
        self.assert_evidence(finding, time_wait=waiting, of_servers=waiting, of_clients=0, memory_bytes=waiting * 256)
        self.assertEqual(said["verdict"], "healthy")

    def test_table_is_full(self):
        scene.setting("net.ipv4.tcp_max_tw_buckets", 100)
        scene.setting("net.ipv4.ip_local_port_range", "40000 49999")
        server = scene.listener("10.1.0.2", 9000)
        self.leave_time_wait(95, server)
        near = self.finds("time-wait-table", "warning")
        self.assert_evidence(near, records=95, tcp_max_tw_buckets=100, overflows=0)
        full = self.found(scene.during(lambda: self.leave_time_wait(25, server)), "time-wait-table")[0]
        self.assertEqual(full["severity"], "critical")
        self.assert_evidence(full, records=100, overflows_in_sample=20, overflows=20)
        past = self.finds("time-wait-table")
        self.assert_evidence(past, overflows_in_sample=0, overflows=20)

    def test_a_negative_limit_is_none(self):
        scene.setting("net.ipv4.tcp_max_tw_buckets", -1)
        server = scene.listener("10.1.0.2", 9000)
        self.leave_time_wait(20, server)
        self.assertEqual(scene.json.loads(scene.lastack("states", "-j").stdout)["states"]["TIME_WAIT"], 20)
        self.finds_nothing("time-wait-table")

    def test_few_are_not_spoken_of(self):
        scene.setting("net.ipv4.ip_local_port_range", "40000 49999")
        self.leave_time_wait(100, scene.listener("10.1.0.2", 9000))
        said = self.examine()
        self.assertEqual([f["id"] for f in said["findings"]], [])


if __name__ == "__main__":
    scene.main()
