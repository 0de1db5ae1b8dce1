# SPDX-License-Identifier: BSD-2-Clause
"""What goes wrong around lastack: wrong words, readers that go away, full disks, no privileges, narrow terminals."""

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import tempfile

import lens

USAGE = 64
NOBODY = 65534


class WrongWords(lens.Case):
    def wrong(self, *arguments):
        """Runs lastack with wrong arguments: it must say so, and answer nothing."""
        done = lens.run(*self.population.inside(lens.LASTACK, *arguments))
        self.assertEqual(done.status, USAGE, (arguments, done.err))
        self.assertEqual(done.out, "", arguments)
        self.assertNotEqual(done.err, "", arguments)
        return done.err

    def assert_caret(self, err, filter_text, word):
        """The line with the filter is followed by one with carets under the word."""
        lines = err.splitlines()
        shown = [i for i, line in enumerate(lines) if filter_text in line]
        self.assertEqual(len(shown), 1, err)
        line, marks = lines[shown[0]], lines[shown[0] + 1]
        begin = line.index(filter_text) + filter_text.index(word)
        self.assertEqual(marks.index("^"), begin, err)
        self.assertLessEqual(len(marks.rstrip()), begin + len(word), err)

    def test_caret_under_the_wrong_word(self):
        for filter_text, word in (("state tiem-wait", "tiem-wait"), ("dport = :443 or sprot = :22", "sprot"),
                                  ("dst 10.0.0.0/33", "33"), ("( sport gt :1024", "")):
            for command in ("ls", "states"):
                err = self.wrong(command, filter_text)
                if word:
                    self.assert_caret(err, filter_text, word)
                else:
                    self.assertIn("^", err)

    def test_filter_in_many_words_is_shown_whole(self):
        err = self.wrong("ls", "state", "established", "dport", "gt", ":66000")
        self.assertIn("state established dport gt :66000", err)

    def test_unknown_command(self):
        self.assertIn("'lss'", self.wrong("lss"))

    def test_state_for_a_command_points_to_explain(self):
        self.assertIn("lastack explain TIME_WAIT", self.wrong("TIME_WAIT"))

    def test_unknown_option(self):
        self.wrong("ls", "--unknown")
        self.wrong("--unknown")

    def test_wrong_values_of_options(self):
        self.assertIn("'netlinks'", self.wrong("states", "--source=netlinks"))
        self.assertIn("'often'", self.wrong("states", "-w", "often"))
        self.assertIn("-1", self.wrong("states", "-w", "-1"))
        self.assertIn("'colour'", self.wrong("ls", "--sort=local,colour"))

    def test_long_and_strange_filters(self):
        self.wrong("ls", "x" * 100000)
        self.wrong("ls", "( " * 50000)
        self.wrong("ls", "state \x1b[31m established")


