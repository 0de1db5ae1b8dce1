/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * calls.h - the user's calls on one connection: RFC 9293 3.10.1 to 3.10.6, one file each.
 */
#ifndef LASTACK_TCP_CALLS_H
#define LASTACK_TCP_CALLS_H

#include "tcp/tcb.h"

/* Active OPEN of a fresh connection, by a row that leads to SYN_SENT. */
void tcb_open(struct tcp_host *h, struct tcb *t, enum la_transition row, tcp_seq iss);

enum la_error
tcb_send(struct tcp_host *h, struct tcb *t, const uint8_t *bytes, size_t length, uint32_t flags, size_t *ret_taken);
enum la_error tcb_send_space(struct tcp_host *h, struct tcb *t, uint8_t **ret_bytes, size_t *ret_room);
enum la_error tcb_send_commit(struct tcp_host *h, struct tcb *t, size_t length, uint32_t flags);
uint32_t tcb_send_room(const struct tcb *t);

/* After an acknowledgment, for a user who was told that there is no room: makes some if the buffer is what limits. */
void tcb_send_buffer_grow(const struct tcp_host *h, struct tcb *t);

enum la_error tcb_receive(struct tcp_host *h, struct tcb *t, uint8_t *bytes, size_t room, size_t *ret_length);
enum la_error tcb_receive_look(const struct tcp_host *h, const struct tcb *t, struct la_part *ret_part);
enum la_error tcb_receive_done(struct tcp_host *h, struct tcb *t, size_t length);

/* CLOSE of this direction only. */
enum la_error tcb_shutdown(struct tcp_host *h, struct tcb *t);

/* CLOSE for good: nobody will read. */
void tcb_close(struct tcp_host *h, struct tcb *t);

void tcb_abort(struct tcp_host *h, struct tcb *t);

/* ABORT that keeps addresses and ports reserved for 2 MSL; false where there is no such way. */
bool tcb_abort_time_wait(struct tcp_host *h, struct tcb *t);

void tcb_status(const struct tcb *t, struct la_status *ret_status);

#endif
