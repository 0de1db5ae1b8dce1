/* SPDX-License-Identifier: BSD-2-Clause */
/* STATUS: RFC 9293 3.10.6, as far as its owner acts upon it; what it looks like from outside stands in snapshot.c. */
#include "tcp/calls.h"

void
tcb_status(const struct tcb *t, struct la_status *ret_status)
{
        *ret_status = (struct la_status){
                .state = (enum la_state)t->state,
                .came_by_known = t->came_by != NO_ROW,
                .came_by = t->came_by != NO_ROW ? (enum la_transition)t->came_by : 0,
                .error = (enum la_error)t->error,
                .soft_error = (enum la_error)t->soft_error,
                .peer_closed = t->peer_closed,
                .closed = t->closed,
                .urgent = t->urgent,
                .urgent_bytes = t->urgent ? seq_distance(t->rcv.read, t->rcv.up) : 0,
                .readable_bytes = tcb_readable(t),
                .writable_bytes = t->closed || t->state == LA_CLOSED ? 0 : tcb_send_room(t),
                .user_timeout_ms = t->set.user_timeout_ms,
                .snd_una = t->snd.una.v,
                .snd_nxt = t->snd.nxt.v,
                .rcv_nxt = t->rcv.nxt.v,
                .iss = t->snd.iss.v,
                .irs = t->rcv.irs.v,
                .user = t->user,
        };
}
