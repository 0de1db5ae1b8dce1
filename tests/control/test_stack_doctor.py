# SPDX-License-Identifier: BSD-2-Clause
"""The doctor, of a running stack: conditions that tests/control/served.c makes, each with a healthy twin."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "house"))

import tap  # noqa: E402

LASTACK = os.environ["LASTACK"]
SERVED = os.environ["LASTACK_SERVED"]
PATIENCE_S = 30
LINUX_ALONE = {"bind-ports", "conntrack", "tcp-memory", "descriptors", "settings-not-inherited"}


class Case(unittest.TestCase):
    """Each has a stack of its own, empty and made for 100 connections, under the name "la9"."""

    maxDiff = 4000
    population = "empty"

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="lastack-test-")
        self.process = subprocess.Popen([SERVED, "la9", self.population], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=self.environment())
        self.assertEqual(self.process.stdout.readline(), "ready\n")

    def tearDown(self):
        self.process.stdin.close()
        status = self.process.wait(PATIENCE_S)
        self.process.stdout.close()
        left = [name for name in os.listdir(self.directory) if name != "recording"]
        if os.path.exists(self.recording()):
            os.unlink(self.recording())
        os.rmdir(self.directory)
        self.assertEqual((status, left), (0, []))

    def environment(self):
        plain = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "TERM")}
        return {**plain, "LC_ALL": "C.UTF-8", "LASTACK_DIR": self.directory}

    def recording(self):
        return os.path.join(self.directory, "recording")

    def order(self, what):
        print(what, file=self.process.stdin, flush=True)
        self.assertEqual(self.process.stdout.readline(), "done\n")

    def run_lastack(self, *arguments):
        return subprocess.run([LASTACK, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S, check=False,
                              env=self.environment())

    def judge(self, status, *arguments, for_s=0):
        done = self.run_lastack("doctor", "-j", "--stack", "la9", "--for", str(for_s), *arguments)
        self.assertEqual((done.returncode, done.stderr), (status, ""), done.stdout)
        return json.loads(done.stdout)

    def find(self, document, rule):
        found = [x for x in document["findings"] if x["id"] == rule]
        self.assertEqual(len(found), 1, document["findings"])
        return found[0]

    def assert_found(self, document, rule, severity, **evidence):
        finding = self.find(document, rule)
        self.assertEqual(finding["severity"], severity, finding)
        self.assertEqual({name: finding["evidence"].get(name) for name in evidence}, evidence)
        for fix in finding["fixes"]:
            self.assertNotIn("sysctl", fix["command"])
            if fix["command"]:
                self.assertIn("--stack la9", fix["command"])
        return finding

    def follow(self, finding, kind):
        """Does what is advised, as it stands."""
        command = [fix["command"] for fix in finding["fixes"] if fix["kind"] == kind][0]
        words = shlex.split(command)
        self.assertEqual(words[0], "lastack")
        done = self.run_lastack(*words[1:])
        self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        return done.stdout


class Healthy(Case):
    def test_connections_that_are_held_and_closed_harm_nobody(self):
        self.order("hold 40")
        self.order("churn 20")
        document = self.judge(0, for_s=1)
        self.assertEqual((document["verdict"], document["findings"]), ("healthy", []))
        self.assertEqual((document["stack"], document["sockets"]), ("la9", 61))
        self.assertGreaterEqual(document["for_s"], 1)
        looked_at = set(document["looked_at"])
        self.assertLessEqual({"stack-capacity", "close-wait", "accept-queue", "settings"}, looked_at)
        self.assertEqual(looked_at & LINUX_ALONE, set())
        self.assertIn("what the host drops before it reaches the stack",
                      " ".join(x["what"] for x in document["not_told"]))

    def test_in_words(self):
        done = self.run_lastack("doctor", "--stack", "la9", "--for", "0")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        said = " ".join(done.stdout.split())
        self.assertIn("All is well with what was looked at:", said)
        self.assertIn("what a stack was made for", said)
        self.assertNotIn("conntrack", said)
        self.assertIn("Stack 'la9' of lastack", said)


class Conditions(Case):
    def test_a_leak_of_close_wait(self):
        self.order("hold 15")
        self.assertEqual(self.judge(0)["findings"], [])
        self.order("leak 15")
        finding = self.assert_found(self.judge(1, for_s=3), "close-wait", "warning", close_wait=15, late=15, growth=0,
                                    connections_at_most=100, comm="served", pid=self.process.pid)
        self.assertNotIn("descriptor", finding["why"] + "".join(fix["text"] for fix in finding["fixes"]))
        self.assertEqual(len(self.follow(finding, "application").splitlines()), 1 + 15)

    def test_a_leak_of_half_of_all_places(self):
        self.order("leak 50")
        self.assert_found(self.judge(2, for_s=3), "close-wait", "critical", close_wait=50, connections_at_most=100)

    def test_an_accept_queue_that_overflows(self):
        self.order("hold 20")
        self.assertEqual(self.judge(0, for_s=1)["findings"], [])
        self.order("wait 20")
        self.assert_found(self.judge(2, for_s=1.2), "accept-queue", "critical", listener="0.0.0.0:80", queue=9,
                          limit=8, limit_set_by="application", somaxconn=4096)

    def test_connections_near_their_limit_and_at_it(self):
        self.order("hold 79")
        self.assertEqual(self.judge(0)["findings"], [])
        self.order("hold 1")
        document = self.judge(1)
        self.assertEqual(len(document["findings"]), 1)
        finding = self.assert_found(document, "stack-capacity", "warning", limit_of="connections", used=80, most=100,
                                    share=0.8, established=80, close_wait=0)
        self.assertIn("la_config.connections, with 'lastack up' --connections 200", finding["fixes"][1]["text"])
        self.order("hold 20")
        self.assert_found(self.judge(2), "stack-capacity", "critical", used=100, most=100)

    def test_records_of_time_wait_that_run_out(self):
        """What ends is the stack's own number of records, and no tunable helps."""
        self.order("churn 79")
        self.assertEqual(self.judge(0)["findings"], [])
        self.order("churn 1")
        self.assert_found(self.judge(1), "stack-capacity", "warning", limit_of="time_wait4", used=80, most=100)
        self.order("churn 25")
        document = self.judge(1)
        self.assert_found(document, "stack-capacity", "warning", used=100, most=100)
        finding = self.assert_found(document, "time-wait-table", "notice", records=100, overflows=5,
                                    tcp_max_tw_buckets=1124, records_made=1124)
        self.assertEqual([fix["kind"] for fix in finding["fixes"]], ["application", "capacity"])

    def test_dangerous_settings(self):
        self.assertEqual(self.judge(0)["findings"], [])
        done = self.run_lastack("knob", "tcp_tw_recycle", "1", "--dangerous", "--stack", "la9")
        self.assertEqual(done.returncode, 0)
        finding = self.assert_found(self.judge(1), "settings", "warning", setting="net.ipv4.tcp_tw_recycle", value="1")
        self.assertEqual(finding["fixes"][0]["command"], "lastack knob net.ipv4.tcp_tw_recycle 0 --stack la9")
        self.follow(finding, "knob")
        self.assertEqual(self.judge(0)["findings"], [])


