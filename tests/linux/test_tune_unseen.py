# SPDX-License-Identifier: BSD-2-Clause
"""lastack tune try where both sides are alike: why the trial could not show what the tunable does, and what would."""

import json

import tuning


class Unseen(tuning.Case):
    probe = None

    def setUp(self):
        super().setUp()
        if Unseen.probe is None:
            Unseen.probe = self.tune("try", "-j", "--for=1s", "--connections=1", "tcp_sack=0", status=None)
        if Unseen.probe.returncode == 3 and "not permitted" in Unseen.probe.stderr:
            self.skipTest("network namespaces of our own are not permitted")

    def attempt(self, *arguments):
        return json.loads(self.tune("try", "-j", *arguments).stdout)

    def not_seen(self, document):
        return {s["name"].rsplit(".", 1)[1]: s["not_seen"] for s in document["settings"] if "not_seen" in s}

    def test_what_a_trial_was_too_short_for_is_said(self):
        document = self.attempt("--for=1s", "tcp_tw_reuse=1")
        self.assertEqual(document["after"]["counters"]["TWRecycled"], 0)
        self.assertIn("--for=2s", self.not_seen(document)["tcp_tw_reuse"])
        self.assertIn("Not seen of net.ipv4.tcp_sack", self.tune("try", "--connections=1", "tcp_sack=0").stdout)
        self.assertIn("--for=31s", self.not_seen(self.attempt("--for=1s", "tcp_fin_timeout=30"))["tcp_fin_timeout"])
        self.assertIn("60 s at most", self.not_seen(self.attempt("--for=1s", "tcp_fin_timeout=90"))["tcp_fin_timeout"])
        self.assertIn("--for=8s", self.not_seen(self.attempt("--for=1s", "tcp_synack_retries=2"))["tcp_synack_retries"])

    def test_a_trial_takes_as_long_as_it_needs(self):
        document = self.attempt("tcp_tw_reuse=1", "tcp_tw_reuse_delay=2500")
        self.assertEqual((document["for_s"], self.not_seen(document)), (4, {}))
        self.assertGreater(document["after"]["counters"]["TWRecycled"], 0)

    def test_what_was_never_reached_is_said(self):
        for words, said in (
                (("tcp_max_tw_buckets=200000", "ip_local_port_range=1024 65000", "--connections=600"),
                 ("never reached", "never ran out")),
                (("tcp_tw_reuse=1", "--connections=400"), ("never ran out",)),
                (("tcp_timestamps=0", "tcp_tw_reuse_delay=10"), ("tcp_tw_reuse = 1", "tcp_tw_reuse = 1")),
                (("tcp_tw_reuse=0",), ("over a cable",)), (("somaxconn=65535",), ("never full",)),
                (("tcp_max_syn_backlog=9000", "tcp_fin_timeout=5"), ("tcp_syncookies = 0", "--workload=half-closed"))):
            for why, part in zip(self.not_seen(self.attempt("--for=1s", *words)).values(), said, strict=True):
                self.assertIn(part, why)

    def test_a_limit_of_thousands_has_ports_enough(self):
        document = self.attempt("--for=6s", "--connections=1500", "tcp_max_tw_buckets=1000")
        self.assertNotIn("local_ports", document)
        self.assertGreater(document["after"]["counters"]["TCPTimeWaitOverflow"], 0)


if __name__ == "__main__":
    tuning.main()
