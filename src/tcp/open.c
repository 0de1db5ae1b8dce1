/* SPDX-License-Identifier: BSD-2-Clause */
/* OPEN: RFC 9293 3.10.1. */
#include "tcp/calls.h"
#include "tcp/ecn.h"
#include "tcp/mss.h"
#include "tcp/output.h"
#include "tcp/timestamps.h"
#include "tcp/window.h"

void
tcb_open(struct tcp_host *h, struct tcb *t, enum la_transition row, tcp_seq iss)
{
        if (la_transition_info(row)->from == LA_LISTEN)
                t->state = LA_LISTEN;
        else if (la_transition_info(row)->from == LA_TIME_WAIT)
                t->state = LA_TIME_WAIT;
        t->snd.iss = iss;
        t->snd.una = iss;
        t->snd.rtx = iss;
        t->snd.nxt = seq_add(iss, 1);
        t->snd.end = t->snd.nxt;
        t->snd.up = iss;
        t->syn_unacked = true;
        t->window_scaling = h->rules.window_scaling;
        t->sack = h->rules.sack;
        t->timestamps = h->rules.timestamps;
        ecn_open(h, t);
        t->ts.offset = timestamps_offset_now(h, &t->tuple);
        t->receive_shift = t->window_scaling ? window_shift(h->rules.receive_buffer[2]) : 0;
        t->receive_mss = mss_to_announce(h, &t->tuple, t->set.mss);
        t->want_output = true;
        tcb_move(h, t, row);
        count(h, LA_C_ActiveOpens);
}
