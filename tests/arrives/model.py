# SPDX-License-Identifier: BSD-2-Clause
"""What becomes of a segment that arrives: RFC 9293 3.10.7 read step by step, with RFC 5961, 6191, 1337 and 7323.

This is a second reading of the RFCs, and no translation of the engine: it knows one connection, no buffers, no timers
and no options but timestamps.  Where the texts contradict each other, or leave a choice, a note says what was decided and
why; the note stands beside the cases in the .t files.
"""

from dataclasses import dataclass, field
from typing import Optional

RING = 1 << 32


def before(a, b):
    """a < b on the ring of sequence numbers."""
    return a != b and (b - a) % RING < RING // 2


def inside(number, left, size):
    """left =< number < left + size."""
    return (number - left) % RING < size


@dataclass
class Segment:
    syn: bool = False
    ack: bool = False
    rst: bool = False
    fin: bool = False
    text: int = 0
    seq: int = 0
    ackno: int = 0
    stamp: Optional[int] = None  # TSval

    @property
    def length(self):
        return self.text + self.syn + self.fin


@dataclass
class Tcb:
    state: str
    una: int = 0  # SND.UNA
    snd: int = 0  # SND.NXT
    rcv: int = 0  # RCV.NXT
    wnd: int = 0  # RCV.WND
    max: int = 0  # MAX.SND.WND
    irs: int = 0
    passive: bool = False   # SYN_RECEIVED that came from LISTEN
    reopened: bool = False  # ... or from TIME_WAIT
    orphan: bool = False    # the application has closed, and will not read
    listener: bool = False  # somebody listens on the local port
    rfc1337: bool = False
    recent: Optional[int] = None  # TS.Recent; None: no timestamps


@dataclass
class Outcome:
    verdict: str = "GO_ON"
    section: str = ""
    answer: str = "-"
    anew: bool = False  # the 2 MSL begin again
    rows: list = field(default_factory=list)
    note: str = ""


class Stop(Exception):
    """Return, as the RFC has it: nothing more is done with this segment."""


