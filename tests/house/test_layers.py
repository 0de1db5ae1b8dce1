# SPDX-License-Identifier: BSD-2-Clause
"""tools/check-layers on small trees made for it: it must find what is wrong, and nothing else."""

import os
import subprocess
import sys
import tempfile
import unittest

import tap

TOOL = os.path.join(os.path.dirname(__file__), "..", "..", "tools", "check-layers")


def layers(files):
    """The tool's status and lines on a tree of {path: text}."""
    with tempfile.TemporaryDirectory() as tree:
        for path, text in files.items():
            os.makedirs(os.path.join(tree, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(tree, path), "w", encoding="utf-8") as file:
                file.write(text)
        done = subprocess.run([sys.executable, TOOL, tree], stdout=subprocess.PIPE, text=True, check=False)
        return done.returncode, done.stdout.splitlines()


SOUND = {
    "include/lastack/model.h": '#include <stdint.h>\n#include "model/state.def"\n',
    "include/lastack/endpoint.h": "#include <stdint.h>\n",
    "include/lastack/snapshot.h": '#include "lastack/endpoint.h"\n#include "lastack/model.h"\n',
    "include/lastack/tcp.h": '#include "lastack/snapshot.h"\n',
    "src/model/state.def": "\n",
    "src/wire/seq.h": '#include "lastack/endpoint.h"\n',
    "src/tcp/tcb.h": '#include "wire/seq.h"\n',
    "src/stack/stack.c": '#include "lastack/tcp.h"\n#include "tcp/tcb.h"\n',
    "src/filter/filter.h": '#include "lastack/snapshot.h"\n',
    "src/linux/dump.h": '#include "lastack/snapshot.h"\n',
    "src/doctor/survey.c": '#include "survey.h"\n',
    "src/doctor/survey.h": "\n",
    "src/cli/main.c": '#include "linux/dump.h"\n#  include "doctor/survey.h"\n',
}


class Layers(unittest.TestCase):
    def expect_found(self, path, text, *findings):
        self.assertEqual(layers({**SOUND, path: text}), (1 if findings else 0, list(findings)))

    def test_a_sound_tree_passes(self):
        self.assertEqual(layers(SOUND), (0, []))

    def test_the_model_may_not_look_up(self):
        self.expect_found("src/model/model.c", '/* */\n#include "linux/dump.h"\n',
                          "src/model/model.c:2: model may not include linux (src/linux/dump.h)")

    def test_the_doctor_may_not_ask_the_kernel(self):
        self.expect_found("src/doctor/rules.c", '#include "linux/dump.h"\n',
                          "src/doctor/rules.c:1: doctor may not include linux (src/linux/dump.h)")

    def test_a_connection_may_not_know_the_stack_through_a_public_header(self):
        self.expect_found("src/tcp/ack.c", '#include "lastack/tcp.h"\n',
                          "src/tcp/ack.c:1: tcp may not include stack (include/lastack/tcp.h)")

    def test_a_public_header_belongs_to_its_floor(self):
        self.expect_found("include/lastack/snapshot.h", '#include "filter/filter.h"\n',
                          "include/lastack/snapshot.h:1: model may not include filter (src/filter/filter.h)")

    def test_what_is_shared_looks_at_nothing_else(self):
        self.expect_found("include/lastack/endpoint.h", '#include "lastack/model.h"\n',
                          "include/lastack/endpoint.h:1: shared may not include model (include/lastack/model.h)")

    def test_a_way_around_by_dots_is_seen(self):
        self.expect_found("src/wire/seq.c", '#include "../tcp/tcb.h"\n',
                          "src/wire/seq.c:1: wire may not include tcp (src/tcp/tcb.h)")

    def test_a_floor_that_nobody_named_is_refused(self):
        self.expect_found("src/attic/box.c", '#include "lastack/model.h"\n',
                          "src/attic/box.c:1: this file is on no floor that tools/check-layers knows")

    def test_a_file_that_is_not_there_is_said(self):
        self.expect_found("src/cli/ls.c", '#include "linux/gone.h"\n',
                          'src/cli/ls.c:1: "linux/gone.h" is no file of the tree')


if __name__ == "__main__":
    tap.main()
