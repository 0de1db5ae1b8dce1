#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes tests/arrives/<state>/rcv-<flags>.t: what model.py says of every segment in every state.

    generate.py            writes the files beside this program
    generate.py --check    says as TAP whether they are what it would write
"""

import itertools
import pathlib
import sys
import textwrap
from copy import copy

from model import RING, Arrival, Segment, Tcb

HERE = pathlib.Path(__file__).parent
TEXT = 100  # bytes of text in a segment that has any
FAR = RING // 2 + 12345

# Any numbers do, if no two positions fall together: in the runner they are what the handshake made them.
UNA, RCV, WND, MAX = 70_000, 4_294_966_000, 20_000, 1_000

# RFC 5961 5.2: MAX.SND.WND "may be hard-coded"; a compact record does not remember what the peer once offered.
HARD = 65535 << 14

PLAIN = ["0", "1", "2147483648", "4294967295"]
SEQ = ["rcv-far", "rcv-1000", "rcv-100", "rcv-1", "rcv", "rcv+1", "rcv+1000", "end-100", "end-1", "end", "end+1000"]
SEQ_CLOSED = ["rcv-far", "rcv-1000", "rcv-100", "rcv-1", "rcv", "rcv+1", "rcv+1000"]
ACK = ["una-far", "una-max-1", "una-max", "una-1", "una", "una+50", "snd-1", "snd", "snd+1", "snd+1000"]
STAMPS = ["ts-far", "ts-1", "ts", "ts+1", "none"]


class Given:
    """A state, how it came about, and what is tried there."""

    def __init__(self, state, how, words, out=0, seqs=SEQ, acks=ACK, stamps=("none",), **tcb):
        self.state, self.how, self.words, self.seqs, self.stamps = state, how, words, seqs, stamps
        tcb = {"wnd": WND, "max": MAX, **tcb}
        self.tcb = Tcb(state, una=UNA, snd=UNA + out, rcv=RCV, irs=RCV - 1, **tcb)
        self.acks = acks if acks is PLAIN else self.different(acks)

    def different(self, names):
        """Without those that fall together where nothing, or one number, is on its way."""
        seen, kept = set(), []
        for name in names:
            number = self.number(name)
            if number not in seen and not (name == "una+50" and self.tcb.snd - self.tcb.una < 52):
                seen.add(number)
                kept.append(name)
        return kept

    def number(self, name):
        t = self.tcb
        if name.isdigit():
            return int(name)
        base = {"una": t.una, "snd": t.snd, "rcv": t.rcv, "end": t.rcv + t.wnd, "ts": t.recent}
        total = 0
        for sign, word in split(name):
            total += sign * (base[word] if word in base else {"far": FAR, "max": MAX}.get(word) or int(word))
        return total % RING


def split(name):
    sign, word = 1, ""
    for c in name + "+":
        if c in "+-":
            yield sign, word
            sign, word = (1 if c == "+" else -1), ""
        else:
            word += c


GIVENS = [
    Given("CLOSED", "-", "nothing is there", seqs=PLAIN, acks=PLAIN),
    Given("CLOSED", "held", "a connection was reset, and its handle not yet closed", seqs=PLAIN, acks=PLAIN),
    Given("LISTEN", "-", "a listener with room", seqs=PLAIN, acks=PLAIN, listener=True),
    Given("SYN_SENT", "-", "our SYN is on its way", out=1, seqs=PLAIN),
    Given("SYN_RECEIVED", "passive", "from LISTEN", out=1, passive=True, listener=True),
    Given("SYN_RECEIVED", "active", "from SYN_SENT, the SYNs crossed", out=1),
    Given("SYN_RECEIVED", "reopened", "from TIME_WAIT, by a new SYN", out=1, passive=True, reopened=True, listener=True),
    Given("ESTABLISHED", "-", "100 bytes of ours are on their way", out=100),
    Given("ESTABLISHED", "closed-window", "the receive window is closed, 100 bytes of ours are on their way", out=100,
          wnd=0, seqs=SEQ_CLOSED),
    Given("ESTABLISHED", "timestamps", "timestamps agreed on, 100 bytes of ours are on their way", out=100, recent=50_000,
          seqs=["rcv-100", "rcv", "rcv+1", "end"], acks=["una", "snd", "snd+1"], stamps=STAMPS),
    Given("FIN_WAIT_1", "-", "shut down behind 100 bytes, none of it acknowledged", out=101),
    Given("FIN_WAIT_1", "orphan", "closed behind 100 bytes, none of it acknowledged", out=101, orphan=True),
    Given("FIN_WAIT_2", "-", "shut down, and our FIN acknowledged"),
    Given("FIN_WAIT_2", "orphan", "closed, and our FIN acknowledged", max=HARD, orphan=True),
    Given("CLOSE_WAIT", "-", "the peer has closed, 100 bytes of ours are on their way", out=100),
    Given("CLOSING", "-", "both have shut down at once, 100 bytes and FIN of ours are on their way", out=101),
    Given("CLOSING", "orphan", "both have closed at once, 100 bytes and FIN of ours are on their way", out=101, orphan=True),
    Given("LAST_ACK", "-", "the peer has closed and then we have, 100 bytes and FIN are on their way", out=101),
    Given("LAST_ACK", "orphan", "the same, and the handle is closed", out=101, orphan=True),
    Given("TIME_WAIT", "-", "both have closed, nobody listens, 10 of 60 seconds are over", max=HARD, orphan=True),
    Given("TIME_WAIT", "held", "the same, and the handle is not yet closed", max=HARD),
    Given("TIME_WAIT", "listener", "the same, and somebody listens", max=HARD, orphan=True, listener=True),
    Given("TIME_WAIT", "rfc1337", "the same, nobody listens, tcp_rfc1337 is 1", max=HARD, orphan=True, rfc1337=True),
    Given("TIME_WAIT", "timestamps", "somebody listens, timestamps agreed on", max=HARD, orphan=True, listener=True, recent=50_000,
          seqs=["rcv-1000", "rcv-101", "rcv-1", "rcv", "rcv+1", "end"], acks=["una", "una+1"], stamps=STAMPS),
]

NAMES = ("syn", "ack", "rst", "fin", "text")


def symbol(number, name, base):
    return name if number == base else f"{name}+{(number - base) % RING}"


def outcome(given, segment):
    """The columns of a case: verdict, answer, state, SND.UNA, RCV.NXT, transitions, section; and the note."""
    t = copy(given.tcb)
    out = Arrival(t, segment).out
    una = rcv = "-"
    fresh = given.state in ("LISTEN", "SYN_SENT") or "TIME_WAIT_RCV_SYN" in out.rows
    if t.state not in ("CLOSED", "LISTEN") and not (t.state == "TIME_WAIT" and given.state == "SYN_RECEIVED"):
        una = "iss" if t.una is None else "una" if t.una == given.tcb.una else "ack"
        rcv = symbol(t.rcv, *(("seq", segment.seq) if fresh and segment.syn else ("rcv", given.tcb.rcv)))
        rcv = "-" if t.state == "SYN_SENT" else rcv  # nothing has come yet
    answer = out.answer.replace("rcv", rcv) if out.answer.startswith(("A", "~A", "SA(una")) else out.answer
    state = t.state + ("(anew)" if out.anew else "")
    return (out.verdict, answer, state, una, rcv, "+".join(out.rows) or "-", out.section, out.note)


def grid(given, flags):
    """seq -> ack -> stamp -> outcome"""
    acks = given.acks if "ack" in flags else ["-"]
    return {seq: {(ack, stamp): outcome(given, segment_of(given, flags, seq, ack, stamp))
                  for ack, stamp in itertools.product(acks, given.stamps)} for seq in given.seqs}


def segment_of(given, flags, seq, ack, stamp):
    return Segment(**{name: True for name in flags if name != "text"}, text=TEXT if "text" in flags else 0,
                   seq=given.number(seq), ackno=given.number(ack) if ack != "-" else 0,
                   stamp=None if stamp == "none" else given.number(stamp))


def listed(some, every):
    return "*" if len(every) > 1 and list(some) == list(every) else ",".join(some)


def rows(given, flags):
    """The grid with what is equal written once: (seqs, acks, stamps, outcome)."""
    table, groups = grid(given, flags), {}
    for seq, cells in table.items():
        groups.setdefault(tuple(cells.items()), []).append(seq)
    acks = given.acks if "ack" in flags else ["-"]
    for cells, seqs in groups.items():
        by_ack = {}
        for ack in acks:
            by_ack.setdefault(tuple(out for (a, _), out in cells if a == ack), []).append(ack)
        for outs, some_acks in by_ack.items():
            by_out = {}
            for stamp, out in zip(given.stamps, outs):
                by_out.setdefault(out, []).append(stamp)
            for out, stamps in by_out.items():
                yield (listed(seqs, given.seqs), listed(some_acks, acks), listed(stamps, given.stamps), out)


HEADINGS = ("SEG.SEQ", "SEG.ACK", "TSval", "verdict", "answer", "state", "SND.UNA", "RCV.NXT", "transitions", "RFC 9293")


def page(state, flags, extra=()):
    letters = "".join(n[0].upper() for n in NAMES[:4] if n in flags) + "".join(n[0].upper() for n in extra)
    lines = ["# Written by generate.py from model.py; README.md says how to read it.",
             f"segment {letters or '.'} text {TEXT if 'text' in flags else 0}"]
    for given in (g for g in GIVENS if g.state == state):
        lines += ["", f"# {given.words}", f"given {given.state} {given.how}", f"seq {','.join(given.seqs)}",
                  f"ack {','.join(given.acks if 'ack' in flags else ['-'])}", f"tsval {','.join(given.stamps)}"]
        notes, cases = [], []
        for seq, ack, stamp, (*columns, note) in rows(given, flags):
            if note and note not in notes:
                notes.append(note)
            columns[-1] += f" [{notes.index(note) + 1}]" if note else ""
            cases.append((seq, ack, stamp, *columns))
        widths = [max(len(c[i]) for c in [HEADINGS, *cases]) for i in range(len(HEADINGS))]
        for start, case in (("# ", HEADINGS), *(("  ", case) for case in cases)):
            lines.append((start + "  ".join(c.ljust(w) for c, w in zip(case, widths))).rstrip())
        for n, note in enumerate(notes, 1):
            lines += textwrap.wrap(note, 110, initial_indent=f"# [{n}] ", subsequent_indent="#     ")
    return "\n".join(lines) + "\n"


def pages():
    for state in dict.fromkeys(g.state for g in GIVENS):
        for n in range(len(NAMES) + 1):
            for flags in itertools.combinations(NAMES, n):
                yield f"{state.lower()}/rcv-{'-'.join(flags) or 'nothing'}.t", page(state, flags)
        yield f"{state.lower()}/rcv-ack-psh-text.t", page(state, ("ack", "text"), ("psh",))
        yield f"{state.lower()}/rcv-ack-urg-text.t", page(state, ("ack", "text"), ("urg",))


def check():
    wanted = dict(pages())
    there = {str(p.relative_to(HERE)): p.read_text() for p in HERE.glob("*/rcv-*.t")}
    wrong = [n for n in sorted(wanted.keys() | there.keys()) if wanted.get(n) != there.get(n)]
    print("1..1")
    if wrong:
        print(f"# {__file__}\n# writes them anew; not as the model says: {' '.join(wrong)}")
    print(f"{'not ok' if wrong else 'ok'} 1 - {len(wanted)} pages are what the model says")
    return 1 if wrong else 0


def main():
    if sys.argv[1:] == ["--check"]:
        return check()
    if sys.argv[1:]:
        sys.exit(__doc__)
    for path in HERE.glob("*/rcv-*.t"):
        path.unlink()
    for name, text in pages():
        (HERE / name).parent.mkdir(exist_ok=True)
        (HERE / name).write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