class Arrival:
    def __init__(self, tcb, segment):
        self.t, self.s, self.out = tcb, segment, Outcome()
        self.seq, self.text, self.fin = segment.seq, segment.text, segment.fin  # what is left after trimming
        try:
            {"CLOSED": self.closed, "LISTEN": self.listen, "SYN_SENT": self.syn_sent}.get(tcb.state, self.other)()
        except Stop:
            pass

    # ---- What the steps are made of ----

    def stop(self, verdict, section, answer="-", note=""):
        self.out.verdict, self.out.section, self.out.answer = verdict, section, answer
        self.note(note)
        raise Stop

    def note(self, text):
        if text:
            self.out.note = text

    def say(self, answer, section=""):
        self.out.answer = answer
        self.out.section = section or self.out.section

    def move(self, row, state, section=""):
        self.out.rows.append(row)
        self.t.state = state
        self.out.section = section or self.out.section

    def acknowledgment(self):
        """<SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>"""
        return "A(snd,rcv)"

    # ---- 3.10.7.1 ----

    def closed(self):
        if self.s.rst:
            self.stop("CLOSED_RST", "3.10.7.1")
        self.stop("CLOSED", "3.10.7.1", "R(ack)" if self.s.ack else "RA(0,seq+len)")

    # ---- 3.10.7.2 ----

    def listen(self):
        if self.s.rst:
            self.stop("LISTEN_RST", "3.10.7.2 first")
        if self.s.ack:
            self.stop("LISTEN_ACK", "3.10.7.2 second", "R(ack)")
        if not self.s.syn:
            self.stop("LISTEN_NO_SYN", "3.10.7.2 fourth")
        if self.s.text or self.s.fin:
            self.note("text and FIN \"should be queued\"; not acknowledged, they may as well come again")
        self.t.una = self.t.snd = None
        self.t.rcv = self.s.seq + 1
        self.move("LISTEN_RCV_SYN", "SYN_RECEIVED", "3.10.7.2 third")
        self.say("SA(iss,seq+1)")

    # ---- 3.10.7.3 ----

    def syn_sent(self):
        t, s = self.t, self.s
        if s.ack and not (before(t.una, s.ackno) and not before(t.snd, s.ackno)):
            if s.rst:
                self.stop("SYN_SENT_BAD_ACK_RST", "3.10.7.3 first")
            self.stop("SYN_SENT_BAD_ACK", "3.10.7.3 first", "R(ack)")
        if s.rst and not s.ack:
            self.stop("SYN_SENT_RST_NO_ACK", "3.10.7.3 second")
        if s.rst:
            # RFC 5961 3.2: "In the SYN-SENT state the RST is acceptable if the ACK field acknowledges the SYN".
            self.move("SYN_SENT_RCV_RST", "CLOSED")
            self.stop("RST", "3.10.7.3 second",
                      note="there is no RCV.NXT yet that the number could match: RFC 5961 3.2, last paragraph but two")
        if not s.syn:
            self.stop("SYN_SENT_NO_SYN", "3.10.7.3 fifth")
        t.rcv = s.seq + 1
        if s.ack:
            t.una = s.ackno
            self.move("SYN_SENT_RCV_SYN_ACK", "ESTABLISHED", "3.10.7.3 fourth")
            self.say("A(snd,rcv)")
            self.seq = t.rcv
            self.seventh_text()
            self.eighth_fin()
            self.out.answer = "A(snd,rcv)"  # one for SYN, text and FIN: MUST-58
            return
        if s.text or s.fin:
            self.note("text and FIN are queued \"for processing after the ESTABLISHED state\"; not acknowledged, they "
                      "may as well come again")
        self.move("SYN_SENT_RCV_SYN", "SYN_RECEIVED", "3.10.7.3 fourth")
        self.say("SA(una,rcv)")

    # ---- 3.10.7.4 ----

    def other(self):
        self.out.section = "3.10.7.4"
        self.first_sequence()
        self.second_rst()
        self.fourth_syn()
        self.fifth_ack()
        self.seventh_text()
        self.eighth_fin()

    def acceptable(self):
        """Table 6."""
        t, s = self.t, self.s
        if s.length == 0:
            return s.seq == t.rcv if t.wnd == 0 else inside(s.seq, t.rcv, t.wnd)
        return t.wnd > 0 and (inside(s.seq, t.rcv, t.wnd) or inside(s.seq + s.length - 1, t.rcv, t.wnd))

    def crossed_syn_ack(self):
        """Figure 7, line 6: in a simultaneous open the peer's SYN comes again, with the acknowledgment of ours."""
        t, s = self.t, self.s
        return t.state == "SYN_RECEIVED" and not t.passive and s.syn and s.ack and not s.rst and s.seq == t.irs

    def syn_again(self):
        t, s = self.t, self.s
        return t.state == "SYN_RECEIVED" and t.passive and s.syn and not s.ack and not s.rst and s.seq == t.irs

    def fin_again(self):
        """The peer's FIN, as it stood the first time: its number is the last before RCV.NXT."""
        t, s = self.t, self.s
        return (t.state == "TIME_WAIT" and s.fin and s.ack and not s.syn and not s.rst and
                (s.seq + s.length - t.rcv) % RING == 0)

    def acceptable_ack(self):
        """RFC 5961 5.2: (SND.UNA - MAX.SND.WND) =< SEG.ACK =< SND.NXT."""
        t, s = self.t, self.s
        return not before(s.ackno, t.una - t.max) and not before(t.snd, s.ackno)

    def first_sequence(self):
        t, s = self.t, self.s
        if self.syn_again():
            self.stop("SYN_RECEIVED_SYN_AGAIN", "3.10.7.4 first", "SA(una,rcv)",
                      "the acknowledgment that step one asks for, made with the SYN that the peer seems to have missed: an "
                      "ACK alone would mean nothing to it in SYN_SENT")
        if t.state == "TIME_WAIT" and s.syn and not s.rst and not s.ack:
            return  # "the logic above is not applicable for incoming SYN segments"
        # RFC 7323 5.3 R1; a reset is not subject to it (RFC 7323 5.2).
        if t.recent is not None and s.stamp is not None and not s.rst and before(s.stamp, t.recent):
            self.stop("PAWS", "RFC 7323 5.3 R1", self.acknowledgment())
        if t.recent is not None and s.stamp is None and not s.rst and not s.syn:
            self.note("RFC 7323 3.2: \"SHOULD silently drop\" what lacks the option. Not done: a box on the path that takes "
                      "it off would stop the connection for good, and an attacker can forge one anyway")
        if self.fin_again() and self.acceptable_ack():
            self.out.anew = True
            self.stop("TIME_WAIT_FIN", "3.10.7.4 fifth", self.acknowledgment(),
                      "table 6 has it dropped after the acknowledgment, before it restarts the 2 MSL; the fifth step says "
                      "what is meant")
        if self.crossed_syn_ack():
            self.note("table 6 refuses it, figure 7 has it complete the handshake (see A.2): as in the figure")
            self.seq = t.rcv
            return
        if not self.acceptable():
            if s.rst:
                if not (t.wnd == 0 and s.seq == t.rcv):
                    self.stop("NOT_ACCEPTABLE_RST", "3.10.7.4 first")
            elif not (t.wnd == 0 and s.seq == t.rcv and not s.syn):
                self.stop("NOT_ACCEPTABLE", "3.10.7.4 first", self.acknowledgment())
            # MUST-66: with the window closed, ACK, URG and RST count; text and FIN do not.
            self.note("RCV.WND is zero: special allowance for ACKs, URGs and RSTs (MUST-66)")
            self.say(self.acknowledgment())
        if not s.syn:
            self.trim()

    def trim(self):
        """What lies outside the window is cut off, a FIN included."""
        t = self.t
        if before(self.seq, t.rcv):
            cut = min((t.rcv - self.seq) % RING, self.text)
            self.seq += cut
            self.text -= cut
        room = (t.rcv + t.wnd - self.seq) % RING if inside(self.seq, t.rcv, t.wnd) else 0
        if self.text + self.fin > room:
            self.fin = False
            self.text = min(self.text, room)

    def second_rst(self):
        t, s = self.t, self.s
        if not s.rst:
            return
        if s.seq != t.rcv and not inside(s.seq, t.rcv, t.wnd):
            self.stop("NOT_ACCEPTABLE_RST", "3.10.7.4 second", note="its text reaches into the window, its number does "
                      "not lie there: \"outside the current receive window, silently drop\"")
        if t.state == "TIME_WAIT" and t.rfc1337:
            self.stop("RST_TIME_WAIT", "RFC 1337 3")
        if s.seq != t.rcv:
            self.stop("RST_CHALLENGED", "RFC 5961 3.2", self.acknowledgment())
        if t.state == "SYN_RECEIVED" and t.reopened:
            self.move("SYN_RECEIVED_RCV_RST_REOPENED", "TIME_WAIT")
            self.stop("RST", "RFC 1122 4.2.2.13 (2)")
        if t.state == "SYN_RECEIVED" and t.passive:
            self.move("SYN_RECEIVED_RCV_RST_PASSIVE", "LISTEN")
        elif t.state == "SYN_RECEIVED":
            self.move("SYN_RECEIVED_RCV_RST_ACTIVE", "CLOSED")
        else:
            self.move(t.state + "_RCV_RST", "CLOSED")
        self.stop("RST", "3.10.7.4 second")

    def reopens(self):
        """RFC 6191 2; the last number the peer used is that of its FIN, RCV.NXT - 1."""
        t, s = self.t, self.s
        higher = not before(s.seq, t.rcv)
        if s.stamp is None:
            return higher
        if t.recent is None:
            return True
        return before(t.recent, s.stamp) or (t.recent == s.stamp and higher)

    def fourth_syn(self):
        t, s = self.t, self.s
        if not s.syn or self.crossed_syn_ack():
            return
        if t.state == "SYN_RECEIVED" and t.passive:
            if not inside(s.seq, t.rcv, t.wnd):
                self.stop("SYN_CHALLENGED", "RFC 5961 4.2", self.acknowledgment(),
                          "its text reaches into the window, its SYN does not lie there and is cut off (first step): "
                          "no reason to forget the half-open connection")
            if t.reopened:
                self.note("this says nothing of the first SYN being an old duplicate (RFC 1122 4.2.2.13 (2)): not back to "
                          "TIME_WAIT")
            self.move("SYN_RECEIVED_RCV_SYN_PASSIVE", "LISTEN")
            self.stop("SYN_RECEIVED_BACK_TO_LISTEN", "3.10.7.4 fourth")
        if t.state == "TIME_WAIT" and not s.ack and not s.fin and t.listener and self.reopens():
            t.una = t.snd = None
            t.rcv = s.seq + 1
            self.move("TIME_WAIT_RCV_SYN", "SYN_RECEIVED")
            self.stop("SYN_REOPENS", "RFC 6191 2", "SA(>snd,seq+1)")
        if t.state == "TIME_WAIT" and not s.ack:
            self.note("RFC 6191 2 would drop it silently, 3.10.7.4 answers \"for all other cases\" with a challenge ACK: "
                      "the newer text, and the one on the standards track")
        if t.state == "TIME_WAIT" and not s.ack and s.fin:
            self.note("MAY-2 leaves it open whether a SYN reopens; one with FIN does not")
        self.stop("SYN_CHALLENGED", "RFC 5961 4.2", self.acknowledgment())

    def fifth_ack(self):
        t, s = self.t, self.s
        if not s.ack:
            self.stop("NO_ACK", "3.10.7.4 fifth", self.out.answer)
        if t.state == "SYN_RECEIVED":
            return self.fifth_ack_syn_received()
        if not self.acceptable_ack():
            late = not before(t.snd, s.ackno)
            self.stop("ACK_TOO_OLD" if late else "ACK_NOT_SENT", "RFC 5961 5.2" if late else "3.10.7.4 fifth",
                      self.acknowledgment())
        if before(t.una, s.ackno):
            t.una = s.ackno
        fin_acked = t.una == t.snd  # in the states that have sent a FIN
        if t.state == "FIN_WAIT_1" and fin_acked:
            if self.fin and self.seq == t.rcv and not (t.orphan and self.text):
                return None  # one row for both: note 2 of figure 5; see eighth_fin()
            self.move("FIN_WAIT_1_RCV_ACK", "FIN_WAIT_2", "3.10.7.4 fifth")
        elif t.state == "CLOSING":
            if not fin_acked:
                self.stop("CLOSING_NOT_ACKED", "3.10.7.4 fifth")
            self.move("CLOSING_RCV_ACK", "TIME_WAIT", "3.10.7.4 fifth")
            self.text, self.fin = 0, False
        elif t.state == "LAST_ACK" and fin_acked:
            self.move("LAST_ACK_RCV_ACK", "CLOSED")
            self.stop("LAST_ACK_DONE", "3.10.7.4 fifth")
        elif t.state == "TIME_WAIT" and (self.text or self.fin):
            self.stop("TIME_WAIT_OLD", "3.10.7.4 fifth", note="beyond the peer's FIN there is nothing to acknowledge")
        return None

    def fifth_ack_syn_received(self):
        t, s = self.t, self.s
        if not (before(t.una, s.ackno) and not before(t.snd, s.ackno)):
            self.stop("SYN_RECEIVED_BAD_ACK", "3.10.7.4 fifth", "R(ack)",
                      "RFC 5961 5.2 would have an ACK sent back; 3.5.2 counts SYN_RECEIVED among the states that reset, "
                      "and so does this step")
        t.una = s.ackno
        self.move("SYN_RECEIVED_RCV_ACK", "ESTABLISHED", "3.10.7.4 fifth")

    def seventh_text(self):
        t = self.t
        if self.text == 0:
            return
        if t.state in ("FIN_WAIT_1", "FIN_WAIT_2") and t.orphan:
            self.move(t.state + "_RCV_TEXT", "CLOSED")
            self.stop("TEXT_AFTER_CLOSE", "3.6.1 (SHLD-3)", "R(ack)")
        if t.state not in ("ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2"):
            self.out.section = "3.10.7.4 seventh"
            self.text = 0
            return
        if self.seq != t.rcv:
            self.say(self.acknowledgment(), "3.10.7.4 seventh (SHLD-31), RFC 5681 4.2")
            return
        t.rcv += self.text
        self.seq += self.text
        self.say("~" + self.acknowledgment(), "3.10.7.4 seventh")

    def eighth_fin(self):
        t = self.t
        if not self.fin:
            return
        if t.state not in ("ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2"):
            self.out.section = "3.10.7.4 eighth"
            self.note("the peer's FIN has been, this one lies beyond it: nothing to advance over, nothing to acknowledge")
            return
        if self.seq != t.rcv:
            self.say(self.acknowledgment(), "3.10.7.4 seventh (SHLD-31), RFC 5681 4.2")
            return
        t.rcv += 1
        row = {"ESTABLISHED": ("ESTABLISHED_RCV_FIN", "CLOSE_WAIT"), "FIN_WAIT_1": ("FIN_WAIT_1_RCV_FIN", "CLOSING"),
               "FIN_WAIT_2": ("FIN_WAIT_2_RCV_FIN", "TIME_WAIT")}[t.state]
        if t.state == "FIN_WAIT_1" and t.una == t.snd:
            row = ("FIN_WAIT_1_RCV_FIN_ACK", "TIME_WAIT")
        self.move(*row, "3.10.7.4 eighth")
        self.say(self.acknowledgment())
