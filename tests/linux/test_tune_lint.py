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
