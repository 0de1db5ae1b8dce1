/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine.h - words to say what a TCP must do, one packet after the other.
 *
 * One stack is under test, at 10.0.0.1 (or fd00::1); the peer, 10.0.0.2 (fd00::2), is the test itself.
 *
 *         established();                                      a listener's connection, both sequence numbers at 1
 *         seg("PA 1:101 ack 1 win 65535");                    the peer sends 100 bytes
 *         expect_sent("A 1:1 ack 101");                       and this must be the answer
 *         expect_nothing_sent();
 *
 * A segment is: its flags out of FSRPAUEC ("." for none), first and last+1 of its text as sequence numbers relative to
 * the sender's initial one, then any of: ack N, win N, urg N, mss N, ws N, sackok, ts VAL ECR, sack A:B[,C:D...], and ecn
 * none|ect0|ect1|ce for what its IP header says.  In expect_sent() what is not written is not compared, except flags,
 * numbers and that there is an ACK number or not.  Text is a pattern that depends on the sequence number, and is compared.
 *
 * Time stands still but for after_ms().
 */
#ifndef LASTACK_TESTS_ENGINE_H
#define LASTACK_TESTS_ENGINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lastack/tcp.h"
#include "wire/segment.h"

#define PEER_PORT  40000
#define LOCAL_PORT 80
#define PEER_ISN   5000u

/* The fixture, made anew for each test by setup_engine(); tests may read and write it. */
struct engine {
        struct la_stack *stack;
        size_t stack_bytes;
        tcp_time now;
        enum la_family family;
        struct la_handle listener, connection;
        uint16_t peer_port, local_port;
        uint32_t our_isn, peer_isn; /* what relative numbers count from */
        struct la_packet sent[256]; /* what left and was not yet expected; parts copied into `bytes` */
        uint8_t bytes[256][6144];
        size_t sent_first, sent_count;
        struct segment last; /* what expect_sent() took last */
        uint8_t last_bytes[6144];
        bool checksum_good;
};
extern struct engine e;

int setup_engine(void **state);
int setup_engine6(void **state);
int teardown_engine(void **state);

#define engine_test(name)  cmocka_unit_test_setup_teardown(name, setup_engine, teardown_engine)
#define engine_test6(name) cmocka_unit_test_setup_teardown(name, setup_engine6, teardown_engine)

/* Makes the stack again, as configured. */
void remake(const struct la_config *config);
struct la_config usual_config(void);
void knob(const char *name, const char *value);

void seg_at(const char *text, const char *file, int line);
#define seg(text) seg_at(text, __FILE__, __LINE__)
/* The same in two steps, for who wants to change the packet on its way; engine_raw.h has words for that. */
#define PACKET_FROM_PEER_MAX 70000
size_t packet_from_peer(const char *text, uint8_t *ret_bytes);
void input_bytes(const uint8_t *bytes, size_t n);
void expect_sent_at(const char *text, const char *file, int line);
#define expect_sent(text) expect_sent_at(text, __FILE__, __LINE__)
void expect_nothing_sent_at(const char *file, int line);
#define expect_nothing_sent() expect_nothing_sent_at(__FILE__, __LINE__)
void forget_sent(void); /* whatever left until now */
void collect(void);     /* takes what la_output() has */

/* Time passes, and each timer is served when it is due. */
void after_ms(uint32_t ms);

void listening(void);                           /* e.listener, on LOCAL_PORT */
void half_open(void);                           /* the peer's SYN has been answered */
void established(void);                         /* and accepted: e.connection; options: MSS 1460 only */
void established_with(const char *syn_options); /* "mss 1460 ws 7 sackok ts 100 0" */
void accept_it(void);
void connecting(void); /* e.connection is in SYN_SENT, its SYN taken */
void connected(void);  /* by us, established */
void close_wait(void);
void fin_wait_1(void); /* half-closed by shutdown; FIN taken */
void fin_wait_2(void);
void closing(void);
void last_ack(void);
void time_wait(void); /* handle closed: a record */

enum la_state state_now(void); /* of e.connection */
struct la_status status_now(void);
bool find_peer(struct la_status *ret_status); /* whatever the stack holds of the tuple */
void expect_state_at(enum la_state state, const char *file, int line);
#define expect_state(s) expect_state_at(s, __FILE__, __LINE__)
void expect_found(enum la_state state); /* in whatever form */
void expect_gone(void);                 /* nothing of the tuple is left */
enum la_verdict verdict_of_last(void);
#define expect_verdict(v) assert_string_equal(la_verdict_info(verdict_of_last())->id, la_verdict_info(v)->id)

size_t write_bytes(size_t n); /* la_send() of the pattern; what was taken */
size_t read_bytes(void);      /* la_receive() of all there is, compared with the pattern */
uint32_t events_now(void);    /* all that happened to e.connection */
uint64_t counted(enum la_counter counter);

#endif
