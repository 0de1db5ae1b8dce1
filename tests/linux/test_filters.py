# SPDX-License-Identifier: BSD-2-Clause
"""ss's filters, given to both: the same rows, from either source."""

import random
import shlex

import lens

# Every kind of word of the grammar, over the population's addresses and ports.
CONDITIONS = (
    "dst 198.51.100.20", "src 198.51.100.1", "dst 198.51.100.0/27", "src 127.0.0.0/8",
    "dst 2001:db8::/32", "src [2001:db8::1]", "dst [::ffff:198.51.100.20]", "src [::1]", "src fe80::/10",
    "dst 198.51.100.20:443", "src 198.51.100.1:20006", "src 127.0.0.1:*", "dst :443", "src :20006",
    "dport = :443", "sport = :20006", "dport != :443", "dport eq 22", "sport gt :20100", "dport lt :1024",
    "sport le :20050", "dport >= :5432", "dport neq :8080", "sport < 20020", "dport == :80", "dport = :https",
    "dev lo", "dev puppet0", "dev != puppet0",
)

# ss asks the kernel for one family only where these occur, so that it has "not dst ::/0" take nothing.
WHOLE_FAMILIES = ("src 0.0.0.0/0", "dst ::/0")

STATES = (
    "all", "connected", "synchronized", "bucket", "big", "established", "syn-sent", "syn-recv", "fin-wait-1",
    "fin-wait-2", "time-wait", "closed", "close-wait", "last-ack", "listening", "closing",
)

# Shapes that have gone wrong in such parsers: signs for words, nesting, state words at the start of a
# filter and of a parenthesis.
SHAPES = (
    "",
    "state time-wait dst 198.51.100.0/24 and ( dport = :80 or sport gt :20100 )",
    "state established state close-wait",
    "state connected exclude established exclude syn-recv",
    "exclude listening exclude time-wait",
    "exclude listening ( dport = :443 or sport = :20006 )",
    "( dport = :443 and src 198.51.100.1 ) or sport gt :20100",
    "dport = :443 sport gt :20100",
    "not dport = :443",
    "! ( dport = :443 or dport = :22 )",
    "not ( not ( dport = :443 ) )",
    "( ( ( dst 198.51.100.0/24 ) ) )",
    "dport = :443 | dport = :22",
    "( dport = :443 || dport = :22 ) && src 198.51.100.1",
    "dport = :443 & src 198.51.100.1",
)


class Filters(lens.Case):
    def assert_same(self, filter_text):
        words = shlex.split(filter_text)
        theirs, ours = self.rows_of_ss(*words), self.rows_of_lastack(*words)
        if {row.state for row in theirs} == {""}:
            self.assertEqual(len({row.state for row in ours}), 1, filter_text)
            ours = [row._replace(state="") for row in ours]
        self.assert_same_rows(theirs, ours, f"filter '{filter_text}'")
        return len(theirs)

    def test_conditions(self):
        everything = len(self.rows_of_ss())
        for text in CONDITIONS + WHOLE_FAMILIES:
            taken = self.assert_same(text)
            self.assertTrue(0 < taken < everything, f"'{text}' takes {taken} of {everything}: it shows nothing")

    def test_states(self):
        for state in STATES:
            self.assert_same(f"state {state}")
            if state != "all":  # nothing is left, which lastack calls a mistake
                self.assert_same(f"exclude {state}")

    def test_shapes(self):
        for text in SHAPES:
            self.assert_same(text)

    def test_and_and_or_without_parentheses(self):
        """ss reads from left to right; so do we, and say it."""
        for text in ("dport = :443 or dport = :22 and sport gt :20100", "dport = :443 and src 198.51.100.1 or dport = :22"):
            ours = self.ask("ls", "-nH", *text.split())
            self.assertEqual(ours.status, 0, ours.err)
            self.assert_same_rows(self.rows_of_ss(*text.split()), lens.rows_in(ours.out), text)
        self.assertIn("left to right", self.ask("ls", "dport = :443 or dport = :22 and sport gt :20100").err)

    def test_one_word(self):
        """The whole filter as one argument, as scripts pass it."""
        text = "( dport = :80 or sport gt :20100 ) and not dst 127.0.0.0/8"
        self.assert_same_rows(self.rows_of_ss(text), self.rows_of_lastack(text), text)

    def test_combinations(self):
        chance = random.Random(20)
        for _ in range(60):
            text = self.combination(chance, 3)
            if chance.random() < 0.5:
                text = f"state {chance.choice(STATES[1:])} {text}"
            self.assert_same(text)

    def combination(self, chance, depth):
        if depth == 0 or chance.random() < 0.2:
            return chance.choice(CONDITIONS)
        if chance.random() < 0.2:
            return f"not ( {self.combination(chance, depth - 1)} )"
        sides = [self.combination(chance, depth - 1) for _ in range(2)]
        return f"( {sides[0]} ) {chance.choice(('and', 'or', ''))} ( {sides[1]} )"


class OwnWords(lens.Case):
    """What lastack's filters have beyond those of ss."""

    def made(self, holder):
        return sum(any(owner["pid"] == holder for owner in s["owners"]) for s in self.population.sockets
                   if s["state"] != "CLOSED")

    def test_process(self):
        for pid in (self.population.elder, self.population.younger):
            self.assertEqual(len(self.rows_of_lastack(f"pid = {pid}")), self.made(pid))
        self.assertEqual(len(self.rows_of_lastack("pid = 1")), 0)

    def test_name_of_process(self):
        self.assertEqual(len(self.rows_of_lastack("comm", "=", "population")), self.made(self.population.elder))
        self.assertEqual(len(self.rows_of_lastack("comm", "=", "forgets*")), self.made(self.population.younger))

    def test_age(self):
        time_wait = len(self.population.chosen(state="TIME_WAIT"))
        self.assertEqual(len(self.rows_of_lastack("state time-wait age lt 1m")), time_wait)
        self.assertEqual(len(self.rows_of_lastack("state time-wait age gt 1m")), 0)

    def test_network_namespace(self):
        everything = len(self.rows_of_lastack())
        self.assertEqual(len(self.rows_of_lastack(f"netns = {self.population.elder}")), everything)


if __name__ == "__main__":
    lens.main()
