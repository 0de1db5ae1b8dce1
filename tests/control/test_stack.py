# SPDX-License-Identifier: BSD-2-Clause
"""What lastack shows of a running stack, and does to it: against tests/control/served.c, which has a connection in each
state, at ports that are known."""

import json
import os
import re
import select
import shutil
import signal
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

# The peer's ports, and the state that served.c brings each connection into.
STATE_OF = {
    40001: "ESTABLISHED",
    40002: "ESTABLISHED",  # 1000 bytes are unread
    40003: "ESTABLISHED",  # 2000 bytes are not acknowledged
    40004: "ESTABLISHED",  # not accepted
    40010: "FIN_WAIT_1",
    40011: "FIN_WAIT_2",  # held
    40012: "FIN_WAIT_2",  # an orphan
    40013: "CLOSE_WAIT",
    40014: "CLOSING",
    40015: "LAST_ACK",
    40016: "TIME_WAIT",
    40020: "SYN_RECEIVED",
    4000: "SYN_SENT",
}


class Served:
    """A stack that answers under a name, and takes orders."""

    def __init__(self, directory, name):
        self.process = subprocess.Popen([SERVED, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "LASTACK_DIR": directory})
        self.expect("ready")

    def expect(self, said):
        line = self.process.stdout.readline().strip()
        if line != said:
            raise AssertionError(f"served said '{line}' and not '{said}'")

    def order(self, what):
        print(what, file=self.process.stdin, flush=True)
        self.expect("done")

    def end(self):
        self.process.stdin.close()
        self.process.wait(PATIENCE_S)
        self.process.stdout.close()


