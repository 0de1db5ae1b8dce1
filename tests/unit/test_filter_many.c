/* SPDX-License-Identifier: BSD-2-Clause */
/* test_filter_many.c - one filter for sockets of several network namespaces, where a name is not the same in each. */
#include "filter_sockets.h"

#define OTHER_NETNS 4026533333u /* nobody looked anything up there */

static struct la_snapshot
socket_in(uint32_t netns, uint32_t interface, uint16_t port)
{
        struct la_snapshot s = { .known = LA_KNOWN_NETNS, .state = LA_ESTABLISHED, .family = LA_IPV4 };

        s.netns = netns;
        s.interface = interface;
        s.local.port = port;
        return s;
}

static struct filter *
parsed_for_many(const char *text)
{
        struct filter *filter = NULL;
        struct filter_error error;

        if (filter_parse_for_many(text, &filter, &error) != 0)
                fail_msg("'%s' is refused: %s", text, error.message);
        return filter;
}

static void
look_up_in(struct filter *filter, uint32_t netns)
{
        in_blue = netns == BLUE_NETNS;
        assert_int_equal(filter_look_up(filter, netns), 0);
        in_blue = false;
}

static struct filter *
looked_up(const char *text)
{
        struct filter *filter = parsed_for_many(text);

        look_up_in(filter, BLUE_NETNS);
        look_up_in(filter, HOST_NETNS);
        return filter;
}

/* Sockets bound to no interface, to number 2, to number 7; first of the host, then of the other namespace: those that
 * the filter takes, as "02 7". */
static void
check_interfaces(const char *text, const char *expected)
{
        static const uint32_t interfaces[] = { 0, 2, 7 };
        struct filter *filter = looked_up(text);
        char taken[8] = { 0 };
        size_t count = 0;

        for (unsigned int blue = 0; blue < 2; blue++) {
                for (size_t i = 0; i < COUNT(interfaces); i++) {
                        struct la_snapshot s = socket_in(blue ? BLUE_NETNS : HOST_NETNS, interfaces[i], 1);

                        if (filter_takes(filter, &s))
                                taken[count++] = (char)('0' + interfaces[i]);
                }
                if (!blue)
                        taken[count++] = ' ';
        }
        if (strcmp(taken, expected) != 0)
                fail_msg("'%s' takes \"%s\" instead of \"%s\"", text, taken, expected);
        filter_free(filter);
}

static void
an_interface_is_that_of_the_sockets_namespace(void **unused)
{
        (void)unused;
        check_interfaces("dev = eth0", "2 7");
        check_interfaces("dev != eth0", "07 02");
        check_interfaces("not dev = eth0", "07 02");
        check_interfaces("src *%eth0", "2 7");
}

static void
nothing_is_bound_to_an_interface_that_is_not_there(void **unused)
{
        (void)unused;
        check_interfaces("dev = blue0", " 2");
        check_interfaces("dev != blue0", "027 07");
        check_interfaces("dev = eth0 or dev = blue0", "2 27");
        check_interfaces("not ( dev = eth0 or dev = blue0 )", "07 0");
}

static void
a_number_is_the_same_everywhere(void **unused)
{
        (void)unused;
        check_interfaces("dev = 7", "7 7");
        check_interfaces("dev != 0", "27 27");
}

static void
ephemeral_ports_are_those_of_the_sockets_namespace(void **unused)
{
        struct filter *filter = looked_up("autobound");
        struct la_snapshot s[] = { socket_in(HOST_NETNS, 0, 40000), socket_in(HOST_NETNS, 0, 5000),
                                   socket_in(BLUE_NETNS, 0, 40000), socket_in(BLUE_NETNS, 0, 5000) };

        (void)unused;
        assert_true(filter_takes(filter, &s[0]));
        assert_false(filter_takes(filter, &s[1]));
        assert_false(filter_takes(filter, &s[2]));
        assert_true(filter_takes(filter, &s[3]));
        filter_free(filter);
}

