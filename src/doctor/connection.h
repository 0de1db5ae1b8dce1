/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * connection.h - one connection, judged: who must act, what ends the state it is in, and which tunable sets when.
 *
 * What src/model says of a state in general, this says of one connection in it: of two in FIN_WAIT_2 one waits for a
 * timer and one for its application.  Sentences are English and marked for translation; numbers stand in the snapshot.
 */
#ifndef LASTACK_DOCTOR_CONNECTION_H
#define LASTACK_DOCTOR_CONNECTION_H

#include "lastack/snapshot.h"

/* How the state ends if nobody does anything. */
enum connection_end {
        CONNECTION_NEVER,   /* it does not */
        CONNECTION_TIMER,   /* in ends_in_ms; waiting for pacing is no state, but ends so too */
        CONNECTION_GIVE_UP, /* when something has been repeated often enough in vain; the next time is in timer_ms */
        CONNECTION_UNKNOWN, /* the source tells no timers */
};

#define CONNECTION_REMARKS 4

struct connection_judgement {
        enum la_actor actor;
        const char *who; /* must act, and how */
        enum connection_end end;
        uint32_t ends_in_ms;
        const char *ends;                        /* the state, and how */
        const char *knob;                        /* the leaf of the tunable's name that sets when; NULL: none does */
        const char *remarks[CONNECTION_REMARKS]; /* what else stands out */
        unsigned int remark_count;
};

/* `stack`: it is of a stack of lastack, whose TIME_WAIT has a tunable; else of Linux. */
struct connection_judgement connection_judge(const struct la_snapshot *s, bool stack);

/* Closed, or too small for a segment: then the window is probed (RFC 9293 3.8.6.1).  Linux also "probes" where its own
 * firewall or queue refuses what it sends: nothing is under way then either, but what waits would fit. */
bool connection_window_has_no_room(const struct la_snapshot *s);

/* Text could leave, and waits for its time: the stack paces what this connection sends. */
bool connection_waits_for_pacing(const struct la_snapshot *s);

/* What it means that this much was received and not read, or written and not acknowledged; NULL where the source does not
 * know, and for a listener. */
const char *connection_received(const struct la_snapshot *s);
const char *connection_sent(const struct la_snapshot *s);

#endif
