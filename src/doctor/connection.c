/* SPDX-License-Identifier: BSD-2-Clause */
#include "doctor/connection.h"

#include <stddef.h>

/* More of them in vain is no longer a segment that got lost. */
#define REPEATS_THAT_TELL 3

static void
remark(struct connection_judgement *j, const char *text)
{
        if (j->remark_count < CONNECTION_REMARKS)
                j->remarks[j->remark_count++] = text;
}

static void
act(struct connection_judgement *j, enum la_actor actor, const char *who)
{
        j->actor = actor;
        j->who = who;
}

static void
end(struct connection_judgement *j, enum connection_end how, const char *ends, const char *knob)
{
        j->end = how;
        j->ends = ends;
        j->knob = knob;
}

static bool
runs(const struct la_snapshot *s, enum la_timer timer)
{
        return (s->known & LA_KNOWN_TIMER) && s->timer == timer;
}

/* All that waits fits into it; or nothing is under way, so that all of it is free, and a whole segment fits. */
static bool
window_has_room(const struct la_snapshot *s)
{
        uint32_t window = s->tcp.send_window_bytes;

        if ((s->known & LA_KNOWN_QUEUES) && window > s->send_queue)
                return true;
        return (s->known & LA_KNOWN_TCP) && s->tcp.unacked == 0 && s->tcp.send_mss_bytes > 0 &&
               window >= s->tcp.send_mss_bytes;
}

bool
connection_window_has_no_room(const struct la_snapshot *s)
{
        bool window = s->known & LA_KNOWN_SEND_WINDOW;

        if (window && window_has_room(s))
                return false;
        return runs(s, LA_TIMER_PERSIST) || (window && s->tcp.send_window_bytes == 0);
}

/* ---- What was sent and is not acknowledged ---- */

/* The rule by which it is given up. */
static const char *
patience(const struct la_snapshot *s)
{
        return la_snapshot_is_orphan(s) ? "tcp_orphan_retries" : "tcp_retries2";
}

static void
remark_repeats(struct connection_judgement *j, const struct la_snapshot *s)
{
        if (runs(s, LA_TIMER_PERSIST))
                remark(j,
                       N_("It has not been sent: the peer's window has room for it, and this host did not let it "
                          "out. Look at its own firewall (nft list ruleset) and queueing disciplines (tc -s qdisc)."));
        else if (runs(s, LA_TIMER_RETRANSMIT) && s->retransmits >= REPEATS_THAT_TELL)
                remark(j, N_("It has been sent again and again in vain: the peer is gone, or nothing gets through on "
                             "the way there or back."));
}

bool
connection_waits_for_pacing(const struct la_snapshot *s)
{
        return (s->known & LA_KNOWN_PACING) && s->tcp.pacing_wait_ms > 0;
}

static void
waits_for_pacing(struct connection_judgement *j, const struct la_snapshot *s)
{
        act(j, LA_ACTOR_TIMER,
            N_("This stack's pacing: the windows have room for what was written, and the rate does not let it leave "
               "yet."));
        end(j, CONNECTION_TIMER,
            N_("Its time, by the rate: the least of LA_OPTION_MAX_PACING_RATE, lastack.max_pacing_rate and what "
               "tcp_pacing_ss_ratio or tcp_pacing_ca_ratio make of the congestion window."),
            "lastack.max_pacing_rate");
        if ((s->known & LA_KNOWN_SEQUENCE) && s->snd_una != s->snd_nxt)
                remark(j, N_("Something is in flight, too, that the peer has to acknowledge."));
}

static void
waits_for_acknowledgment(struct connection_judgement *j, const struct la_snapshot *s)
{
        if (connection_waits_for_pacing(s)) {
                waits_for_pacing(j, s);
                return;
        }
        if (connection_window_has_no_room(s)) {
                act(j, LA_ACTOR_PEER,
                    N_("The peer's application, by reading: the peer's window has no room, and what was written here "
                       "waits."));
                end(j, CONNECTION_NEVER,
                    N_("When the peer opens its window. The window is probed for as long as the peer answers the "
                       "probes; no timer ends that. Probes without an answer are given up after the tunable."),
                    patience(s));
                return;
        }
        act(j, LA_ACTOR_PEER, N_("The peer, by acknowledging what was sent."));
        end(j, CONNECTION_GIVE_UP, N_("An acknowledgment; or it is given up after so many repetitions without one."),
            patience(s));
        remark_repeats(j, s);
}

/* ---- State by state ---- */

static void
judge_closed(struct connection_judgement *j)
{
        act(j, LA_ACTOR_APPLICATION, N_("The application, by closing what it still holds: this connection is over."));
        end(j, CONNECTION_NEVER, N_("The application's close. No timer runs."), NULL);
}

