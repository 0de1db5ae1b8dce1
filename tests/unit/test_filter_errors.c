/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_filter_errors.c - what a wrong filter is told, and where.
 *
 * In each row <> stand around the part that is marked; where something is missing they stand around nothing.  A filter
 * that has these signs in it says [] instead.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "filter/filter.h"
#include "filter_world.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct wrong {
        const char *marked, *message;
};

struct expected {
        char text[256];
        size_t word, length;
};

static struct expected
unmarked(const char *marked)
{
        struct expected expected = { .length = 0 };
        bool brackets = strchr(marked, '<') != strrchr(marked, '<') || strchr(marked, '>') != strrchr(marked, '>');
        const char *open = strchr(marked, brackets ? '{' : '<'), *close = strchr(marked, brackets ? '}' : '>');

        assert_true(open && close && close > open && strlen(marked) < sizeof expected.text);
        expected.word = (size_t)(open - marked);
        expected.length = (size_t)(close - open) - 1;
        memcpy(expected.text, marked, expected.word);
        memcpy(expected.text + expected.word, open + 1, expected.length);
        strcpy(expected.text + expected.word + expected.length, close + 1);
        return expected;
}

static void
check_wrong(const struct wrong *rows, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                struct expected expected = unmarked(rows[i].marked);
                struct filter *filter = (struct filter *)&expected;
                struct filter_error error;
                int r = filter_parse(expected.text, &filter, &error);

                if (r != -EINVAL)
                        fail_msg("'%s' is not refused but %d", expected.text, r);
                assert_ptr_equal(filter, &expected);
                if (strcmp(error.message, rows[i].message) != 0)
                        fail_msg("'%s' is told: %s", expected.text, error.message);
                if (error.word != expected.word || error.length != expected.length)
                        fail_msg("'%s' is marked at %zu for %zu, not at %zu for %zu", expected.text, error.word,
                                 error.length, expected.word, expected.length);
        }
}

#define CHECK_WRONG(...)                                            \
        do {                                                        \
                static const struct wrong rows[] = { __VA_ARGS__ }; \
                check_wrong(rows, COUNT(rows));                     \
        } while (0)

static void
words_that_are_no_condition(void **unused)
{
        (void)unused;
        CHECK_WRONG({ "state time-wait <dprt> = :443", "'dprt' is not a condition; did you mean 'dport'?" },
                    { "<dts> 10/8", "'dts' is not a condition; did you mean 'dst'?" },
                    { "<exlude> time-wait", "'exlude' is not a condition; did you mean 'exclude'?" },
                    { "<fwmrak> = 1", "'fwmrak' is not a condition; did you mean 'fwmark'?" },
                    { "dst 10/8 <garbage>",
                      "'garbage' is not a condition; there are state exclude dst src dport sport dev "
                      "fwmark cgroup autobound uid ino pid comm netns age" },
                    { "<10.0.0.1>", "'10.0.0.1' is not a condition; write 'dst 10.0.0.1' or 'src 10.0.0.1'" },
                    { "dst 10.0.0.1 or <10.0.0.2>",
                      "'10.0.0.2' is not a condition; write 'dst 10.0.0.2' or 'src 10.0.0.2'" },
                    { "dport = :443 or <:80>", "':80' is not a condition; write 'dport = :80' or 'sport = :80'" },
                    { "<443>", "'443' is not a condition; write 'dport = 443' or 'sport = 443'" },
                    { "state established <time-wait>", "'time-wait' is not a condition; write 'state time-wait'" },
                    { "<ESTAB>", "'ESTAB' is not a condition; write 'state ESTAB'" },
                    { "<'dport'> = :443", "''dport'' is not a condition; did you mean 'dport'?" },
                    { "<''>", "'''' is not a condition; there are state exclude dst src dport sport dev fwmark cgroup "
                              "autobound uid ino pid comm netns age" });
}

