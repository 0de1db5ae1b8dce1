# SPDX-License-Identifier: BSD-2-Clause
"""Recordings: the same verdict elsewhere, with and without addresses; files that are none."""

import json
import os
import signal
import socket
import stat
import subprocess
import tempfile
import time

import scene


class Record(scene.Case):
    def setUp(self):
        super().setUp()
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.path = os.path.join(self.directory.name, "recording")

    def trouble(self):
        """CLOSE_WAIT that leak, an accept queue that overflows, and settings that make no sense."""
        scene.setting("net.ipv4.tcp_fin_timeout", -1)
        self.pairs = scene.connections(15)
        for client, _ in self.pairs:
            client.close()
        self.server = scene.listener("::1", 8080, 3, socket.AF_INET6)
        self.clients = []
        for _ in range(9):
            s = socket.socket(socket.AF_INET6)
            s.setblocking(False)
            s.connect_ex(("::1", 8080))
            self.clients.append(s)
        time.sleep(2)

    def record(self, *arguments):
        done = scene.lastack("record", self.path, "--for", "1", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def judged(self, *arguments, **how):
        done = scene.lastack("doctor", "-j", *arguments, **how)
        self.assertEqual(done.stderr, "")
        said = json.loads(done.stdout)
        self.assertEqual(done.returncode, scene.STATUS[said["verdict"]])
        return said

    def verdict(self, said):
        return said["verdict"], sorted((f["id"], f["severity"], f["summary"].split(",")[0]) for f in said["findings"])

    def test_same_verdict_offline(self):
        self.trouble()
        live = self.judged("--for", "1")
        self.record()
        scene.new_world()  # nothing of it is here
        self.assertEqual(self.judged("--for", "0")["findings"], [])
        offline = self.judged("--from", self.path)
        self.assertEqual({i for i, _, _ in self.verdict(live)[1]}, {"close-wait", "accept-queue", "syn-sent", "settings"})
        ids = [(i, s) for i, s, _ in self.verdict(live)[1]]
        self.assertEqual([(i, s) for i, s, _ in self.verdict(offline)[1]], ids)
        self.assertEqual(offline["verdict"], "critical")
        with open(self.path) as file:
            again = self.judged("--from", "-", stdin=file)
        self.assertEqual(again["findings"], offline["findings"])

    def test_anonymous(self):
        scene.ip("address add 203.0.113.77/32 dev lo")
        server = scene.listener("203.0.113.77", 8080)
        self.held = [socket.create_connection(("203.0.113.77", 8080), source_address=("203.0.113.77", 0)) for _ in range(4)]
        self.trouble()
        self.record()
        plain = self.judged("--from", self.path)
        self.record("--anonymize")
        hidden = self.judged("--from", self.path)
        text = open(self.path).read()
        self.assertNotIn("203.0.113.77", text)
        self.assertIn("[::1]:8080", text)  # loopback tells nothing
        ids = [[(i, s) for i, s, _ in self.verdict(said)[1]] for said in (plain, hidden)]
        self.assertEqual(ids[0], ids[1])
        self.assertEqual(plain["verdict"], hidden["verdict"])
        rows = [json.loads(line) for line in text.splitlines()]
        ends = {row[end].rsplit(":", 1)[0] for row in rows if "socket" in row and "8080" in row["local"] + row["remote"]
                for end in ("local", "remote") if not row[end].startswith(("[", "0.", "127."))}
        self.assertEqual(len(ends), 1, "the same address, always by the same")
        server.close()

    def test_file_is_whole_and_private(self):
        with open(self.path, "w") as file:
            file.write("before")
        os.chmod(self.path, 0o644)
        self.record()
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)
        self.assertEqual(os.listdir(self.directory.name), ["recording"])
        lines = open(self.path).read().splitlines()
        self.assertEqual(json.loads(lines[0])["lastack_recording"], 1)
        self.assertEqual(json.loads(lines[-1])["end"], 2)

    def test_nothing_is_left_of_a_recording_that_was_ended(self):
        with open(self.path, "w") as file:
            file.write("before")
        for number in (signal.SIGTERM, signal.SIGHUP):
            process = subprocess.Popen([scene.LASTACK, "record", self.path, "--for", "30"], stderr=subprocess.DEVNULL)
            until = time.monotonic() + 10
            while len(os.listdir(self.directory.name)) < 2 and time.monotonic() < until:
                time.sleep(0.02)
            time.sleep(0.1)
            process.send_signal(number)
            self.assertEqual(process.wait(10), -number)
            self.assertEqual(os.listdir(self.directory.name), ["recording"])
        self.assertEqual(open(self.path).read(), "before")

    def test_interrupted_wait_is_judged(self):
        for command in (["doctor", "-j", "--for", "30"], ["record", self.path, "--for", "30"]):
            process = subprocess.Popen([scene.LASTACK, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            time.sleep(0.6)
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=10)
            self.assertEqual(process.returncode, 0, command)
        said = self.judged("--from", self.path)
        self.assertTrue(0.2 <= said["for_s"] <= 5, said["for_s"])

    def test_standard_output(self):
        done = scene.lastack("record", "-", "--for", "0")
        self.assertEqual(json.loads(done.stdout.splitlines()[-1])["end"], 1)

    def test_cannot_be_written(self):
        done = scene.lastack("record", "/nowhere/to/be", "--for", "0")
        self.assertEqual(done.returncode, 74)
        self.assertIn("/nowhere/to/be", done.stderr)
        done = scene.lastack("record", "/dev/full", "--for", "0")
        self.assertEqual(done.returncode, 74)
        self.assertIn("No space", done.stderr)

    def refused(self, text, *words):
        with open(self.path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        done = scene.lastack("doctor", "--from", self.path)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(done.stdout, "")
        for word in (self.path, *words):
            self.assertIn(word, done.stderr)

    def test_files_that_are_none(self):
        self.record()
        lines = open(self.path).read().splitlines()
        whole = "\n".join(lines) + "\n"
        self.refused("", "empty")
        self.refused(os.urandom(3000), "no recording")
        self.refused(b"x" * 200000, "no recording")
        self.refused('{"states": {}}\n', "no recording")
        self.refused(whole.replace('"lastack_recording":1', '"lastack_recording":99'), "version 99")
        self.refused("\n".join(lines[:-1]) + "\n", "cut short")
        self.refused(whole[:len(whole) // 2])
        self.refused(whole + whole, "behind its end")
        self.refused("\n".join(line for line in lines if '"socket"' not in line) + "\n" if any(
            '"socket"' in line for line in lines) else whole + "x", self.path)
        with_socket = lines[:-1] + ['{"socket":"ESTABLISHED","local":"10.0.0.1:99999","remote":"10.0.0.2:1"}'] + lines[-1:]
        self.refused("\n".join(with_socket), "makes no sense", f"line {len(lines)}")
        done = scene.lastack("doctor", "--from", "/nowhere/to/be")
        self.assertEqual(done.returncode, 3)
        self.assertIn("/nowhere/to/be", done.stderr)

    def test_words_of_a_later_version_are_passed_over(self):
        self.record()
        lines = open(self.path).read().splitlines()
        lines[1:1] = ['{"knob":"net.ipv4.tcp_from_the_future","value":"1"}', '{"something":"else"}']
        with open(self.path, "w") as file:
            file.write("\n".join(lines) + "\n")
        self.assertEqual(self.judged("--from", self.path)["verdict"], "healthy")


class Usage(scene.Case):
    def test_wrong_command_lines(self):
        for arguments, word in ((["doctor", "--for", "-1"], "-1"), (["doctor", "--for", "x"], "x"), (["doctor", "dst"], "dst"),
                                (["doctor", "--only", "nonsense"], "nonsense"), (["doctor", "--idle", "0"], "0"),
                                (["doctor", "--from", "f", "--for", "3"], "--from"), (["record"], "FILE"),
                                (["doctor", "--from", "f", "--source", "proc"], "--source"), (["record", "--idle", "0.5", "f"], "0.5"),
                                (["record", "a", "b"], "b"), (["doctor", "--netns", "all"], "namespace")):
            done = scene.lastack(*arguments)
            self.assertEqual(done.returncode, 64, arguments)
            self.assertIn(word, done.stderr, arguments)

    def test_one_rule_alone(self):
        scene.setting("net.ipv4.tcp_syncookies", 0)
        self.assertEqual(self.examine("--only", "close-wait")["findings"], [])
        self.assertEqual(self.last["looked_at"], ["close-wait"])
        self.assertEqual(len(self.examine("--only", "settings")["findings"]), 1)

    def test_rules_are_listed(self):
        rules = json.loads(scene.lastack("doctor", "--list", "-j").stdout)
        self.assertEqual(rules[0]["id"], "ephemeral-ports")
        text = scene.lastack("doctor", "--list").stdout
        for rule in rules:
            self.assertIn(rule["id"], text)

    def test_proc_cannot_tell_all(self):
        server = scene.listener()
        said = self.examine("--source", "proc")
        self.assertEqual(said["verdict"], "unknown")
        self.assertIn("accept-queue", [u["rule"] for u in said["not_told"] if u["nothing_at_all"]])
        server.close()

    def test_all_is_well_says_what_was_looked_at(self):
        done = scene.lastack("doctor", "--for", "0.3")
        self.assertEqual(done.returncode, 0)
        self.assertIn("All is well with what was looked at: local ports of each path;", done.stdout)
        self.assertNotIn("\033", done.stdout)
        self.assertTrue(all(len(line) <= 80 for line in done.stdout.splitlines()))


if __name__ == "__main__":
    scene.main()
