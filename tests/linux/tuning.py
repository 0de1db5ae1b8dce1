# SPDX-License-Identifier: BSD-2-Clause
"""What the tests of `lastack tune` that change something have in common: each program runs in a network namespace of its
own, and each test has directories of its own for journals and for sysctl.d."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "house"))

import tap  # noqa: E402

LASTACK = os.environ["LASTACK"]
HELPERS = os.environ.get("LASTACK_TEST_HELPERS", "")
INSIDE = "LASTACK_TEST_INSIDE"
PATIENCE_S = 30
MEMORY = "/dev/shm"  # what is on the disk there is so at once


def path_of(name):
    return "/proc/sys/" + name.replace(".", "/")


def value(name):
    with open(path_of(name), encoding="ascii") as file:
        return " ".join(file.read().split())


def set_value(name, text):
    with open(path_of(name), "w", encoding="ascii") as file:
        file.write(text + "\n")


def run(*command, **how):
    return subprocess.run(command, **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
                                      "text": True, "timeout": PATIENCE_S, "check": False, **how})


class Case(unittest.TestCase):
    """A test that may change the tunables it names, which are then as they were before."""

    touched = ("net.ipv4.tcp_tw_reuse", "net.ipv4.tcp_retries2", "net.ipv4.ip_local_port_range",
               "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_fin_timeout")

    def setUp(self):
        directory = tempfile.TemporaryDirectory(dir=MEMORY if os.path.isdir(MEMORY) else None)
        self.addCleanup(directory.cleanup)
        self.state, self.conf = os.path.join(directory.name, "state"), os.path.join(directory.name, "sysctl.d")
        os.mkdir(self.conf)
        self.environment = {**os.environ, "LASTACK_STATE_DIR": self.state, "LASTACK_SYSCTL_DIR": self.conf,
                            "LC_ALL": "C.UTF-8"}
        self.before = self.values()
        for name, text in self.before.items():
            self.addCleanup(set_value, name, text)

    def values(self):
        return {name: value(name) for name in self.touched}

    def tune(self, *arguments, status=0, before=(), **how):
        """Runs lastack tune, which must end with that status (None: any)."""
        done = run(*before, LASTACK, "tune", *arguments, **{"env": self.environment, **how})
        if status is not None:
            self.assertEqual(done.returncode, status, f"lastack tune {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done

    def pasted(self, command):
        """Runs a command that was shown as another shell does: elsewhere, with none of our variables, and with a sudo
        that hands none on."""
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o755)
            os.symlink(LASTACK, os.path.join(directory, "lastack"))
            with open(os.path.join(directory, "sudo"), "w", encoding="ascii") as file:
                file.write('#!/bin/sh\nexec env -i PATH="$PATH" "$@"\n')
            os.chmod(file.name, 0o755)
            return run("sh", "-c", command, cwd="/", env={"PATH": f"{directory}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"})

    def another_namespace(self):
        """A process in a network namespace of its own, which is there until that ends."""
        holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec sleep 60"], stdout=subprocess.PIPE)
        self.addCleanup(holder.stdout.close)
        self.addCleanup(holder.wait)
        self.addCleanup(holder.kill)
        holder.stdout.readline()
        return holder

    def history(self):
        return json.loads(self.tune("history", "-j").stdout)["changes"]

    def states(self):
        return [change["state"] for change in self.history()]


def main():
    """Runs the tests of the calling program in a network namespace that is gone afterwards."""
    if INSIDE in os.environ:
        tap.main()
    command = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    if run(*command, "true").returncode != 0:
        print("1..0 # SKIP a network namespace of our own is not permitted")
        return
    os.environ[INSIDE] = "1"
    os.execvp(command[0], [*command, sys.executable, "-B", *sys.argv])
