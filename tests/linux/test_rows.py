# SPDX-License-Identifier: BSD-2-Clause
"""Each socket's row: the one that ss has, and what was made."""

import ipaddress
import itertools
import re
import socket

import lens

# What of `ss -i` does not change by itself while nobody looks.  Of the rest, rates are computed from these, and the
# times since something happened grow.
FIELDS = ("rto", "backoff", "rtt", "ato", "mss", "pmtu", "rcvmss", "advmss", "cwnd", "ssthresh", "bytes_sent",
          "bytes_retrans", "bytes_acked", "bytes_received", "segs_out", "segs_in", "unacked", "retrans", "lost", "sacked",
          "notsent", "minrtt", "wscale", "rcv_space", "rcv_ssthresh", "snd_wnd")
WORDS = ("ts", "sack", "ecn", "ecnseen", "fastopen", "cubic", "reno", "bbr")

UNITS_MS = {"ms": 1, "sec": 1000, "min": 60000}


def milliseconds(text):
    """A timer as ss writes it: "59sec", "1.2sec", "9min59sec"."""
    text = re.sub(r"(\d\.\d{3})ms$", r"\1sec", text)  # ss writes a second and a half as "1.500ms"
    return sum(float(n) * UNITS_MS[unit] for n, unit in re.findall(r"([\d.]+)(ms|sec|min)", text))


def timer(rest):
    """(kind, ms left, retransmissions) of a row, or None."""
    found = re.search(r"timer:\((\w+),([\w.]*),(\d+)\)", rest)
    return (found[1], milliseconds(found[2]), int(found[3])) if found else None


def wrong_timer(before, ours, after):
    if not (before and ours and after):
        return None if ours in (before, after) else f"{ours}, ss says {before}"
    if ours[::2] not in (before[::2], after[::2]):
        return f"{ours}, ss says {before} and then {after}"
    if before[::2] == after[::2] and not after[1] - 1100 <= ours[1] <= before[1] + 1100:
        return f"{ours}, ss says {before} and then {after}"
    return None


def owners(rest):
    return {(int(pid), int(fd)) for pid, fd in re.findall(r'pid=(\d+),fd=(\d+)\)', rest)}


def details(rest):
    """The fields and words of ss -i that we compare; numbers as numbers, since 0.02 and 0.020 are the same."""
    tokens = rest.split()
    fields = dict(token.split(":", 1) for token in tokens if ":" in token)
    number = re.compile(r"[\d.]+")
    found = {name: number.sub(lambda n: f"{float(n[0]):g}", fields[name]) for name in FIELDS if name in fields}
    found.update((word, True) for word in WORDS if word in tokens)
    return found


def wrong_details(before, ours, after):
    """Complains of what both answers of ss have, and ours has not."""
    for name in before:
        if name in after and ours.get(name) not in (before[name], after[name]):
            return f"{name} is {ours.get(name)}, ss says {before[name]} and then {after[name]}"
    for name in ours:
        if name not in before and name not in after:
            return f"{name} is {ours[name]}, ss does not have it"
    return None


def memory(rest):
    return re.search(r"skmem:\([^)]*\)|$", rest)[0]


def identity(rest):
    """What ss -e says of whose socket it is.  ss writes an inode of 0, and we do not."""
    return tuple(found[0] for found in (re.search(rf"\b{name}:[1-9a-f][0-9a-f]*|$", rest)
                                        for name in ("uid", "ino", "sk")))


