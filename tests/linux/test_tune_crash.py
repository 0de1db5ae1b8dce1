# SPDX-License-Identifier: BSD-2-Clause
"""kill -9 between any two steps of apply and of rollback: what is left, `lastack tune rollback` mends."""

import os

import tuning

KILLED = 99
WORDS = ("tcp_tw_reuse=1", "ip_local_reserved_ports=20001,20002")
STEPS_MOST = 300


class Crash(tuning.Case):
    def killed_at(self, step, *arguments):
        """Runs lastack tune until that step; False if it came to its end before."""
        asan = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"  # who looks for leaks cannot do so while traced
        done = self.tune(*arguments, before=(os.path.join(tuning.HELPERS, "kill_at"), str(step)), status=None,
                         env={**self.environment, "ASAN_OPTIONS": asan})
        if done.returncode == 77:
            self.skipTest("tracing is not permitted")
        if done.returncode != KILLED:
            self.assertEqual(done.returncode, 0, done.stderr)
        return done.returncode == KILLED

    def assert_as_before(self, step):
        self.assertEqual(self.values(), self.before, f"step {step}")
        self.assertEqual([name for name in os.listdir(self.conf) if name.endswith(".conf")], [], f"step {step}")

    def test_apply_is_killed_at_each_step(self):
        seen = set()
        for step in range(1, STEPS_MOST):
            killed = self.killed_at(step, "apply", "--persist", *WORDS)
            changed = sum(tuning.value(name) != self.before[name] for name in self.touched)
            seen.add(changed)
            interrupted = self.states().count("interrupted")
            self.assertTrue(changed == 0 or not killed or interrupted or self.states()[-1] == "in-force", f"step {step}")
            self.tune("rollback")
            self.assert_as_before(step)
            self.assertFalse(set(self.states()) - {"undone"}, f"step {step}")
            if not killed:
                break
        else:
            self.fail("apply does not end")
        self.assertEqual(seen, {0, 1, 2})

    def test_rollback_is_killed_at_each_step(self):
        for step in range(1, STEPS_MOST):
            self.tune("apply", "--persist", *WORDS)
            killed = self.killed_at(step, "rollback")
            self.tune("rollback")
            self.assert_as_before(step)
            self.assertFalse(set(self.states()) - {"undone"}, f"step {step}")
            if not killed:
                return
        self.fail("rollback does not end")

    def test_apply_goes_on_after_a_crash_only_when_it_is_mended(self):
        step = 1
        while self.killed_at(step, "apply", *WORDS) and "interrupted" not in self.states():
            step += 1
        self.assertIn("rollback", self.tune("apply", "tcp_fin_timeout=30", status=1).stderr)
        self.tune("rollback")
        self.tune("apply", "tcp_fin_timeout=30")
        self.tune("rollback")
        self.assert_as_before(step)

    def test_a_watcher_mends_what_a_crash_left(self):
        step = 1
        while True:
            self.assertTrue(self.killed_at(step, "apply", "--confirm-within=1s", *WORDS))
            if self.values() != self.before:
                break
            self.tune("rollback")
            step += 1
        deadline = 400
        while self.values() != self.before and deadline:
            deadline -= 1
            tuning.run("sleep", "0.02")
        self.assert_as_before(step)


if __name__ == "__main__":
    tuning.main()