static void
judge_listen(struct connection_judgement *j, const struct la_snapshot *s)
{
        bool queues = s->known & LA_KNOWN_QUEUES;

        if (queues && s->receive_queue > 0)
                act(j, LA_ACTOR_APPLICATION,
                    N_("The application, by accepting: complete connections stand in its queue."));
        else
                act(j, LA_ACTOR_PEER, N_("Whoever wants to connect."));
        end(j, CONNECTION_NEVER, N_("The application's close. No timer runs."), NULL);
        if (queues && (s->known & LA_KNOWN_QUEUE_LIMIT) && s->receive_queue > 0 && s->receive_queue >= s->send_queue)
                remark(j, N_("The accept queue is full: whoever connects now has to try again."));
        if ((s->known & LA_KNOWN_DROPS) && s->memory.drops > 0)
                remark(j, N_("It has dropped connections since it listens: the queue was full."));
}

static void
judge_syn_sent(struct connection_judgement *j, const struct la_snapshot *s)
{
        act(j, LA_ACTOR_PEER, N_("The peer, or the path to it: our SYN has no answer."));
        end(j, CONNECTION_GIVE_UP,
            N_("An answer, be it a refusal; or the attempt is given up after so many repetitions."), "tcp_syn_retries");
        remark_repeats(j, s);
}

static void
judge_syn_received(struct connection_judgement *j, const struct la_snapshot *s)
{
        act(j, LA_ACTOR_PEER, N_("The peer, with the last ACK of the handshake: our SYN,ACK has no answer."));
        end(j, CONNECTION_GIVE_UP, N_("The ACK, a reset; or it is forgotten after so many repetitions of the SYN,ACK."),
            "tcp_synack_retries");
        if ((s->known & LA_KNOWN_TIMER) && s->retransmits >= REPEATS_THAT_TELL)
                remark(j, N_("Such as never complete have a forged address, or lose our SYN,ACK or their ACK on the "
                             "way."));
}

/* Nothing is under way. */
static void
judge_idle(struct connection_judgement *j, const struct la_snapshot *s)
{
        act(j, LA_ACTOR_APPLICATION, N_("Either application, by sending or closing: nothing is under way."));
        if (runs(s, LA_TIMER_KEEPALIVE))
                end(j, CONNECTION_NEVER,
                    N_("A close by either end. Keepalive asks an idle peer, and ends the connection if it does not "
                       "answer."),
                    "tcp_keepalive_time");
        else
                end(j, CONNECTION_NEVER,
                    N_("A close by either end, or a reset. No timer runs: if the peer vanishes, nobody notices until "
                       "something is sent."),
                    NULL);
}

static void
judge_established(struct connection_judgement *j, const struct la_snapshot *s)
{
        bool queues = s->known & LA_KNOWN_QUEUES;

        if (queues && s->send_queue > 0)
                waits_for_acknowledgment(j, s);
        else
                judge_idle(j, s);
        if (la_snapshot_waits_for_accept(s)) {
                act(j, LA_ACTOR_APPLICATION,
                    N_("The application, by accepting it: it stands in its listener's queue."));
        } else if (queues && s->receive_queue > 0) {
                if (j->actor == LA_ACTOR_PEER || j->actor == LA_ACTOR_TIMER)
                        remark(j, j->who);
                act(j, LA_ACTOR_APPLICATION, N_("The application, by reading: something has arrived for it."));
        }
}

static void
judge_fin_wait_1(struct connection_judgement *j, const struct la_snapshot *s)
{
        waits_for_acknowledgment(j, s);
        if (!connection_window_has_no_room(s) && !connection_waits_for_pacing(s))
                j->who = N_("The peer, by acknowledging our FIN and what went before it.");
}

static void
judge_fin_wait_2(struct connection_judgement *j, const struct la_snapshot *s)
{
        act(j, LA_ACTOR_PEER, N_("The peer's application, by closing its side too."));
        if (la_snapshot_is_orphan(s)) {
                end(j, CONNECTION_TIMER, N_("The peer's FIN; or, since our application has closed, the timer."),
                    "tcp_fin_timeout");
                return;
        }
        end(j, CONNECTION_NEVER,
            N_("The peer's FIN. Our application still holds the connection, half-closed: so no timer runs until it "
               "closes."),
            NULL);
        if (!(s->known & LA_KNOWN_INODE) && s->owner_count == 0)
                j->ends = N_("The peer's FIN; or, if our application has closed and not only shut down, "
                             "tcp_fin_timeout.");
}

