# SPDX-License-Identifier: BSD-2-Clause
"""The lab's ladders, to the byte; and that all of its answers say the same (the binary is in LASTACK).

    LASTACK=build/lastack PYTHONPATH=tests/house python3 tests/story/test_story.py --update

writes the stories anew, for a person to check against the RFCs before they are committed.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import tap

HERE = os.path.dirname(os.path.realpath(__file__))
BINARY = os.environ["LASTACK"]


def run(*arguments, locale="C.UTF-8", **more):
    environment = dict(os.environ, LC_ALL=locale, COLUMNS="80", TERM="dumb")
    return subprocess.run([BINARY, "lab", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, encoding="utf-8", env=environment, check=False, **more)


def names(what):
    return run("--list", what).stdout.split()


STORIES = names("story")
ROWS = [name for name in names("reproduce") if name.isupper()]


def golden(name):
    return os.path.join(HERE, name + ".txt")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def update():
    for name in STORIES:
        with open(golden(name), "w", encoding="utf-8") as file:
            file.write(run("story", name).stdout)


class Stories(unittest.TestCase):
    maxDiff = None

    def test_each_is_told_as_it_was_checked(self):
        for name in STORIES:
            with self.subTest(repeat=f"{BINARY} lab story {name} | diff {golden(name)} -"):
                done = run("story", name)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(done.stdout, read(golden(name)))

    def test_none_is_left_over(self):
        self.assertEqual(sorted(file[:-4] for file in os.listdir(HERE) if file.endswith(".txt")), sorted(STORIES))

    def test_ascii_says_the_same(self):
        table = str.maketrans("│┊●◆├┤─╌▶◀✗▪·", "|:o#++-.><x*-")
        for name in STORIES:
            plain = run("story", name, locale="C").stdout
            self.assertTrue(plain.isascii(), name)
            self.assertEqual(plain, read(golden(name)).translate(table))

    def test_the_seed_changes_numbers_and_not_the_tale(self):
        for name in ("open-and-close", "lost-last-ack", "simultaneous-close"):
            self.assertEqual(run("--seed", "99", "story", name).stdout, read(golden(name)))


class Ladders(unittest.TestCase):
    def test_lines_fit_a_terminal(self):
        for name in ROWS:
            for line in run("reproduce", name).stdout.splitlines():
                self.assertLessEqual(len(line), 80, f"{name}: {line}")
                self.assertEqual(line, line.rstrip(), name)

    def test_what_was_asked_for_stands_out(self):
        done = run("reproduce", "fin-wait-1", "to", "closing")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count("◆"), 2)  # both ends close, both go this way
        self.assertIn("◆  FIN_WAIT_1_RCV_FIN ", done.stdout)
        self.assertIn("Reproduced: FIN_WAIT_1_RCV_FIN on server after 0.040", done.stdout)

    def test_a_state_is_entered_where_it_says(self):
        done = run("reproduce", "time-wait")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^ +0\.060 +TIME_WAIT ◆  FIN_WAIT_2_RCV_FIN")

    def test_all_counts_what_it_shows(self):
        done = run("reproduce", "all")
        lines = done.stdout.splitlines()
        good = sum(line.startswith("✓") for line in lines)
        bad = sum(line.startswith("✗") for line in lines)
        self.assertEqual((good, bad), (len(ROWS), 0))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("11 of 11 states reproduced", lines)
        self.assertIn(f"{good - 11} of {len(ROWS) - 11} transitions reproduced", lines)

    def test_all_draws_each_if_asked(self):
        table = run("reproduce", "all").stdout
        done = run("--ladders", "reproduce", "all")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.endswith("\n" + table))
        drawn = done.stdout[:-len(table)]
        for name in ROWS:
            self.assertIn(run("reproduce", name).stdout.rstrip("\n"), drawn, name)
        self.assertEqual(drawn.count("Reproduced: "), len(ROWS))
        self.assertNotIn("Reproduced: ", table)


class Words(unittest.TestCase):
    def test_wrong_ones_are_named_with_the_nearest(self):
        for words, said in ((["reproduce", "tme-wait"], "Nearest: TIME_WAIT"),
                            (["reproduce", "LISTEN -> TIME_WAIT"], "no transition leads from LISTEN to TIME_WAIT"),
                            (["reproduce", "LISTEN ->"], "a state must follow the arrow"),
                            (["reproduce", "tcp_tw_reuse"], "only states and transitions"),
                            (["reproduce"], "reproduce what?"),
                            (["reproduce", ""], "reproduce what?"),
                            (["story", "lost-last-ak"], "Nearest: lost-last-ack"),
                            (["dance"], "'dance' is none of reproduce, story, play"),
                            ([], "reproduce, story or play?"),
                            (["play"], "play which file?"),
                            (["--seed", "x", "story", "reboot"], "'x'"),
                            (["--seed", "-1", "story", "reboot"], "'-1'")):
            done = run(*words)
            self.assertEqual(done.returncode, 64, words)
            self.assertEqual(done.stdout, "", words)
            self.assertIn(said, done.stderr)


class Scripts(unittest.TestCase):
    def play(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".lab") as file:
            file.write(text)
            file.flush()
            return run("play", file.name)

    def test_one_s_own(self):
        done = self.play("# mine\nserver listen\nclient connect\nwait 30ms\nexpect client ESTABLISHED\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("SYN_RECEIVED_RCV_ACK", done.stdout)

    def test_wrong_line(self):
        done = self.play("server listen\nclient conect\n")
        self.assertEqual(done.returncode, 64)
        self.assertIn("line 2: an application cannot do this: 'conect'", done.stderr)

    def test_untrue_expectation_shows_what_happened(self):
        done = self.play("client connect\nwait 1s\nexpect client ESTABLISHED\n")
        self.assertEqual(done.returncode, 3)
        self.assertIn("SYN_SENT_RCV_RST", done.stdout)
        self.assertIn("Not reproduced.", done.stdout)

    def test_what_is_no_script(self):
        for name, said in (("/", "directory"), ("/dev/zero", "too large")):
            done = run("play", name)
            self.assertEqual(done.returncode, 3)
            self.assertIn(said, done.stderr)

    def test_no_such_file(self):
        done = run("play", "/nonexistent/script")
        self.assertEqual(done.returncode, 3)
        self.assertIn("/nonexistent/script", done.stderr)


class Machines(unittest.TestCase):
    def test_json_has_events_with_their_causes(self):
        run_ = json.loads(run("-j", "reproduce", "LISTEN_RCV_SYN").stdout)["runs"][0]
        self.assertTrue(run_["reproduced"])
        fired = [event for event in run_["events"] if event.get("transition") == "LISTEN_RCV_SYN"]
        self.assertEqual(len(fired), 1)
        cause = run_["events"][fired[0]["cause"]]
        self.assertEqual((cause["kind"], cause["packet"]["text"]), ("delivered", "SYN seq 0"))
        self.assertEqual(fired[0]["remote"], {"address": "10.0.0.1", "port": 40000})

    def test_json_of_all_is_one_document(self):
        runs = json.loads(run("-j", "reproduce", "all").stdout)["runs"]
        self.assertEqual([r["name"] for r in runs], ROWS)
        for r in runs:
            self.assertEqual("why" in r, not r["reproduced"], r["name"])

    def test_json_says_what_was_marked(self):
        events = json.loads(run("-j", "story", "ecn").stdout)["runs"][0]["events"]
        marked = [event["packet"]["text"] for event in events if event.get("packet", {}).get("marked")]
        self.assertEqual(marked, ["ACK seq 4345 ack 1, 1448 bytes"] * 2)  # sent, and delivered

    def test_same_seed_same_document(self):
        self.assertEqual(run("-j", "--seed", "5", "story", "tw-reuse").stdout,
                         run("-j", "--seed", "5", "story", "tw-reuse").stdout)


@unittest.skipUnless(shutil.which("tshark"), "tshark is not installed")
class Captures(unittest.TestCase):
    def fields(self, *arguments, fields):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "lab.pcapng")
            done = run("--pcap", path, *arguments)
            self.assertIn(done.returncode, (0, 3), done.stderr)
            shown = subprocess.run(["tshark", "-r", path, "-o", "tcp.check_checksum:TRUE", "-T", "fields",
                                    *(word for field in fields for word in ("-e", field))],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual(shown.returncode, 0, shown.stderr)
            return [line.split("\t") for line in shown.stdout.splitlines()]

    def test_packets_are_sound_and_carry_comments(self):
        rows = self.fields("story", "open-and-close", fields=["tcp.flags.str", "tcp.checksum.status", "frame.comment"])
        self.assertEqual([row[1] for row in rows], ["1"] * len(rows))
        self.assertIn("LISTEN_RCV_SYN", rows[0][2])
        self.assertIn("SYN_SENT_RCV_SYN_ACK", rows[1][2])
        self.assertIn("LAST_ACK_RCV_ACK", rows[-1][2])

    def test_lost_ones_say_so(self):
        rows = self.fields("story", "lost-last-ack", fields=["frame.comment"])
        self.assertEqual(sum("lost" in row[0] for row in rows), 1)

    def test_marked_ones_say_so(self):
        rows = self.fields("story", "ecn", fields=["frame.comment", "ip.dsfield.ecn"])
        self.assertEqual([row[1] for row in rows if "marked on its way" in row[0]], ["2"])  # sent with ECT(0)

    def test_all_of_them_can_be_read(self):
        rows = self.fields("reproduce", "all", fields=["_ws.malformed", "frame.time_epoch"])
        self.assertGreater(len(rows), 500)
        self.assertEqual([row for row in rows if row[0]], [])

    def test_a_file_that_cannot_be_written(self):
        done = run("--pcap", "/nonexistent/x.pcapng", "story", "reboot")
        self.assertEqual(done.returncode, 74)
        self.assertIn("/nonexistent/x.pcapng", done.stderr)


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        update()
    else:
        tap.main()
