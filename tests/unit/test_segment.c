/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments: RFC 9293 3.1, from packets and to packets. */
#include "wire/segment.h"

#include "packets.h"
#include "wire/bytes.h"

static enum wire_result
parse(const uint8_t *bytes, size_t n, unsigned int flags, struct segment *ret_segment)
{
        uint8_t *copy = exact_copy(bytes, n);
        struct segment before;
        enum wire_result result;

        memset(ret_segment, 0xa5, sizeof *ret_segment);
        memcpy(&before, ret_segment, sizeof before);
        result = segment_parse(copy, n, flags, ret_segment);
        if (result != WIRE_OK && result != WIRE_TCP_BAD_OPTION)
                assert_memory_equal(&before, ret_segment, sizeof before);
        free(copy);
        return result;
}

static size_t
build(const struct segment *s, uint8_t *ret_packet)
{
        struct wire_piece text = { s->text, s->text_bytes };
        size_t header_bytes = segment_build(s, &text, 1, SEGMENT_CHECKSUM_FULL, ret_packet);

        assert_int_equal(header_bytes, segment_header_bytes(s->family, &s->options));
        memcpy(ret_packet + header_bytes, s->text, s->text_bytes);
        return header_bytes + s->text_bytes;
}

/* The TCP checksum of a packet without extension headers made right, by the slow sum. */
static void
mend(uint8_t *b, size_t n)
{
        bool v4 = b[0] >> 4 == 4;
        size_t ip = v4 ? 20 : 40, addresses = v4 ? 8 : 32;
        uint8_t pseudo[40 + PACKET_MAX] = { 0 };

        memcpy(pseudo, b + ip - addresses, addresses);
        put32(pseudo + addresses, (uint32_t)(n - ip));
        pseudo[addresses + 7] = 6;
        put16(b + ip + 16, 0);
        memcpy(pseudo + addresses + 8, b + ip, n - ip);
        put16(b + ip + 16, (uint16_t)~slow_sum(pseudo, addresses + 8 + n - ip));
}

static void
reads_a_syn(void **state)
{
        static const uint8_t source[16] = { 192, 0, 2, 1 }, destination[16] = { 198, 51, 100, 2 };
        uint8_t b[100];
        size_t n = bytes_of(SYN_IPV4, b);
        struct segment s;

        (void)state;
        assert_int_equal(segment_parse(b, n, 0, &s), WIRE_OK);
        assert_int_equal(s.family, LA_IPV4);
        assert_memory_equal(s.source.address, source, 16);
        assert_memory_equal(s.destination.address, destination, 16);
        assert_int_equal(s.source.port, 40000);
        assert_int_equal(s.destination.port, 80);
        assert_int_equal(s.ip.hop_limit, 64);
        assert_int_equal(s.ip.identification, 0xbeef);
        assert_int_equal(s.seq.v, 0x12345678);
        assert_int_equal(s.ack_seq.v, 0);
        assert_int_equal(s.window, 64240);
        assert_int_equal(s.flags, TCP_SYN);
        assert_true(s.syn);
        assert_false(s.fin || s.rst || s.psh || s.ack || s.urg || s.ece || s.cwr);
        assert_int_equal(s.options.mss_bytes, 1460);
        assert_int_equal(s.options_result, OPTIONS_OK);
        assert_int_equal(s.text_bytes, 0);
        assert_int_equal(s.length, 1);
        assert_int_equal(segment_end(&s).v, 0x12345679);
}

