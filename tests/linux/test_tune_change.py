# SPDX-License-Identifier: BSD-2-Clause
"""lastack tune plan, apply, confirm, rollback, history: what they do, what they leave, and what they say."""

import fcntl
import json
import os
import subprocess
import time

import tuning
from tuning import set_value, value

REUSE = "net.ipv4.tcp_tw_reuse"
RETRIES = "net.ipv4.tcp_retries2"
RANGE = "net.ipv4.ip_local_port_range"
FIN = "net.ipv4.tcp_fin_timeout"
RESERVED = "net.ipv4.ip_local_reserved_ports"


def has_ended(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"  # it is init's to collect
    except FileNotFoundError:
        return True


class Plan(tuning.Case):
    def plan(self, *words, status=0):
        return json.loads(self.tune("plan", "-j", *words, status=status).stdout)

    def test_it_says_from_what_to_what_and_changes_nothing(self):
        (item,) = self.plan("tcp_tw_reuse=1")["settings"]
        self.assertEqual((item["name"], item["from"], item["to"], item["changes"]), (REUSE, "2", "1", True))
        self.assertTrue(item["said"] and item["risk"])
        self.assertEqual(self.values(), self.before)
        self.assertFalse(os.path.exists(self.state))

    def test_people_are_told_the_same(self):
        done = self.tune("plan", "tcp_tw_reuse=1")
        for words in (REUSE, "2 → 1", "Effect", "Risk", str(os.stat("/proc/self/ns/net").st_ino)):
            self.assertIn(words, done.stdout)

    def test_nothing_to_change_says_so(self):
        self.assertIn("nothing to change", self.tune("plan", "tcp_tw_reuse=2").stdout)
        self.assertIn("nothing to change", self.tune("apply", "tcp_tw_reuse=2").stdout)
        self.assertEqual(self.history(), [])

    def test_what_cannot_be_done(self):
        for word, block in (("tcp_tw_reuse=9", "refused"), ("tcp_tw_reuse=often", "refused"), ("tcp_nonsense=1", "absent"),
                            ("kernel.pid_max=9999", "not-net"), ("net.ipv4.conf.*.rp_filter=1", "pattern"),
                            ("tcp_tw_recycle=1", "absent"), ("tcp_fin_timeout=30s", "refused")):
            document = self.plan(word, status=1)
            self.assertEqual(document["settings"][0]["blocked"], block, word)
            self.tune("apply", word, status=1)
        self.assertEqual(self.plan("tcp_sack=0", "tcp_sack=1", status=1)["settings"][1]["blocked"], "twice")
        self.assertEqual(self.history(), [])

    def test_numbers_that_are_missing_stay(self):
        (item,) = self.plan("ip_local_port_range=20000")["settings"]
        self.assertEqual(item["to"], "20000 60999")

    def test_octal_is_said_as_it_will_be(self):
        self.assertEqual(self.plan("tcp_fin_timeout=030")["settings"][0]["to"], "24")

    def test_dangerous_has_a_status_of_its_own(self):
        self.assertTrue(self.plan("tcp_max_tw_buckets=5000", status=2)["dangerous"])

    def test_no_setting(self):
        for words in (("tcp_tw_reuse",), ("=1",)):
            self.assertTrue(self.tune("plan", *words, status=64).stderr)


class FromFindings(tuning.Case):
    """Without NAME=VALUE the doctor says what to change."""

    touched = (*tuning.Case.touched, "net.ipv4.tcp_max_tw_buckets")

    def test_a_healthy_host_needs_nothing(self):
        done = self.tune("plan")
        self.assertIn("nothing wrong", done.stdout)
        self.assertEqual(json.loads(self.tune("plan", "-j").stdout)["settings"], [])

    def test_what_the_doctor_finds_is_planned_applied_and_looked_at_again(self):
        set_value("net.ipv4.tcp_max_tw_buckets", "500")
        (item,) = json.loads(self.tune("plan", "-j").stdout)["settings"]
        self.assertEqual((item["name"], item["from"]), ("net.ipv4.tcp_max_tw_buckets", "500"))
        self.assertTrue(item["why"])
        self.assertEqual(value("net.ipv4.tcp_max_tw_buckets"), "500")
        document = json.loads(self.tune("apply", "-j").stdout)
        self.assertGreater(int(value("net.ipv4.tcp_max_tw_buckets")), 500)
        # What he may find of the whole host meanwhile, other tests' doing, is not looked at.
        about = {when: [found for found in document[when] if "tcp_max_tw_buckets" in json.dumps(found)]
                 for when in ("doctor_before", "doctor")}
        self.assertEqual(len(about["doctor_before"]), 1, document["doctor_before"])
        self.assertEqual(about["doctor"], [])
        self.tune("rollback")
        self.assertEqual(value("net.ipv4.tcp_max_tw_buckets"), "500")


class Apply(tuning.Case):
    def test_all_is_written_and_read_back(self):
        done = self.tune("apply", "tcp_tw_reuse=1", "ip_local_port_range=20000 60999", "tcp_retries2=9")
        self.assertEqual(value(REUSE), "1")
        self.assertEqual(value(RANGE), "20000 60999")
        self.assertEqual(value(RETRIES), "9")
        self.assertIn("lastack tune rollback 1", done.stdout)
        self.assertEqual(self.states(), ["in-force"])
        (change,) = self.history()
        self.assertIn("tcp_tw_reuse=1", change["why"])
        self.assertIn(f"uid {os.getuid()}", change["user"])
        self.tune("rollback")
        self.assertEqual(self.values(), self.before)
        self.assertEqual(self.states(), ["undone"])

    def test_a_refusal_in_the_middle_puts_all_back(self):
        """The kernel takes 1024 in a new namespace, where the rehearsal is; not here, where ports begin higher."""
        set_value("net.ipv4.ip_unprivileged_port_start", "5000")
        self.addCleanup(set_value, "net.ipv4.ip_unprivileged_port_start", "1024")
        done = self.tune("apply", "tcp_tw_reuse=1", "ip_local_port_range=4000 60999", "tcp_retries2=9", "--force", status=1)
        self.assertIn(RANGE, done.stderr)
        self.assertIn("Invalid argument", done.stderr)
        self.assertIn("everything is as before", done.stderr)
        self.assertEqual(self.values(), self.before)
        self.assertEqual(self.states(), ["undone"])

    def test_each_setting_has_its_own_rehearsal(self):
        """The kernel refuses the second and takes the first: that is said of these two and not of each other."""
        items = json.loads(self.tune("plan", "-j", "tcp_fin_timeout=30", "tcp_syn_retries=0", status=1).stdout)["settings"]
        self.assertEqual([bool(item.get("blocked")) for item in items], [False, True])

    def test_dangerous_needs_force(self):
        old = value("net.ipv4.tcp_max_tw_buckets")
        done = self.tune("apply", "tcp_max_tw_buckets=5000", status=2)
        self.assertIn("--force", done.stderr)
        self.assertEqual(value("net.ipv4.tcp_max_tw_buckets"), old)
        self.tune("apply", "tcp_max_tw_buckets=5000", "--force")
        self.assertEqual(value("net.ipv4.tcp_max_tw_buckets"), "5000")
        self.tune("rollback")
        self.assertEqual(value("net.ipv4.tcp_max_tw_buckets"), old)

    def test_long_lists_are_put_back_whole(self):
        ports = ",".join(str(port) for port in range(10001, 30000, 2))
        set_value(RESERVED, ports)
        self.tune("apply", "ip_local_reserved_ports=80")
        self.assertEqual(value(RESERVED), "80")
        self.tune("rollback")
        with open(tuning.path_of(RESERVED), "rb", buffering=0) as file:
            self.assertEqual(file.read(1 << 18).decode().strip(), ports)

    def test_long_lists_are_read_whole(self):
        ports = ",".join(str(port) for port in range(10001, 30000, 2))
        set_value(RESERVED, ports)
        explained = json.loads(tuning.run(tuning.LASTACK, "explain", "-j", "ip_local_reserved_ports").stdout)
        self.assertIn(ports, json.dumps(explained))

    def test_an_empty_list_is_a_value(self):
        set_value(RESERVED, "8080")
        self.tune("apply", "ip_local_reserved_ports=")
        self.assertEqual(value(RESERVED), "")
        self.tune("rollback")
        self.assertEqual(value(RESERVED), "8080")

    def test_read_only_proc_sys(self):
        mount = ("unshare", "--mount", "sh", "-c", 'mount -o bind,ro /proc/sys /proc/sys && exec "$@"', "sh")
        if tuning.run(*mount, "true").returncode != 0:
            self.skipTest("mounting is not permitted")
        done = self.tune("apply", "tcp_tw_reuse=1", before=mount, status=3)
        for words in ("Read-only file system", "everything is as before", "nsenter", "--netns=PID", f"{REUSE}=1"):
            self.assertIn(words, done.stderr)
        self.assertEqual(self.values(), self.before)
        self.assertEqual(self.history(), [])
        self.tune("apply", "tcp_tw_reuse=1")
        done = self.tune("rollback", before=mount, status=3)
        self.assertIn("Read-only file system", done.stderr)
        self.tune("rollback")
        self.assertEqual(self.values(), self.before)

    def test_a_journal_that_cannot_be_written(self):
        done = self.tune("apply", "tcp_tw_reuse=1", "--state-dir=/proc/none", status=3)
        self.assertIn("/proc/none", done.stderr)
        self.assertIn("--state-dir", done.stderr)
        self.assertEqual(self.values(), self.before)

    def test_one_at_a_time(self):
        os.mkdir(self.state)
        lock = open(os.path.join(self.state, "lock"), "w", encoding="ascii")
        self.addCleanup(lock.close)
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = self.tune("apply", "tcp_tw_reuse=1", status=1)
        self.assertIn("at work", done.stderr)
        self.assertEqual(self.values(), self.before)

    def test_many_at_once_are_all_recorded(self):
        running = [subprocess.Popen([tuning.LASTACK, "tune", "apply", f"tcp_fin_timeout={60 - n}"], env=self.environment,
                                    stdout=subprocess.DEVNULL) for n in range(1, 7)]
        self.assertEqual([process.wait(30) for process in running], [0] * 6)
        self.assertEqual([change["id"] for change in self.history()], [1, 2, 3, 4, 5, 6])
        for _ in range(6):
            self.tune("rollback", status=None)
        self.assertEqual({change["id"] for change in self.history() if change["state"].startswith("undone")}, set(range(1, 7)))

    def test_what_another_change_made_meanwhile_is_what_was_before(self):
        os.mkdir(self.state)
        path = os.path.join(self.state, "lock")
        with open(path, "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            waiting = subprocess.Popen([tuning.LASTACK, "tune", "apply", "tcp_retries2=10"], env=self.environment,
                                       stdout=subprocess.DEVNULL)
            self.wait_until_it_opens(path, waiting.pid)  # it has planned, and waits for the lock
            tuning.set_value("net.ipv4.tcp_retries2", "11")
        self.assertEqual(waiting.wait(30), 0)
        self.assertEqual([(step["from"], step["to"]) for step in self.history()[0]["changes"]], [("11", "10")])
        self.tune("rollback")
        self.assertEqual(tuning.value("net.ipv4.tcp_retries2"), "11")

    def wait_until_it_opens(self, path, pid, within_s=10):
        deadline, directory = time.monotonic() + within_s, f"/proc/{pid}/fd"
        while path not in [os.path.realpath(os.path.join(directory, fd)) for fd in os.listdir(directory)]:
            self.assertLess(time.monotonic(), deadline, "it has not come to the lock")
            time.sleep(0.01)

    def test_json(self):
        document = json.loads(self.tune("apply", "-j", "tcp_tw_reuse=1").stdout)
        self.assertEqual(document["changes"], [{"name": REUSE, "from": "2", "to": "1"}])
        self.assertEqual(json.loads(self.tune("rollback", "-j").stdout)["state"], "undone")

    def test_without_privileges(self):
        if os.geteuid() != 0 or "LASTACK_TEST_INSIDE" not in os.environ:
            self.skipTest("not root: nobody cannot be played")
        done = tuning.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--", "sh", "-c",
                          'exec 3<"$1"; exec /proc/self/fd/3 tune apply tcp_tw_reuse=1', "sh", tuning.LASTACK, cwd="/")
        if "Permission denied" in done.stderr and "sudo" not in done.stderr:
            self.skipTest("nobody may not look at the build")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(f"sudo lastack tune apply '{REUSE}=1'", done.stderr)
        self.assertEqual(self.values(), self.before)


