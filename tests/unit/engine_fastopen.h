/* SPDX-License-Identifier: BSD-2-Clause */
/* Words for tests of TCP Fast Open (RFC 7413): the stack as server of the peer, and as its client. */
#ifndef LASTACK_TESTS_ENGINE_FASTOPEN_H
#define LASTACK_TESTS_ENGINE_FASTOPEN_H

#include "engine.h"

static inline void
expect_count(enum la_counter counter, uint64_t n)
{
        if (counted(counter) != n)
                fail_msg("%s is %llu and not %llu", la_counter_name(counter), (unsigned long long)counted(counter),
                         (unsigned long long)n);
}

/* ---- As server ---- */

static char cookie[2 * TCP_COOKIE_MAX + 1]; /* that the stack gave the peer */

/* With `limit` requests at a time. */
static inline void
fast_listening(int64_t limit)
{
        knob("tcp_fastopen", "3");
        listening();
        assert_int_equal(la_option_set(e.stack, e.now, e.listener, LA_OPTION_FASTOPEN, limit), LA_OK);
}

/* 4.2.1: the peer asks, is answered, and goes away again. */
static inline void
peer_gets_cookie(void)
{
        seg("S 0:0 win 65535 mss 1460 cookie ask");
        expect_sent("SA 0:0 ack 1 cookie any");
        for (size_t i = 0; i < e.last.options.cookie_bytes; i++)
                snprintf(cookie + 2 * i, 3, "%02x", e.last.options.cookie[i]);
        seg("R 1:1");
        expect_gone();
}

/* A SYN with the cookie: "S 0:100 mss 1460", and more. */
static inline void
fast_seg(const char *text)
{
        char with_cookie[128];

        snprintf(with_cookie, sizeof with_cookie, "%s win 65535 mss 1460 cookie %s", text, cookie);
        seg(with_cookie);
}

/* 4.2.2: accepted with 100 bytes in the SYN, the handshake not complete. */
static inline void
let_in(void)
{
        fast_listening(16);
        peer_gets_cookie();
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101 cookie none");
        accept_it();
        expect_state(LA_SYN_RECEIVED);
}

/* ---- As client ---- */

static inline void
open_peer(void)
{
        struct la_endpoint peer = { .address = { 10, 0, 0, 2 }, .port = e.peer_port };

        if (e.family == LA_IPV6)
                memcpy(peer.address, (uint8_t[16]){ 0xfd, [15] = 2 }, 16);
        assert_int_equal(la_open(e.stack, e.now, e.family, NULL, &peer, 7, &e.connection), LA_OK);
        e.local_port = snapshot_now().local.port;
        e.our_isn = status_now().iss;
}

/* A connection for which Fast Open is asked, `bytes` being written before anything leaves. */
static inline void
open_fast(size_t bytes)
{
        open_peer();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_FASTOPEN_CONNECT, 1), LA_OK);
        if (bytes > 0)
                assert_int_equal(write_bytes(bytes), bytes);
}

static inline void
done(void)
{
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        forget_sent();
}

/* 4.2.1: a first connection, whose server gives the cookie. */
static inline void
get_cookie(void)
{
        open_fast(0);
        expect_sent("S 0:0 cookie ask");
        seg("SA 0:0 ack 1 win 65535 mss 1460 cookie 0123456789abcdef");
        expect_sent("A 1:1 ack 1");
        done();
}

#endif
