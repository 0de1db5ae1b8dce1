# SPDX-License-Identifier: BSD-2-Clause
"""The words of a filter, one by one, given to ss and to lastack: what both take, what both refuse, and where lastack
goes beyond ss or says no to what ss takes without sense (src/filter/parse.c says why)."""

import lens

# Both take the same rows.
SAME = (
    # every operator in every spelling
    *(f"sport {operator} :20006" for operator in ("", "=", "==", "eq", "!=", "ne", "neq", "<", "lt", "<=", "le", "leq",
                                                  ">", "gt", ">=", "ge", "geq")),
    # ports
    "dport = 443", "dport 443", "dport https", "dport = :https", "dport = 0x1bb", "dport = *", "dport = :*",
    "sport gt 20050", "dport = :0", "dport ge :0", "sport gt :65535", "dport = inet:443", "dport = inet::443",
    "dport = inet6::443", "dport = inet6:443",
    # IPv4, and IPv4 mapped into IPv6
    "dst = 198.51.100.20", "dst == 198.51.100.20", "dst eq 198.51.100.20", "dst 198.51.100.20/32", "dst 198/8",
    "dst 198.51/16", "dst 198.51.100/24", "dst 198.51.100.20/0", "dst 198.51.100.77/24", "dst 198.51.100.0/255.255.255.0",
    "dst 198.51.100.0/24:443", "dst 0/0", "dst 0/0:443", "src 0.0.0.0", "dst [198.51.100.20]:443",
    "dst inet:198.51.100.20", "dst inet:198.51.100.20:443",
    # IPv6
    "dst [2001:db8::/32]", "dst [2001:db8::/32]:443", "dst 2001:db8::/33", "src [::]", "src [::]:443", "src [::1]",
    "dst [::ffff:198.51.100.0/120]", "dst ::ffff:198.51.100.0/120", "dst ::/0",
    "dst inet6:[2001:db8::/32]", "src :::443",
    # any
    "dst *", "dst any", "dst all", "dst default", "dst :443", "dst *:443", "dst *:*", "dst inet:*", "dst inet6:*",
    "dst inet::443", "dst inet6::443", "dst inet6:*:443",
    # interfaces, marks
    "dev 1", "dev = lo", "dev != 1", "dev = 0", "dev 999999", "fwmark = 0", "fwmark 0x0/0xff", "fwmark = 1",
    "fwmark != 0x1/0x1",
    # how conditions are joined
    "dport = :443 or dport = :80", "dport = :443 and dst 198.51.100.0/24", "dport = :443 dst 198.51.100.0/24",
    "not not dport = :443", "not dport = :443 or dport = :443", "not dport = :443 dst 198.51.100.0/24",
    "dport = :443 or dport = :80 or sport gt :20100",
    "sport = :443 or ( dport = :443 or ( dport = :80 and not dst 127/8 ) )",
    # states
    "state ESTABLISHED", "state Time-Wait", "state close", "state unconnected", "exclude established state established",
    "exclude time-wait exclude syn-recv", "state bucket exclude time-wait",
)

# ss refuses the first; what lastack understands, ss calls the second.
BEYOND = (
    ("dport=:443", "dport = :443"), ("(dport=:443|dport=:80)", "( dport = :443 or dport = :80 )"),
    ("!dport = :443", "! dport = :443"), ("!(dport=:443)", "not ( dport = :443 )"), ("dport = :443 AND dst 198/8", "dport = :443 and dst 198/8"),
    ("dst != 198.51.100.20", "not dst 198.51.100.20"), ("src ::1", "src [::1]"), ("dst [2001:db8::]/32", "dst [2001:db8::/32]"),
    ("dst [2001:db8::]/32:443", "dst [2001:db8::/32]:443"), ("dst 2001:db8::/32:443", "dst [2001:db8::/32]:443"),
    ("src ::", "src [::]"), ("dport = *:443", "dport = :443"),
    ("state TIME_WAIT", "state time-wait"), ("state SYN_RCVD", "state syn-recv"), ("state listen", "state listening"),
    ("state = established", "state established"), ("dport = :443 state established", "state established dport = :443"),
    ("not state established", "exclude established"), ("( state established )", "state established"),
    ("state established and dport = :443", "state established dport = :443"),
    ("state established or state time-wait", "state established state time-wait"),
    ("dport = ':443'", "dport = :443"),
)

BOTH_REFUSE = (
    "garbage", "198.51.100.20", ":443", "dport", "dport =", "dst", "dst = and", "and dport = :443", "dport = :443 and",
    "dport = :443 or or dport = :80", "( dport = :443", "dport = :443 )", "()", "( )", "not", "dst > 198.51.100.20",
    "dev > 1", "fwmark > 1", "dport =< :443", "dport <> :443", "dport === :443", "dport = :443x", "dport = :nosuch",
    "dport = 198.51.100.20:443", "dst 300.1.1.1", "dst 1.2.3.4.5", "dst 198.51.100.20/33", "dst 198.51.100.20/x", "dst 198.51.100.20/",
    "dst ::1/129", "dst [::1", "dst inet6:198.51.100.20", "dst two words", "dev nosuch", "fwmark abc", "autobound = 1",
    "state nosuch", "state", "state established time-wait",
)

# ss takes these for something that nobody means.
ONLY_SS_TAKES = (
    "dport = :70000", "dport = :0443", "dport = :", "dst 198.51.100.20:", "dst 198.51.100.20:99999", "dst 127.1", "dst 127",
    "dst 2130706433", "dst 2001:db8::1:443", "dst []", "fwmark 0x", "fwmark 021", "fwmark 0x11/0x1", "fwmark 0x1ffffffff",
    "exclude all", "state established exclude established", "dst unix:/x", "state unknown",
)


class FilterWords(lens.Case):
    def assert_refused(self, text):
        done = self.ask("ls", text)
        self.assertEqual((done.status, done.out), (64, ""), text)
        lines = done.err.splitlines()
        self.assertEqual(len(lines), 3, done.err)
        self.assertEqual(lines[1], f"  {text}")
        self.assertRegex(lines[2], r"^ *\^~*$")

    def without_state(self, rows):
        """ss leaves the state out where its filter has just one."""
        return [row._replace(state="") for row in rows]

    def assert_same_as_ss(self, ours, theirs):
        self.assert_same_rows(self.without_state(self.rows_of_ss(*theirs.split())),
                              self.without_state(self.rows_of_lastack(ours)), f"'{ours}', to ss '{theirs}'")

    def test_words_that_both_take(self):
        for text in SAME:
            self.assert_same_as_ss(text, text)

    def test_words_that_only_lastack_understands(self):
        for ours, theirs in BEYOND:
            self.assert_same_as_ss(ours, theirs)

    def test_words_that_both_refuse(self):
        for text in BOTH_REFUSE:
            done = lens.run(*self.population.inside("ss", "-tanHO", *text.split()))
            self.assertNotEqual(done.status, 0, f"ss takes '{text}'")
            self.assert_refused(text)

    def test_words_that_lastack_refuses_with_reason(self):
        for text in ONLY_SS_TAKES:
            self.assert_refused(text)


if __name__ == "__main__":
    lens.main()
