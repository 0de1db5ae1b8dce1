/* SPDX-License-Identifier: BSD-2-Clause */
/* Neighbour discovery's messages: RFC 4861 4.3, 4.4, 7.1. */
#include "wire/ndp.h"

#include "packets.h"
#include "wire/bytes.h"
#include "wire/checksum.h"

static const uint8_t ours[16] = { 0xfd, 0x77, [15] = 2 }, theirs[16] = { 0xfd, 0x77, [15] = 1 };
static const uint8_t mac[6] = { 2, 0, 0, 0xaa, 0xbb, 0xcc }, all_nodes[16] = { 0xff, 2, [15] = 1 };

static enum ndp_kind
parse(const uint8_t *bytes, size_t n, struct ndp_message *ret_message)
{
        uint8_t *copy = exact_copy(bytes, n);
        struct ip_packet ip;
        enum ndp_kind kind;

        assert_int_equal(ip_parse(copy, n, &ip), WIRE_OK);
        kind = ndp_parse(&ip, ret_message);
        free(copy);
        return kind;
}

static struct ndp_message
message(const uint8_t *source, const uint8_t *destination, const uint8_t *target, bool has_mac)
{
        struct ndp_message m = { .has_mac = has_mac };

        memcpy(m.source, source, 16);
        memcpy(m.destination, destination, 16);
        memcpy(m.target, target, 16);
        memcpy(m.mac, mac, has_mac ? 6 : 0);
        return m;
}

/* ICMPv6's checksum made right again. */
static void
mend(uint8_t *b, size_t n)
{
        put16(b + 42, 0);
        put_checksum(b + 42, sum_checksum(sum_add(sum_pseudo_header(LA_IPV6, b + 8, b + 24, 58, (uint32_t)(n - 40)),
                                                  sum_bytes(b + 40, n - 40))));
}

static void
expect_same(const struct ndp_message *a, const struct ndp_message *b)
{
        assert_memory_equal(a->source, b->source, 16);
        assert_memory_equal(a->destination, b->destination, 16);
        assert_memory_equal(a->target, b->target, 16);
        assert_int_equal(a->has_mac, b->has_mac);
        assert_memory_equal(a->mac, b->mac, 6);
        assert_int_equal(a->router, b->router);
        assert_int_equal(a->solicited, b->solicited);
        assert_int_equal(a->override, b->override);
}

static void
reads_what_it_writes(void **state)
{
        struct ndp_message m, read;
        uint8_t b[NDP_BYTES];
        size_t n;

        (void)state;
        for (unsigned int bits = 0; bits < 16; bits++) {
                m = message(ours, theirs, ours, bits & 1);
                n = ndp_build_solicitation(&m, b);
                assert_int_equal(n, bits & 1 ? 72 : 64);
                assert_int_equal(parse(b, n, &read), NDP_SOLICITATION);
                expect_same(&m, &read);
                m.router = bits & 2;
                m.solicited = bits & 4;
                m.override = bits & 8;
                n = ndp_build_advertisement(&m, b);
                assert_int_equal(parse(b, n, &read), NDP_ADVERTISEMENT);
                expect_same(&m, &read);
                assert_int_equal(b[7], 255);
        }
}

/* As Linux sent it: fe80::3c5a:b4ff:fe12:3456 asks for fe80::1. */
static void
reads_a_solicitation_of_linux(void **state)
{
        uint8_t b[100];
        size_t n = bytes_of("60000000 00203aff fe80000000000000 3c5ab4fffe123456 ff020000000000000000 0001 ff000001"
                            "8700 0000 00000000 fe800000000000000000000000000001 0101 3e5ab4123456",
                            b);
        struct ndp_message m;

        (void)state;
        mend(b, n);
        assert_int_equal(parse(b, n, &m), NDP_SOLICITATION);
        assert_true(m.has_mac);
        assert_memory_equal(m.mac, b + 66, 6);
        assert_memory_equal(m.target, b + 48, 16);
}

