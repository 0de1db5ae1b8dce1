# SPDX-License-Identifier: BSD-2-Clause
"""How tools/check counts: every case once, no skip without its reason, no failure without its command."""

import importlib.machinery
import importlib.util
import os
import sys
import unittest

import tap

sys.dont_write_bytecode = True
PATH = os.path.join(os.path.dirname(__file__), "..", "..", "tools", "check")
LOADER = importlib.machinery.SourceFileLoader("check", PATH)
check = importlib.util.module_from_spec(importlib.util.spec_from_loader("check", LOADER))
LOADER.exec_module(check)


def counted(stdout, result="OK", returncode=0, stderr=""):
    results = check.Results()
    check.count_test(results, "gcc", {"name": "lastack:unit / filter", "stdout": stdout, "stderr": stderr,
                                      "result": result, "returncode": returncode})
    return results


class Counting(unittest.TestCase):
    def test_each_case_counts(self):
        self.assertEqual(counted("1..3\nok 1 - a\nok 2 - b\nok 3\n").figures(), "3 passed, 0 failed, 0 skipped")

    def test_a_failed_case_brings_its_command_and_what_it_said(self):
        results = counted("1..2\nnot ok 1 - a\n# 0x1 != 0x2\nok 2 - b\n", "FAIL", 1)
        self.assertEqual(results.failed,
                         [("meson test -C build-gcc --verbose filter", "gcc: filter: a", ["0x1 != 0x2"])])
        self.assertEqual(results.passed, 1)

    def test_a_skip_with_its_reason(self):
        results = counted("1..1\nok 1 - tun # SKIP needs root\n")
        self.assertEqual(results.skipped, [("gcc: filter: tun", "needs root")])

    def test_a_skip_as_cmocka_writes_it(self):
        results = counted("1..2\nok 1 - a\n# needs root\nnot ok 2 # SKIP tun\n", "SKIP")
        self.assertEqual((results.skipped, results.failed), ([("gcc: filter: tun", "needs root")], []))

    def test_all_skipped_by_cmocka(self):
        results = counted("1..1\n# needs root\nnot ok 1 # SKIP tun\n# ok - tests\n", "FAIL")
        self.assertEqual((results.skipped, results.failed), ([("gcc: filter: tun", "needs root")], []))

    def test_a_silent_skip_is_a_failure(self):
        self.assertEqual(counted("1..1\nnot ok 1 # SKIP tun\n").figures(), "0 passed, 1 failed, 0 skipped")
        self.assertEqual(counted("", "SKIP", 77).figures(), "0 passed, 1 failed, 0 skipped")

    def test_a_whole_program_skipped(self):
        self.assertEqual(counted("1..0 # SKIP needs root\n", "SKIP").skipped, [("gcc: filter: all", "needs root")])
        self.assertEqual(counted("needs root\n", "SKIP", 77).skipped, [("gcc: filter: it", "needs root")])

    def test_a_program_without_tap_is_one_case(self):
        self.assertEqual(counted("all is well\n").figures(), "1 passed, 0 failed, 0 skipped")

    def test_a_crash_after_good_cases_is_a_failure(self):
        results = counted("1..9\nok 1 - a\n", "ERROR", -11, "ERROR: AddressSanitizer: SEGV\n")
        self.assertEqual(results.figures(), "1 passed, 1 failed, 0 skipped")
        self.assertEqual(results.failed[0][1], "gcc: filter: a finding of AddressSanitizer")
        self.assertIn("ERROR: AddressSanitizer: SEGV", results.failed[0][2])

    def test_a_crash_after_a_failed_case_is_another_failure(self):
        results = counted("1..9\nnot ok 1 - a\n", "ERROR", -6)
        self.assertEqual([what for _, what, _ in results.failed],
                         ["gcc: filter: a", "gcc: filter: it was killed by signal 6"])

    def test_a_finding_of_a_sanitizer_is_a_failure(self):
        self.assertEqual(counted("1..1\nok 1 - a\n", "ERROR", 1, "x.c:1:2: runtime error: signed\n").failed[0][1],
                         "gcc: filter: a finding of UndefinedBehaviorSanitizer")

    def test_a_plan_not_kept_is_a_failure(self):
        self.assertEqual(counted("1..2\nok 1 - a\n", "ERROR").failed[0][1], "gcc: filter: it ended after 1 of 2 cases")
        self.assertEqual(counted("1..2\nnot ok 1 - a\n", "ERROR").figures(), "0 passed, 2 failed, 0 skipped")

    def test_a_status_unlike_the_cases_is_a_failure(self):
        self.assertEqual(counted("1..1\nok 1 - a\n", "ERROR", 1).figures(), "1 passed, 1 failed, 0 skipped")

    def test_time_running_out_is_a_failure(self):
        self.assertEqual(counted("", "TIMEOUT", -15).failed[0][1], "gcc: filter: it did not end in time")

    def test_what_the_rfc_page_names_must_have_passed(self):
        results = counted("1..2\nok 1 - a\nnot ok 2 - b\n", "FAIL", 1)
        check.count_shown(results, "gcc", ["filter: a"])
        self.assertEqual(len(results.failed), 1)
        check.count_shown(results, "gcc", ["filter: b", "filter: c"])
        self.assertEqual([what for _, what, _ in results.failed[1:]],
                         [f"gcc: docs/RFC.md names filter: {case}, which did not pass" for case in "bc"])

    def test_no_such_check(self):
        sys.stderr, stderr = open(os.devnull, "w", encoding="utf-8"), sys.stderr
        try:
            self.assertEqual(check.main(["layres"]), 64)
        finally:
            sys.stderr.close()
            sys.stderr = stderr


if __name__ == "__main__":
    tap.main()