static void
reads_text_over_ipv6(void **state)
{
        uint8_t b[100];
        size_t n = bytes_of(DATA_IPV6, b);
        struct segment s;

        (void)state;
        assert_int_equal(segment_parse(b, n, 0, &s), WIRE_OK);
        assert_int_equal(s.family, LA_IPV6);
        assert_memory_equal(s.source.address, b + 8, 16);
        assert_memory_equal(s.destination.address, b + 24, 16);
        assert_int_equal(s.source.port, 443);
        assert_int_equal(s.destination.port, 50001);
        assert_int_equal(s.ip.traffic_class, 0xb9);
        assert_int_equal(s.ip.flow_label, 0xabcde);
        assert_int_equal(s.ack_seq.v, 0x9abcdef0);
        assert_true(s.ack && s.psh);
        assert_int_equal(s.flags, TCP_ACK | TCP_PSH);
        assert_ptr_equal(s.text, b + 72);
        assert_int_equal(s.text_bytes, 5);
        assert_memory_equal(s.text, "hello", 5);
        assert_int_equal(s.length, 5);
        assert_int_equal(segment_end(&s).v, 3);
        assert_int_equal(s.options.ts_echo, 0x11223344);
}

static void
reads_and_writes_every_flag(void **state)
{
        uint8_t b[100], written[100];
        size_t n = bytes_of(ALL_FLAGS_IPV4, b);
        struct segment s;

        (void)state;
        assert_int_equal(parse(b, n, 0, &s), WIRE_OK);
        assert_int_equal(s.urgent, 7);
        for (unsigned int flags = 0; flags < 256; flags++) {
                b[33] = (uint8_t)flags;
                mend(b, n);
                assert_int_equal(segment_parse(b, n, 0, &s), WIRE_OK);
                assert_int_equal(s.flags, flags);
                assert_int_equal(s.fin, flags & 1);
                assert_int_equal(s.syn, flags >> 1 & 1);
                assert_int_equal(s.rst, flags >> 2 & 1);
                assert_int_equal(s.psh, flags >> 3 & 1);
                assert_int_equal(s.ack, flags >> 4 & 1);
                assert_int_equal(s.urg, flags >> 5 & 1);
                assert_int_equal(s.ece, flags >> 6 & 1);
                assert_int_equal(s.cwr, flags >> 7 & 1);
                assert_int_equal(s.length, 3 + (flags & 1) + (flags >> 1 & 1));
                assert_int_equal(build(&s, written), n);
                assert_memory_equal(written, b, n);
        }
}

static void
writes_what_it_reads(void **state)
{
        static const char *const packets[] = { SYN_IPV4, DATA_IPV6, ALL_FLAGS_IPV4 };

        (void)state;
        for (size_t i = 0; i < 3; i++) {
                uint8_t b[100], written[SEGMENT_HEADER_MAX + 100];
                size_t n = bytes_of(packets[i], b);
                struct segment s;
                assert_int_equal(segment_parse(b, n, 0, &s), WIRE_OK);
                assert_int_equal(build(&s, written), n);
                assert_memory_equal(written, b, n);
        }
}

static void
refuses_every_truncation(void **state)
{
        static const char *const packets[] = { SYN_IPV4, DATA_IPV6, ALL_FLAGS_IPV4 };

        (void)state;
        for (size_t i = 0; i < 3; i++) {
                uint8_t b[100];
                struct segment s;
                size_t n = bytes_of(packets[i], b);
                for (size_t cut = 0; cut < n; cut++)
                        assert_int_equal(parse(b, cut, 0, &s), WIRE_IP_TRUNCATED);
                assert_int_equal(parse(b, n + 3, 0, &s), WIRE_OK);
        }
}

/* The same where IP agrees with the cut, so that TCP has to see it; the checksum made right or not looked at. */
static void
refuses_segments_cut_under_their_header(void **state)
{
        uint8_t whole[100];
        size_t n = bytes_of(DATA_IPV6, whole);

        (void)state;
        for (size_t cut = 40; cut <= n; cut++) {
                uint8_t b[100];
                struct segment s;
                enum wire_result expected = cut < 60   ? WIRE_TCP_TRUNCATED
                                            : cut < 72 ? WIRE_TCP_BAD_DATA_OFFSET
                                                       : WIRE_OK;
                memcpy(b, whole, n);
                put16(b + 4, (uint16_t)(cut - 40));
                assert_int_equal(parse(b, cut, SEGMENT_CHECKSUM_KNOWN, &s), expected);
                if (expected == WIRE_OK)
                        assert_int_equal(s.text_bytes, cut - 72);
                if (cut < n)
                        assert_int_equal(parse(b, cut, 0, &s), expected == WIRE_OK ? WIRE_TCP_BAD_CHECKSUM : expected);
                if (cut >= 58)
                        mend(b, cut);
                assert_int_equal(parse(b, cut, 0, &s), expected);
        }
}

