# SPDX-License-Identifier: BSD-2-Clause
"""The commands that lastack tune shows do what they are shown for when they are pasted as they are, elsewhere."""

import os
import re

import tuning
from tuning import set_value, value

REUSE = "net.ipv4.tcp_tw_reuse"
RETRIES = "net.ipv4.tcp_retries2"
FIN = "net.ipv4.tcp_fin_timeout"


def shown(text, words):
    """What follows these words, to the end of the line."""
    found = re.search(re.escape(words) + r"\s*(.*)$", text, re.MULTILINE)
    assert found, f"'{words}' is not in: {text}"
    return found[1]


class Shown(tuning.Case):
    def setUp(self):
        super().setUp()
        self.odd = os.path.join(os.path.dirname(self.state), "it's $HOME; here")
        self.usual = {k: v for k, v in self.environment.items() if not k.startswith("LASTACK_S")}

    def paste(self, command, status=0):
        done = self.pasted(command)
        self.assertEqual(done.returncode, status, f"{command}: {done.stdout}{done.stderr}")
        return done

    def test_rollback_where_the_journals_are(self):
        for how in ({"env": {**self.usual, "LASTACK_STATE_DIR": self.odd}}, {"env": self.usual}):
            options = () if "LASTACK_STATE_DIR" in how["env"] else ("--state-dir", self.odd)
            done = self.tune("apply", "tcp_tw_reuse=1", *options, **how)
            self.assertEqual(value(REUSE), "1")
            self.paste(shown(done.stdout, "To take it back:"))
            self.assertEqual(value(REUSE), "2")

    def test_a_directory_from_here_on(self):
        os.mkdir(self.state)
        done = self.tune("apply", "tcp_tw_reuse=1", "--state-dir=journals", cwd=self.state, env=self.usual)
        self.paste(shown(done.stdout, "To take it back:"))
        self.assertEqual(value(REUSE), "2")

    def test_the_usual_place_is_not_named(self):
        done = self.tune("plan", "tcp_tw_reuse=1", env=self.usual)
        self.assertNotIn("--state-dir", done.stdout)

    def test_confirm_then_take_back(self):
        done = self.tune("apply", "tcp_tw_reuse=1", "--confirm-within=60s", "--state-dir", self.odd, env=self.usual)
        done = self.paste(shown(done.stdout, "unless you confirm it:"))
        self.paste(shown(done.stdout, "To take it back:"))
        self.assertEqual(value(REUSE), "2")

    def test_what_was_left_is_forced(self):
        self.tune("apply", "tcp_tw_reuse=1", "--state-dir", self.odd, env=self.usual)
        set_value(REUSE, "0")
        done = self.tune("rollback", "--state-dir", self.odd, env=self.usual, status=1)
        self.paste(shown(done.stderr, "all the same:"))
        self.assertEqual(value(REUSE), "2")

    def test_a_later_change_first(self):
        self.tune("apply", "tcp_fin_timeout=30", "--state-dir", self.odd, env=self.usual)
        self.tune("apply", "tcp_fin_timeout=20", "--state-dir", self.odd, env=self.usual)
        done = self.tune("rollback", "1", "--state-dir", self.odd, env=self.usual, status=1)
        self.paste(shown(done.stderr, "take that back first:"))
        self.assertEqual(value(FIN), "30")
        self.tune("rollback", "1", "--state-dir", self.odd, env=self.usual)

    def test_the_file_says_how_it_is_taken_away(self):
        self.tune("apply", "--persist", "tcp_tw_reuse=1", "--sysctl-dir=conf", "--state-dir", self.odd, env=self.usual,
                  cwd=os.path.dirname(self.conf), status=3)
        os.mkdir(os.path.join(os.path.dirname(self.conf), "conf"))
        self.tune("apply", "--persist", "tcp_tw_reuse=1", "--sysctl-dir=conf", "--state-dir", self.odd, env=self.usual,
                  cwd=os.path.dirname(self.conf))
        directory = os.path.join(os.path.dirname(self.conf), "conf")
        (name,) = os.listdir(directory)
        with open(os.path.join(directory, name), encoding="ascii") as file:
            self.paste(shown(file.read(), "taken away by:"))
        self.assertEqual((value(REUSE), os.listdir(directory)), ("2", []))

    def test_no_such_change(self):
        self.tune("apply", "tcp_tw_reuse=1", "--state-dir", self.odd, env=self.usual)
        done = self.tune("rollback", "77", "--state-dir", self.odd, env=self.usual, status=64)
        self.assertIn("tcp_tw_reuse", self.paste(shown(done.stderr, "which there are:")).stdout)
        self.tune("rollback", "--state-dir", self.odd, env=self.usual)

    def test_an_option_without_meaning_says_where_it_has_one(self):
        done = self.tune("rollback", "--sysctl-dir=/tmp", status=64)
        self.assertIn("only with 'apply'\n", done.stderr)
        self.assertIn("recorded with the change", done.stderr)
        self.assertIn("only with 'apply', 'confirm', 'rollback', 'history'\n",
                      self.tune("lint", "--state-dir=/tmp", "-", status=64).stderr)

    def as_nobody(self, *arguments):
        if os.geteuid() != 0:
            self.skipTest("not root: nobody cannot be played")
        done = tuning.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--", "sh", "-c",
                          'exec 3<"$1"; shift; exec /proc/self/fd/3 tune "$@"', "sh", tuning.LASTACK, *arguments, cwd="/",
                          env=self.usual)
        if "Permission denied" in done.stderr and "sudo" not in done.stderr:
            self.skipTest("nobody may not look at the build")
        self.assertEqual(done.returncode, 3, done.stderr)
        return done

    def test_what_root_is_asked_for_is_all_that_was_asked_for(self):
        done = self.as_nobody("apply", "tcp_tw_reuse=1", "tcp_max_tw_buckets=5000", "--force", "--persist",
                              "--confirm-within=2m", "--why=it's slow", "--state-dir", self.odd, "--sysctl-dir", self.conf)
        self.addCleanup(set_value, "net.ipv4.tcp_max_tw_buckets", value("net.ipv4.tcp_max_tw_buckets"))
        self.paste(shown(done.stderr, "CAP_NET_ADMIN):"))
        self.assertEqual((value(REUSE), value("net.ipv4.tcp_max_tw_buckets")), ("1", "5000"))
        self.environment["LASTACK_STATE_DIR"] = self.odd
        (change,) = self.history()
        self.assertEqual((change["why"], change["confirm_within_s"]), ("it's slow", 120))
        self.tune("confirm")
        self.assertEqual(len(os.listdir(self.conf)), 1)
        self.tune("rollback")

    def test_root_finds_the_journal_that_it_takes_back(self):
        self.tune("apply", "tcp_tw_reuse=1", "--state-dir", self.odd, env=self.usual)
        os.chmod(os.path.dirname(self.odd), 0o755)
        for name in ("", *os.listdir(self.odd)):
            os.chown(os.path.join(self.odd, name), 65534, 65534)
        done = self.as_nobody("rollback", "--state-dir", self.odd)
        self.paste(shown(done.stderr, "That takes root:"))
        self.assertEqual(value(REUSE), "2")

    def test_another_namespace(self):
        """Also the way without a record goes into it."""
        holder = self.another_namespace()
        mount = ("unshare", "--mount", "sh", "-c", 'mount -o bind,ro /proc/sys /proc/sys && exec "$@"', "sh")
        if tuning.run(*mount, "true").returncode != 0:
            self.skipTest("mounting is not permitted")
        done = self.tune("apply", "tcp_tw_reuse=1", f"--netns={holder.pid}", "--why=x y", before=mount, status=3)
        self.assertIn("--why='x y'", done.stderr)
        self.paste(shown(done.stderr, "what was before:").strip().replace("PID", str(holder.pid)))
        inside = tuning.run("nsenter", "--net", f"--target={holder.pid}", "cat", tuning.path_of(REUSE))
        self.assertEqual((inside.stdout.strip(), value(REUSE)), ("1", "2"))


if __name__ == "__main__":
    tuning.main()
