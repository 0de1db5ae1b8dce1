/* SPDX-License-Identifier: BSD-2-Clause */
/* ARP: RFC 826. */
#include "wire/arp.h"

#include "packets.h"

/* 02:00:00:00:00:01, 192.0.2.1, asks for 192.0.2.9. */
#define REQUEST "0001 0800 06 04 0001 020000000001 c0000201 000000000000 c0000209"

static bool
parse(const uint8_t *bytes, size_t n, struct arp_message *ret_message)
{
        uint8_t *copy = exact_copy(bytes, n);
        bool sound = arp_parse(copy, n, ret_message);

        free(copy);
        return sound;
}

static void
reads_and_writes(void **state)
{
        uint8_t b[60] = { 0 }, written[ARP_BYTES];
        struct arp_message m;

        (void)state;
        assert_int_equal(bytes_of(REQUEST, b), ARP_BYTES);
        assert_true(parse(b, sizeof b, &m)); /* padded */
        assert_true(parse(b, ARP_BYTES, &m));
        assert_int_equal(m.operation, ARP_REQUEST);
        assert_memory_equal(m.sender_mac, b + 8, 6);
        assert_memory_equal(m.sender, b + 14, 4);
        assert_memory_equal(m.target_mac, b + 18, 6);
        assert_memory_equal(m.target, b + 24, 4);
        arp_build(&m, written);
        assert_memory_equal(written, b, ARP_BYTES);
}

static void
refuses_what_is_something_else(void **state)
{
        static const size_t at[] = { 1, 2, 4, 5, 6, 7, 8 };
        struct arp_message m;
        uint8_t b[ARP_BYTES];

        (void)state;
        bytes_of(REQUEST, b);
        for (size_t n = 0; n < ARP_BYTES; n++)
                assert_false(parse(b, n, &m));
        for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
                bytes_of(REQUEST, b);
                b[at[i]] += 3; /* operation 4; a group's address as the sender's */
                assert_false(parse(b, ARP_BYTES, &m));
        }
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_and_writes),
                cmocka_unit_test(refuses_what_is_something_else),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
