# SPDX-License-Identifier: BSD-2-Clause
"""lastack tune try: what its workloads show of a tunable on this kernel, and that nothing of them is left."""

import json
import os
import signal
import subprocess
import time

import tuning

REUSE = "net.ipv4.tcp_tw_reuse"


def children_of(pid):
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == pid and fields[0] != "Z":
                found += [int(entry), *children_of(int(entry))]
    return found


class Try(tuning.Case):
    def attempt(self, *arguments, status=0):
        return json.loads(self.tune("try", "-j", *arguments, status=status).stdout)

    probe = None

    def setUp(self):
        super().setUp()
        if Try.probe is None:
            Try.probe = self.tune("try", "-j", "--for=1s", "--connections=1", "tcp_tw_reuse=1", status=None)
        if Try.probe.returncode == 3 and "not permitted" in Try.probe.stderr:
            self.skipTest("network namespaces of our own are not permitted")

    def test_ports_run_out_and_tw_reuse_takes_them_again(self):
        document = self.attempt("--for=2s", "tcp_tw_reuse=1")
        before, after = document["before"], document["after"]
        self.assertEqual((document["workload"], document["local_ports"]), ("ports", 500))
        self.assertTrue(before["ports_ran_out"])
        self.assertEqual(before["made"], 500)
        self.assertEqual(before["client"]["TIME_WAIT"], 500)
        self.assertGreater(before["failed"]["EADDRNOTAVAIL"], 0)
        self.assertEqual(before["counters"]["TWRecycled"], 0)
        self.assertGreaterEqual(after["made"], 900)
        self.assertEqual(after["counters"]["TWRecycled"], after["made"] - 500)
        self.assertLessEqual(after["connect_median_us"], after["connect_p99_us"])
        self.assertEqual(self.values(), self.before)

    def test_few_buckets_are_no_time_wait(self):
        document = self.attempt("--for=1s", "--connections=400", "tcp_max_tw_buckets=50")
        self.assertEqual(document["before"]["client"]["TIME_WAIT"], 400)
        self.assertLessEqual(document["after"]["client"]["TIME_WAIT"], 51)
        self.assertGreaterEqual(document["after"]["counters"]["TCPTimeWaitOverflow"], 349)
        self.assertEqual(document["settings"][0]["verdict"], "dangerous")
        said = self.tune("try", "--for=1s", "--connections=100", "tcp_max_tw_buckets=50").stdout
        self.assertIn("tcp_max_tw_buckets is DANGEROUS", said)

    def test_the_accept_queue(self):
        document = self.attempt("--for=1s", "--connections=300", "somaxconn=20")
        self.assertEqual(document["workload"], "accept")
        self.assertEqual(document["before"]["made"], 300)
        self.assertEqual(document["before"]["counters"]["ListenOverflows"], 0)
        self.assertGreater(document["after"]["counters"]["ListenOverflows"], 0)
        self.assertLess(document["after"]["server"]["ESTABLISHED"], 200)

    def test_resets_instead_of_waiting(self):
        document = self.attempt("--for=2s", "tcp_abort_on_overflow=1")
        self.assertNotIn("ECONNRESET", document["before"]["failed"])
        self.assertGreater(document["after"]["failed"]["ECONNRESET"], 0)

    def test_a_flood_without_cookies(self):
        document = self.attempt("--for=1s", "tcp_syncookies=0")
        self.assertEqual(document["workload"], "flood")
        self.assertGreater(document["before"]["made"], 10)
        self.assertGreater(document["before"]["counters"]["SyncookiesSent"], 1000)
        self.assertEqual(document["after"]["made"], 0)
        self.assertEqual(document["after"]["counters"]["SyncookiesSent"], 0)

    def test_half_closed(self):
        document = self.attempt("--for=2s", "tcp_fin_timeout=1")
        self.assertEqual(document["before"]["client"]["FIN_WAIT_2"], 400)
        self.assertEqual(document["after"]["client"]["FIN_WAIT_2"], 0)
        self.assertEqual(document["after"]["server"]["CLOSE_WAIT"], 400)

    def test_people_are_told(self):
        out = self.tune("try", "--for=1s", "tcp_tw_reuse=1").stdout
        for words in ("BEFORE", "AFTER", REUSE, "500 local ports", "--real-ports", "EADDRNOTAVAIL", "until ports ran out"):
            self.assertIn(words, out)
        self.assertTrue(all(len(line) <= 80 and line == line.rstrip() for line in out.splitlines()), out)

    def test_a_refused_value(self):
        document = self.attempt("--for=1s", "--connections=10", "tcp_tw_reuse=9", status=1)
        self.assertIn("Invalid argument", document["settings"][0]["refused"])

    def test_bounds(self):
        begun = time.monotonic()
        document = self.attempt("--for=30s", "--connections=25", "tcp_sack=0")
        self.assertLess(time.monotonic() - begun, 10)
        self.assertEqual((document["before"]["tried"], document["after"]["tried"]), (25, 25))
        self.assertFalse(document["workload_shows_it"])
        for wrong in ("--for=61s", "--connections=9999999", "--connections=no", "--workload=joy"):
            self.assertTrue(self.tune("try", wrong, "tcp_sack=0", status=64).stderr)

    def test_what_cannot_be_tried(self):
        for word in ("tcp_max_orphans=5000", "net.core.rmem_max=5", "vm.swappiness=5", "tcp_nonsense=1"):
            self.assertRegex(self.tune("try", word, status=64).stderr, "cannot be tried|one for the whole host")
        self.assertIn("try what?", self.tune("try", status=64).stderr)
        self.assertIn("at most 32 settings", self.tune("try", *["tcp_sack=0"] * 33, status=64).stderr)
        self.assertIn("'no-such-one'", self.tune("try", "--netns=no-such-one", "tcp_sack=0", status=3).stderr)

    def ended_by(self, number):
        process = subprocess.Popen([tuning.LASTACK, "tune", "try", "--for=30s", "--workload=half-closed", "tcp_sack=0"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while len(children_of(process.pid)) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        children = children_of(process.pid)
        self.assertGreaterEqual(len(children), 2)
        process.send_signal(number)
        process.wait(20)
        while any(os.path.exists(f"/proc/{pid}") for pid in children) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertFalse([pid for pid in children if os.path.exists(f"/proc/{pid}")])

    def test_nothing_is_left_after_ctrl_c(self):
        self.ended_by(signal.SIGINT)

    def test_nothing_is_left_after_kill_9(self):
        self.ended_by(signal.SIGKILL)


if __name__ == "__main__":
    tuning.main()