static void
what_was_not_looked_up_is_not_known(void **unused)
{
        static const char *const texts[] = { "dev = eth0", "dev != eth0", "autobound", "not autobound" };
        struct la_snapshot other = socket_in(OTHER_NETNS, 2, 40000), nowhere = socket_in(HOST_NETNS, 2, 40000);

        (void)unused;
        nowhere.known = 0;
        for (size_t i = 0; i < COUNT(texts); i++) {
                struct filter *filter = looked_up(texts[i]);

                assert_false(filter_takes(filter, &other));
                assert_false(filter_takes(filter, &nowhere));
                filter_free(filter);
        }
}

static void
what_is_looked_up_again_is_as_it_is_now(void **unused)
{
        struct filter *filter = parsed_for_many("dev = eth0");
        struct la_snapshot s = socket_in(HOST_NETNS, 7, 1);

        (void)unused;
        look_up_in(filter, HOST_NETNS);
        assert_false(filter_takes(filter, &s));
        in_blue = true;
        assert_int_equal(filter_look_up(filter, HOST_NETNS), 0);
        in_blue = false;
        assert_true(filter_takes(filter, &s));
        filter_free(filter);
}

static void
check_unknown(const char *text, const char *word)
{
        struct filter *filter = looked_up(text);
        struct filter_error error;

        assert_true(filter_unknown(filter, &error));
        assert_int_equal(error.word, strstr(text, word) - text);
        assert_int_equal(error.length, strlen(word));
        assert_non_null(strstr(error.message, "no network namespace has an interface called 'nosuch'"));
        filter_free(filter);
}

static void
an_interface_that_is_nowhere_is_a_mistake(void **unused)
{
        static const char *const good[] = { "dev = blue0", "dev = eth0", "dev = 3", "autobound", "dport = :80" };
        struct filter_error error;

        (void)unused;
        check_unknown("dev = eth0 and dev = nosuch", "nosuch");
        check_unknown("dport = :80 or dst fe80::1%nosuch", "nosuch");
        for (size_t i = 0; i < COUNT(good); i++) {
                struct filter *filter = looked_up(good[i]);

                assert_false(filter_unknown(filter, &error));
                filter_free(filter);
        }
}

static void
only_names_need_to_be_looked_up(void **unused)
{
        static const struct {
                const char *text;
                bool needs;
        } rows[] = { { "dev = eth0", true },     { "autobound", true }, { "src *%eth0", true },
                     { "dport = https", false }, { "pid = 1", false },  { "", false } };

        (void)unused;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct filter *many = parsed_for_many(rows[i].text), *own = parsed(rows[i].text);

                assert_int_equal((filter_needs(many) & FILTER_NEEDS_LOOK_UP) != 0, rows[i].needs);
                assert_false(filter_needs(own) & FILTER_NEEDS_LOOK_UP);
                filter_free(many);
                filter_free(own);
        }
}

static void
other_mistakes_are_refused_at_once(void **unused)
{
        struct filter *filter;
        struct filter_error error;

        (void)unused;
        assert_int_equal(filter_parse_for_many("dev = eth0 and", &filter, &error), -EINVAL);
        assert_int_equal(filter_parse_for_many("dev = 08", &filter, &error), -EINVAL);
        assert_int_equal(error.word, 6);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_interface_is_that_of_the_sockets_namespace),
                cmocka_unit_test(nothing_is_bound_to_an_interface_that_is_not_there),
                cmocka_unit_test(a_number_is_the_same_everywhere),
                cmocka_unit_test(ephemeral_ports_are_those_of_the_sockets_namespace),
                cmocka_unit_test(what_was_not_looked_up_is_not_known),
                cmocka_unit_test(what_is_looked_up_again_is_as_it_is_now),
                cmocka_unit_test(an_interface_that_is_nowhere_is_a_mistake),
                cmocka_unit_test(only_names_need_to_be_looked_up),
                cmocka_unit_test(other_mistakes_are_refused_at_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
