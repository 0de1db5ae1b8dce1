# SPDX-License-Identifier: BSD-2-Clause
"""The whole host on one screen: what stands out in the population, and whose it is."""

import collections
import json
import os

import lens


class Overview(lens.Case):
    def setUp(self):
        done = lens.run(*self.population.inside(lens.LASTACK, "-j", *self.source))
        self.assertEqual(done.status, 0, done.err)
        self.document = json.loads(done.out)

    def held_by(self, state):
        """How many sockets in this state each process holds, as they were made; at 0, those that nobody holds."""
        held = collections.Counter()
        for s in self.population.chosen(state=state):
            held[s["owners"][0]["pid"] if s["owners"] else 0] += 1
        return held

    def test_states(self):
        expected = {**lens.counts(self.population.sockets), "CLOSED": 0}
        self.assertEqual(self.document["states"], expected)

    def test_close_wait_by_process(self):
        held = self.held_by("CLOSE_WAIT")
        self.assertEqual(self.document["close_wait_not_accepted"], held.pop(0))
        self.assertEqual({h.get("pid"): h["sockets"] for h in self.document["close_wait"]}, held)
        self.assertEqual(self.document["close_wait"][0]["pid"], self.population.younger)
        self.assertEqual(self.document["close_wait"][0]["comm"], "forgets (to) R ")

    def test_fin_wait_2_of_both_kinds(self):
        held = self.held_by("FIN_WAIT_2")
        self.assertEqual(self.document["fin_wait_2"]["orphans"], held.pop(0))
        self.assertEqual({h["pid"]: h["sockets"] for h in self.document["fin_wait_2"]["held"]}, held)
        self.assertNotIn("unknown", self.document["fin_wait_2"])

    def listeners_made(self):
        """Each listener's figures by its port; those with one address are one listener."""
        made = {}
        half_open = collections.Counter(s["local_port"] for s in self.population.chosen(
            state="SYN_RECEIVED", story="half open"))
        for s in self.population.chosen(state="LISTEN"):
            made.setdefault(s["local_port"], []).append(s)
        return {port: {"sockets": len(same), "accept_queue": max(s["receive_queue"] for s in same),
                       "drops": sum(s["drops"] for s in same), "half_open": half_open[port]}
                for port, same in made.items()}

    def test_listeners(self):
        made = self.listeners_made()
        found = {}
        for listener in self.document["listeners"]:
            names = made[listener["port"]].keys()
            found[listener["port"]] = {name: listener[name] for name in names if name in listener}
        if self.source:
            made = {port: {name: n for name, n in figures.items() if name != "drops"} for port, figures in made.items()}
        self.assertEqual(found, made)

    def test_overflown_listeners_have_a_full_queue(self):
        overflown = {s["local_port"] for s in self.population.chosen(story="overflown")}
        full = {l["port"] for l in self.document["listeners"] if l["accept_queue"] > l["accept_queue_limit"]}
        self.assertEqual(full, overflown)

    def test_listeners_have_an_owner(self):
        pids = {self.population.elder, self.population.younger}
        self.assertEqual({l.get("pid") for l in self.document["listeners"]} - pids, set())

    def test_closing_paths(self):
        """TIME_WAIT sockets by path: all of them, each told by its remaining time where that is known.  IPv4 mapped into
        IPv6 takes the ports of the same path."""
        made = collections.Counter((s["local"].removeprefix("::ffff:"), s["remote"].removeprefix("::ffff:"))
                                   for s in self.population.chosen(state="TIME_WAIT"))
        found = collections.Counter()
        for path in self.document["closing_paths"]:
            found[path["local"], path["remote"]] += path["time_wait"]
        self.assertEqual(found, made)
        self.assertEqual(sum(self.document["closes_5s_steps"]), sum(made.values()))


class OverviewFromProc(Overview):
    source = ("--source=proc",)
    test_overflown_listeners_have_a_full_queue = None  # there, a queue's limit is not told


class Screen(lens.Case):
    def test_screen_has_the_figures(self):
        done = lens.run(*self.population.inside(lens.LASTACK))
        self.assertEqual((done.status, done.err), (0, ""))
        figures = dict(line.split()[:2] for line in done.out.splitlines()[2:13])
        expected = {**lens.counts(self.population.sockets), "CLOSED": 0}
        self.assertEqual({state: int(n) for state, n in figures.items()}, expected)
        self.assertIn(f"forgets (to) R [{self.population.younger}]", done.out)

    def test_nothing_stands_out_where_there_is_nothing(self):
        if os.geteuid() != 0:
            self.skipTest("not root: no empty namespace")
        done = lens.run("unshare", "--net", lens.LASTACK)
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertIn("Nothing stands out", done.out)


if __name__ == "__main__":
    lens.main()
