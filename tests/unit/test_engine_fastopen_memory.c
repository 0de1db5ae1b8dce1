/* SPDX-License-Identifier: BSD-2-Clause */
/* What clients remember of servers that speak Fast Open, and of those that do not: RFC 7413 4.1.3. */
#include "engine_fastopen.h"
#include "stack/stack.h"
#include "tcp/fastopen.h"
#include "wire/icmp.h"

/* ---- 4.1.3.1: negative responses ---- */

static void
expect_no_attempt(void)
{
        open_fast(100);
        expect_sent("S 0:0 cookie none");
        done();
}

static void
silence_is_remembered_for_a_while(void **state)
{
        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        after_ms(1000);
        done();
        expect_no_attempt();
        after_ms(59000);
        expect_no_attempt();
        after_ms(1000);
        open_fast(100);
        expect_sent("S 0:100 cookie 0123456789abcdef");
        after_ms(1000);
        done(); /* again: for two minutes */
        after_ms(119000);
        expect_no_attempt();
        after_ms(1000);
        open_fast(100);
        expect_sent("S 0:100");
        seg("SA 0:0 ack 101 win 65535 mss 1460");
        done(); /* well again, and what was is forgotten */
        open_fast(100);
        expect_sent("S 0:100");
        after_ms(1000);
        done();
        after_ms(59000);
        expect_no_attempt();
        after_ms(1000);
        open_fast(100);
        expect_sent("S 0:100");
}

static void
an_attempt_fails_once_however_long_it_takes(void **state)
{
        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        after_ms(7000); /* three SYNs more, the first after a second */
        done();
        after_ms(53000);
        expect_no_attempt();
        after_ms(1000);
        open_fast(100);
        expect_sent("S 0:100");
}

/* "the client's cache should include remote port numbers, too". */
static void
another_port_may_be_tried(void **state)
{
        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        after_ms(1000);
        done();
        e.peer_port++;
        open_fast(100);
        expect_sent("S 0:100 cookie 0123456789abcdef");
}

/* 4.2.1: "record the set of servers that failed to respond to cookie requests". */
static void
a_server_without_cookies_is_not_asked_again_at_once(void **state)
{
        (void)state;
        open_fast(100);
        expect_sent("S 0:0 cookie ask");
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_sent("PA 1:101 ack 1");
        done();
        expect_no_attempt();
        after_ms(60000);
        open_fast(100);
        expect_sent("S 0:0 cookie ask");
}

static void
a_server_that_takes_cookies_no_more(void **state)
{
        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_sent("PA 1:101 ack 1");
        done();
        expect_no_attempt();
        after_ms(60000);
        open_fast(100);
        expect_sent("S 0:0 cookie ask"); /* what it gave before is forgotten */
}

static void
an_icmp_error_is_a_negative_response(void **state)
{
        static const uint8_t router[16] = { 10, 0, 0, 9 };
        uint8_t error[ICMP_ERROR_MAX_IPV6];
        struct la_packet p = { .parts = 1 };
        struct ip_packet ip;

        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        assert_int_equal(ip_parse(e.last_bytes, sizeof e.last_bytes, &ip), WIRE_OK);
        p.part[0].length = icmp_build_unreachable(&ip, ICMP_PORT_UNREACHABLE, router, error);
        p.part[0].bytes = error;
        la_input(e.stack, e.now, &p, 1);
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().error, LA_ERR_UNREACHABLE);
        expect_no_attempt();
}

/* ---- The memory of servers ---- */

/* Each is met once, its cookie saying its number. */
static void
meet(uint8_t number)
{
        struct tcp_host *h = &e.stack->host;
        struct la_endpoint local = { .address = { 10, 0, 0, 1 } }, remote = { { 10, 1, 1, number }, 80 };
        struct segment s = { .options = { .has_fastopen = true, .cookie_bytes = 4, .cookie = { number } } };
        struct tcb t = { .tuple = tuple_of(LA_IPV4, &local, &remote), .snd = { .nxt = { 1 }, .una = { 1 } } };

        fastopen_on_syn_ack(h, &t, &s);
}

static bool
is_known(uint8_t number)
{
        struct tcp_host *h = &e.stack->host;
        struct la_endpoint local = { .address = { 10, 0, 0, 1 } }, remote = { { 10, 1, 1, number }, 80 };
        struct tcb t = { .tuple = tuple_of(LA_IPV4, &local, &remote), .state = LA_SYN_SENT, .set.fast_open = true };
        struct outgoing o = { 0 };

        t.snd.nxt = t.snd.end = seq_of(1);
        t.path_mtu = 1500;
        fastopen_on_syn(h, &t, &o);
        assert_true(o.segment.options.has_fastopen);
        return o.segment.options.cookie_bytes == 4 && o.segment.options.cookie[0] == number;
}

static void
the_one_met_longest_ago_is_forgotten(void **state)
{
        struct la_config c = usual_config();

        (void)state;
        c.servers = 4;
        remake(&c);
        for (uint8_t i = 1; i <= 5; i++) {
                after_ms(1000);
                meet(i);
        }
        assert_false(is_known(1));
        for (uint8_t i = 2; i <= 5; i++)
                assert_true(is_known(i));
        after_ms(1000);
        meet(2);
        meet(6);
        assert_true(is_known(2));
        assert_false(is_known(3));
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(silence_is_remembered_for_a_while),
                engine_test(an_attempt_fails_once_however_long_it_takes),
                engine_test(another_port_may_be_tried),
                engine_test(a_server_without_cookies_is_not_asked_again_at_once),
                engine_test(a_server_that_takes_cookies_no_more),
                engine_test(an_icmp_error_is_a_negative_response),
                engine_test(the_one_met_longest_ago_is_forgotten),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
