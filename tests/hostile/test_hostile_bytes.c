/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets that are none: every truncation, every length that cannot be, in IP, TCP and options.  Each meets exactly one
 * verdict, changes nothing, and no byte beyond its end is read (the sanitizers' part). */
#include "../unit/engine.h"

struct bytes {
        uint8_t at[256];
        size_t n, ip;
};

/* A sound segment of the connection with text and options, from the peer; it would be accepted. */
static struct bytes
sound(void)
{
        static const uint8_t text[20] = { 0 };
        const struct wire_piece piece = { text, sizeof text };
        struct segment s = { .family = e.family, .seq = seq_of(e.peer_isn + 1), .ack_seq = seq_of(e.our_isn + 1) };
        struct la_snapshot seen = snapshot_now();
        struct bytes b = { { 0 }, 0, e.family == LA_IPV4 ? 20 : 40 };
        uint8_t header[SEGMENT_HEADER_MAX];

        s.source = seen.remote;
        s.destination = seen.local;
        s.ack = s.psh = true;
        s.window = 65535;
        s.ip.hop_limit = 64;
        s.options.has_timestamps = true;
        s.options.sack_count = 1;
        b.n = segment_build(&s, &piece, 1, SEGMENT_CHECKSUM_FULL, header);
        memcpy(b.at, header, b.n);
        memcpy(b.at + b.n, text, sizeof text);
        b.n += sizeof text;
        return b;
}

static void
set16(uint8_t *at, size_t value)
{
        at[0] = (uint8_t)(value >> 8);
        at[1] = (uint8_t)value;
}

/* Both checksums made right, so that what stands behind them is looked at. */
static void
mend(struct bytes *b)
{
        size_t tcp = b->n - b->ip;
        uint32_t sum = 0;

        if (e.family == LA_IPV4) {
                set16(b->at + 10, 0);
                for (size_t i = 0; i < 20; i += 2)
                        sum += (uint32_t)(b->at[i] << 8 | b->at[i + 1]);
                sum = (sum & 0xffff) + (sum >> 16);
                set16(b->at + 10, ~((sum & 0xffff) + (sum >> 16)) & 0xffff);
        }
        if (tcp < 18)
                return;
        set16(b->at + b->ip + 16, 0);
        sum = (uint32_t)tcp + 6;
        for (size_t i = e.family == LA_IPV4 ? 12 : 8; i < b->n; i++)
                sum += (uint32_t)(i % 2 ? b->at[i] : b->at[i] << 8);
        while (sum >> 16)
                sum = (sum & 0xffff) + (sum >> 16);
        set16(b->at + b->ip + 16, ~sum & 0xffff);
}

static void
set_length(struct bytes *b, size_t n)
{
        if (e.family == LA_IPV4)
                set16(b->at + 2, n);
        else
                set16(b->at + 4, n >= 40 ? n - 40 : 0);
}

static uint64_t
verdicts(void)
{
        uint64_t all = 0;

        for (int v = 0; v < LA_VERDICT_COUNT; v++)
                all += la_verdict_count(e.stack, (enum la_verdict)v);
        return all;
}

/* In one piece, or its first `split` bytes as header and the rest as a part of its own. */
static enum la_verdict
arrive(const struct bytes *b, size_t split)
{
        uint8_t *rest = malloc(b->n - split + 1);
        struct la_packet p = { .header_bytes = (uint16_t)split };
        uint64_t before = verdicts();

        assert_non_null(rest);
        uint8_t *exact = rest + 1; /* ends with the allocation */
        memcpy(p.header, b->at, split);
        memcpy(exact, b->at + split, b->n - split);
        if (b->n > split || split == 0) {
                p.parts = 1;
                p.part[0] = (struct la_part){ exact, b->n - split };
        }
        la_input(e.stack, e.now, &p, 1);
        free(rest);
        assert_int_equal(verdicts(), before + 1);
        return verdict_of_last();
}

static bool
is_malformed(enum la_verdict v)
{
        return v == LA_V_IP_TRUNCATED || v == LA_V_IP_BAD_VERSION || v == LA_V_IP_BAD_HEADER ||
               v == LA_V_IP_BAD_CHECKSUM || v == LA_V_IP_REFUSED || v == LA_V_IP_FRAGMENT || v == LA_V_NOT_TCP ||
               v == LA_V_TCP_TRUNCATED || v == LA_V_TCP_BAD_OFFSET || v == LA_V_TCP_BAD_CHECKSUM;
}

static void
expect_refused(const struct bytes *b, size_t split, const char *what, size_t n)
{
        struct la_status before = status_now(), after;
        enum la_verdict v = arrive(b, split);

        after = status_now();
        if (!is_malformed(v))
                fail_msg("%s %zu (header %zu): %s", what, n, split, la_verdict_info(v)->id);
        assert_int_equal(after.state, before.state);
        assert_int_equal(after.snd_una, before.snd_una);
        assert_int_equal(after.rcv_nxt, before.rcv_nxt);
        assert_int_equal(after.readable_bytes, 0);
        assert_int_equal(la_usage(e.stack).chunks, 0);
        expect_nothing_sent();
}

static void
a_sound_one_is_accepted(void **state)
{
        (void)state;
        struct bytes b;

        established();
        b = sound();
        mend(&b);
        assert_int_equal(arrive(&b, 0), LA_V_GO_ON);
        assert_int_equal(status_now().readable_bytes, 20);
}

static void
every_truncation(void **state)
{
        (void)state;
        struct bytes b;

        established();
        b = sound();
        for (size_t n = 0; n < b.n; n++) {
                struct bytes cut = b;

                cut.n = n;
                expect_refused(&cut, 0, "truncated to", n);
                /* A stack reads headers where they lie together; what is not there is truncated too. */
                for (size_t split = 1; split <= n && split <= LA_HEADER_MAX; split++)
                        expect_refused(&cut, split, "truncated to", n);
        }
}

/* IP says the packet is as short as it is: TCP must notice that its header is not all there. */
static void
every_truncation_that_ip_agrees_with(void **state)
{
        (void)state;
        struct bytes b;

        established();
        b = sound();
        size_t header = b.n - 20;
        for (size_t n = b.ip; n < header; n++) {
                struct bytes cut = b;

                cut.n = n;
                set_length(&cut, n);
                mend(&cut);
                expect_refused(&cut, 0, "cut to", n);
        }
}

static void
every_length_field(void **state)
{
        (void)state;
        struct bytes b;

        established();
        b = sound();
        for (size_t n = 0; n <= 65535; n++) {
                struct bytes lie = b;

                set_length(&lie, n);
                if (memcmp(lie.at, b.at, b.ip) == 0 || (e.family == LA_IPV6 && n < 40))
                        continue;
                if (e.family == LA_IPV4) {
                        /* IP's checksum alone: TCP's covers the true length and must not fit a shorter one. */
                        uint8_t tcp[2] = { lie.at[b.ip + 16], lie.at[b.ip + 17] };

                        mend(&lie);
                        memcpy(lie.at + b.ip + 16, tcp, 2);
                }
                expect_refused(&lie, 0, "length", n);
        }
}

static void
every_header_length(void **state)
{
        (void)state;
        struct bytes b;

        established();
        b = sound();
        uint8_t offset = b.at[b.ip + 12] >> 4;
        for (uint8_t n = 0; n < 16; n++) {
                struct bytes lie = b;

                lie.at[b.ip + 12] = (uint8_t)(n << 4);
                mend(&lie);
                if (n < 5 || b.ip + n * 4u > b.n)
                        expect_refused(&lie, 0, "data offset", n);
                if (e.family == LA_IPV6 || n == 5)
                        continue;
                lie = b;
                lie.at[0] = (uint8_t)(0x40 | n);
                mend(&lie);
                expect_refused(&lie, 0, "header length", n);
        }
        assert_in_range(offset, 5, 15);
}

/* Options are read up to the first that cannot be: whatever they say, the connection lives and works on.  Shows MUST-7. */
static void
every_option_length(void **state)
{
        (void)state;
        static const uint8_t kinds[] = { 0, 1, 2, 3, 4, 5, 8, 28, 34, 253, 255 };
        struct bytes b;
        uint32_t got = 0;

        established();
        for (size_t k = 0; k < sizeof kinds; k++)
                for (unsigned int length = 0; length < 256; length++)
                        for (size_t at = 0; at < 24; at++) {
                                b = sound();
                                uint8_t *options = b.at + b.ip + 20;

                                memset(options, 1, 24);
                                options[at] = kinds[k];
                                if (at + 1 < 24)
                                        options[at + 1] = (uint8_t)length;
                                mend(&b);
                                arrive(&b, 0);
                                forget_sent();
                                assert_int_equal(state_now(), LA_ESTABLISHED);
                                got = status_now().readable_bytes;
                        }
        assert_int_equal(got, 20); /* the same text each time */
}

static void
random_bytes(void **state)
{
        (void)state;
        uint64_t seed = 88172645463325252u;

        established();
        for (int i = 0; i < 50000; i++) {
                struct bytes b = sound();

                for (int j = 0; j < 1 + i % 4; j++) {
                        seed ^= seed << 13;
                        seed ^= seed >> 7;
                        seed ^= seed << 17;
                        b.at[seed % b.n] = (uint8_t)(seed >> 32);
                }
                arrive(&b, 0); /* its checksum wrong, but for one in 65536 */
                forget_sent();
                if (la_usage(e.stack).chunks > 1 || state_now() != LA_ESTABLISHED)
                        fail_msg("packet %d", i);
        }
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(a_sound_one_is_accepted),
                engine_test6(a_sound_one_is_accepted),
                engine_test(every_truncation),
                engine_test6(every_truncation),
                engine_test(every_truncation_that_ip_agrees_with),
                engine_test6(every_truncation_that_ip_agrees_with),
                engine_test(every_length_field),
                engine_test6(every_length_field),
                engine_test(every_header_length),
                engine_test6(every_header_length),
                engine_test(every_option_length),
                engine_test6(every_option_length),
                engine_test(random_bytes),
                engine_test6(random_bytes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