class Case(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="lastack-test-")
        cls.served = Served(cls.directory, "shop")

    @classmethod
    def tearDownClass(cls):
        cls.served.end()
        left = os.listdir(cls.directory)
        shutil.rmtree(cls.directory)
        if left:
            raise AssertionError(f"left behind: {left}")

    def environment(self, columns=None):
        plain = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "TERM")}
        return {**plain, "LC_ALL": "C.UTF-8", "LASTACK_DIR": self.directory,
                **({"COLUMNS": str(columns)} if columns else {})}

    def ask(self, *arguments, columns=None):
        return subprocess.run([LASTACK, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S, check=False,
                              env=self.environment(columns))

    def told(self, *arguments, columns=None):
        """The answer of a command that must have one, and nothing to complain of."""
        done = self.ask(*arguments, "--stack", "shop", columns=columns)
        self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
        return done.stdout

    def document(self, *arguments):
        return json.loads(self.told(*arguments, "-j"))

    def documents(self, *arguments):
        return [json.loads(line) for line in self.told(*arguments, "-j").splitlines()]

    def refused(self, status, *arguments):
        done = self.ask(*arguments)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        return done.stderr


class Connections(Case):
    def ports(self, *filter_words):
        return {s["remote"]["port"] for s in self.documents("ls", *filter_words)}

    def test_counts_are_those_of_the_population(self):
        counts = dict.fromkeys(self.document("states")["states"], 0)
        for state in [*STATE_OF.values(), "LISTEN"]:
            counts[state] += 1
        document = self.document("states")
        self.assertEqual(document["states"], counts)
        self.assertEqual(document["total"], sum(counts.values()))
        self.assertEqual((document["source"], document["stack"]), ("stack shop", "shop"))
        self.assertEqual(self.document("states", "dport", "gt", ":0")["total"], len(STATE_OF))
        self.assertRegex(self.told("states"), r"(?m)^CLOSE_WAIT +1$")

    def test_each_connection_is_listed_once(self):
        sockets = self.documents("ls")
        self.assertEqual(sockets[0]["state"], "LISTEN")
        self.assertEqual({s["remote"]["port"]: s["state"] for s in sockets[1:]}, STATE_OF)
        self.assertEqual(len(sockets), len(STATE_OF) + 1)

    def test_filters_choose(self):
        self.assertEqual(self.ports("dport", "=", ":40013"), {40013})
        self.assertEqual(self.ports("state", "established"), {40001, 40002, 40003, 40004})
        self.assertEqual(self.ports("state", "fin-wait-2", "or", "state", "closing"), {40011, 40012, 40014})
        self.assertEqual(self.ports("age", "gt", "1h"), set())
        self.assertEqual(self.ports("dst", "10.77.0.9"), {4000})
        self.assertEqual(self.ports("-6"), set())
        self.assertEqual(self.ports("-l"), {0})

    def test_all_that_is_held_is_its_process_s(self):
        held = {s["remote"]["port"] for s in self.documents("ls", "-p") if s["owners"]}
        self.assertEqual(held, {0, *STATE_OF} - {40004, 40012, 40016, 40020})
        self.assertEqual(self.ports("pid", "=", str(self.served.process.pid)), held)
        self.assertIn(f'users:(("served",pid={self.served.process.pid}))', self.told("ls", "-p"))

    def test_details(self):
        rows = self.told("ls", "-n", "-i", "-o", "-e", "-m", "-H", "dport", "=", ":40003")
        self.assertRegex(rows, r"^ESTABLISHED +0 +2000 +10\.77\.0\.2:80 +10\.77\.0\.1:40003 ")
        for detail in (r"timer:\(on,\S+,\d+\)", r"age:\d", r"skmem:\(", r"\bcwnd:\d", r"\bretrans:"):
            self.assertRegex(rows, detail)
        orphan, = self.documents("ls", "dport", "=", ":40012")
        self.assertEqual(orphan["timer"]["kind"], "time_wait")
        self.assertLessEqual(orphan["timer"]["expires_ms"], 30000)
        self.assertEqual(orphan["came_by"], "FIN_WAIT_1_RCV_ACK")

    def test_order(self):
        ports = [s["remote"]["port"] for s in self.documents("ls", "--sort", "-dport")]
        self.assertEqual(ports, sorted(ports, reverse=True))

    def test_counting_again(self):
        done = subprocess.Popen([LASTACK, "states", "-w", "0.1", "--stack", "shop"], stdout=subprocess.PIPE, text=True,
                                env=self.environment())
        lines = [done.stdout.readline() for _ in range(40)]
        done.terminate()
        done.communicate()
        self.assertEqual(len([line for line in lines if re.match(r"total +14\b", line)]), 2)

    def test_overview(self):
        text = self.told(columns=80)
        self.assertRegex(text, r"(?m)^14 TCP sockets$")
        self.assertRegex(text, r"(?m)^connections +\d+ +1,064 +\d+$")
        self.assertRegex(text, r"(?m)^ +1  served\[\d+\] ")  # whose CLOSE_WAIT, and whose FIN_WAIT_2
        self.assertIn("source: stack shop of served[", text)
        self.assertNotIn("Nothing stands out", text)
        document = self.document()
        self.assertEqual(document["limits"]["listeners"], {"used": 1, "limit": 16})
        self.assertEqual(document["listeners"][0]["accept_queue"], 1)
        self.assertEqual(document["fin_wait_2"]["orphans"], 1)
        self.assertEqual(document["counters"]["TcpPassiveOpens"], 11)
        self.assertEqual(document["local_ports"]["low"], 32768)

    def test_what_is_linux_s_is_refused(self):
        self.assertIn("--netns is about Linux's sockets", self.refused(64, "ls", "--stack", "shop", "--netns", "all"))
        self.assertIn("--source is about Linux's sockets",
                      self.refused(64, "--stack", "shop", "--source", "proc"))
        for words in (["dev", "eth0"], ["fwmark", "=", "1"], ["netns", "=", "4026531840"], ["autobound"]):
            self.assertIn("a stack has no interfaces", self.refused(64, "ls", "--stack", "shop", *words))


class Names(Case):
    def test_an_unknown_name_is_told_which_there_are(self):
        for command in ([], ["states"], ["ls"], ["explain", ":80"], ["explain", "TIME_WAIT"], ["knob"], ["events"]):
            self.assertEqual(self.refused(3, *command, "--stack", "shap"),
                             "lastack: no stack 'shap' runs here\nRunning: shop\n")

    def test_a_name_that_is_none(self):
        self.assertIn("cannot be the name of a stack", self.refused(64, "ls", "--stack", ".shop"))

    def test_a_path_names_one_too(self):
        done = self.ask("states", "-j", "--stack", os.path.join(self.directory, "shop.sock"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_where_none_runs(self):
        with tempfile.TemporaryDirectory() as empty:
            done = subprocess.run([LASTACK, "ls", "--stack", "shop"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, env={**self.environment(), "LASTACK_DIR": empty}, check=False)
            self.assertEqual(done.returncode, 3)
            self.assertIn(f"No stack of lastack runs here: none answers in {empty}\n", done.stdout)
            done = subprocess.run([LASTACK, "stacks"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  env={**self.environment(), "LASTACK_DIR": empty}, check=False)
            self.assertEqual((done.returncode, done.stdout),
                             (0, f"No stack of lastack runs here: none answers in {empty}\n"))

    def test_those_that_run_are_listed(self):
        second = Served(self.directory, "bank")
        text = self.ask("stacks").stdout
        listed = [json.loads(line) for line in self.ask("stacks", "-j").stdout.splitlines()]
        second.end()
        self.assertRegex(text, r"(?s)^NAME.*\nbank +served\[\d+\] .*\nshop +served\[\d+\] +peers0 +10\.77\.0\.2 fd00::2 ")
        self.assertEqual([s["name"] for s in listed], ["bank", "shop"])
        self.assertEqual(listed[1]["pid"], self.served.process.pid)
        self.assertEqual((listed[1]["listeners"], listed[1]["connections"]), (1, 13))
        self.assertEqual(listed[1]["application"], "a test's stack")
        self.assertEqual([json.loads(line)["name"] for line in self.ask("stacks", "-j").stdout.splitlines()], ["shop"])

    def test_bash_completes_it(self):
        script = os.path.join(os.path.dirname(os.path.dirname(HERE)), "completions", "lastack.bash")
        for words, offered in ((["ls", "--stack", "s"], "shop"), (["ls", "--stack", "=", "sh"], "shop"),
                               (["knob", "--stack", "shop", "lastack.t"], "lastack.time_wait_ms"),
                               (["knob", "--stack", "shop", "tcp_fin_t"], "tcp_fin_timeout")):
            done = subprocess.run(
                ["bash", "--norc", "-c", f'source {script!r}\nCOMP_WORDS=("$@") COMP_CWORD=$(($# - 1))\n_lastack\n'
                 'printf "%s\\n" "${COMPREPLY[@]}"', "bash", LASTACK, *words], stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, env=self.environment(), check=False)
            self.assertEqual(done.stdout, f"{offered}\n", words)

    def test_a_name_in_use_is_refused(self):
        done = subprocess.run([SERVED, "shop"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, env=self.environment(), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Address already in use", done.stderr)

    def test_a_killed_one_s_name_is_free(self):
        dead = Served(self.directory, "dead")
        dead.process.kill()
        dead.process.wait()
        self.assertTrue(os.path.exists(os.path.join(self.directory, "dead.sock")))
        self.assertIn("no stack 'dead' runs", self.refused(3, "ls", "--stack", "dead"))
        Served(self.directory, "dead").end()
        dead.process.stdin.close()
        dead.process.stdout.close()


class Explained(Case):
    # Who must act, how it ends by itself, and the tunable that sets when.
    JUDGED = {
        40001: ("application", "never", None),
        40002: ("application", "never", None),
        40003: ("peer", "give_up", "tcp_retries2"),
        40004: ("application", "never", None),
        40010: ("peer", "give_up", "tcp_retries2"),
        40011: ("peer", "never", None),
        40012: ("peer", "timer", "tcp_fin_timeout"),
        40013: ("application", "never", None),
        40014: ("peer", "give_up", "tcp_retries2"),
        40015: ("peer", "give_up", "tcp_retries2"),
        40016: ("timer", "timer", "lastack.time_wait_ms"),
        40020: ("peer", "give_up", "tcp_synack_retries"),
    }

    def test_each_state(self):
        for port, judged in self.JUDGED.items():
            document = self.document("explain", "10.77.0.2:80", f"10.77.0.1:{port}")
            ends = document["ends"]
            self.assertEqual(document["connection"]["state"], STATE_OF[port])
            self.assertEqual((document["must_act"]["actor"], ends["by_itself"], ends.get("knob")), judged, port)
            self.assertEqual(document["why"]["to"], STATE_OF[port])
            self.assertEqual("in_ms" in ends, ends["by_itself"] == "timer")
        self.assertEqual(self.document("explain", ":40012")["ends"]["knob_value"], "30")

    def test_in_words(self):
        for columns in (40, 80, 200):
            text = self.told("explain", "10.77.0.2:80", "10.77.0.1:40012", columns=columns)
            flat = " ".join(text.split())
            self.assertIn("FIN_WAIT_1 → FIN_WAIT_2: rcv ACK of FIN (RFC 9293 3.10.7.4)", flat)
            self.assertRegex(flat, r"The timer ends in \d+s\. Tunable tcp_fin_timeout = 30 s")
            self.assertLessEqual(max(map(len, text.splitlines())), columns)

    def test_one_end_is_enough_where_it_is_the_only_one(self):
        whole = self.document("explain", "10.77.0.2:80 -> 10.77.0.1:40013")
        for words in ([":40013"], ["10.77.0.1:40013"], ["*:80", "*:40013"], ["10.77.0.1:40013", "10.77.0.2:80"]):
            self.assertEqual(self.document("explain", *words)["connection"]["cookie"], whole["connection"]["cookie"])

    def test_a_listener(self):
        document = self.document("explain", "0.0.0.0:80")
        self.assertEqual(document["connection"]["state"], "LISTEN")
        self.assertEqual(document["must_act"]["actor"], "application")
        self.assertRegex(self.told("explain", "0.0.0.0:80"), r"Queue +1 of 8 wait for accept\(\), 1 half-open, 0 dropped")

    def test_several_are_shown_to_choose_from(self):
        said = self.refused(3, "explain", ":80", "--stack", "shop")
        self.assertRegex(said, r"^lastack explain: ':80' names 13 connections; which of them\?\n")
        self.assertIn("  10.77.0.2:80 10.77.0.1:40013  (CLOSE_WAIT)\n", said)
        self.assertIn("  and 3 more\n", said)

    def test_none(self):
        said = self.refused(3, "explain", "10.77.0.2:80", "10.77.0.1:1", "--stack", "shop")
        self.assertEqual(said, "lastack explain: stack 'shop' has no connection '10.77.0.2:80 10.77.0.1:1'\n"
                               "What there is: lastack ls -n --stack shop\n")
        self.assertIn("'10.77.0.1:x' is not the end of a connection", self.refused(64, "explain", "10.77.0.1:x"))

    def test_a_tunable_s_page_has_the_stack_s_value(self):
        self.assertRegex(self.told("explain", "tcp_fin_timeout"), r"Here +30 s \(not the default\)")


class Tunables(Case):
    def test_all_are_listed(self):
        knobs = {k["name"]: k for k in self.documents("knob")}
        changed = {name for name, k in knobs.items() if k["changed"]}
        self.assertLessEqual({"net.ipv4.tcp_fin_timeout", "lastack.time_wait_ms"}, changed)
        self.assertEqual(knobs["net.ipv4.tcp_fin_timeout"],
                         {"name": "net.ipv4.tcp_fin_timeout", "value": "30", "default": "60", "changed": True, "min": 5,
                          "max": 120, "unit": "s"})
        self.assertEqual(knobs["net.ipv4.ip_local_reserved_ports"]["value"], "")
        text = self.told("knob")
        self.assertRegex(text, r"(?m)^\*  tcp_fin_timeout +30 +60 +5 to 120 +s ")
        self.assertRegex(text, r"(?m)^   tcp_syncookies +1 +1 ")
        self.assertRegex(text, r"(?m)^   lastack\.rto_min_ms +200 +200 +1 to 10000 +ms +\w")
        for line in text.splitlines():
            self.assertNotRegex(line, r" takes \d", "one of lastack's own has no words in knob.c")

    def test_one_is_set_live(self):
        self.assertEqual(self.told("knob", "tcp_keepalive_time"), "7200\n")
        self.assertEqual(self.told("knob", "tcp_keepalive_time", "600"),
                         "net.ipv4.tcp_keepalive_time: 7200 -> 600\n")
        self.assertEqual(self.told("knob", "net/ipv4/tcp_keepalive_time"), "600\n")
        self.assertEqual(self.told("knob", "ip_local_port_range", "40000 50000"),
                         "net.ipv4.ip_local_port_range: 32768 60999 -> 40000 50000\n")

    def test_it_acts(self):
        """A record that has 60 minutes to wait has a second after this."""
        self.told("knob", "lastack.time_wait_ms", "1")
        for _ in range(100):
            if self.document("states")["states"]["TIME_WAIT"] == 0:
                break
        self.assertEqual(self.document("states")["states"]["TIME_WAIT"], 0)

    def test_what_cannot_be_is_refused(self):
        self.assertEqual(self.refused(64, "knob", "tcp_retries2", "99", "--stack", "shop"),
                         "lastack knob: '99': net.ipv4.tcp_retries2 takes 3 to 20 (tries).\n")
        self.assertIn("there is no tunable 'tcp_retries3'",
                      self.refused(64, "knob", "tcp_retries3", "--stack", "shop"))
        said = self.refused(64, "knob", "tcp_tw_recycle", "1", "--stack", "shop")
        self.assertIn("--dangerous", said)
        self.assertEqual(self.told("knob", "tcp_tw_recycle", "1", "--dangerous"), "net.ipv4.tcp_tw_recycle: 0 -> 1\n")

    def test_linux_s_are_read_only(self):
        with open("/proc/sys/net/ipv4/tcp_fin_timeout", encoding="ascii") as file:
            value = file.read()
        self.assertEqual(self.ask("knob", "tcp_fin_timeout").stdout, value)
        said = self.refused(64, "knob", "tcp_fin_timeout", "30")
        self.assertIn("sysctl -w net.ipv4.tcp_fin_timeout='30'", said)
        with open("/proc/sys/net/ipv4/tcp_fin_timeout", encoding="ascii") as file:
            self.assertEqual(file.read(), value)
        names = [json.loads(line)["name"] for line in self.ask("knob", "-j").stdout.splitlines()]
        self.assertIn("net.ipv4.tcp_fin_timeout", names)


class Events(Case):
    def begin(self, *arguments):
        process = subprocess.Popen([LASTACK, "events", "--stack", "shop", *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=self.environment())
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        return process

    def lines(self, process, count):
        """So many, whatever retransmissions of the population come between are left out."""
        found = []
        while len(found) < count:
            line = process.stdout.readline()
            self.assertNotEqual(line, "", process.stderr.read() if process.poll() is not None else "")
            if not re.search(r"\b(40\d\d\d|4000)\b", line):
                found.append(line)
        return found

    def end(self, process):
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(PATIENCE_S), 0)
        said = process.stderr.read()
        self.assertRegex(said, r"^changes of state: \d+; segments refused: \d+; lost: 0\n$")
        return said

    def await_subscription(self, process):
        """It has been heard as soon as something is told."""
        for _ in range(200):
            self.served.order("connect")
            if process.poll() is not None:
                self.fail(process.stderr.read())
            if select.select([process.stdout], [], [], 0.1)[0]:
                return
        self.fail("nothing is told")

    def test_transitions_and_refusals(self):
        process = self.begin("-n")
        self.await_subscription(process)
        self.served.order("refuse")
        self.served.order("connect")
        lines = [*self.lines(process, 1)]
        while "CLOSED  No connection" not in lines[-1]:
            lines += self.lines(process, 1)
        self.assertRegex(lines[-1], r"^\d\d:\d\d:\d\d\.\d{6}  10\.77\.0\.2:81 10\.77\.0\.1:\d+  CLOSED  .* \(RFC 9293 "
                                    r"3\.10\.7\.1\) Answered: RST\n$")
        opened = "".join(self.lines(process, 2))
        self.assertRegex(opened, r"LISTEN → SYN_RECEIVED  rcv SYN \(RFC 9293 3\.10\.7\.2\)\n")
        self.assertRegex(opened, r"SYN_RECEIVED → ESTABLISHED  rcv ACK of SYN ")
        self.end(process)

    def test_as_json(self):
        process = self.begin("-j")
        self.await_subscription(process)
        self.served.order("refuse")
        while True:
            event = json.loads(self.lines(process, 1)[0])
            if event["event"] == "verdict":
                break
            self.assertEqual(event["event"], "transition")
            self.assertLessEqual({"id", "from", "to", "section", "local", "remote", "time_us"}, set(event))
        self.assertEqual((event["id"], event["answer"], event["local"]["port"]), ("CLOSED", "RST", 81))
        self.end(process)

    def test_only_what_was_asked_for(self):
        process = self.begin("-j", "--transitions", "state", "established")
        self.await_subscription(process)
        self.served.order("refuse")
        self.served.order("connect")
        for event in map(json.loads, self.lines(process, 1)):
            self.assertEqual((event["event"], event["to"]), ("transition", "ESTABLISHED"))
        said = self.end(process)
        self.assertIn("segments refused: 0", said)

    def test_a_reader_that_went_ends_it(self):
        process = self.begin()
        self.await_subscription(process)
        process.stdout.close()
        self.assertEqual(process.wait(PATIENCE_S), 0)

    def test_the_stack_s_end_ends_it(self):
        other = Served(self.directory, "other")
        process = subprocess.Popen([LASTACK, "events", "--stack", "other"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=self.environment())
        process.stdout.readline()  # a retransmission, sooner or later
        other.end()
        _, said = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 3)
        self.assertIn("stack 'other' has ended", said)

    def test_linux_tells_none(self):
        self.assertIn("--stack NAME", self.refused(64, "events"))


if __name__ == "__main__":
    tap.main()
