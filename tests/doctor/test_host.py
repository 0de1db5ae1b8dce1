# SPDX-License-Identifier: BSD-2-Clause
"""What a host runs out of, and its settings."""

import json
import os
import re
import resource
import shutil
import socket
import subprocess
import tempfile

import scene
import stranger


class Settings(scene.Case):
    look_for_s = 0

    def about(self, leaf):
        """The findings about a setting; that one may be told of twice is no reason to fail."""
        said = self.examine()
        return [f for f in said["findings"] if f["id"] == "settings" and f["evidence"]["setting"].endswith("." + leaf)]

    def test_defaults_are_healthy(self):
        self.assertEqual(self.examine()["findings"], [])

    def test_timestamps_off_with_reuse_on(self):
        scene.setting("net.ipv4.tcp_timestamps", 0)
        scene.setting("net.ipv4.tcp_tw_reuse", 1)
        finding, = self.about("tcp_timestamps")
        self.assertEqual(finding["severity"], "warning")
        self.assert_evidence(finding, value="0", tcp_tw_reuse=1)
        self.assertEqual(finding["fixes"][0]["command"], "sysctl -w net.ipv4.tcp_timestamps=1")

    def test_reuse_on_with_timestamps_is_healthy(self):
        scene.setting("net.ipv4.tcp_tw_reuse", 1)
        self.assertEqual(self.examine()["findings"], [])

    def test_cookies_off(self):
        scene.setting("net.ipv4.tcp_syncookies", 0)
        self.assertEqual([f["severity"] for f in self.about("tcp_syncookies")], ["warning"])

    def test_cookies_always(self):
        scene.setting("net.ipv4.tcp_syncookies", 2)
        self.assertEqual([f["severity"] for f in self.about("tcp_syncookies")], ["notice"])

    def test_negative_value(self):
        """Linux takes it without a word."""
        scene.setting("net.ipv4.tcp_fin_timeout", -1)
        finding, = self.about("tcp_fin_timeout")
        self.assertEqual(finding["severity"], "warning")
        self.assert_evidence(finding, value="-1", standard="60")

    def test_senseless_value(self):
        scene.setting("net.ipv4.tcp_retries2", 200)
        self.assertEqual([f["severity"] for f in self.about("tcp_retries2")], ["notice"])

    def test_buckets_lowered(self):
        scene.setting("net.ipv4.tcp_max_tw_buckets", 5000)
        finding, = self.about("tcp_max_tw_buckets")
        buckets = abs(int(open("/proc/sys/net/ipv4/tcp_ehash_entries").read()))
        self.assert_evidence(finding, value="5000", default=buckets // 2)

    def test_no_limit_of_buckets(self):
        """Linux compares unsigned, so -1 is no nonsense: it is no limit."""
        scene.setting("net.ipv4.tcp_max_tw_buckets", -1)
        finding, = self.about("tcp_max_tw_buckets")
        self.assertEqual(finding["severity"], "notice")
        buckets = abs(int(open("/proc/sys/net/ipv4/tcp_ehash_entries").read()))
        self.assert_evidence(finding, value="-1", default=buckets // 2, records=0)
        self.assertIn("no limit", finding["summary"])
        self.assertEqual(finding["fixes"][0]["command"], f"sysctl -w net.ipv4.tcp_max_tw_buckets={buckets // 2}")

    def test_useless_syn_backlog(self):
        scene.setting("net.ipv4.tcp_max_syn_backlog", 65536)
        self.assertEqual([f["severity"] for f in self.about("tcp_max_syn_backlog")], ["notice"])

    def test_syn_backlog_matters_without_cookies(self):
        scene.setting("net.ipv4.tcp_max_syn_backlog", 65536)
        scene.setting("net.ipv4.tcp_syncookies", 0)
        self.assertEqual(self.about("tcp_max_syn_backlog"), [])

    def test_range_over_listening_ports(self):
        scene.setting("net.ipv4.ip_local_port_range", "1024 65000")
        servers = [scene.listener(port=port) for port in (3306, 8080)]
        finding, = self.about("ip_local_port_range")
        self.assertEqual(finding["severity"], "warning")
        self.assert_evidence(finding, listening_ports="3306,8080", listening=2)
        self.assertEqual(finding["fixes"][0]["command"], 'sysctl -w net.ipv4.ip_local_reserved_ports="3306,8080"')
        scene.setting("net.ipv4.ip_local_reserved_ports", "3306,8000-8100")
        self.assertEqual(self.about("ip_local_port_range"), [])
        del servers

    def test_the_command_reserves_all_of_them(self):
        """Of many the summary names some, and says that it does; the command has them all."""
        scene.setting("net.ipv4.ip_local_reserved_ports", "33000")
        servers = [scene.listener(port=port) for port in [*range(40000, 40020), *range(41000, 41040, 2)]]
        finding, = self.about("ip_local_port_range")
        self.assert_evidence(finding, listening=40)
        self.assertIn("40000-40019,41000,", finding["summary"])
        self.assertTrue(finding["summary"].endswith(",..."), finding["summary"])
        subprocess.run(finding["fixes"][0]["command"], shell=True, check=True, stdout=subprocess.DEVNULL)
        self.assertEqual(self.about("ip_local_port_range"), [])
        with open("/proc/sys/net/ipv4/ip_local_reserved_ports") as file:
            self.assertTrue(file.read().startswith("33000,40000-40019,41000,41002,"))
        del servers

    def test_few_ports(self):
        scene.setting("net.ipv4.ip_local_port_range", "50000 50499")
        finding, = self.about("ip_local_port_range")
        self.assertEqual(finding["severity"], "notice")
        self.assert_evidence(finding, ports=500)

    def test_no_ports_at_all(self):
        scene.setting("net.ipv4.ip_local_port_range", "50000 50099")
        scene.setting("net.ipv4.ip_local_reserved_ports", "49000-51000")
        with self.assertRaises(OSError):
            socket.create_connection(scene.listener(port=7000).getsockname())
        finding = self.finds("ephemeral-ports", "critical")
        self.assert_evidence(finding, ports=0, ip_local_reserved_ports="49000-51000")

    def test_reserved_ports_eat_the_range(self):
        scene.setting("net.ipv4.ip_local_reserved_ports", "32768-60000")
        finding, = self.about("ip_local_port_range")
        self.assert_evidence(finding, ports=999, ports_reserved=27233)
        self.assertEqual([fix["command"] for fix in finding["fixes"]], ['sysctl -w net.ipv4.ip_local_reserved_ports=""'])
        scene.setting("net.ipv4.ip_local_reserved_ports", "\n")  # as sysctl writes it
        self.assertEqual(self.examine()["findings"], [])

    def test_switches(self):
        for name, bad in (("tcp_abort_on_overflow", 1), ("tcp_sack", 0), ("tcp_window_scaling", 0)):
            scene.setting(f"net.ipv4.{name}", bad)
            self.assertEqual(len(self.about(name)), 1, name)


class Inherited(scene.Case):
    """The host is the namespace that lastack runs in, the container another."""
    not_ours = ()

    def test_settings_of_the_host(self):
        container = subprocess.Popen(["unshare", "--net", "sleep", "60"])
        try:
            while os.readlink(f"/proc/{container.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
                pass
            scene.setting("net.ipv4.tcp_keepalive_time", 600)
            found = self.found(self.examine("--netns", str(container.pid)), "settings-not-inherited")
            if not found:
                self.fail(json.dumps(self.last))
            self.assertEqual(found[0]["evidence"]["net.ipv4.tcp_keepalive_time"], "7200 here, 600 on the host")
            scene.setting("net.ipv4.tcp_keepalive_time", 7200)
            self.assertEqual(self.found(self.examine("--netns", str(container.pid)), "settings-not-inherited"), [])
        finally:
            container.kill()
            container.wait()


class Descriptors(scene.Case):
    look_for_s = 0

    def setUp(self):
        super().setUp()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))

    def test_near_the_limit(self):
        pairs = scene.connections(84)
        finding = self.finds("descriptors", "warning")
        self.assert_evidence(finding, descriptors=(169, 189), most=200, tcp_sockets=168, pid=os.getpid())
        del pairs

    def test_the_command_leaves_the_hard_limit(self):
        pairs = scene.connections(90)
        command = [fix["command"] for fix in self.finds("descriptors")["fixes"] if fix["kind"] == "capacity"][0]
        del pairs
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        subprocess.run(command.split(), check=True)
        self.assertEqual(resource.getrlimit(resource.RLIMIT_NOFILE), (400, hard))

    def test_far_from_it_is_healthy(self):
        pairs = scene.connections(40)
        self.finds_nothing("descriptors")
        del pairs


class Memory(scene.Case):
    def test_said_where_it_cannot_be_seen(self):
        said = self.examine()
        self.assertIn("tcp-memory", [u["rule"] for u in said["not_told"]])
        self.assertEqual(said["verdict"], "healthy")


class Conntrack(scene.Case):
    def track(self):
        if not shutil.which("nft"):
            self.skipTest("nft is not installed")
        rules = "add table inet t; add chain inet t c { type filter hook input priority 0; }; add rule inet t c ct state new accept"
        if subprocess.run(["nft", rules], stderr=subprocess.DEVNULL).returncode:
            self.skipTest("the kernel has no conntrack for nft here")

    def tracked(self):
        with open("/proc/sys/net/netfilter/nf_conntrack_count") as file:
            return int(file.read())

    def test_far_from_full_is_healthy(self):
        self.track()
        pairs = scene.connections(50)
        self.assertGreaterEqual(self.tracked(), 50)
        self.finds_nothing("conntrack")
        del pairs

    def test_the_command_takes_connections_out(self):
        """Its limit is the host's, so the table is full only in a recording; the command is for this kernel."""
        self.track()
        recording = self.recording()
        with open(recording) as file:
            text = re.sub(r'("nf_conntrack_count","value":)\d+', r"\g<1>10000000", file.read())
        with open(recording, "w") as file:
            file.write(text)
        finding = self.found(json.loads(scene.lastack("doctor", "-j", "--from", recording).stdout), "conntrack")[0]
        command = [fix["command"] for fix in finding["fixes"] if fix["kind"] == "capacity"][0]
        subprocess.run(command, shell=True, check=True)
        with stranger.Line() as line:
            line.answer_with(lambda seen: [seen.reply("A", 1001)] if seen.has("S") else [])
            for port, entries in ((443, 0), (80, 20)):  # the twin is tracked
                server = scene.listener(stranger.OURS, port)
                before = self.tracked()
                stranger.flood(line, 20, port)
                accepted = [server.accept()[0] for _ in range(20)]
                for s in accepted:
                    s.send(b"answer")
                self.assertEqual(self.tracked() - before, entries)
                scene.vanish(*accepted)

    def recording(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        self.assertEqual(scene.lastack("record", "--for", "0", f"{folder}/r").returncode, 0)
        return f"{folder}/r"


if __name__ == "__main__":
    scene.main()