static void
words_that_are_missing(void **unused)
{
        (void)unused;
        CHECK_WRONG({ "dport =<>", "a port is missing after '='" }, { "dport<> ", "a port is missing after 'dport'" },
                    { "dst<>  ", "an address is missing after 'dst'" },
                    { "state<>", "a state is missing after 'state', such as 'time-wait'" },
                    { "state established state<>", "a state is missing after 'state', such as 'time-wait'" },
                    { "state =<>", "a state is missing after '=', such as 'time-wait'" },
                    { "comm =<>", "a name is missing after '='" }, { "dev<>", "an interface is missing after 'dev'" },
                    { "dst <src> 10/8", "an address is missing after 'dst'" },
                    { "dport <state> listening", "a port is missing after 'dport'" },
                    { "dst = <and> dport = :1", "an address is missing after '='" },
                    { "dst <not> 10/8", "an address is missing after 'dst'" },
                    { "dport = <=> :443", "a port is missing after '='" },
                    { "comm = <(>sd-pam)", "a name is missing after '='; put quotes around one with '(' in it" },
                    { "dport = :443 and<>", "a condition is missing after 'and'" },
                    { "dport = :443 ||<>", "a condition is missing after '||'" },
                    { "not<>", "a condition is missing after 'not'" },
                    { "(dport = :443 and <)>", "a condition is missing after 'and'" },
                    { "<and> dport = :443", "a condition is missing before 'and', such as 'dport = :443'" },
                    { "dport = :1 or <or> sport = :2", "a condition is missing before 'or', such as 'dport = :443'" },
                    { "<=> :443", "a condition is missing before '=', such as 'dport = :443'" });
}

static void
parentheses_that_do_not_match(void **unused)
{
        (void)unused;
        CHECK_WRONG({ "<(> dport = :443", "this '(' is never closed; add a ')'" },
                    { "( dport = :443 or <(> sport = :1 ", "this '(' is never closed; add a ')'" },
                    { "dport = :443 <)>", "this ')' closes nothing; leave it out or add a '(' before" },
                    { "<)>", "a condition is missing before ')', such as 'dport = :443'" },
                    { "dport = :443 or <( )>",
                      "nothing stands between '(' and ')'; put a condition there or leave them out" },
                    { "<()>", "nothing stands between '(' and ')'; put a condition there or leave them out" });
}

static void
operators_that_make_no_sense(void **unused)
{
        (void)unused;
        CHECK_WRONG({ "dst {>} 1.2.3.4 >", "'>' makes no sense before an address; 'dst' takes '=' or '!='" },
                    { "src <ge> 1.2.3.4", "'ge' makes no sense before an address; 'src' takes '=' or '!='" },
                    { "dev <lt> eth0", "'lt' makes no sense before an interface; 'dev' takes '=' or '!='" },
                    { "comm <gt> a", "'gt' makes no sense before a name; 'comm' takes '=' or '!='" },
                    { "age <=> 30s", "'age' takes '<' or '>' before a time, such as 'age > 30s'" },
                    { "age <30s>", "'age' takes '<' or '>' before a time, such as 'age > 30s'" },
                    { "autobound <=> 1", "'autobound' stands alone; leave out what follows" },
                    { "dport {=<} :443 <", "'=<' is not an operator; did you mean '<='?" },
                    { "dport {<>} :443 <", "'<>' is not an operator; did you mean '!='?" },
                    { "dport <===> :443", "'===' is not an operator; did you mean '=='?" },
                    { "dport = :1 <&&&> sport = :2", "'&&&' is not an operator; there are = != < <= > >= and or not" },
                    { "comm = <'nginx>", "the quote ' is never closed; add another '" });
}

static void
ports_that_are_none(void **unused)
{
        (void)unused;
        CHECK_WRONG(
                { "dport = :<99999>", "99999 is out of range; the highest is 65535" },
                { "dport = <65536>", "65536 is out of range; the highest is 65535" },
                { "dport = <0x10000>", "0x10000 is out of range; the highest is 65535" },
                { "dport = :<99999999999999999999999>",
                  "99999999999999999999999 is out of range; the highest is 65535" },
                { "dport = :<0443>", "'0443' begins with 0, which some read as octal; write it without" },
                { "dport = <0x>", "'0x' is not a number" },
                { "dport = :<nosuch>",
                  "'nosuch' is neither a port nor a service in /etc/services; ports go from 0 to 65535" },
                { "dport = <-1>", "'-1' is neither a port nor a service in /etc/services; ports go from 0 to 65535" },
                { "dport = <:>", "a port is missing after ':'; write a number, a service or *" },
                { "dst <1.2.3.4:>", "a port is missing after ':'; write a number, a service or *" },
                { "dst 1.2.3.4:<70000>", "70000 is out of range; the highest is 65535" },
                { "dst [::1]:<70000>", "70000 is out of range; the highest is 65535" },
                { "dport = <1.2.3.4:443>", "a port alone is wanted, such as :443; 'dst' and 'src' take addresses" },
                { "dport = <[::]:443>", "a port alone is wanted, such as :443; 'dst' and 'src' take addresses" },
                { "dport gt <*>", "any port is neither above nor below another; write a number" },
                { "dport = <unix::1>", "'unix:' is no family of TCP; there are 'inet:' and 'inet6:'" },
                /* A word with quotes in it is marked whole. */
                { "dport = <':99999'>", "99999 is out of range; the highest is 65535" });
}

