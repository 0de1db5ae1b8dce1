# SPDX-License-Identifier: BSD-2-Clause
"""What the tests against the live kernel speak of: a known population of sockets, what ss says of it, and what lastack
says of it.

    class Rows(lens.Case):
        def test_rows_are_those_of_ss(self):
            self.assert_same(self.rows_of_ss(), self.rows_of_lastack())

Each test program has a population of its own, in a network namespace that is gone when the program is."""

import collections
import json
import os
import re
import shutil
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "house"))

import tap  # noqa: E402

BUILD = os.path.join(os.path.dirname(os.path.dirname(HERE)), "build")
LASTACK = os.environ.get("LASTACK", os.path.join(BUILD, "lastack"))
HELPERS = os.environ.get("LASTACK_TEST_HELPERS", os.path.join(BUILD, "tests", "linux"))

SKIPPED = 77  # the exit status of a helper that is not permitted to do its work
PATIENCE_S = 30  # for one command

# RFC 9293's states in its order, and as ss writes them.
STATES = {
    "CLOSED": "UNCONN",
    "LISTEN": "LISTEN",
    "SYN_SENT": "SYN-SENT",
    "SYN_RECEIVED": "SYN-RECV",
    "ESTABLISHED": "ESTAB",
    "FIN_WAIT_1": "FIN-WAIT-1",
    "FIN_WAIT_2": "FIN-WAIT-2",
    "CLOSE_WAIT": "CLOSE-WAIT",
    "CLOSING": "CLOSING",
    "LAST_ACK": "LAST-ACK",
    "TIME_WAIT": "TIME-WAIT",
}
FROM_SS = {"-": "", **{theirs: ours for ours, theirs in STATES.items()}}

Row = collections.namedtuple("Row", "state receive_queue send_queue local remote")
Done = collections.namedtuple("Done", "status out err")


def helper(name):
    return os.path.join(HELPERS, name)


def run(*command, environment=None, **how):
    """Runs a command to its end, in an environment that does not depend on who runs the test."""
    plain = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "TERM")}
    done = subprocess.run(command, **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
                                      "text": True, "errors": "replace", "timeout": PATIENCE_S,
                                      "env": {**plain, "LC_ALL": "C.UTF-8", **(environment or {})}, **how})
    return Done(done.returncode, done.stdout, done.stderr)


