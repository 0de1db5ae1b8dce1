# SPDX-License-Identifier: BSD-2-Clause
"""tools/rfc on small trees made for it: what is missing, stale, unknown or contradictory it finds, and nothing else."""

import os
import subprocess
import sys
import tempfile
import unittest

import tap

TOOL = os.path.join(os.path.dirname(__file__), "..", "..", "tools", "rfc")
LEVELS = {"MUST": "MUST", "SHLD": "SHOULD", "MAY": "MAY", "REC": "RECOMMENDED"}
LAST = {"MUST": 69, "SHLD": 31, "MAY": 18, "REC": 1}
TAGS = [f"{word}-{number}" for word, last in LAST.items() for number in range(1, last + 1)]

REASON = "    instead 2026-11-22: the program's matter\n"
DEPARTURE = "    departs 2026-11-22: less\n        than that\n"


def table(notes=(), without=(), more=""):
    """docs/rfc9293.tags with a reason for each tag but those of `notes`, which have their own."""
    notes = dict(notes)
    rows = [f"{tag}  3.1  {LEVELS[tag.split('-')[0]]}  do what {tag} says\n{notes.get(tag, REASON)}"
            for tag in TAGS if tag not in without]
    return "# a comment\n\n== Group\n" + "".join(rows) + more


def test_file(comment="/* Shows MUST-1. */", name="windows_are_unsigned", registered=True):
    """A test's source, with one test that claims and one that does not."""
    case = f"                engine_test({name}),\n" if registered else f"                /* engine_test({name}), */\n"
    return (f"{comment}\nstatic void\n{name}(void **state)\n{{\n}}\n\nstatic void\nanother(void **state)\n{{\n}}\n\n"
            f"tests[] = {{\n{case}                engine_test(another),\n}};\n")


MESON = "unit_tests = {\n  'engine_window': [engine_words],\n}\n"
SOUND = {
    "docs/rfc9293.tags": table({"MUST-1": ""}),
    "tests/unit/meson.build": MESON,
    "tests/unit/test_engine_window.c": test_file(),
}