class RowsAsSs(lens.Case):
    """The table of lastack ls against that of ss."""

    def of_both(self, see, *arguments):
        """Functions that ask ss and lastack for these columns and see the same part of both."""
        return (lambda: {row: see(rest) for row, rest in self.rows_of_ss(*arguments).items()},
                lambda: {row: see(rest) for row, rest in self.rows_of_lastack(*arguments).items()})

    def test_rows(self):
        self.assert_same_rows(self.rows_of_ss(), self.rows_of_lastack(), "all")

    def test_rows_of_one_family(self):
        for family in ("-4", "-6"):
            self.assert_same_rows(self.rows_of_ss(family), self.rows_of_lastack(family), family)

    def test_listeners(self):
        rows = lens.rows_in(self.ss("-tlnHO"), from_ss=True)
        self.assert_same_rows(rows, self.rows_of_lastack("-l"), "-l")
        self.assertEqual({row.state for row in rows}, {"LISTEN"})

    def test_names_of_services(self):
        rows = lens.rows_in(self.ss("-taHO"), from_ss=True)
        ours = {row for row in lens.rows_in(self.lastack("ls", "-H")) if row.state != "CLOSED"}
        self.assert_same_rows(rows, ours, "without -n")
        self.assertTrue(any(row.remote.endswith(":https") for row in rows) or not knows_https())

    def test_owners(self):
        self.assert_between(*self.of_both(owners, "-p"),
                            lambda before, ours, after: None if ours == before else f"{ours}, ss says {before}", "-p")

    def test_timers(self):
        ask_ss, ask_lastack = self.of_both(timer, "-o")
        self.assert_between(ask_ss, ask_lastack, wrong_timer, "-o")
        kinds = {found[0] for found in ask_ss().values() if found}
        self.assertEqual(kinds, {"on", "keepalive", "timewait", "persist"})

    def test_details(self):
        """ss tells the options with -o.  Of a listener it has what its connections will begin with; we say nothing."""
        ask_ss, ask_lastack = self.of_both(details, "-oi", "exclude", "listening")
        self.assert_between(ask_ss, ask_lastack, wrong_details, "-oi")
        found = set().union(*ask_ss().values())
        self.assertLessEqual({"rto", "rtt", "mss", "cwnd", "bytes_acked", "retrans", "ts", "wscale"}, found)

    def test_memory(self):
        self.assert_between(*self.of_both(memory, "-m"),
                            lambda before, ours, after: None if ours in (before, after) else
                            f"{ours}, ss says {before}", "-m")

    def test_identity(self):
        self.assert_between(*self.of_both(identity, "-e"),
                            lambda before, ours, after: None if ours == before else f"{ours}, ss says {before}", "-e")

    def test_everything_at_once(self):
        """All columns together say what they say alone, on one line each, however narrow the terminal."""
        both = [self.of_both(see, "-poiem") for see in (owners, timer, details, memory)]
        self.assert_same_rows(both[0][0](), both[0][1](), "-poiem")
        done = self.ask("ls", "-nHOpoiem", environment={"COLUMNS": "40"})
        self.assertEqual(len(done.out.splitlines()), len(self.objects()))


class Between(lens.Case):
    """What counts as agreement with ss about a number that grows; one row, and answers that are made up."""

    def judge(self, *looks):
        """Each look is what ss, lastack and ss again say; the last is repeated.  Returns how many were needed."""
        row = lens.Row("SYN_SENT", 0, 1, "127.0.0.1:1", "127.0.0.1:2")
        answers = (n for look in itertools.chain(looks, itertools.repeat(looks[-1])) for n in look)
        asked = itertools.count()

        def ask():
            next(asked)
            return {row: {"segs_out": next(answers)}}

        self.assert_between(ask, ask, wrong_details, "made up")
        return next(asked) // 3

    def test_one_of_both_answers(self):
        for look in ((1, 1, 1), (1, 1, 2), (1, 2, 2)):
            self.assertEqual(self.judge(look), 1)

    def test_steps_between_prove_nothing(self):
        self.assertEqual(self.judge((1, 2, 3), (3, 4, 5), (5, 6, 7), (7, 8, 9), (9, 9, 10)), 5)

    def test_other_numbers_where_nothing_moves(self):
        with self.assertRaisesRegex(AssertionError, "segs_out is 2, ss says 1 and then 1"):
            self.judge((1, 2, 1))
        self.assertEqual(self.judge((1, 2, 1), (1, 2, 1), (1, 1, 1)), 3)

    def test_never_the_same(self):
        self.settles_within_s = 0
        with self.assertRaisesRegex(AssertionError, "segs_out is 7, ss says 1 and then 2"):
            self.judge((1, 7, 2))


def knows_https():
    try:
        return socket.getservbyport(443, "tcp") == "https"
    except OSError:
        return False


def without_device(end):
    return re.sub(r"%[^:\]]+", "", end)


class RowsFromProc(lens.Case):
    """What /proc/net/tcp knows: not a listener's limit, nor its device, nor whether it takes both families."""

    source = ("--source=proc",)

    def test_rows(self):
        def seen(row):
            local, remote = (re.sub(r"^\*:", "[::]:", without_device(end)) for end in (row.local, row.remote))
            return row._replace(send_queue=0 if row.state == "LISTEN" else row.send_queue, local=local, remote=remote)

        theirs = [seen(row) for row in self.rows_of_ss()]
        self.assert_same_rows(theirs, rows_from_objects(self.objects()), "from /proc")

    def test_owners(self):
        expected = sorted((s["local_port"], s["remote_port"], owner["pid"], owner["fd"])
                          for s in self.population.sockets if s["state"] != "CLOSED" for owner in s["owners"])
        found = sorted((o["local"]["port"], o["remote"]["port"], owner["pid"], owner["fd"])
                       for o in self.objects("-p") for owner in o["owners"])
        self.assertEqual(found, expected)

    def test_timers(self):
        """Their kinds; while one fires, neither source sees it."""
        kinds = {"on": "retransmit", "keepalive": "keepalive", "timewait": "time_wait", "persist": "persist"}

        def ask_ss():
            timers = {(row.local.rsplit(":", 1)[1], row.remote.rsplit(":", 1)[1], row.state): timer(rest)
                      for row, rest in self.rows_of_ss("-o").items() if row.state != "LISTEN"}
            return {ends: kinds[found[0]] if found else "none" for ends, found in timers.items()}

        def ask_lastack():
            return {(str(o["local"]["port"]), str(o["remote"]["port"]), o["state"]): o["timer"]["kind"]
                    for o in self.objects("-o") if o["state"] != "LISTEN"}

        self.assert_between(ask_ss, ask_lastack, lambda before, ours, after: None if ours in (before, after) else
                            f"{ours}, ss says {before}", "-o")


