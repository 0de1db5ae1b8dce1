/* SPDX-License-Identifier: BSD-2-Clause */
/* Values as a person reads them: numbers, times, ends of connections, owners, and ss's details. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/details.h"
#include "cli/text.h"

static char text[DETAILS_ROOM * 8];

#define assert_text(call, expected)                  \
        do {                                         \
                *(call) = '\0';                      \
                assert_string_equal(text, expected); \
        } while (0)

static const struct text_style numeric = { .numeric = true };

static struct la_snapshot
ipv4(uint8_t last_byte, uint16_t port, uint16_t remote_port)
{
        return (struct la_snapshot){
                .family = LA_IPV4,
                .local = { { 10, 0, 0, last_byte }, port },
                .remote = { { 192, 168, 255, 1 }, remote_port },
        };
}

static void
numbers(void **unused)
{
        (void)unused;
        assert_text(text_number(text, 0), "0");
        assert_text(text_number(text, 18446744073709551615u), "18446744073709551615");
        assert_text(text_grouped(text, 999), "999");
        assert_text(text_grouped(text, 1000), "1,000");
        assert_text(text_grouped(text, 270113), "270,113");
        assert_text(text_grouped(text, 1234567), "1,234,567");
}

static void
durations_have_two_units_at_most(void **unused)
{
        (void)unused;
        assert_text(text_duration(text, 0), "0ms");
        assert_text(text_duration(text, 999), "999ms");
        assert_text(text_duration(text, 1000), "1s");
        assert_text(text_duration(text, 59999), "59s");
        assert_text(text_duration(text, 60000), "1m");
        assert_text(text_duration(text, 200000), "3m20s");
        assert_text(text_duration(text, 3600000), "1h");
        assert_text(text_duration(text, 3605000), "1h"); /* five seconds are no minute */
        assert_text(text_duration(text, 7500000), "2h5m");
        assert_text(text_duration(text, UINT64_C(4) * 86400000 + 3600000), "4d1h");
}

/* ss of iproute2 6.1 prints these for the same remaining times. */
static void
timers_as_ss_writes_them(void **unused)
{
        (void)unused;
        assert_text(text_timer(text, 0), "0ms");
        assert_text(text_timer(text, 200), "200ms");
        assert_text(text_timer(text, 1000), "1sec");
        assert_text(text_timer(text, 1250), "1.2sec");
        assert_text(text_timer(text, 9050), "9sec");
        assert_text(text_timer(text, 10900), "10sec");
        assert_text(text_timer(text, 59000), "59sec");
        assert_text(text_timer(text, 60000), "1min");
        assert_text(text_timer(text, 119000), "1min59sec");
        assert_text(text_timer(text, 7199000), "119min");
}

static void
ends_of_ipv4(void **unused)
{
        struct la_snapshot s = ipv4(5, 49152, 443);

        (void)unused;
        assert_text(text_local(text, &s, &numeric), "10.0.0.5:49152");
        assert_text(text_remote(text, &s, &numeric), "192.168.255.1:443");
        s.remote = (struct la_endpoint){ { 0 }, 0 };
        assert_text(text_remote(text, &s, &numeric), "0.0.0.0:*");
}

static void
ends_of_ipv6(void **unused)
{
        struct la_snapshot s = { .family = LA_IPV6, .local = { { [15] = 1 }, 80 } };

        (void)unused;
        assert_text(text_local(text, &s, &numeric), "[::1]:80");
        assert_text(text_remote(text, &s, &numeric), "[::]:*");
        s.local = (struct la_endpoint){ { [10] = 0xff, 0xff, 10, 0, 0, 1 }, 80 };
        assert_text(text_local(text, &s, &numeric), "[::ffff:10.0.0.1]:80");
}

