# SPDX-License-Identifier: BSD-2-Clause
"""Where netlink is refused: the same counts from /proc/net/tcp, and it is said what was asked and what is missing."""

import json
import os

import lens


class Refused(lens.Case):
    def refused(self, *arguments):
        done = lens.run(*self.population.inside(lens.helper("deny_netlink"), lens.LASTACK, *arguments))
        if done.status == lens.SKIPPED:
            self.skipTest(done.err.strip())
        return done

    def test_counts_come_from_proc(self):
        document = json.loads(self.refused("states", "-j").out)
        expected = {**lens.counts(self.population.sockets), "CLOSED": 0}
        self.assertEqual(document["states"], expected)
        self.assertIn("/proc/net/tcp", document["source"])
        self.assertEqual(document["refused"], os.strerror(13))
        self.assertTrue(document["missing"])

    def test_table_names_the_source_and_what_is_missing(self):
        done = self.refused("states")
        self.assertEqual(done.status, 0, done.err)
        said = done.out + done.err
        for words in ("/proc/net/tcp", os.strerror(13), "missing", "TCP details"):
            self.assertIn(words, said)

    def test_rows_are_there(self):
        done = self.refused("ls", "-nH")
        self.assertEqual(done.status, 0, done.err)
        made = [s for s in self.population.sockets if s["state"] != "CLOSED"]
        self.assertEqual(len(done.out.splitlines()), len(made))

    def test_overview_is_there(self):
        done = self.refused()
        self.assertEqual(done.status, 0, done.err)
        self.assertIn("/proc/net/tcp", done.out + done.err)
        for state in lens.STATES:
            self.assertIn(state, done.out)

    def test_what_cannot_be_known_is_not_made_up(self):
        for line in self.refused("ls", "-j", "-im").out.splitlines():
            o = json.loads(line)
            self.assertNotIn("tcp", o)
            self.assertNotIn("memory", o)
            self.assertNotIn("accept_queue_limit", o)
            self.assertNotIn("v6only", o)

    def test_netlink_alone_is_an_error(self):
        done = self.refused("states", "--source=netlink")
        self.assertEqual(done.status, 3)
        self.assertEqual(done.out, "")
        self.assertIn(os.strerror(13), done.err)


if __name__ == "__main__":
    lens.main()
