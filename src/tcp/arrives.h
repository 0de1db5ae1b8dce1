/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arrives.h - SEGMENT ARRIVES (RFC 9293 3.10.7): a segment meets the connection it is for.
 *
 *      arrives --+-- SYN_SENT ---> syn_sent.c                     3.10.7.3
 *                +-- others -----> synchronized.c                 3.10.7.4
 *                                    first    sequence number, PAWS
 *                                    second   RST
 *                                    (third   security: A.1.2 lets it be)
 *                                    fourth   SYN
 *                                    fifth    ACK                 ack.c
 *                                    sixth    URG                 text.c
 *                                    seventh  text                text.c
 *                                    eighth   FIN                 fin.c
 *
 * CLOSED and LISTEN have no connection yet: their rules (3.10.7.1, 3.10.7.2) are listen.c's.
 *
 * A step returns LA_V_GO_ON for the next one to follow, or the verdict that ends the processing.
 */
#ifndef LASTACK_TCP_ARRIVES_H
#define LASTACK_TCP_ARRIVES_H

#include "tcp/tcb.h"

/* A segment on its way through the steps.  seq, length and fin are those of RFC 9293's "idealized segment that begins
 * at RCV.NXT and does not exceed the window", once the first step has cut it to that. */
struct arrival {
        const struct segment *segment;
        const struct la_part *parts; /* the text, which may lie in pieces */
        size_t part_count;

        tcp_seq seq;
        uint32_t skipped; /* text before seq: received before */
        uint32_t length;  /* text from seq on */
        bool fin;
};

enum la_verdict arrives(struct tcp_host *h, struct tcb *t, struct arrival *a);

/* 3.10.7.1 and 3.10.7.2: no connection has this segment's addresses; LA_V_GO_ON for a SYN that a listener may take. */
enum la_verdict arrives_closed(const struct segment *s);
enum la_verdict arrives_listen(const struct segment *s);

enum la_verdict arrives_syn_sent(struct tcp_host *h, struct tcb *t, struct arrival *a);
enum la_verdict arrives_synchronized(struct tcp_host *h, struct tcb *t, struct arrival *a);

/* The steps that have a file of their own. */
enum la_verdict fifth_check_ack(struct tcp_host *h, struct tcb *t, struct arrival *a);
enum la_verdict sixth_check_urg(struct tcp_host *h, struct tcb *t, struct arrival *a);
enum la_verdict seventh_process_text(struct tcp_host *h, struct tcb *t, struct arrival *a);
enum la_verdict eighth_check_fin(struct tcp_host *h, struct tcb *t, struct arrival *a);

/* Where our FIN is acknowledged by a segment with a FIN, the fifth step leaves it to the eighth to say by which row.  That
 * FIN may not have been taken, and there may have been no eighth step at all. */
void leave_fin_wait_1(struct tcp_host *h, struct tcb *t);

/* What a SYN or SYN,ACK says about the peer: window scaling, SACK, timestamps, MSS (RFC 7323, 2018). */
void take_syn_options(struct tcp_host *h, struct tcb *t, const struct segment *s);

/* The connection is open: windows and timers begin. */
void enter_established(struct tcp_host *h, struct tcb *t);

/* RFC 6191 2 and RFC 1122 4.2.2.13: may this SYN open anew what waits in TIME_WAIT? */
bool syn_reopens(const struct tcp_host *h, const struct tcb *t, const struct segment *s);

#endif