class Crowd(Case):
    """1100 open connections, 1100 in TIME_WAIT, and one that goes to and fro."""

    population = "2200"

    def test_a_table_of_time_wait_that_was_lowered(self):
        self.assertEqual([x["id"] for x in self.judge(0)["findings"]], ["time-wait"])
        done = self.run_lastack("knob", "tcp_max_tw_buckets", "1300", "--stack", "la9")
        self.assertEqual(done.returncode, 0)
        finding = self.assert_found(self.judge(1), "time-wait-table", "warning", records=1100, tcp_max_tw_buckets=1300,
                                    records_made=2264 + 1024)
        self.assertEqual(finding["fixes"][1]["command"], "lastack knob net.ipv4.tcp_max_tw_buckets 3288 --stack la9")
        self.follow(finding, "knob")
        self.assertEqual([x["id"] for x in self.judge(0)["findings"]], ["time-wait"])


class Recorded(Case):
    def test_a_recording_says_the_same(self):
        self.order("hold 90")
        said = self.judge(1)
        done = self.run_lastack("record", self.recording(), "--stack", "la9", "--for", "0")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        with open(self.recording(), encoding="ascii") as file:
            self.assertEqual(json.loads(file.readline())["stack"], "la9")
        done = self.run_lastack("doctor", "--from", self.recording(), "-j")
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        again = json.loads(done.stdout)
        for key in ("verdict", "stack", "sockets", "findings", "looked_at", "not_told"):
            self.assertEqual(again[key], said[key], key)
        text = self.run_lastack("doctor", "--from", self.recording()).stdout
        self.assertIn("stack 'la9' of lastack", " ".join(text.split()))

    def test_a_name_that_a_shell_would_take_apart_is_none(self):
        """A recording may come from anybody, and what the doctor advises is typed."""
        self.order("hold 90")
        self.assertEqual(self.run_lastack("record", self.recording(), "--stack", "la9", "--for", "0").returncode, 0)
        with open(self.recording(), encoding="ascii") as file:
            text = file.read()
        with open(self.recording(), "w", encoding="ascii") as file:
            file.write(text.replace('"stack":"la9"', '"stack":"la9;reboot"'))
        done = self.run_lastack("doctor", "--from", self.recording())
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("line 1: the name of its stack is none", done.stderr)


class Refused(Case):
    def refused(self, status, *arguments):
        done = self.run_lastack(*arguments)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        return done.stderr

    def test_what_is_linux_s(self):
        for command in (["doctor"], ["record", self.recording()]):
            self.assertIn("--netns is about Linux's sockets, and --stack about others",
                          self.refused(64, *command, "--stack", "la9", "--netns", "1"))
        self.assertIn("--source is about Linux's sockets",
                      self.refused(64, "doctor", "--stack", "la9", "--source", "proc"))
        self.assertIn("--stack belong to 'lastack record'", self.refused(64, "doctor", "--stack", "la9", "--from", "x"))

    def test_a_rule_about_linux(self):
        document = self.judge(3, "--only", "conntrack")
        self.assertEqual((document["verdict"], document["looked_at"]), ("unknown", []))
        self.assertEqual(document["not_told"], [{"rule": "conntrack", "nothing_at_all": True,
                                                 "what": "this rule is about what Linux has, and a stack has not"}])

    def test_a_stack_that_does_not_run(self):
        self.assertIn("no stack 'la8' runs here", self.refused(3, "doctor", "--stack", "la8", "--for", "0"))
        self.assertIn("no stack 'la8' runs here", self.refused(3, "record", self.recording(), "--stack", "la8"))
        self.assertFalse(os.path.exists(self.recording()))


if __name__ == "__main__":
    tap.main()