def run(files, *options):
    """The tool's status and lines; files are written to a tree, and `--write` first makes the page."""
    with tempfile.TemporaryDirectory() as tree:
        for path, text in files.items():
            os.makedirs(os.path.join(tree, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(tree, path), "w", encoding="utf-8") as file:
                file.write(text)
        page = os.path.join(tree, "docs/RFC.md")
        if "docs/RFC.md" not in files:
            subprocess.run([sys.executable, TOOL, "--write", tree], stdout=subprocess.DEVNULL, check=False)
        done = subprocess.run([sys.executable, TOOL, *options, tree], stdout=subprocess.PIPE, text=True, check=False)
        with open(page, encoding="utf-8") as file:
            return done.returncode, done.stdout.splitlines(), file.read()


class Rfc(unittest.TestCase):
    def expect_found(self, files, *findings):
        status, lines, _ = run({**SOUND, **files}, "--check")
        self.assertEqual((status, [line for line in lines if line]), (1 if findings else 0, list(findings)))

    def expect_in_test(self, source, *findings):
        self.expect_found({"tests/unit/test_engine_window.c": source, "docs/rfc9293.tags": table()}, *findings)

    def test_a_sound_tree_passes(self):
        self.expect_found({})

    def test_all_is_printed_in_80_columns(self):
        status, lines, _ = run(SOUND)
        self.assertEqual(status, 0)
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertEqual([line.split()[0] for line in lines if line.startswith(("MUST-", "SHLD-", "MAY-", "REC-"))], TAGS)
        self.assertIn("    engine_window: windows_are_unsigned", lines)
        self.assertIn("    no test, 2026-11-22: the program's matter", lines)
        self.assertEqual(" ".join(lines[-2:]), "119 tags (69 MUST, 31 SHLD, 18 MAY, 1 REC): 1 shown by tests, 118 with a "
                         "reason instead; 0 with a departure")

    def test_the_page_says_the_same(self):
        _, _, page = run(SOUND)
        self.assertIn("| **MUST** do what MUST-1 says | [`windows_are_unsigned`](../tests/unit/test_engine_window.c) |", page)
        self.assertIn("| **MUST** do what MUST-2 says | *No test, 2026-11-22:* the program's matter |", page)
        self.assertEqual(page.count("\n| MUST-"), 69)

    def test_the_tests_are_listed_as_meson_calls_them(self):
        hostile = {
            "tests/hostile/meson.build": "foreach name : ['peers']\n",
            "tests/hostile/test_hostile_peers.c": test_file("/* A peer that\n * never reads.  Shows MUST-1,\n * MUST-2. */",
                                                            "never_reads"),
        }
        files = {**SOUND, **hostile, "docs/rfc9293.tags": table({"MUST-1": "", "MUST-2": ""})}
        self.assertEqual(run(files, "--tests")[:2], (0, ["hostile peers: never_reads", "engine_window: windows_are_unsigned"]))
        self.expect_found(files)

    def test_a_stale_page(self):
        self.expect_found({"docs/RFC.md": "old\n"}, "docs/RFC.md is stale: make rfc writes it")

    def test_a_tag_without_test_and_reason(self):
        self.expect_found({"docs/rfc9293.tags": table({"MUST-1": "", "MAY-3": ""})},
                          "MAY-3 has neither a test that shows it nor a reason why not: MAY do what MAY-3 says")

    def test_a_departure_is_no_reason(self):
        self.expect_found({"docs/rfc9293.tags": table({"MUST-1": DEPARTURE})})
        self.expect_found({"docs/rfc9293.tags": table({"MUST-1": "", "MUST-2": DEPARTURE})},
                          "MUST-2 has neither a test that shows it nor a reason why not: MUST do what MUST-2 says")

    def test_a_reason_for_a_tag_that_has_a_test(self):
        self.expect_found({"docs/rfc9293.tags": table()},
                          "MUST-1 has a reason why no test shows it, and a test: engine_window: windows_are_unsigned")

    def test_a_reason_without_its_date(self):
        self.expect_found({"docs/rfc9293.tags": table({"MUST-1": "", "REC-1": "    instead 2026-13-01: no\n"})},
                          "docs/rfc9293.tags:240: neither a heading nor a tag with its section, level and words, nor a "
                          "dated note",
                          "REC-1 has neither a test that shows it nor a reason why not: RECOMMENDED do what REC-1 says")

    def test_a_tag_that_is_missing_twice_there_or_unknown(self):
        more = "MAY-19  3.1  MAY  do more\n" + REASON + "SHLD-2  3.1  MAY  do it\n" + REASON
        self.expect_found({"docs/rfc9293.tags": table({"MUST-1": ""}, ["MUST-5"], more)},
                          "docs/rfc9293.tags: MUST-5 is missing", "docs/rfc9293.tags: SHLD-2 stands there twice",
                          "docs/rfc9293.tags: MAY-19 is no tag of RFC 9293", "docs/rfc9293.tags: SHLD-2 is no MAY")

    def test_a_test_that_names_an_unknown_tag(self):
        self.expect_in_test(test_file("/* Shows MUST-70. */"),
                            "tests/unit/test_engine_window.c:1: MUST-70 is no tag of RFC 9293")

    def test_a_test_that_does_not_run(self):
        self.expect_in_test(test_file(registered=False),
                            "tests/unit/test_engine_window.c:1: windows_are_unsigned is not among the tests that run")
        self.expect_found({"tests/unit/meson.build": "unit_tests = {}\n", "docs/rfc9293.tags": table()},
                          "tests/unit/test_engine_window.c:1: tests/unit/meson.build does not build this file")

    def test_words_that_belong_to_no_test_or_cannot_be_read(self):
        self.expect_in_test("/* Shows MUST-1. */\nint n;\n",
                            "tests/unit/test_engine_window.c:1: no test's function follows, static void NAME(void **state)")
        self.expect_in_test(test_file("/* Shows MUST-1 and MUST-2. */"),
                            "tests/unit/test_engine_window.c:1: `Shows` wants tags with commas between them, and a full stop")

    def test_a_name_that_says_otherwise(self):
        self.expect_in_test(test_file("/* No claim. */", "must_3_checksum"),
                            "tests/unit/test_engine_window.c: must_3_checksum is named after MUST-3 and does not say that "
                            "it shows it")


if __name__ == "__main__":
    tap.main()
