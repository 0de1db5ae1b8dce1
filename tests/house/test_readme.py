# SPDX-License-Identifier: BSD-2-Clause
"""What the papers tell a newcomer to type works, and what they point to is there."""

import glob
import os
import re
import subprocess
import unittest

import tap

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
BINARY = os.environ["LASTACK"]
PAPERS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/ARCHITECTURE.md", "docs/READING.md", "docs/RFC.md")


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as file:
        return file.read()


def commands(text):
    """The commands `lastack ...` that a text shows, in blocks or in the line; not those with a placeholder."""
    blocks = re.findall(r"(?ms)^```\n(.*?)^```$", text)
    shown = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    shown += re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^```\n.*?^```$", "", text))
    return [line for line in shown if re.match(r"lastack( |$)", line) and not re.search(r"[A-Z]{4,}\]|SECONDS", line)]


def refused(text):
    """Of these, the ones that are shown with a complaint below."""
    return re.findall(r"(?m)^\$ (lastack .*)\nlastack: ", text)


class Papers(unittest.TestCase):
    def test_each_command_of_the_readme_runs(self):
        shown = commands(read("README.md"))
        self.assertGreater(len(shown), 5)
        for command in shown:
            done = subprocess.run(command.replace("lastack", BINARY, 1), shell=True, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True, check=False)
            expected = [64] if command in refused(read("README.md")) else [0]
            if command.startswith("lastack doctor"):
                expected = [0, 1, 2, 3]  # what is wrong with this host is not the README's fault
            self.assertIn(done.returncode, expected, f"{command}: {done.stderr}")

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
        still_to_come = {"src/tcp", "src/stack", "src/lab"}
        for paper in PAPERS:
            for path in re.findall(r"`((?:src|tests|tools|include/lastack|docs|po|bench)/[\w./*-]*)`", read(paper)):
                if path not in still_to_come and "NAME" not in path:
                    self.assertTrue(glob.glob(os.path.join(TOP, path)), f"{paper}: {path}")


if __name__ == "__main__":
    tap.main()