static void
judge_close_wait(struct connection_judgement *j, const struct la_snapshot *s)
{
        if (la_snapshot_waits_for_accept(s))
                act(j, LA_ACTOR_APPLICATION,
                    N_("The application, by accepting it: the peer has given up waiting in its listener's queue."));
        else
                act(j, LA_ACTOR_APPLICATION, N_("The application, by closing: the peer has closed, and it has not."));
        end(j, CONNECTION_NEVER, N_("The application's close, or its end. No timer and no tunable ends it."), NULL);
        if ((s->known & LA_KNOWN_QUEUES) && s->receive_queue > 1)
                remark(j, N_("What arrived before the peer's FIN has not been read: the application is stuck before "
                             "the read."));
        if (connection_waits_for_pacing(s))
                remark(j, N_("What was written and has not left waits for this stack's pacing."));
}

static void
judge_closing(struct connection_judgement *j, const struct la_snapshot *s)
{
        if (connection_waits_for_pacing(s)) {
                waits_for_pacing(j, s);
                return;
        }
        act(j, LA_ACTOR_PEER, N_("The peer, by acknowledging our FIN: both ends have closed."));
        end(j, CONNECTION_GIVE_UP, N_("The acknowledgment; or it is given up after so many repetitions of the FIN."),
            patience(s));
        remark_repeats(j, s);
}

static void
judge_time_wait(struct connection_judgement *j, bool stack)
{
        act(j, LA_ACTOR_TIMER, N_("Nobody: this end waits, so that nothing old is taken for new."));
        if (stack)
                end(j, CONNECTION_TIMER, N_("The timer, or a new connection that may take its place."),
                    "lastack.time_wait_ms");
        else
                end(j, CONNECTION_TIMER,
                    N_("The timer, or a new connection that may take its place. It is 60 seconds in every Linux: no "
                       "tunable sets it."),
                    NULL);
}

struct connection_judgement
connection_judge(const struct la_snapshot *s, bool stack)
{
        struct connection_judgement j = { .who = "", .ends = "" };

        switch (s->state) {
        case LA_CLOSED:
                judge_closed(&j);
                break;
        case LA_LISTEN:
                judge_listen(&j, s);
                break;
        case LA_SYN_SENT:
                judge_syn_sent(&j, s);
                break;
        case LA_SYN_RECEIVED:
                judge_syn_received(&j, s);
                break;
        case LA_ESTABLISHED:
                judge_established(&j, s);
                break;
        case LA_FIN_WAIT_1:
                judge_fin_wait_1(&j, s);
                break;
        case LA_FIN_WAIT_2:
                judge_fin_wait_2(&j, s);
                break;
        case LA_CLOSE_WAIT:
                judge_close_wait(&j, s);
                break;
        case LA_CLOSING:
        case LA_LAST_ACK:
                judge_closing(&j, s);
                break;
        case LA_TIME_WAIT:
                judge_time_wait(&j, stack);
                break;
        case LA_STATE_COUNT:
                break;
        }
        j.ends_in_ms =
                j.actor == LA_ACTOR_TIMER && connection_waits_for_pacing(s) ? s->tcp.pacing_wait_ms : s->timer_ms;
        if (j.end != CONNECTION_NEVER && !(s->known & LA_KNOWN_TIMER))
                j.end = CONNECTION_UNKNOWN;
        return j;
}

/* ---- The queues ---- */

/* A FIN counts as one, as a byte does. */
const char *
connection_received(const struct la_snapshot *s)
{
        bool fin = s->state == LA_CLOSE_WAIT || s->state == LA_CLOSING || s->state == LA_LAST_ACK;

        if (!(s->known & LA_KNOWN_QUEUES) || s->state == LA_LISTEN)
                return NULL;
        if (s->receive_queue == 0)
                return N_("all that has arrived was read");
        if (fin && s->receive_queue == 1)
                return N_("it is the peer's FIN: all before it was read");
        return fin ? N_("the application has not read them; the last is the peer's FIN")
                   : N_("the application has not read them");
}

const char *
connection_sent(const struct la_snapshot *s)
{
        bool fin = s->state == LA_FIN_WAIT_1 || s->state == LA_CLOSING || s->state == LA_LAST_ACK;

        if (!(s->known & LA_KNOWN_QUEUES) || s->state == LA_LISTEN)
                return NULL;
        if (s->send_queue == 0)
                return N_("all that was written has been acknowledged");
        if (s->state == LA_SYN_SENT || s->state == LA_SYN_RECEIVED)
                return N_("the SYN, and what was written before there is a connection");
        if (connection_waits_for_pacing(s))
                return N_("what has not left waits for this stack's pacing");
        if (connection_window_has_no_room(s))
                return N_("the peer's window has no room: its application does not read");
        if (fin && s->send_queue == 1)
                return N_("it is our FIN: all before it has been acknowledged");
        return fin ? N_("the peer has not acknowledged them; the last is our FIN")
                   : N_("the peer has not acknowledged them");
}