static void
addresses_that_are_none(void **unused)
{
        (void)unused;
        CHECK_WRONG({ "dst <300.1.1.1>",
                      "'300.1.1.1' is not an IPv4 address: those are four numbers from 0 to 255, without "
                      "leading zeros" },
                    { "dst <1.2.3.4.5>",
                      "'1.2.3.4.5' is not an IPv4 address: those are four numbers from 0 to 255, without "
                      "leading zeros" },
                    { "dst <010.0.0.1>",
                      "'010.0.0.1' is not an IPv4 address: those are four numbers from 0 to 255, without "
                      "leading zeros" },
                    { "dst <1.2.3.>/8",
                      "'1.2.3.' is not an IPv4 address: those are four numbers from 0 to 255, without "
                      "leading zeros" },
                    { "dst <127.1>", "'127.1' is a part of an IPv4 address; write 127.1/16 for the network" },
                    { "dst <10>:443", "'10' is a part of an IPv4 address; write 10/8 for the network" },
                    { "dst <0x7f000001>", "'0x7f000001' is neither an address nor the name of a host" },
                    { "dst <a:b>:c", "'a:b' is not an IPv6 address; write [ADDRESS]:PORT" },
                    { "dst [<1:2>]", "'1:2' is not an IPv6 address; write [ADDRESS]:PORT" },
                    { "dst <[]>", "an address is missing between '[' and ']'" },
                    { "dst <[::1>", "this '[' is never closed; write [ADDRESS] or [ADDRESS]:PORT" },
                    { "dst [::1]<x>", "'x' is too much; write ADDRESS/PREFIX:PORT" },
                    { "dst 10.0.0.0/8</9>", "'/9' is too much; write ADDRESS/PREFIX:PORT" },
                    { "dst [fd00::/8]</8>", "'/8' is too much; write ADDRESS/PREFIX:PORT" },
                    { "dst inet6:<1.2.3.4>", "'1.2.3.4' is not an IPv6 address; write inet:1.2.3.4" },
                    { "dst inet:[<::1>]", "'::1' is not an IPv4 address; write inet6:[::1]" },
                    { "dst <unix:/run/x>", "'unix:' is no family of TCP; there are 'inet:' and 'inet6:'" },
                    { "dst <fd00::1:443>", "this can be read in two ways; write [fd00::1]:443 or [fd00::1:443]" },
                    { "dst 1.2.3.4%<nosuch>", "no interface is called 'nosuch'" });
}

static void
prefixes_that_are_none(void **unused)
{
        (void)unused;
        CHECK_WRONG({ "dst 10.0.0.0/<33>", "prefix length 33 is too long; the address has 32 bits" },
                    { "dst 10.0.0.0/<33>:443", "prefix length 33 is too long; the address has 32 bits" },
                    { "dst ::1/<129>", "prefix length 129 is too long; the address has 128 bits" },
                    { "dst [fd00::/<129>]", "prefix length 129 is too long; the address has 128 bits" },
                    { "dst 10.0.0.0/<>", "'' is not a prefix length; write a number up to 32" },
                    { "dst 10.0.0.0/<x>", "'x' is not a prefix length; write a number up to 32" },
                    { "dst 10.0.0.0/<-1>", "'-1' is not a prefix length; write a number up to 32" },
                    { "dst 10.0.0.0/<08>", "'08' begins with 0, which some read as octal; write it without" },
                    { "dst 10.0.0.0/<255.0.255.0>", "'255.0.255.0' is not a prefix length; write a number up to 32" },
                    { "dst fd00::/<255.0.0.0>", "'255.0.0.0' is not a prefix length; write a number up to 128" },
                    { "dst <*/8>", "any address takes no prefix length; write 0.0.0.0/0 or ::/0" },
                    { "dst <two.example>/8", "'two.example' is a name; a prefix length needs an address before it" });
}

