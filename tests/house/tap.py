# SPDX-License-Identifier: BSD-2-Clause
"""Runs the unittest cases of the calling program and prints them as TAP."""

import sys
import unittest


class Tap(unittest.TestResult):
    def say(self, verdict, test, note="", comment=""):
        for line in comment.splitlines():
            print(f"# {line}")
        print(f"{verdict} {self.testsRun} - {test.id().split('.', 1)[1]}{note}", flush=True)

    def addSuccess(self, test):
        self.say("ok", test)

    def addSkip(self, test, reason):
        self.say("ok", test, f" # SKIP {reason}")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.say("not ok", test, comment=self.failures[-1][1])

    def addError(self, test, error):
        super().addError(test, error)
        self.say("not ok", test, comment=self.errors[-1][1])

    def addSubTest(self, test, subtest, error):
        if error:
            self.addFailure(subtest, error)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    print(f"1..{suite.countTestCases()}")
    sys.exit(0 if suite.run(Tap()).wasSuccessful() else 1)