class Output(lens.Case):
    def test_reader_that_goes_away(self):
        """As with `lastack ls | head -1`; the pipe is smaller than the answer."""
        for arguments in (("ls", "-poiem"), ("ls", "-j", "-poiem"), ("states", "-w", "0.1")):
            process = subprocess.Popen(self.population.inside(lens.LASTACK, *arguments), stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            self.assertNotEqual(process.stdout.readline(), "")
            process.stdout.close()
            self.assertEqual(process.stderr.read(), "", arguments)
            process.stderr.close()
            self.assertIn(process.wait(lens.PATIENCE_S), (0, -signal.SIGPIPE, 128 + signal.SIGPIPE), arguments)

    def test_full_disk(self):
        for arguments in ((), ("-j",), ("states",), ("states", "-j"), ("ls",), ("ls", "-j"), ("help",)):
            with open("/dev/full", "w", encoding="ascii") as full:
                done = lens.run(*self.population.inside(lens.LASTACK, *arguments), stdout=full)
            self.assertNotEqual(done.status, 0, arguments)
            self.assertIn(os.strerror(28), done.err, arguments)

    def test_closed_output(self):
        done = lens.run("sh", "-c", 'exec "$@" >&-', "sh", *self.population.inside(lens.LASTACK, "states"))
        self.assertNotEqual(done.status, 0)
        self.assertNotEqual(done.err, "")

    def test_json_is_one_document(self):
        for arguments in ((), ("states",)):
            done = lens.run(*self.population.inside(lens.LASTACK, *arguments, "-j"))
            self.assertEqual(list(json.loads(done.out)["states"]), list(lens.STATES))
            self.assertEqual(done.out.count("\n"), 1)


class Terminal(lens.Case):
    def on_terminal(self, *arguments, **environment):
        """What lastack writes to a terminal."""
        here, there = pty.openpty()
        environment = {"TERM": "xterm", **environment}
        process = subprocess.Popen(self.population.inside(lens.LASTACK, *arguments), stdin=there, stdout=there,
                                   stderr=there, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **environment})
        os.close(there)
        output = b""
        try:
            while select.select([here], [], [], lens.PATIENCE_S)[0]:
                output += os.read(here, 65536)
        except OSError:  # the other end is closed
            pass
        os.close(here)
        self.assertEqual(process.wait(lens.PATIENCE_S), 0, output)
        return output.decode()

    def test_colour(self):
        self.assertIn("\x1b[", self.on_terminal())

    def test_no_colour(self):
        for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.assertNotIn("\x1b[", self.on_terminal(**environment), environment)
        self.assertNotIn("\x1b[", lens.run(*self.population.inside(lens.LASTACK)).out)

    def test_lines_fit(self):
        """But for a single cell that is itself wider than the terminal: an address is not cut."""
        for columns in (40, 80, 200):
            for arguments in ((), ("states",), ("ls", "-n"), ("ls", "-n", "-po")):
                for line in self.on_terminal(*arguments, COLUMNS=str(columns), NO_COLOR="1").splitlines():
                    self.assertTrue(len(line) <= columns or "  " not in line.strip(), (columns, arguments, line))

    def test_no_trailing_blanks(self):
        for arguments in ((), ("states",), ("ls", "-n", "-po")):
            for line in lens.run(*self.population.inside(lens.LASTACK, *arguments)).out.splitlines():
                self.assertEqual(line, line.rstrip(), arguments)


class Unprivileged(lens.Case):
    """As nobody: everything but who holds the others' sockets."""

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp()
        os.chmod(cls.directory, 0o755)
        cls.copy = shutil.copy(lens.LASTACK, cls.directory)  # the build may lie where nobody may not look
        os.chmod(cls.copy, 0o755)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.directory)

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("not root: nobody cannot be played")

    def as_nobody(self, *arguments):
        who = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all")
        done = lens.run(*self.population.inside(*who, self.copy, *arguments), cwd="/")
        self.assertEqual(done.status, 0, done.err)
        return done

    def test_counts(self):
        document = json.loads(self.as_nobody("states", "-j").out)
        expected = {**lens.counts(self.population.sockets), "CLOSED": 0}
        self.assertEqual(document["states"], expected)

    def test_rows(self):
        rows = lens.rows_in(self.as_nobody("ls", "-nH").out)
        self.assert_same_rows(self.rows_of_ss(), [row for row in rows if row.state != "CLOSED"])

    def test_hidden_owners_are_said(self):
        done = self.as_nobody("ls", "-nHp")
        self.assertNotIn(f"pid={self.population.elder}", done.out)
        self.assertRegex(done.err, "[0-9]+ process")

    def test_overview_says_what_it_may_not_see(self):
        done = self.as_nobody()
        self.assertRegex(done.out + done.err, "[0-9]+ process")

    def test_other_namespaces_are_refused(self):
        who = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all")
        done = lens.run(*who, self.copy, "states", f"--netns={self.population.elder}", cwd="/")
        self.assertEqual(done.status, 3)
        self.assertIn("not permitted", done.err)


if __name__ == "__main__":
    lens.main()