def rows_from_objects(objects):
    """The rows that a table would have, as far as /proc knows them."""
    for o in objects:
        ends = []
        for end in (o["local"], o["remote"]):
            address = f"[{end['address']}]" if o["family"] == "ipv6" else end["address"]
            ends.append(f"{address}:{end['port'] or '*'}")
        receive_queue = o["accept_queue"] if o["state"] == "LISTEN" else o["recv_q"]
        yield lens.Row(o["state"], receive_queue, o.get("send_q", 0), *ends)


class Objects(lens.Case):
    """lastack ls -j against what was made; ss is not asked."""

    def setUp(self):
        self.by_ends = {}
        for o in self.objects("-poiem"):
            key = (o["local"]["address"], o["local"]["port"], o["remote"]["address"], o["remote"]["port"])
            self.by_ends.setdefault(key, []).append(o)

    def pairs(self):
        """Each socket that was made, with its object."""
        for s in self.population.sockets:
            if s["state"] == "CLOSED":
                continue
            found = self.by_ends.get((s["local"], s["local_port"], s["remote"], s["remote_port"]), [])
            if s["state"] == "LISTEN":  # two may have one address; no two of those have the same limit
                found = [o for o in found if o["accept_queue_limit"] == s["send_queue"]]
            self.assertEqual(len(found), 1, s)
            yield s, found[0]

    def test_nothing_else(self):
        made = len(self.population.sockets) - len(self.population.chosen(state="CLOSED"))
        self.assertEqual(sum(len(objects) for objects in self.by_ends.values()), made)

    def test_state_and_family(self):
        for s, o in self.pairs():
            self.assertEqual(o["state"], s["state"])
            self.assertEqual(o["family"], "ipv4" if s["kind"] == "ipv4" else "ipv6")
            if s["kind"] == "mapped" and s["state"] not in ("LISTEN", "CLOSED"):
                self.assertIsNotNone(ipaddress.IPv6Address(o["local"]["address"]).ipv4_mapped)

    def test_queues(self):
        for s, o in self.pairs():
            names = ("accept_queue", "accept_queue_limit") if s["state"] == "LISTEN" else ("recv_q", "send_q")
            for made, name in zip(("receive_queue", "send_queue"), names):
                if made in s:
                    self.assertEqual(o[name], s[made], (name, s))

    def test_owners(self):
        comms = {self.population.elder: "population", self.population.younger: "forgets (to) R "}
        for s, o in self.pairs():
            expected = sorted((owner["pid"], owner["fd"], comms[owner["pid"]]) for owner in s["owners"])
            self.assertEqual(sorted((x["pid"], x["fd"], x["comm"]) for x in o["owners"]), expected)
            self.assertEqual(o["inode"] != 0, bool(expected), s)

    def test_drops_of_listeners(self):
        for s, o in self.pairs():
            if s["state"] == "LISTEN":
                self.assertEqual(o["memory"]["drops"], s["drops"], s)

    def test_which_listeners_take_both_families(self):
        for s, o in self.pairs():
            if s["state"] == "LISTEN" and s["kind"] != "ipv4":
                self.assertEqual(o["v6only"], s["kind"] == "ipv6", s)

    def test_device(self):
        for s, o in self.pairs():
            self.assertEqual(bool(o.get("interface")), bool(s["device"]), s)

    def test_age_of_time_wait(self):
        """The population is younger than a minute, and TIME_WAIT tells its age exactly."""
        for s, o in self.pairs():
            if s["state"] == "TIME_WAIT":
                self.assertEqual(o["age_min_ms"], o["age_max_ms"])
                self.assertLess(o["age_max_ms"], 60000)


class Table(lens.Case):
    def test_heading(self):
        heading = self.lastack("ls", "-n").splitlines()[0].split()
        self.assertEqual(heading, ["STATE", "RECV-Q", "SEND-Q", "LOCAL", "REMOTE"])

    def test_sorted_by_queue_and_port(self):
        rows = list(self.rows_of_lastack("--sort=-recvq,local"))
        self.assertEqual([row.receive_queue for row in rows], sorted((row.receive_queue for row in rows), reverse=True))


if __name__ == "__main__":
    lens.main()