static void
a_listener_of_both_families_is_a_star(void **unused)
{
        struct la_snapshot s = { .family = LA_IPV6, .known = LA_KNOWN_V6ONLY, .local = { { 0 }, 80 } };

        (void)unused;
        assert_text(text_local(text, &s, &numeric), "*:80");
        s.v6only = true;
        assert_text(text_local(text, &s, &numeric), "[::]:80");
        s.known = 0; /* nobody knows: do not claim that it serves both */
        assert_text(text_local(text, &s, &numeric), "[::]:80");
}

static void
bound_interfaces(void **unused)
{
        struct la_snapshot s = ipv4(5, 80, 0);
        struct text_style foreign = { .numeric = true, .foreign_netns = true };

        (void)unused;
        s.interface = 1;
        assert_text(text_local(text, &s, &foreign), "10.0.0.5%if1:80");
        assert_text(text_remote(text, &s, &foreign), "192.168.255.1:*");
        s.interface = 4000000; /* gone since */
        assert_text(text_local(text, &s, &numeric), "10.0.0.5%if4000000:80");
}

static void
owners_as_ss_writes_them(void **unused)
{
        static const struct la_owner owners[] = { { 17, 3, "nginx" }, { 18, 3, "nginx" } };
        struct la_snapshot s = { .owners = owners, .owner_count = 2 };

        (void)unused;
        assert_text(text_owners(text, sizeof(text), &s), "users:((\"nginx\",pid=17,fd=3),(\"nginx\",pid=18,fd=3))");
        s.owner_count = 0;
        assert_text(text_owners(text, sizeof(text), &s), "");
}

/* A process may call itself anything: nothing of it is to move the cursor of who looks at it. */
static void
names_do_not_control_the_terminal(void **unused)
{
        static const struct la_owner owner = { 17, 3, "a\033[2J\n\x7f" };
        const struct la_snapshot s = { .owners = &owner, .owner_count = 1 };

        (void)unused;
        assert_text(text_owners(text, sizeof(text), &s), "users:((\"a?[2J??\",pid=17,fd=3))");
        assert_text(text_foreign(text, "\xc3\xa4"), "??"); /* more than the locale of this test can show */
        if (!setlocale(LC_CTYPE, "C.UTF-8")) {
                print_message("# there is no UTF-8 locale on this system\n");
                skip();
        }
        assert_text(text_foreign(text, "\xc3\xa4\xc2\x9b\xff."), "\xc3\xa4??."); /* U+009B begins a sequence, too */
        setlocale(LC_CTYPE, "C");
}

static void
too_many_owners_are_counted(void **unused)
{
        enum { COUNT = 1000, ROOM = 512 };
        static struct la_owner owners[COUNT];
        struct la_snapshot s = { .owners = owners, .owner_count = COUNT };

        (void)unused;
        for (int i = 0; i < COUNT; i++)
                owners[i] = (struct la_owner){ INT32_MAX, INT32_MAX, "fifteen letters" };
        char *end = text_owners(text, ROOM, &s);
        *end = '\0';
        assert_true(end < text + ROOM);
        assert_non_null(strstr(text, "more)"));
        unsigned int shown = 0;
        for (const char *p = text; (p = strstr(p, "pid=")) != NULL; p++)
                shown++;
        char rest[32];
        snprintf(rest, sizeof(rest), "(+%u more))", COUNT - shown);
        assert_non_null(strstr(text, rest));
}

static void
details_of_what_is_known_only(void **unused)
{
        struct la_snapshot s = ipv4(5, 80, 0);

        (void)unused;
        assert_text(details_timer(text, &s), "");
        assert_text(details_extended(text, &s), "");
        assert_text(details_memory(text, &s), "");
        assert_text(details_tcp(text, &s), "");
        s.known = LA_KNOWN_TIMER | LA_KNOWN_INODE | LA_KNOWN_COOKIE | LA_KNOWN_AGE;
        s.timer = LA_TIMER_KEEPALIVE;
        s.timer_ms = 7199000;
        s.uid = 1000;
        s.inode = 4711;
        s.cookie = 0x1f;
        s.age_min_ms = 2000;
        s.age_max_ms = UINT32_MAX;
        assert_text(details_timer(text, &s), "timer:(keepalive,119min,0)");
        assert_text(details_extended(text, &s), "uid:1000 ino:4711 sk:1f age:>=2s");
        s.age_max_ms = 3000;
        assert_text(details_extended(text, &s), "uid:1000 ino:4711 sk:1f age:>=2s,<=3s");
        s.age_max_ms = 2000;
        assert_text(details_extended(text, &s), "uid:1000 ino:4711 sk:1f age:2s");
}