static void
names_that_are_not_found(void **unused)
{
        (void)unused;
        CHECK_WRONG(
                { "dst <nosuch.example>", "no address found for the host 'nosuch.example': no such host" },
                { "dst <nosuch.example>:443", "no address found for the host 'nosuch.example': no such host" },
                { "dst <a,b>", "'a,b' is neither an address nor the name of a host" },
                { "dev <nosuch>", "no interface is called 'nosuch'" }, { "dev = <-1>", "no interface is called '-1'" },
                { "dev = <4294967296>", "4294967296 is out of range; the highest is 2147483647" },
                { "uid = <nobody-here>", "no user is called 'nobody-here'; a number will do, too" },
                { "cgroup <'/no such'>", "no cgroup ''/no such'': No such file or directory" },
                { "cgroup </not/mounted>", "no cgroup2 file system is mounted here, so cgroups have no names" },
                { "netns = <green>", "cannot find network namespace 'green': No such file or directory; give a name in "
                                     "/run/netns, a process or an inode" },
                { "netns = <1>", "cannot find network namespace '1': Permission denied; give a name in /run/netns, a "
                                 "process or an inode" },
                { "netns </etc/passwd>", "'/etc/passwd' is not a network namespace" });
}

static void
numbers_that_are_none(void **unused)
{
        (void)unused;
        CHECK_WRONG(
                { "fwmark = <abc>", "'abc' is not a number" }, { "fwmark = <0x1g>", "'0x1g' is not a number" },
                { "fwmark = 1/<>", "'' is not a number" },
                { "fwmark = <021>", "'021' begins with 0, which some read as octal; write it without" },
                { "fwmark = <0x100000000>", "0x100000000 is out of range; the highest is 4294967295" },
                { "fwmark = <0x11/0x01>", "no mark is 0x11 under the mask 0x01, which leaves out some of its bits" },
                { "pid = <nginx>", "'nginx' is not a number" }, { "ino = <1.5>", "'1.5' is not a number" },
                { "age ge <soon>", "'soon' is not a time; write it like 500ms, 30s, 5m, 2h or 1d" },
                { "age ge <30min>", "'30min' is not a time; write it like 500ms, 30s, 5m, 2h or 1d" },
                { "age ge <1.5s>", "'1.5s' is not a time; write it like 500ms, 30s, 5m, 2h or 1d" },
                { "age ge <1h30>", "'1h30' is not a time; write it like 500ms, 30s, 5m, 2h or 1d" },
                { "age ge <50d>", "'50d' is too long; ages are known up to 49 days" },
                { "age ge <99999999999999999999ms>",
                  "'99999999999999999999ms' is too long; ages are known up to 49 days" },
                { "comm = <''>", "every process has a name; write one, or a pattern such as 'ngin*'" });
}

static void
states_that_are_none(void **unused)
{
        (void)unused;
        CHECK_WRONG({ "state <time-wiat>", "'time-wiat' is not a state; did you mean 'time-wait'?" },
                    { "exclude <conected>", "'conected' is not a state; did you mean 'connected'?" },
                    { "state <lisening> dport = :1", "'lisening' is not a state; did you mean 'listening'?" },
                    { "state <nosuch>",
                      "'nosuch' is not a state; there are established, time-wait, listening, ... and all, "
                      "connected, synchronized" },
                    { "<state established exclude established> dport = :1",
                      "these words leave no state at all; 'exclude' less" },
                    { "<exclude all>", "these words leave no state at all; 'exclude' less" },
                    { "<state established and state listening>",
                      "no socket is in all these states at once; join them with 'or'" });
}