static void
refuses_bad_data_offsets(void **state)
{
        uint8_t b[100];
        size_t n = bytes_of(SYN_IPV4, b);
        struct segment s;

        (void)state;
        for (uint8_t words = 0; words < 16; words++) {
                memset(b + 40, 1, 20);
                b[32] = (uint8_t)(words << 4);
                mend(b, n);
                assert_int_equal(parse(b, n, 0, &s), words < 5 || words > 10 ? WIRE_TCP_BAD_DATA_OFFSET : WIRE_OK);
                if (words >= 5 && words <= 10)
                        assert_int_equal(s.text_bytes, 40 - 4u * words);
        }
}

/* RFC 9293 3.1: the checksum covers addresses, protocol and length too.  Shows MUST-3. */
static void
refuses_every_flipped_bit_that_is_summed(void **state)
{
        static const char *const packets[] = { DATA_IPV6, ALL_FLAGS_IPV4 };

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                uint8_t b[100];
                struct segment s;
                size_t n = bytes_of(packets[i], b);
                for (size_t bit = 64; bit < 8 * n; bit++) {
                        b[bit / 8] ^= (uint8_t)(1 << bit % 8);
                        assert_int_not_equal(parse(b, n, 0, &s), WIRE_OK);
                        b[bit / 8] ^= (uint8_t)(1 << bit % 8);
                }
                b[n - 1] ^= 1;
                assert_int_equal(parse(b, n, 0, &s), WIRE_TCP_BAD_CHECKSUM);
                assert_int_equal(parse(b, n, SEGMENT_CHECKSUM_KNOWN, &s), WIRE_OK);
        }
}

static void
ignores_reserved_bits_and_sends_none(void **state)
{
        uint8_t b[100], written[100];
        size_t n = bytes_of(ALL_FLAGS_IPV4, b);
        struct segment s;

        (void)state;
        b[32] |= 0x0f;
        mend(b, n);
        assert_int_equal(segment_parse(b, n, 0, &s), WIRE_OK);
        assert_int_equal(build(&s, written), n);
        assert_int_equal(written[32], 0x80);
}

static void
leaves_other_protocols_alone(void **state)
{
        uint8_t b[100];
        size_t n = bytes_of(DATA_IPV6, b);
        struct segment s;

        (void)state;
        for (unsigned int protocol = 0; protocol < 256; protocol++) {
                if (protocol == 0 || protocol == 43 || protocol == 44 || protocol == 60)
                        continue;
                b[6] = (uint8_t)protocol;
                assert_int_equal(parse(b, n, 0, &s), protocol == 6 ? WIRE_OK : WIRE_NOT_TCP);
        }
}

/* MUST-7 leaves the answer to the connection, which needs to know whose segment it was. */
static void
reports_a_bad_option_with_the_segment(void **state)
{
        uint8_t b[100];
        size_t n = bytes_of(SYN_IPV4, b);
        struct segment s;

        (void)state;
        b[45] = 0; /* SACK permitted, of length 0 */
        mend(b, n);
        assert_int_equal(segment_parse(b, n, 0, &s), WIRE_TCP_BAD_OPTION);
        assert_int_equal(s.options_result, OPTIONS_SHORT_LENGTH);
        assert_true(s.syn);
        assert_int_equal(s.source.port, 40000);
        assert_int_equal(s.length, 1);
        assert_int_equal(s.options.mss_bytes, 1460);
        assert_false(s.options.sack_permitted || s.options.has_timestamps);
        b[20] ^= 1;
        assert_int_equal(parse(b, n, 0, &s), WIRE_TCP_BAD_CHECKSUM);
}