class Rollback(tuning.Case):
    def test_what_somebody_else_changed_is_left(self):
        self.tune("apply", "tcp_tw_reuse=1", "tcp_retries2=9")
        set_value(REUSE, "0")
        done = self.tune("rollback", status=1)
        self.assertIn("somebody else", done.stderr)
        self.assertIn("--force", done.stderr)
        self.assertEqual(value(REUSE), "0")
        self.assertEqual(value(RETRIES), "15")
        self.assertEqual(self.states(), ["undone-partly"])
        self.tune("rollback", "1", "--force")
        self.assertEqual(self.values(), self.before)
        self.assertEqual(self.states(), ["undone"])

    def test_changes_on_top_of_each_other(self):
        self.tune("apply", "tcp_fin_timeout=30")
        self.tune("apply", "tcp_fin_timeout=20")
        done = self.tune("rollback", "1", status=1)
        self.assertIn("change 2 set it: take that back first", done.stderr)
        self.assertEqual(value(FIN), "20")
        self.tune("rollback", "2")
        self.assertEqual(value(FIN), "30")
        self.tune("rollback", "1")
        self.assertEqual(value(FIN), "60")

    def test_nothing_to_take_back(self):
        self.assertIn("no change to take back", self.tune("rollback").stdout)
        self.assertIn("'7'", self.tune("rollback", "7", status=64).stderr)
        self.assertIn("'x'", self.tune("rollback", "x", status=64).stderr)

    def test_another_namespace(self):
        """A change made in another namespace is taken back there, from here, and is over when that is gone."""
        holder = self.another_namespace()
        inside = ("nsenter", "--net", f"--target={holder.pid}", "cat", tuning.path_of(REUSE))
        self.tune("apply", f"--netns={holder.pid}", "tcp_tw_reuse=1")
        self.assertEqual(tuning.run(*inside).stdout.strip(), "1")
        self.assertEqual(value(REUSE), "2")
        self.tune("rollback")
        self.assertEqual(tuning.run(*inside).stdout.strip(), "2")
        self.tune("apply", f"--netns={holder.pid}", "tcp_tw_reuse=1")
        holder.kill()
        holder.wait()
        done = self.tune("rollback", status=None)
        self.assertIn("gone", done.stdout + done.stderr)

    def test_a_torn_journal_is_read(self):
        self.tune("apply", "tcp_tw_reuse=1", "tcp_retries2=9")
        journal = os.path.join(self.state, "000001.change")
        with open(journal, encoding="ascii") as file:
            text = file.read()
        with open(journal, "w", encoding="ascii") as file:
            file.write(text[:text.index("wrote 1") + 3])
        self.assertEqual(self.states(), ["interrupted"])
        self.assertIn("rollback 1", self.tune("apply", "tcp_fin_timeout=30", status=1).stderr)
        self.tune("rollback")
        self.assertEqual(self.values(), self.before)