static void
details_of_memory_and_tcp(void **unused)
{
        struct la_snapshot s = { .known = LA_KNOWN_TCP | LA_KNOWN_MEMORY };

        (void)unused;
        s.memory = (struct la_memory){ .receive_buffer = 131072, .send_buffer = 16384, .drops = 24 };
        assert_text(details_memory(text, &s), "skmem:(r0,rb131072,t0,tb16384,f0,w0,o0,bl0,d24)");
        s.tcp = (struct la_tcp_details){ .timestamps = true,
                                         .sack = true,
                                         .congestion = "cubic",
                                         .window_scaling = true,
                                         .send_wscale = 7,
                                         .receive_wscale = 8,
                                         .rto_us = 201000,
                                         .rtt_us = 18,
                                         .rttvar_us = 9500,
                                         .ssthresh = 0x7fffffff,
                                         .cwnd = 10,
                                         .retransmitted_total = 2,
                                         .pacing_rate = UINT64_MAX };
        assert_text(details_tcp(text, &s), "ts sack cubic wscale:7,8 rto:201 rtt:0.018/9.5 cwnd:10 retrans:0/2");
}

/* A row has DETAILS_ROOM bytes for it, whatever the kernel says. */
static void
the_longest_details_fit(void **unused)
{
        struct la_snapshot s;

        (void)unused;
        memset(&s, 0xff, sizeof(s));
        s.family = LA_IPV6;
        s.v6only = true;
        s.timer = LA_TIMER_TIME_WAIT;
        memset(s.tcp.congestion, 'x', sizeof(s.tcp.congestion));
        s.tcp.congestion[LA_NAME_SIZE - 1] = '\0';
        s.tcp.ssthresh = 0x7ffffffe;
        s.tcp.pacing_rate = s.tcp.delivery_rate = UINT64_MAX - 1;
        s.tcp.min_rtt_us = UINT32_MAX - 1;
        s.tcp.timestamps = s.tcp.sack = s.tcp.ecn = s.tcp.ecn_seen = s.tcp.fastopen = s.tcp.window_scaling = true;
        s.age_min_ms = UINT32_MAX - 2;
        s.age_max_ms = UINT32_MAX - 1;
        assert_true(details_timer(text, &s) - text <= DETAILS_ROOM);
        assert_true(details_extended(text, &s) - text <= DETAILS_ROOM);
        assert_true(details_memory(text, &s) - text <= DETAILS_ROOM);
        assert_true(details_tcp(text, &s) - text <= DETAILS_ROOM);
        assert_true(text_local(text, &s, &numeric) - text <= TEXT_ROOM);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(numbers),
                cmocka_unit_test(durations_have_two_units_at_most),
                cmocka_unit_test(timers_as_ss_writes_them),
                cmocka_unit_test(ends_of_ipv4),
                cmocka_unit_test(ends_of_ipv6),
                cmocka_unit_test(a_listener_of_both_families_is_a_star),
                cmocka_unit_test(bound_interfaces),
                cmocka_unit_test(owners_as_ss_writes_them),
                cmocka_unit_test(names_do_not_control_the_terminal),
                cmocka_unit_test(too_many_owners_are_counted),
                cmocka_unit_test(details_of_what_is_known_only),
                cmocka_unit_test(details_of_memory_and_tcp),
                cmocka_unit_test(the_longest_details_fit),
        };

        return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