static void
passes_on_what_ip_finds(void **state)
{
        uint8_t b[100];
        size_t n = bytes_of(SYN_IPV4, b);
        struct segment s;

        (void)state;
        b[8]++;
        assert_int_equal(parse(b, n, 0, &s), WIRE_IP_BAD_CHECKSUM);
        b[0] = 0x15;
        assert_int_equal(parse(b, n, 0, &s), WIRE_IP_BAD_VERSION);
}

static struct segment
data_segment(enum la_family family)
{
        struct segment s = { .family = family, .ack = true, .psh = true, .window = 1000 };

        s.source = (struct la_endpoint){ { 10, 1, 2, 3 }, 1234 };
        s.destination = (struct la_endpoint){ { 10, 3, 2, 1 }, 80 };
        s.ip.hop_limit = 64;
        s.seq = seq_of(0xfffffff0);
        s.ack_seq = seq_of(99);
        s.options.has_timestamps = true;
        s.options.ts_value = 77;
        return s;
}

static void
sums_text_in_any_pieces(void **state)
{
        static uint8_t packet[SEGMENT_HEADER_MAX + 60];
        uint8_t text[60];
        struct segment s = data_segment(LA_IPV4), read;

        (void)state;
        for (size_t i = 0; i < sizeof text; i++)
                text[i] = (uint8_t)(i * 37 + 1);
        for (size_t k = 0; k <= sizeof text; k++)
                for (size_t l = k; l <= sizeof text; l++) {
                        struct wire_piece pieces[] = { { text, k },
                                                       { text + k, l - k },
                                                       { text + l, sizeof text - l } };
                        size_t h = segment_build(&s, pieces, 3, SEGMENT_CHECKSUM_FULL, packet);
                        assert_int_equal(h, 52);
                        memcpy(packet + h, text, sizeof text);
                        assert_int_equal(parse(packet, h + sizeof text, 0, &read), WIRE_OK);
                }
}

static void
carries_all_the_options_there_can_be(void **state)
{
        uint8_t packet[SEGMENT_HEADER_MAX];
        struct segment s = data_segment(LA_IPV6), read;

        (void)state;
        s.options.sack_count = 3;
        s.options.sack[2].right = seq_of(0x12345678);
        assert_int_equal(segment_build(&s, NULL, 0, SEGMENT_CHECKSUM_FULL, packet), SEGMENT_HEADER_MAX);
        assert_int_equal(parse(packet, SEGMENT_HEADER_MAX, 0, &read), WIRE_OK);
        assert_int_equal(read.options.sack[2].right.v, 0x12345678);
}

static void
takes_a_sum_made_while_copying(void **state)
{
        uint8_t packet[SEGMENT_HEADER_MAX + 1000], text[999] = { 1, 2, 3 }, expected[SEGMENT_HEADER_MAX];
        struct segment s = data_segment(LA_IPV6);
        struct wire_piece piece = { text, sizeof text };
        size_t h = segment_header_bytes(LA_IPV6, &s.options);

        (void)state;
        assert_int_equal(h, 72);
        assert_int_equal(segment_build_summed(&s, sizeof text, sum_copy(packet + h, text, sizeof text), packet), h);
        assert_int_equal(segment_build(&s, &piece, 1, SEGMENT_CHECKSUM_FULL, expected), h);
        assert_memory_equal(packet, expected, h);
}

static void
writes_segments_without_text(void **state)
{
        uint8_t packet[SEGMENT_HEADER_MAX];
        struct wire_piece empty = { NULL, 0 };
        struct segment s = data_segment(LA_IPV4), read;

        (void)state;
        assert_int_equal(segment_build(&s, NULL, 0, SEGMENT_CHECKSUM_FULL, packet), 52);
        assert_int_equal(parse(packet, 52, 0, &read), WIRE_OK);
        assert_int_equal(read.text_bytes, 0);
        assert_int_equal(segment_build(&s, &empty, 1, SEGMENT_CHECKSUM_FULL, packet), 52);
        assert_int_equal(parse(packet, 52, 0, &read), WIRE_OK);
}