class Persist(tuning.Case):
    def files(self):
        return sorted(os.listdir(self.conf))

    def test_one_file_that_says_who_when_and_why(self):
        self.tune("apply", "--persist", "--why=ports run out", "tcp_tw_reuse=1", "tcp_retries2=9")
        (name,) = self.files()
        with open(os.path.join(self.conf, name), encoding="ascii") as file:
            text = file.read()
        for words in ("ports run out", f"uid {os.getuid()}", "Z\n", f"\n{REUSE} = 1\n", f"\n{RETRIES} = 9\n", "rollback 1"):
            self.assertIn(words, text)
        self.assertEqual(tuning.run("sysctl", "-p", os.path.join(self.conf, name)).returncode, 0)
        self.assertEqual(tuning.run(tuning.LASTACK, "tune", "lint", os.path.join(self.conf, name)).returncode, 0)
        self.tune("rollback")
        self.assertEqual(self.files(), [])

    def test_a_file_that_was_edited_is_left(self):
        self.tune("apply", "--persist", "tcp_tw_reuse=1")
        with open(os.path.join(self.conf, self.files()[0]), "a", encoding="ascii") as file:
            file.write("# mine\n")
        self.assertIn("--force", self.tune("rollback", status=1).stderr)
        self.assertEqual(len(self.files()), 1)
        self.tune("rollback", "1", "--force")
        self.assertEqual(self.files(), [])

    def test_a_directory_that_is_not_there_puts_all_back(self):
        done = self.tune("apply", "--persist", "--sysctl-dir=/no/such", "tcp_tw_reuse=1", status=3)
        self.assertIn("/no/such", done.stderr)
        self.assertEqual(self.values(), self.before)
        self.assertEqual(self.states(), ["undone"])

    def test_a_later_file_is_told(self):
        with open(os.path.join(self.conf, "99-sysctl.conf"), "w", encoding="ascii") as file:
            file.write(f"# old\n{REUSE} = 0\n")
        done = self.tune("apply", "--persist", "tcp_tw_reuse=1")
        self.assertIn("99-sysctl.conf, line 2", done.stderr)

    def test_not_for_other_namespaces(self):
        done = self.tune("apply", "--persist", f"--netns={os.getpid()}", "tcp_tw_reuse=1", status=64)
        self.assertIn("--persist", done.stderr)


