/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of packets before TCP. */
#include "link/reception.h"

#include <errno.h>

#include "packets.h"
#include "wire/bytes.h"
#include "wire/checksum.h"
#include "wire/fragment.h"
#include "wire/icmp.h"
#include "wire/ip.h"

#define MTU 1500

static const uint8_t ours4[4] = { 198, 51, 100, 2 }, ours6[16] = { 0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, [15] = 2 };

static struct reception r;
static struct la_packet whole;
static uint8_t bytes[PACKET_MAX];

static int
set_up(void **state)
{
        (void)state;
        memset(&r, 0, sizeof r);
        return reception_open(&r, MTU);
}

static int
tear_down(void **state)
{
        (void)state;
        reception_close(&r);
        return 0;
}

static enum reception_fate
judge(const uint8_t *b, size_t n, uint16_t flags)
{
        struct la_packet p = { .parts = 1, .part = { { b, n } }, .flags = flags };

        return reception_judge(&r, 0, &p, &whole);
}

static enum reception_fate
judge_hex(const char *hex)
{
        return judge(bytes, bytes_of(hex, bytes), 0);
}

/* The packets of the answer that is there. */
static size_t
answers(void)
{
        struct la_packet p[4];
        size_t n, count = 0;

        while ((n = reception_answers(&r, p, 4)) > 0)
                count += n;
        return count;
}

static void
gives_tcp_to_the_stack(void **state)
{
        (void)state;
        assert_int_equal(judge_hex(SYN_IPV4), RECEPTION_STACK);
        assert_int_equal(judge_hex(DATA_IPV6), RECEPTION_STACK);
        assert_int_equal(judge(bytes, 10, 0), RECEPTION_STACK); /* which has a verdict for it */
        bytes_of(DATA_IPV6, bytes);                             /* behind an extension header, too */
        memmove(bytes + 48, bytes + 40, 37);
        bytes_of("06000104 00000000", bytes + 40);
        bytes[6] = 60;
        put16(bytes + 4, 45);
        assert_int_equal(judge(bytes, 85, 0), RECEPTION_STACK);
        assert_int_equal(answers(), 0);
}

static void
counts_what_is_for_others(void **state)
{
        (void)state;
        assert_int_equal(reception_address(&r, LA_IPV4, ours4, 24), 0);
        assert_int_equal(reception_address(&r, LA_IPV6, ours6, 64), 0);
        assert_int_equal(judge_hex(SYN_IPV4), RECEPTION_STACK);
        bytes[19]++;
        assert_int_equal(judge(bytes, 60, 0), RECEPTION_DONE);
        bytes[19] = 255; /* to all of the network */
        assert_int_equal(judge(bytes, 60, 0), RECEPTION_DONE);
        assert_int_equal(judge_hex(DATA_IPV6), RECEPTION_STACK);
        bytes[39]++;
        assert_int_equal(judge(bytes, 77, 0), RECEPTION_DONE);
        assert_int_equal(reception_counts(&r).not_ours, 3);
        assert_int_equal(reception_address(&r, LA_IPV4, ours4, 33), -EINVAL);
}

/* An echo request of 56 bytes from 192.0.2.1. */
static size_t
echo_request(void)
{
        size_t n = bytes_of("45000054 00010000 4001 0000 c0000201 c6336402 0800 0000 12340007", bytes);

        memset(bytes + n, 7, 56);
        n += 56;
        put_checksum(bytes + 10, sum_checksum(sum_words(bytes, 20)));
        put_checksum(bytes + 22, sum_checksum(sum_bytes(bytes + 20, n - 20)));
        return n;
}

static void
answers_echo_requests_by_itself(void **state)
{
        (void)state;
        assert_int_equal(judge(bytes, echo_request(), 0), RECEPTION_DONE);
        assert_int_equal(answers(), 1);
        assert_int_equal(reception_counts(&r).echo_replies, 1);
}

static void
gives_errors_to_the_stack(void **state)
{
        size_t n = echo_request();

        (void)state;
        bytes[20] = 3; /* unreachable; that its checksum is wrong now, the stack says */
        assert_int_equal(judge(bytes, n, 0), RECEPTION_STACK);
        assert_int_equal(answers(), 0);
}

static void
refuses_udp_by_itself(void **state)
{
        (void)state;
        bytes_of("4500001c 00010000 4011 0000 c0000201 c6336402 9c400035 0008 1234", bytes);
        put_checksum(bytes + 10, sum_checksum(sum_words(bytes, 20)));
        assert_int_equal(judge(bytes, 28, 0), RECEPTION_DONE); /* damaged */
        assert_int_equal(answers(), 0);
        assert_int_equal(judge(bytes, 28, LA_PACKET_CHECKSUM_PARTIAL), RECEPTION_DONE);
        assert_int_equal(answers(), 1);
        assert_int_equal(reception_counts(&r).unreachables, 1);
}

/* Nobody sends TCP in fragments, but a router may make some. */
static void
puts_tcp_together(void **state)
{
        uint8_t header[FRAGMENT_HEADER_MAX], piece[100];
        size_t n = bytes_of(DATA_IPV6, bytes), header_bytes, data_bytes;
        struct fragmenter f = fragmenter_of(bytes, n, 72, 1); /* 24 bytes and 13 */
        const uint8_t *data;
        struct ip_packet ip;

        (void)state;
        header_bytes = fragmenter_next(&f, header, &data, &data_bytes);
        memcpy(piece, header, header_bytes);
        memcpy(piece + header_bytes, data, data_bytes);
        assert_int_equal(judge(piece, header_bytes + data_bytes, 0), RECEPTION_DONE);
        assert_true(reception_deadline(&r) == FRAGMENTS_TIMEOUT6_US);
        header_bytes = fragmenter_next(&f, header, &data, &data_bytes);
        memcpy(piece, header, header_bytes);
        memcpy(piece + header_bytes, data, data_bytes);
        assert_int_equal(judge(piece, header_bytes + data_bytes, 0), RECEPTION_WHOLE);
        assert_int_equal(whole.parts, 1);
        assert_int_equal(whole.part[0].length, n);
        assert_memory_equal(whole.part[0].bytes, bytes, n);
        assert_int_equal(ip_parse(whole.part[0].bytes, n, &ip), WIRE_OK);
        assert_int_equal(reception_counts(&r).fragments, 2);
        assert_int_equal(reception_counts(&r).reassembled, 1);
        assert_int_equal(reception_deadline(&r), LA_NEVER);
        assert_int_equal(answers(), 0);
}

static void
tells_whose_fragments_did_not_come(void **state)
{
        size_t n = echo_request();

        (void)state;
        put16(bytes + 6, 0x2000);
        put16(bytes + 10, 0);
        put_checksum(bytes + 10, sum_checksum(sum_words(bytes, 20)));
        assert_int_equal(judge(bytes, n, 0), RECEPTION_DONE);
        assert_false(reception_advance(&r, FRAGMENTS_TIMEOUT4_US - 1));
        assert_true(reception_advance(&r, FRAGMENTS_TIMEOUT4_US));
        assert_int_equal(answers(), 1);
        assert_false(reception_advance(&r, FRAGMENTS_TIMEOUT4_US));
        assert_int_equal(reception_counts(&r).fragments_dropped, 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
        const struct CMUnitTest tests[] = {
                CASE(gives_tcp_to_the_stack),
                CASE(counts_what_is_for_others),
                CASE(answers_echo_requests_by_itself),
                CASE(gives_errors_to_the_stack),
                CASE(refuses_udp_by_itself),
                CASE(puts_tcp_together),
                CASE(tells_whose_fragments_did_not_come),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
