# SPDX-License-Identifier: BSD-2-Clause
"""lastack tune lint against the running kernel: what it says of files as they are pasted, and how it ends."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "house"))

import tap  # noqa: E402

LASTACK = os.environ["LASTACK"]

BLOG = """net.ipv4.tcp_syncookies = 1
net.ipv4.tcp_tw_reuse = 1
net.ipv4.tcp_tw_recycle = 1
net.ipv4.tcp_fin_timeout = 30
net.ipv4.tcp_keepalive_time = 1200
net.ipv4.ip_local_port_range = 1024 65000
net.ipv4.tcp_max_syn_backlog = 8192
net.ipv4.tcp_max_tw_buckets = 5000
"""


def own_namespace():
    """The command line that runs a command in a network namespace of its own; None if that is not permitted."""
    command = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--user", "--map-root-user", "--net")
    done = subprocess.run([*command, "true"], stderr=subprocess.DEVNULL, check=False)
    return command if done.returncode == 0 else None


def lint(content, *arguments, namespace=(), **how):
    return subprocess.run([*namespace, LASTACK, "tune", "lint", *arguments, "-"], input=content, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, timeout=30, **{"text": True, **how})


class Lint(unittest.TestCase):
    def setUp(self):
        self.namespace = own_namespace()
        if not self.namespace:
            self.skipTest("a network namespace of our own is not permitted")

    def settings(self, text):
        done = lint(text, "-j", namespace=self.namespace)
        self.assertEqual(done.stderr, "")
        document = json.loads(done.stdout)
        self.assertEqual(document["severity"], done.returncode)
        return document["settings"]

    def verdicts(self, text):
        return {s["name"].removeprefix("net.ipv4."): s["verdict"] for s in self.settings(text)}

    def test_the_blog_s_file(self):
        self.assertEqual(self.verdicts(BLOG), {
            "tcp_syncookies": "default", "tcp_tw_reuse": "fine", "tcp_tw_recycle": "absent", "tcp_fin_timeout": "misread",
            "tcp_keepalive_time": "misread", "ip_local_port_range": "harmful", "tcp_max_syn_backlog": "useless",
            "tcp_max_tw_buckets": "dangerous"})

    def test_the_same_on_one_line(self):
        one_line = self.verdicts(", ".join(BLOG.splitlines()))
        self.assertEqual({**one_line, "tcp_syncookies": "default"}, self.verdicts(BLOG))
        self.assertEqual(one_line["tcp_syncookies"], "malformed")

    def test_every_line_says_something_and_what_is_here(self):
        for setting in self.settings(BLOG):
            self.assertTrue(setting["said"], setting)
            self.assertEqual("here" in setting, setting["name"] != "net.ipv4.tcp_tw_recycle", setting)

    def test_the_better_range_is_taken_by_the_kernel_and_fine(self):
        better = next(s["better"] for s in self.settings(BLOG) if "better" in s)
        self.assertEqual(self.verdicts("\n".join(better)), {"ip_local_port_range": "fine"})

    def test_the_kernel_is_asked(self):
        (setting,) = self.settings("net.ipv4.tcp_early_retrans = 77")
        self.assertEqual(setting["verdict"], "refused")
        (setting,) = self.settings("net.ipv4.tcp_keepalive_time = -1")
        self.assertEqual(setting["verdict"], "harmful")
        self.assertIn("the kernel takes it all the same", " ".join(setting["said"]))

    def test_what_the_kernel_refuses_overrides_nothing(self):
        first, second = self.settings("net.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_tw_reuse = 3\n")
        self.assertEqual((first["verdict"], second["verdict"]), ("fine", "refused"))
        first, second = self.settings("net.ipv4.tcp_tw_reuse = 1\nnet.ipv4.tcp_tw_reuse = 0\n")
        self.assertEqual(first["verdict"], "useless")
        self.assertIn("Line 2 sets it again", " ".join(first["said"]))

    def test_nothing_is_changed(self):
        path = "/proc/sys/net/ipv4/tcp_fin_timeout"
        done = subprocess.run([*self.namespace, "sh", "-c", f'"$1" tune lint - >/dev/null; cat {path}', "sh", LASTACK],
                              input="net.ipv4.tcp_fin_timeout = 17", stdout=subprocess.PIPE, text=True, check=True)
        self.assertEqual(done.stdout.strip(), "60")

    def test_who_listens_counts(self):
        listener = socket.socket()
        self.addCleanup(listener.close)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        done = lint(f"net.ipv4.ip_local_port_range = {port - 1} {port + 2}\n")
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn(str(port), done.stdout)
        self.assertIn("ip_local_reserved_ports", done.stdout)

    def test_exit_status(self):
        for text, status in (("# nothing\n", 0), ("net.ipv4.tcp_syncookies = 1\n", 0), ("vm.swappiness = 60\n", 0),
                             ("net.ipv4.tcp_fin_timeout = 30\n", 1), (BLOG, 2)):
            self.assertEqual(lint(text, namespace=self.namespace).returncode, status, text)

    def test_files_that_cannot_be_read(self):
        with tempfile.NamedTemporaryFile() as binary:
            binary.write(b"\x7fELF\0\0")
            binary.flush()
            for name in ("/no/such/file", "/", binary.name):
                done = subprocess.run([LASTACK, "tune", "lint", name], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                      text=True, check=False)
                self.assertEqual(done.returncode, 66, name)
                self.assertIn(name, done.stderr)
                self.assertEqual(done.stdout, "")

    def test_why_a_file_cannot_be_read(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "file")
            for content, said in ((b"\xff\xfen\0e\0t\0", "UTF-16"), (b"net\0", "NUL bytes"), (b"#" * (1 << 21), "1 MiB")):
                with open(path, "wb") as file:
                    file.write(content)
                done = subprocess.run([LASTACK, "tune", "lint", path], stderr=subprocess.PIPE, text=True, check=False)
                self.assertEqual(done.returncode, 66)
                self.assertIn(said, done.stderr)
            done = subprocess.run([LASTACK, "tune", "lint", path + "/x"], stderr=subprocess.PIPE, text=True, check=False)
            self.assertIn("Not a directory", done.stderr)

    def test_nothing_in_it_is_said(self):
        for text in ("", "\n\n", "# a comment\n; another\n"):
            done = lint(text, namespace=self.namespace)
            self.assertEqual((done.returncode, done.stdout.count("no setting in it")), (0, 1))

    def test_line_ends_of_windows_are_none_of_sysctl_s_trouble(self):
        self.assertEqual(self.verdicts("net.ipv4.tcp_tw_reuse = 1\r\n\r\nnet.ipv4.tcp_retries2 = 9\r\n"),
                         {"tcp_tw_reuse": "fine", "tcp_retries2": "fine"})

    def test_a_byte_order_mark(self):
        (setting,) = self.settings("\ufeff# only a comment\n")
        self.assertEqual((setting["line"], setting["verdict"]), (1, "malformed"))
        self.assertEqual(self.settings("\ufeffnet.ipv4.tcp_sack = 1\n")[0]["verdict"], "malformed")

    def test_a_line_that_is_overridden_and_wrong_is_both(self):
        for line, verdict in (("net.ipv4.tcp_tw_reuse = often", "refused"), ("net.ipv4.tcp_tw_reuse = 9", "refused"),
                              ("net.ipv4.tcp_tw_reuse = 0", "useless")):
            said = self.settings(line + "\nnet.ipv4.tcp_tw_reuse = 1\n")[0]
            self.assertEqual(said["verdict"], verdict)
            self.assertIn("Line 2 sets it again", said["said"][0])
        self.assertEqual(self.settings("net.ipv4.tcp_fack2x=1\nnet.ipv4.tcp_fack2x=1\n")[0]["verdict"], "absent")

    def test_huge_values_are_not_said_whole(self):
        for later in ("", "\nnet.ipv4.tcp_retries2 = 7" + "7" * 100000):
            done = lint("net.ipv4.tcp_retries2 = 1" + "9" * 100000 + later, namespace=self.namespace)
            self.assertLess(len(done.stdout), 3000)
            self.assertIn("characters)", done.stdout)

    def test_patterns(self):
        self.assertEqual(self.verdicts("net.ipv4.conf.*.rp_filter = 1\nnet.ipv4.tcp_*_retries = 3\nnet.ipv4.no*such = 1\n"),
                         {"conf.*.rp_filter": "fine", "tcp_*_retries": "not-judged", "no*such": "absent"})
        self.assertIn("tcp_syn_retries", self.settings("net.ipv4.tcp_*_retries = 3\n")[0]["said"][0])

    def test_what_only_the_first_namespace_may_set(self):
        (setting,) = self.settings("net.core.rmem_max = 16777216\n")
        self.assertEqual(setting["verdict"], "refused")
        self.assertIn("set on the host", setting["said"][0])
        self.assertIn("does not limit TCP's", " ".join(setting["said"]))
        (setting,) = self.settings("net.netfilter.nf_conntrack_max = 262144\n")
        self.assertIn("set on the host", setting["said"][0])

    def test_each_of_tcp_s_tunables_here_is_judged(self):
        leaves = sorted(name for name in os.listdir("/proc/sys/net/ipv4") if name.startswith("tcp_"))
        found = self.settings("".join(f"net.ipv4.{leaf} = 1\n" for leaf in leaves))
        self.assertEqual([s["name"] for s in found if s["verdict"] == "not-judged"], [])

    def test_what_is_none_of_the_network_s_is_no_namespace_s(self):
        (setting,) = self.settings("fs.file-max = 9223372036854775807\n")
        self.assertEqual(setting["verdict"], "misread")

    def test_what_an_expert_would_not_sign(self):
        for line, verdict, words in (
                ("net.ipv4.tcp_early_retrans = 1", "harmful", "Only 3 and 4"), ("net.ipv4.tcp_dsack = 0", "harmful", "too early"),
                ("net.core.somaxconn = 65536", "misread", "already there"), ("fs.file-max = 1000", "harmful", "lowers it"),
                ("net.ipv4.tcp_congestion_control = nosuch", "refused", "no module"),
                ("net.ipv4.route.max_size = 8048576", "useless", "3.6"), ("net.ipv4.udp_rmem_min = 16384", "fine", "UDP")):
            if line.startswith("net.ipv4.route"):
                setting = json.loads(lint(line, "-j").stdout)["settings"][0]
            else:
                (setting,) = self.settings(line)
            said = " ".join(setting["said"])
            self.assertEqual((setting["verdict"], words in said), (verdict, True), f"{line}: {said}")
            self.assertEqual(len(set(setting["said"])), len(setting["said"]))

    def test_no_limit_of_time_wait(self):
        (setting,) = self.settings("net.ipv4.tcp_max_tw_buckets = -1\n")
        self.assertEqual(setting["verdict"], "misread")
        self.assertIn("no limit", setting["said"][0])
        self.assertEqual(self.settings("net.ipv4.tcp_max_tw_buckets = 0\n")[0]["verdict"], "dangerous")

    def test_what_is_no_command(self):
        for words, said in (((), "lint, plan"), (("lnit",), "'lnit'"), (("lint",), "which file"),
                            (("lint", "--persist", "-"), "--persist")):
            done = subprocess.run([LASTACK, "tune", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual(done.returncode, 64, words)
            self.assertIn(said, done.stderr)

    def test_strange_bytes(self):
        text = b"\xef\xbb\xbf\xff\xfe net.ipv4.tcp_sack = \x1b[31m\r\n" + b"a" * 100000 + b"=1\nnet.ipv4.tcp_sack = 1"
        done = lint(text, text=False)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn(b"\x1b", done.stdout)
        json.loads(lint(text, "-j", text=False).stdout)

    def test_lines_fit(self):
        for columns in (40, 80, 200):
            done = lint(BLOG, namespace=self.namespace, env={**os.environ, "COLUMNS": str(columns)})
            for line in done.stdout.splitlines():
                self.assertLessEqual(len(line), max(columns, 60), line)
                self.assertEqual(line, line.rstrip())

    def test_without_privileges_it_is_said_what_was_not_asked(self):
        if os.geteuid() != 0:
            self.skipTest("not root: nobody cannot be played")
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o755)
            copy = os.path.join(directory, "lastack")
            subprocess.run(["cp", LASTACK, copy], check=True)
            done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", copy, "tune", "lint", "-"],
                                  input=BLOG, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False, cwd="/")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("net.ipv4.tcp_max_tw_buckets", done.stdout)


if __name__ == "__main__":
    tap.main()
