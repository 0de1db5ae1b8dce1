# SPDX-License-Identifier: BSD-2-Clause
"""What the papers tell a newcomer to type works, and what they point to is there."""

import glob
import os
import re
import subprocess
import tempfile
import unittest

import tap

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BINARY = os.environ["LASTACK"]
PAPERS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/ARCHITECTURE.md", "docs/READING.md", "docs/RFC.md",
          "docs/embedding.md", "bench/README.md")


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as file:
        return file.read()


def commands(text):
    """The commands `lastack ...` that a text shows, in blocks or in the line; not those with a placeholder, nor what one
    answers that is refused ("lastack ls: ...")."""
    blocks = re.findall(r"(?ms)^```\n(.*?)^```$", text)
    shown = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    shown += re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^```\n.*?^```$", "", text))
    typed = [line for line in shown if re.match(r"lastack( |$)(?!\w+: )", line)]
    return [line for line in typed if not re.search(r"[A-Z]{4,}\]|SECONDS", line)]


def refused(text):
    """Of these, the ones that are shown with a complaint below."""
    return re.findall(r"(?m)^\$ (lastack .*)\nlastack \w+: ", text)


def expected(command):
    """The statuses that a command may end with."""
    if command in refused(read("README.md")):
        return [64]
    if command.startswith("lastack doctor"):
        return [0, 1, 2, 3]  # what is wrong with this host is not the README's fault
    if command.startswith("lastack up") and not (os.geteuid() == 0 and os.path.exists("/dev/net/tun")):
        return [0, 3]  # it takes a TUN device, and namespaces
    return [0]


def lines_of_blog():
    """The file that README's lint is shown with."""
    return "".join(f"net.ipv4.{line}\n" for line in (
        "tcp_syncookies = 1", "tcp_tw_reuse = 1", "tcp_tw_recycle = 1", "tcp_fin_timeout = 30", "tcp_keepalive_time = 1200",
        "ip_local_port_range = 1024 65000", "tcp_max_syn_backlog = 8192", "tcp_max_tw_buckets = 5000"))


def run_where_nothing_can_be_harmed(shown, directory):
    """What changes tunables changes those of a network namespace of its own.  The status of each command, one after the
    other; None where that is not permitted."""
    namespace = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    if subprocess.run([*namespace, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return None
    with open(os.path.join(directory, "blog.conf"), "w", encoding="ascii") as file:
        file.write(lines_of_blog())
    script = "".join(f"{command.replace('lastack', BINARY, 1)} >/dev/null; echo $?\n" for command in shown)
    done = subprocess.run([*namespace, "sh", "-c", script], stdout=subprocess.PIPE, text=True, check=False, cwd=directory,
                          env={**os.environ, "LASTACK_STATE_DIR": directory})
    return [int(line) for line in done.stdout.splitlines()]


class Papers(unittest.TestCase):
    def test_each_command_of_the_readme_runs(self):
        shown = commands(read("README.md"))
        self.assertGreater(len(shown), 5)
        with tempfile.TemporaryDirectory() as directory:  # some of them write a file, or run a stack
            for command in shown:
                if command.startswith("lastack tune"):
                    continue
                done = subprocess.run(command.replace("lastack", BINARY, 1), shell=True, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.PIPE, text=True, check=False, cwd=directory,
                                      env={**os.environ, "LASTACK_DIR": directory})
                self.assertIn(done.returncode, expected(command), f"{command}: {done.stderr}")

    def test_each_command_that_tunes_runs(self):
        shown = [command for command in commands(read("README.md")) if command.startswith("lastack tune")]
        self.assertGreater(len(shown), 4)
        with tempfile.TemporaryDirectory() as directory:
            statuses = run_where_nothing_can_be_harmed(shown, directory)
        if statuses is None:
            self.skipTest("a network namespace of our own is not permitted")
        expected = [2 if " lint " in command else 0 for command in shown]
        self.assertEqual(list(zip(shown, statuses)), list(zip(shown, expected)))

    def test_each_target_is_in_the_makefile(self):
        targets = set(re.findall(r"(?m)^([a-z-]+):", read("Makefile")))
        for paper in PAPERS:
            for target in re.findall(r"\bmake ([a-z-]+)\b(?=`|\s+#|\n| ARGS)", read(paper)):
                self.assertIn(target, targets, paper)

    def test_each_link_leads_somewhere(self):
        for paper in PAPERS:
            for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", read(paper)):
                path = os.path.join(TOP, os.path.dirname(paper), link)
                self.assertTrue(os.path.exists(path), f"{paper}: {link}")

    def test_each_path_is_there(self):
        """`src/...`, `tests/...`, `tools/...` in the papers; what is still to come is not named as if it were there."""
        for paper in PAPERS:
            for path in re.findall(r"`((?:src|tests|tools|include/lastack|docs|po|bench)/[\w./*-]*)`", read(paper)):
                if "NAME" not in path:
                    self.assertTrue(glob.glob(os.path.join(TOP, path)), f"{paper}: {path}")


if __name__ == "__main__":
    tap.main()
