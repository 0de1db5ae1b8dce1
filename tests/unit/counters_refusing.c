/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters of what is not taken: malformed, old, forged, or too much of it. */
#include "engine_counters.h"

#include "wire/icmp.h"

/* The peer's segment as bytes, one of them changed. */
static void
seg_with_byte(size_t at, uint8_t xor)
{
        uint8_t bytes[SEGMENT_HEADER_MAX];
        struct segment s = { .seq = seq_of(PEER_ISN + 1), .ack_seq = seq_of(e.our_isn + 1), .ack = true };
        size_t n;

        segment_ends(&s, true);
        s.ip.hop_limit = 64;
        n = segment_build(&s, NULL, 0, SEGMENT_CHECKSUM_FULL, bytes);
        bytes[at] ^= xor;
        input_bytes(bytes, n);
}

#define TCP_OFFSET_BYTE (20 + 12)
#define TCP_WINDOW_BYTE (20 + 14)

static void
InErrs(void **state)
{
        (void)state;
        established();
        forget_counted();
        seg_with_byte(TCP_OFFSET_BYTE, 0x10); /* a header of 16 bytes */
        expect_counted("InSegs 1, InErrs 1");
}

static void
InCsumErrors(void **state)
{
        (void)state;
        established();
        forget_counted();
        seg_with_byte(TCP_WINDOW_BYTE, 1);
        expect_counted("InSegs 1, InErrs 1, InCsumErrors 1");
}

static void
OutOfWindowIcmps(void **state)
{
        (void)state;
        struct ip_packet ip;
        uint8_t error[ICMP_ERROR_MAX_IPV6], sent[200];
        static const uint8_t router[4] = { 10, 9, 9, 9 };
        size_t n;

        established();
        assert_int_equal(write_bytes(10), 10);
        collect();
        n = e.sent[e.sent_first].header_bytes;
        memcpy(sent, e.bytes[e.sent_first], n);
        seg("A 1:1 ack 11");
        forget_counted();
        assert_int_equal(ip_parse(sent, n, &ip), WIRE_OK);
        input_bytes(error, icmp_build_unreachable(&ip, ICMP_HOST_UNREACHABLE, router, error));
        expect_counted("OutOfWindowIcmps 1"); /* it quotes what is acknowledged already */
}

/* ---- PAWS ---- */

static void
PAWSActive(void **state)
{
        (void)state;
        connecting();
        forget_counted();
        seg("SA 0:0 ack 1 win 65535 mss 1460 ts 1 2");
        expect_counted("InSegs 1, PAWSActive 1, OutSegs 1, OutRsts 1");
}

static void
PAWSEstab(void **state)
{
        (void)state;
        established_with("mss 1460 ts 1000 0");
        forget_counted();
        seg("PA 1:11 ack 1 ts 999 0");
        expect_counted("InSegs 1, PAWSEstab 1, OutSegs 1");
        seg("R 1:1 ts 1 0"); /* a reset is never too old (RFC 7323 5.2) */
        expect_counted("InSegs 1, EstabResets 1");
}

static void
PAWSTimewait(void **state)
{
        (void)state;
        client_time_wait("ts 1000");
        forget_counted();
        seg("PA 2:12 ack 2 ts 999 0");
        expect_counted("InSegs 1, PAWSTimewait 1, OutSegs 1");
}

static void
TCPACKSkippedPAWS(void **state)
{
        (void)state;
        established_with("mss 1460 ts 1000 0");
        after_ms(1000);
        forget_counted();
        seg("A 1:1 ack 1 ts 999 0");
        expect_counted("InSegs 1, PAWSEstab 1, OutSegs 1");
        seg("A 1:1 ack 1 ts 999 0"); /* within half a second */
        expect_counted("InSegs 1, PAWSEstab 1, TCPACKSkippedPAWS 1");
        after_ms(500);
        seg("A 1:1 ack 1 ts 999 0");
        expect_counted("InSegs 1, PAWSEstab 1, OutSegs 1");
}

/* ---- RFC 5961 ---- */

static void
TCPACKSkippedSeq(void **state)
{
        (void)state;
        established();
        after_ms(1000);
        forget_counted();
        seg("A 200000:200000 ack 1");
        expect_counted("InSegs 1, OutSegs 1");
        seg("A 200000:200000 ack 1"); /* within half a second */
        expect_counted("InSegs 1, TCPACKSkippedSeq 1");
}

static void
TCPChallengeACK(void **state)
{
        (void)state;
        established();
        forget_counted();
        seg("R 2:2"); /* in the window, and not exact */
        expect_counted("InSegs 1, OutSegs 1, TCPChallengeACK 1");
        seg("A 1:1 ack 100"); /* what was never sent is acknowledged as RFC 9293 says, without the limit */
        collect();
        forget_counted();
        expect_state(LA_ESTABLISHED);
}

static void
TCPSYNChallenge(void **state)
{
        (void)state;
        established();
        forget_counted();
        seg("S 1:1");
        expect_counted("InSegs 1, OutSegs 1, TCPChallengeACK 1, TCPSYNChallenge 1");
}

static void
TCPACKSkippedChallenge(void **state)
{
        (void)state;
        knob("lastack.challenge_ack_limit", "1");
        established();
        seg("R 2:2");
        forget_sent();
        forget_counted();
        seg("R 2:2");
        expect_counted("InSegs 1, TCPACKSkippedChallenge 1");
        after_ms(1000);
        seg("R 2:2");
        expect_counted("InSegs 1, OutSegs 1, TCPChallengeACK 1");
}

const struct counter_test counter_tests_refusing[] = {
        COUNTER_TEST(InErrs),
        COUNTER_TEST(InCsumErrors),
        COUNTER_TEST(OutOfWindowIcmps),
        COUNTER_TEST(PAWSActive),
        COUNTER_TEST(PAWSEstab),
        COUNTER_TEST(PAWSTimewait),
        COUNTER_TEST(TCPACKSkippedPAWS),
        COUNTER_TEST(TCPACKSkippedSeq),
        COUNTER_TEST(TCPChallengeACK),
        COUNTER_TEST(TCPSYNChallenge),
        COUNTER_TEST(TCPACKSkippedChallenge),
        COUNTER_TESTS_END,
};