static void
refuses_what_may_have_passed_a_router(void **state)
{
        struct ndp_message m = message(ours, theirs, ours, true), read;
        uint8_t b[NDP_BYTES];
        size_t n = ndp_build_solicitation(&m, b);

        (void)state;
        b[7] = 254;
        assert_int_equal(parse(b, n, &read), NDP_BAD);
        b[7] = 255;
        assert_int_equal(parse(b, n, &read), NDP_SOLICITATION);
        b[43] ^= 1; /* checksum */
        assert_int_equal(parse(b, n, &read), NDP_BAD);
}

static void
refuses_malformed_ones(void **state)
{
        static const uint8_t group[16] = { 0xff, 2, [11] = 1, 0xff, [15] = 2 }, nobody[16];
        struct ndp_message m = message(ours, theirs, ours, true), read;
        uint8_t b[NDP_BYTES];
        size_t n = ndp_build_solicitation(&m, b);

        (void)state;
        b[41] = 1; /* code */
        mend(b, n);
        assert_int_equal(parse(b, n, &read), NDP_BAD);

        n = ndp_build_solicitation(&m, b);
        b[65] = 0; /* an option without a length */
        mend(b, n);
        assert_int_equal(parse(b, n, &read), NDP_BAD);
        b[65] = 2; /* or one longer than the message */
        mend(b, n);
        assert_int_equal(parse(b, n, &read), NDP_BAD);

        m = message(ours, theirs, all_nodes, true); /* a group is nobody's address */
        assert_int_equal(parse(b, ndp_build_solicitation(&m, b), &read), NDP_BAD);
        m = message(nobody, group, ours, true); /* who has no address yet cannot say where it is */
        assert_int_equal(parse(b, ndp_build_solicitation(&m, b), &read), NDP_BAD);
        m = message(nobody, ours, ours, false); /* and asks the group */
        assert_int_equal(parse(b, ndp_build_solicitation(&m, b), &read), NDP_BAD);
        m = message(nobody, group, ours, false);
        assert_int_equal(parse(b, ndp_build_solicitation(&m, b), &read), NDP_SOLICITATION);
        m = message(ours, all_nodes, ours, true); /* nobody asked for what all are told */
        m.solicited = true;
        assert_int_equal(parse(b, ndp_build_advertisement(&m, b), &read), NDP_BAD);
        m.solicited = false;
        assert_int_equal(parse(b, ndp_build_advertisement(&m, b), &read), NDP_ADVERTISEMENT);
}

static void
knows_which_messages_are_routers(void **state)
{
        struct ndp_message m = message(ours, theirs, ours, true), read;
        uint8_t b[NDP_BYTES];
        size_t n = ndp_build_solicitation(&m, b);

        (void)state;
        for (unsigned int type = 0; type < 256; type++) {
                enum ndp_kind kind = type == 135                                 ? NDP_SOLICITATION
                                     : type == 136                               ? NDP_ADVERTISEMENT
                                     : type == 133 || type == 134 || type == 137 ? NDP_OF_ROUTERS
                                                                                 : NDP_NONE;
                b[40] = (uint8_t)type;
                mend(b, n);
                assert_int_equal(parse(b, n, &read), kind);
        }
}

static void
makes_addresses(void **state)
{
        static const uint8_t group[16] = { 0xff, 2, [11] = 1, 0xff, [15] = 2 };
        static const uint8_t local[16] = { 0xfe, 0x80, [11] = 0xff, 0xfe, 0xaa, 0xbb, 0xcc };
        uint8_t a[16];

        (void)state;
        ndp_solicited_node(ours, a);
        assert_memory_equal(a, group, 16);
        ndp_link_local(mac, a);
        assert_memory_equal(a, local, 16);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_what_it_writes),
                cmocka_unit_test(reads_a_solicitation_of_linux),
                cmocka_unit_test(refuses_what_may_have_passed_a_router),
                cmocka_unit_test(refuses_malformed_ones),
                cmocka_unit_test(knows_which_messages_are_routers),
                cmocka_unit_test(makes_addresses),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