class Unavailable(Exception):
    """There is no population; `status` and the message say why."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


class Population:
    """The sockets that tests/linux/population.c makes, and the processes that hold them."""

    def __init__(self):
        self.process = subprocess.Popen([helper("population")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        text = ""
        for line in self.process.stdout:
            if line == "ready\n":
                break
            text += line
        else:
            reason = self.process.stderr.read().strip()
            raise Unavailable(self.process.wait(), reason)
        said = json.loads(text)
        self.sockets, self.elder, self.younger = said["sockets"], said["elder"], said["younger"]

    def end(self):
        """Ends it and waits until nothing of it is left."""
        self.process.stdin.close()
        self.process.wait(PATIENCE_S)

    def inside(self, *command):
        """The command line that runs a command where the sockets are."""
        user = ["--user", "--preserve-credentials"] if os.geteuid() else []
        return ("nsenter", *user, "--net", f"--target={self.elder}", "--", *command)

    def chosen(self, **which):
        """The sockets that have these properties: kind="mapped"."""
        return [s for s in self.sockets if all(s[key] == value for key, value in which.items())]


def counts(sockets):
    found = collections.Counter(s["state"] for s in sockets)
    return {state: found[state] for state in STATES}


def kernel_lists_bound():
    """Linux tells sockets that are bound and neither listen nor connect since 6.8, over netlink only."""
    major, minor = re.match(r"(\d+)\.(\d+)", os.uname().release).groups()
    return (int(major), int(minor)) >= (6, 8)


def rows_in(text, from_ss=False):
    """The rows of a table of ss or of lastack ls, each with the text behind its five columns.  Where a filter leaves
    just one state, ss does not write it, and the rows have ""."""
    rows = {}
    for line in text.splitlines():
        if from_ss and line[0].isdigit():
            line = f"- {line}"
        state, receive_queue, send_queue, local, remote, *rest = line.split(None, 5)
        row = Row(FROM_SS[state] if from_ss else state, int(receive_queue), int(send_queue), local, remote)
        if row in rows:
            raise AssertionError(f"twice the same row: {line}")
        rows[row] = rest[0] if rest else ""
    return rows


class Case(unittest.TestCase):
    """A test that has a population to look at."""

    population = None
    source = ()  # the options that choose where lastack asks
    settles_within_s = 15  # by then every timer of the population fires less often than once in 7 s
    maxDiff = 4000

    def from_netlink(self):
        return not self.source

    def ss(self, *arguments):
        done = run(*self.population.inside("ss", *arguments))
        self.assertEqual(done.status, 0, f"ss {' '.join(arguments)}: {done.err}")
        return done.out

    def ask(self, command, *arguments, environment=None):
        """Runs a command of lastack where the sockets are."""
        return run(*self.population.inside(LASTACK, command, *self.source, *arguments), environment=environment)

    def lastack(self, command, *arguments):
        """The answer of a command that must have one, and nothing to complain of."""
        done = self.ask(command, *arguments)
        said = f"lastack {' '.join([command, *self.source, *arguments])}"
        self.assertEqual(done.status, 0, f"{said}: {done.err}")
        if self.from_netlink() and os.geteuid() == 0:
            self.assertEqual(done.err, "", said)
        return done.out

    def rows_of_ss(self, *arguments):
        return rows_in(self.ss("-tanHO", *arguments), from_ss=True)

    def rows_of_lastack(self, *arguments):
        """Without what ss does not list: sockets that are only bound."""
        rows = rows_in(self.lastack("ls", "-nH", *arguments))
        return {row: rest for row, rest in rows.items() if row.state != "CLOSED"}

    def objects(self, *arguments):
        """The sockets of lastack ls -j."""
        return [json.loads(line) for line in self.lastack("ls", "-j", *arguments).splitlines()]

    def document(self, command, *arguments):
        return json.loads(self.lastack(command, "-j", *arguments))

    def assert_same_rows(self, theirs, ours, what=""):
        """The same, as multisets; shows what one has and the other has not."""
        theirs, ours = collections.Counter(list(theirs)), collections.Counter(list(ours))
        if theirs == ours:
            return
        lines = [f"{what}: {sum(theirs.values())} rows expected, {sum(ours.values())} found"]
        lines += [f"missing:    {row}" for row in sorted((theirs - ours).elements(), key=str)[:10]]
        lines += [f"unexpected: {row}" for row in sorted((ours - theirs).elements(), key=str)[:10]]
        self.fail("\n".join(lines))

    def assert_between(self, ask_ss, ask_lastack, wrong, what):
        """For what changes by itself: lastack, asked between two answers of ss, must agree with one of them.  `wrong`
        says what is wrong with (before, ours, after), or nothing.

        A timer may fire in between, on a busy machine also twice, and then neither answer is ours.  So a complaint
        about a row that changed proves nothing, and we look again: timers double (RFC 6298 5.5), and soon fire less
        often than anybody looks.  A complaint about a row of which ss says the same twice may stand three times."""
        deadline = time.monotonic() + self.settles_within_s
        proofs = 0
        while True:
            before, ours, after = ask_ss(), ask_lastack(), ask_ss()
            self.assert_same_rows(before, ours, what)
            found = {row: complaint for row in before if row in after
                     for complaint in [wrong(before[row], ours[row], after[row])] if complaint}
            if not found:
                return
            proofs += any(before[row] == after[row] for row in found)
            if proofs == 3 or time.monotonic() >= deadline:
                break
        lines = [f"{row}: {complaint}" for row, complaint in found.items()]
        self.fail("\n".join([f"{what}: {len(lines)} rows differ", *lines[:60]]))


def main():
    """Makes the population, runs the tests of the calling program, and leaves nothing behind."""
    for tool in ("ss", "nsenter"):
        if not shutil.which(tool):
            print(f"1..0 # SKIP {tool} is not installed")
            return
    if not os.path.exists(LASTACK):
        print(f"Bail out! {LASTACK} is not built")
        sys.exit(1)
    try:
        Case.population = Population()
    except Unavailable as why:
        print(f"1..0 # SKIP {why}" if why.status == SKIPPED else f"Bail out! no population: {why}")
        sys.exit(0 if why.status == SKIPPED else 1)
    try:
        tap.main()
    finally:
        Case.population.end()