static void
nothing_in_a_message_reaches_the_terminal_raw(void **unused)
{
        (void)unused;
        CHECK_WRONG({ "dev <\x1b[31mred>", "no interface is called '?[31mred'" },
                    { "dev <\xff\xfe>", "no interface is called '?\?'" },
                    { "dev <\xc2\x9b>", "no interface is called '?\?'" },
                    { "dev <gr\xc3\xbc\xc3\x9f>", "no interface is called 'gr\xc3\xbc\xc3\x9f'" },
                    { "dev <an-interface-with-a-name-longer-than-a-line-of-its-own>",
                      "no interface is called 'an-interface-with-a-name-longer-than-a-l...'" });
}

/* `count` times `open`, a condition, `count` times `close`. */
static int
parse_nested(const char *open, const char *close, size_t count, struct filter_error *ret_error)
{
        char *text = malloc(count * (strlen(open) + strlen(close)) + 32);
        struct filter *filter = NULL;
        int r;

        assert_non_null(text);
        *text = '\0';
        for (size_t i = 0; i < count; i++)
                strcat(text, open);
        strcat(text, "dport = :1");
        for (size_t i = 0; i < count; i++)
                strcat(text, close);
        r = filter_parse(text, &filter, ret_error);
        free(text);
        if (r == 0)
                filter_free(filter);
        return r;
}

static void
nesting_has_a_limit(void **unused)
{
        struct filter_error error;

        (void)unused;
        assert_int_equal(parse_nested("(", ")", 100, &error), 0);
        assert_int_equal(parse_nested("(", ")", 101, &error), -EINVAL);
        assert_int_equal(error.word, 100);
        assert_int_equal(error.length, 1);
        assert_string_equal(error.message, "nested too deeply; 100 levels are the most");
        assert_int_equal(parse_nested("not ", "", 100, &error), 0);
        assert_int_equal(parse_nested("not ", "", 20000 / 4, &error), -EINVAL);
        assert_int_equal(error.word, 400);
        /* side by side there may be more */
        assert_int_equal(parse_nested("(sport = :1) ", "", 101, &error), 0);
}

static void
length_has_a_limit(void **unused)
{
        char *text = malloc(FILTER_TEXT_MAX + 2);
        struct filter *filter = NULL;
        struct filter_error error;

        (void)unused;
        assert_non_null(text);
        memset(text, ' ', FILTER_TEXT_MAX + 1);
        text[FILTER_TEXT_MAX + 1] = '\0';
        assert_int_equal(filter_parse(text, &filter, &error), -EINVAL);
        assert_string_equal(error.message, "a filter is at most 65536 characters long");
        assert_int_equal(error.word, FILTER_TEXT_MAX);
        text[FILTER_TEXT_MAX] = '\0';
        assert_int_equal(filter_parse(text, &filter, &error), 0);
        filter_free(filter);
        free(text);
}

/* Each "dst many.example" is 64 tests. */
static void
the_number_of_conditions_has_a_limit(void **unused)
{
        char *text = malloc(257 * sizeof "dst many.example");
        struct filter *filter = NULL;
        struct filter_error error;
        size_t length = 0;

        (void)unused;
        assert_non_null(text);
        for (size_t i = 0; i < 257; i++) {
                if (i == 256) {
                        assert_int_equal(filter_parse(text, &filter, &error), 0);
                        filter_free(filter);
                }
                length += (size_t)sprintf(text + length, "%sdst many.example", i ? " " : "");
        }
        assert_int_equal(filter_parse(text, &filter, &error), -EINVAL);
        assert_string_equal(error.message, "too many conditions; 16384 is the most");
        free(text);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(words_that_are_no_condition),
                cmocka_unit_test(words_that_are_missing),
                cmocka_unit_test(parentheses_that_do_not_match),
                cmocka_unit_test(operators_that_make_no_sense),
                cmocka_unit_test(ports_that_are_none),
                cmocka_unit_test(addresses_that_are_none),
                cmocka_unit_test(prefixes_that_are_none),
                cmocka_unit_test(names_that_are_not_found),
                cmocka_unit_test(numbers_that_are_none),
                cmocka_unit_test(states_that_are_none),
                cmocka_unit_test(nothing_in_a_message_reaches_the_terminal_raw),
                cmocka_unit_test(nesting_has_a_limit),
                cmocka_unit_test(length_has_a_limit),
                cmocka_unit_test(the_number_of_conditions_has_a_limit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