/* virtio's NEEDS_CSUM: whoever finishes adds up everything from the TCP header on, that field included. */
static void
leaves_a_partial_checksum_that_can_be_finished(void **state)
{
        (void)state;
        for (int family = LA_IPV4; family <= LA_IPV6; family += 2) {
                uint8_t packet[SEGMENT_HEADER_MAX + 100], text[7] = "abcdefg";
                struct segment s = data_segment((enum la_family)family), read;
                struct wire_piece pieces[] = { { text, 3 }, { text + 3, 4 } };
                size_t ip = ip_build_bytes(s.family);
                size_t h = segment_build(&s, pieces, 2, SEGMENT_CHECKSUM_PARTIAL, packet), n = h + sizeof text;
                memcpy(packet + h, text, sizeof text);
                assert_int_equal(parse(packet, n, 0, &read), WIRE_TCP_BAD_CHECKSUM);
                assert_int_equal(parse(packet, n, SEGMENT_CHECKSUM_KNOWN, &read), WIRE_OK);
                put16(packet + ip + TCP_CHECKSUM_OFFSET, (uint16_t)~slow_sum(packet + ip, n - ip));
                assert_int_equal(parse(packet, n, 0, &read), WIRE_OK);
        }
}

static void
writes_nothing_too_long(void **state)
{
        static uint8_t packet[SEGMENT_HEADER_MAX + PACKET_MAX], text[PACKET_MAX];
        struct segment s = data_segment(LA_IPV4), read;
        struct wire_piece piece = { text, 65535 - 52 };

        (void)state;
        assert_int_equal(segment_build(&s, &piece, 1, SEGMENT_CHECKSUM_FULL, packet), 52);
        memcpy(packet + 52, text, piece.n);
        assert_int_equal(parse(packet, 65535, 0, &read), WIRE_OK);
        piece.n++;
        memset(packet, 0xa5, sizeof packet);
        assert_int_equal(segment_build(&s, &piece, 1, SEGMENT_CHECKSUM_FULL, packet), 0);
        assert_int_equal(segment_build(&s, &piece, 1, SEGMENT_CHECKSUM_PARTIAL, packet), 0);
        assert_int_equal(segment_build_summed(&s, SIZE_MAX - 10, (struct sum){ 0 }, packet), 0);
        s.family = LA_IPV6;
        piece.n = 65535 - 32;
        assert_int_equal(segment_build(&s, &piece, 1, SEGMENT_CHECKSUM_FULL, packet), 72);
        memset(packet, 0xa5, sizeof packet);
        piece.n++;
        assert_int_equal(segment_build(&s, &piece, 1, SEGMENT_CHECKSUM_FULL, packet), 0);
        piece.n = 0;
        s.options.sack_count = 4;
        assert_int_equal(segment_build(&s, &piece, 1, SEGMENT_CHECKSUM_FULL, packet), 0);
        assert_int_equal(packet[0], 0xa5);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_a_syn),
                cmocka_unit_test(reads_text_over_ipv6),
                cmocka_unit_test(reads_and_writes_every_flag),
                cmocka_unit_test(writes_what_it_reads),
                cmocka_unit_test(refuses_every_truncation),
                cmocka_unit_test(refuses_segments_cut_under_their_header),
                cmocka_unit_test(refuses_bad_data_offsets),
                cmocka_unit_test(refuses_every_flipped_bit_that_is_summed),
                cmocka_unit_test(ignores_reserved_bits_and_sends_none),
                cmocka_unit_test(leaves_other_protocols_alone),
                cmocka_unit_test(reports_a_bad_option_with_the_segment),
                cmocka_unit_test(passes_on_what_ip_finds),
                cmocka_unit_test(sums_text_in_any_pieces),
                cmocka_unit_test(carries_all_the_options_there_can_be),
                cmocka_unit_test(takes_a_sum_made_while_copying),
                cmocka_unit_test(writes_segments_without_text),
                cmocka_unit_test(leaves_a_partial_checksum_that_can_be_finished),
                cmocka_unit_test(writes_nothing_too_long),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