class Confirm(tuning.Case):
    def wait_for(self, wanted, within_s=10):
        deadline = time.monotonic() + within_s
        while wanted() is False and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertTrue(wanted())

    def test_it_is_undone_if_nobody_confirms(self):
        begun = time.monotonic()
        document = json.loads(self.tune("apply", "-j", "--confirm-within=1s", "tcp_tw_reuse=1").stdout)
        self.assertEqual((value(REUSE), document["state"]), ("1", "waiting"))
        self.wait_for(lambda: value(REUSE) == "2")
        self.assertGreater(time.monotonic() - begun, 0.9)
        self.wait_for(lambda: self.states() == ["undone"])
        self.assertEqual(self.history()[0]["undone"], "unconfirmed")
        self.assertIn("undone already", self.tune("confirm", "1", status=1).stderr)
        self.wait_for(lambda: has_ended(document["watcher"]))

    def test_it_stays_if_confirmed_and_the_watcher_goes(self):
        document = json.loads(self.tune("apply", "-j", "--persist", "--confirm-within=60s", "tcp_tw_reuse=1").stdout)
        self.assertEqual(os.listdir(self.conf), [])
        self.tune("confirm")
        self.assertEqual(len(os.listdir(self.conf)), 1)
        self.wait_for(lambda: has_ended(document["watcher"]))
        self.assertEqual((value(REUSE), self.states()), ("1", ["in-force"]))
        self.tune("rollback")

    def test_rollback_makes_the_watcher_go(self):
        document = json.loads(self.tune("apply", "-j", "--confirm-within=60s", "tcp_tw_reuse=1").stdout)
        self.tune("rollback")
        self.wait_for(lambda: has_ended(document["watcher"]))

    def test_the_watcher_outlives_its_session(self):
        """A terminal that hangs up takes its processes along, but not this one."""
        done = tuning.run("setsid", "--wait", tuning.LASTACK, "tune", "apply", "-j", "--confirm-within=60s", "tcp_tw_reuse=1",
                          env=self.environment)
        watcher = json.loads(done.stdout)["watcher"]
        with open(f"/proc/{watcher}/stat", encoding="ascii") as file:
            session = int(file.read().rsplit(")", 1)[1].split()[3])
        self.assertEqual(session, watcher)
        self.assertEqual(os.readlink(f"/proc/{watcher}/fd/1"), "/dev/null")
        self.tune("rollback")

    def test_what_somebody_else_changed_is_left(self):
        self.tune("apply", "--confirm-within=1s", "tcp_tw_reuse=1", "tcp_retries2=9")
        set_value(REUSE, "0")
        self.wait_for(lambda: self.states() == ["undone-partly"])
        self.assertEqual((value(REUSE), value(RETRIES)), ("0", "15"))

    def test_times(self):
        for text in ("soon", "0", "-1s", "5d", "100000"):
            self.assertIn(text, self.tune("apply", "--confirm-within", text, "tcp_tw_reuse=1", status=64).stderr)
        self.assertIn("No change waits", self.tune("confirm").stdout)


if __name__ == "__main__":
    tuning.main()
