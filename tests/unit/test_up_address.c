/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses as `lastack up` takes them, and the kernel's end that it thinks of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/up.h"

static struct up_address
address(const char *text)
{
        struct up_address a;
        const char *problem = "";

        if (!up_address_parse(text, &a, &problem))
                fail_msg("%s: %s", text, problem);
        return a;
}

static void
expect_no_address(const char *text)
{
        struct up_address a;
        const char *problem = NULL;

        assert_false(up_address_parse(text, &a, &problem));
        assert_non_null(problem);
}

static void
test_addresses_with_and_without_a_network(void **state)
{
        char text[64];
        struct up_address a = address("10.77.0.2/24"), b = address("fd77::2/64"), c = address("10.77.0.2");

        (void)state;
        assert_int_equal(a.family, LA_IPV4);
        assert_int_equal(a.prefix, 24);
        assert_string_equal(up_address_text(&a, text), "10.77.0.2");
        assert_int_equal(b.family, LA_IPV6);
        assert_int_equal(b.prefix, 64);
        assert_string_equal(up_address_text(&b, text), "fd77::2");
        assert_int_equal(c.prefix, 32);
}

static void
test_what_is_no_address(void **state)
{
        static const char *const wrong[] = {
                "",
                "/24",
                "10.77.0.2/",
                "10.77.0.2/0",
                "10.77.0.2/33",
                "10.77.0.2/24x",
                "10.77.0.2/-1",
                "10.77.0.2/ 24",
                "10.77.0/24",
                "10.77.0.256/24",
                "fd77::2/129",
                "fd77:::2/64",
                "0.0.0.0/8",
                "224.0.0.1/24",
                "255.255.255.255/24",
                "::/64",
                "ff02::1/64",
                "host/24",
                "1000000000000000000000000000000000000000000000000000000000000000000000:/24"
        };

        (void)state;
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                expect_no_address(wrong[i]);
}

/* The kernel's end for the last of the stack's addresses; "" for none. */
static void
expect_host(const char *expected, const char *ours, const char *too)
{
        struct up_request r = { .addresses = 1, .address = { address(ours) } };
        struct up_address host = { 0 };
        char text[64] = "";

        if (too)
                r.address[r.addresses++] = address(too);
        if (up_address_of_host(&r, &r.address[0], &host))
                up_address_text(&host, text);
        assert_string_equal(text, expected);
        if (*expected)
                assert_int_equal(host.prefix, r.address[0].prefix);
}

static void
test_the_kernels_end_is_the_first_that_is_free(void **state)
{
        (void)state;
        expect_host("10.77.0.1", "10.77.0.2/24", NULL);
        expect_host("10.77.0.2", "10.77.0.1/24", NULL);
        expect_host("10.77.0.3", "10.77.0.1/24", "10.77.0.2/24");
        expect_host("fd77::1", "fd77::2/64", NULL);
        expect_host("10.77.4.1", "10.77.5.2/23", NULL); /* not of the stack's own /24 */
}

static void
test_who_is_near_and_who_is_one_of_a_list(void **state)
{
        const struct up_address list[] = { address("10.77.0.2/24"), address("fd77::2/64") };
        struct up_address same = address("10.77.0.2/16"), near = address("10.77.0.9/32"), far = address("10.77.1.9/24");

        (void)state;
        assert_true(up_address_is_in(list, 2, &same));
        assert_false(up_address_is_in(list, 2, &near));
        assert_true(up_address_is_near(&list[0], &near));
        assert_false(up_address_is_near(&list[0], &far));
        assert_false(up_address_is_near(&list[1], &near));
}

static void
test_networks_of_two_and_of_one(void **state)
{
        (void)state;
        expect_host("10.77.0.2", "10.77.0.3/31", NULL);
        expect_host("10.77.0.3", "10.77.0.2/31", NULL);
        expect_host("fd77::3", "fd77::2/127", NULL);
        expect_host("10.77.0.6", "10.77.0.5/30", NULL);
        expect_host("", "10.77.0.5/30", "10.77.0.6/30");
        expect_host("", "10.77.0.5/32", NULL);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_addresses_with_and_without_a_network),
                cmocka_unit_test(test_what_is_no_address),
                cmocka_unit_test(test_the_kernels_end_is_the_first_that_is_free),
                cmocka_unit_test(test_who_is_near_and_who_is_one_of_a_list),
                cmocka_unit_test(test_networks_of_two_and_of_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
