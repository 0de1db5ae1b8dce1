/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9293 3.4.1, 3.5, 3.9.1.1 and 3.9.2.3: initial sequence numbers, OPEN, and addresses that are none. */
#include "engine_raw.h"

/* ---- Initial sequence numbers ---- */

static uint32_t
isn_towards(const char *local, unsigned int local_port, const char *remote, unsigned int remote_port)
{
        struct la_endpoint from = endpoint_of(local, local_port), to = endpoint_of(remote, remote_port);
        struct la_status s;
        struct la_handle h;

        assert_int_equal(la_open(e.stack, e.now, e.family, &from, &to, 0, &h), LA_OK);
        assert_int_equal(la_status(e.stack, e.now, h, &s), LA_OK);
        assert_int_equal(la_abort(e.stack, e.now, h), LA_OK);
        forget_sent();
        return s.iss;
}

/* Shows MUST-8. */
static void
a_clock_of_four_microseconds_chooses(void **state)
{
        (void)state;
        uint32_t first = isn_towards("10.0.0.1", 5000, "10.0.0.2", 80), passive;

        after_ms(1000);
        assert_int_equal(isn_towards("10.0.0.1", 5000, "10.0.0.2", 80) - first, 250000);
        after_ms(3600 * 1000);
        assert_int_equal(isn_towards("10.0.0.1", 5000, "10.0.0.2", 80) - first, 3601u * 250000);

        half_open();
        passive = e.our_isn;
        seg("R 1:1");
        after_ms(1000);
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        assert_int_equal(e.our_isn - passive, 250000);
}

/* Shows SHLD-1. */
static void
each_connection_has_numbers_of_its_own(void **state)
{
        (void)state;
        const uint32_t isn[] = {
                isn_towards("10.0.0.1", 5000, "10.0.0.2", 80), isn_towards("10.0.0.3", 5000, "10.0.0.2", 80),
                isn_towards("10.0.0.1", 5001, "10.0.0.2", 80), isn_towards("10.0.0.1", 5000, "10.0.0.4", 80),
                isn_towards("10.0.0.1", 5000, "10.0.0.2", 81),
        };

        assert_int_equal(isn_towards("10.0.0.1", 5000, "10.0.0.2", 80), isn[0]);
        for (size_t i = 0; i < sizeof isn / sizeof *isn; i++)
                for (size_t j = 0; j < i; j++)
                        assert_true(isn[i] - isn[j] > 65536 && isn[j] - isn[i] > 65536);
}

/* Shows MUST-9. */
static void
who_does_not_know_the_secret_learns_nothing(void **state)
{
        (void)state;
        struct la_config c = usual_config();
        uint32_t first = isn_towards("10.0.0.1", 5000, "10.0.0.2", 80);
        uint32_t next = isn_towards("10.0.0.1", 5001, "10.0.0.2", 80), other;

        c.seed[31] ^= 1;
        remake(&c);
        other = isn_towards("10.0.0.1", 5000, "10.0.0.2", 80);
        assert_true(other - first > 65536 && first - other > 65536);
        /* Nor does one number, seen on one connection, tell another's. */
        assert_int_not_equal(isn_towards("10.0.0.1", 5001, "10.0.0.2", 80) - other, next - first);
}

/* ---- OPEN ---- */

/* Shows MUST-11. */
static void
a_half_open_connection_remembers_who_opened(void **state)
{
        (void)state;
        struct la_event_report event;

        connecting();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("R 1:1");
        expect_state(LA_CLOSED); /* the program asked for it, and is told */
        assert_int_equal(status_now().error, LA_ERR_REFUSED);
        assert_true(events_now() & LA_HAPPENED_ERROR);

        e.local_port = LOCAL_PORT;
        half_open();
        seg("R 1:1");
        expect_gone(); /* nobody asked: back to LISTEN, without a word */
        assert_int_equal(la_state_count(e.stack, LA_LISTEN), 1);
        assert_int_equal(la_accept(e.stack, e.now, e.listener, 0, &e.connection), LA_ERR_AGAIN);
        assert_false(la_next_event(e.stack, &event));
}

/* Shows MUST-41. */
static void
a_passive_open_leaves_others_alone(void **state)
{
        (void)state;
        struct la_endpoint any = { .port = LOCAL_PORT }, exact = endpoint_of("10.0.0.1", LOCAL_PORT);
        struct la_handle first, other;

        established();
        first = e.listener;
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        assert_int_equal(la_listen(e.stack, e.now, LA_IPV4, &any, 5, 0, &other), LA_ERR_IN_USE);
        assert_int_equal(la_listen(e.stack, e.now, LA_IPV4, &exact, 5, 0, &other), LA_OK);
        expect_state(LA_ESTABLISHED);
        expect_found(LA_SYN_RECEIVED);
        seg("A 1:1 ack 1");
        assert_int_equal(la_accept(e.stack, e.now, other, 0, &e.connection), LA_ERR_AGAIN);
        assert_int_equal(la_accept(e.stack, e.now, first, 0, &e.connection), LA_OK);
        expect_state(LA_ESTABLISHED);
        expect_nothing_sent();
}

/* Shows MUST-42. */
static void
one_may_listen_on_a_port_that_is_opening(void **state)
{
        (void)state;
        uint16_t port;

        connecting();
        port = e.local_port;
        listening();
        expect_state(LA_SYN_SENT);
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        expect_state(LA_SYN_RECEIVED);
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        listening();
        expect_state(LA_SYN_RECEIVED);

        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        assert_int_equal(e.last.source.port, port);
        seg("A 1:1 ack 1");
        accept_it();
        expect_state(LA_ESTABLISHED);
}

/* ---- Local addresses ---- */

static void
expect_from(const char *address)
{
        struct la_endpoint from = endpoint_of(address, 0);

        assert_memory_equal(e.last.source.address, from.address, 16);
}

/* Shows MUST-43. */
static void
the_local_address_may_be_said(void **state)
{
        (void)state;
        struct la_endpoint local = endpoint_of("10.0.0.5", 5000), peer = endpoint_of("10.0.0.2", PEER_PORT), port_80;

        assert_int_equal(la_open(e.stack, e.now, LA_IPV4, &local, &peer, 0, &e.connection), LA_OK);
        expect_sent("S 0:0");
        expect_from("10.0.0.5");

        port_80 = endpoint_of("10.0.0.5", LOCAL_PORT);
        assert_int_equal(la_listen(e.stack, e.now, LA_IPV4, &port_80, 5, 0, &e.listener), LA_OK);
        seg_between("S 0:0", "10.0.0.2", "10.0.0.5");
        expect_sent("SA 0:0 ack 1");
        expect_from("10.0.0.5");
        e.peer_port++;
        e.our_isn = 0;
        seg_between("S 0:0", "10.0.0.2", "10.0.0.1"); /* nobody listens there */
        expect_sent("RA 0:0 ack 1");
}

/* Shows MUST-44. */
static void
the_host_chooses_one_where_none_is_said(void **state)
{
        (void)state;
        bool v4 = e.family == LA_IPV4;
        struct la_endpoint peer = endpoint_of(v4 ? "10.0.0.2" : "fd00::2", PEER_PORT);
        struct la_endpoint only_port = { .port = 5000 };
        struct la_config c = usual_config();
        struct la_handle h;

        connecting();
        expect_from(v4 ? "10.0.0.1" : "fd00::1");
        assert_int_equal(la_open(e.stack, e.now, e.family, &only_port, &peer, 0, &h), LA_OK);
        expect_sent("S 0:0");
        expect_from(v4 ? "10.0.0.1" : "fd00::1");
        assert_int_equal(e.last.source.port, 5000);

        memset(c.address4, 0, sizeof c.address4);
        memset(c.address6, 0, sizeof c.address6);
        remake(&c); /* a host that has told none */
        assert_int_equal(la_open(e.stack, e.now, e.family, NULL, &peer, 0, &h), LA_ERR_ADDRESS);
        expect_nothing_sent();
}

/* Shows MUST-45. */
static void
all_segments_come_from_the_address_of_the_first(void **state)
{
        (void)state;
        listening();
        seg_between("S 0:0 win 65535 mss 1460", "10.0.0.2", "10.0.0.77");
        expect_sent("SA 0:0 ack 1");
        expect_from("10.0.0.77");
        seg_between("A 1:1 ack 1", "10.0.0.2", "10.0.0.77");
        accept_it();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 1");
        expect_from("10.0.0.77");
        after_ms(200);
        expect_sent("PA 1:11 ack 1");
        expect_from("10.0.0.77");
        seg_between("A 1:1 ack 11", "10.0.0.2", "10.0.0.77");
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 11:11 ack 1");
        expect_from("10.0.0.77");
        seg_between("FA 1:1 ack 12", "10.0.0.2", "10.0.0.77");
        expect_sent("A 12:12 ack 2");
        expect_from("10.0.0.77");
        seg_between("FA 1:1 ack 12", "10.0.0.2", "10.0.0.77"); /* TIME_WAIT is a record by now */
        expect_sent("A 12:12 ack 2");
        expect_from("10.0.0.77");
}

/* ---- Addresses that are none ---- */

static const char *const no_host4[] = { "0.0.0.0",         "0.1.2.3",   "224.0.0.1",
                                        "239.255.255.250", "240.0.0.1", "255.255.255.255" };
static const char *const no_host6[] = { "::", "ff02::1", "ff0e::fb" };

/* Shows MUST-46. */
static void
open_refuses_what_is_no_host(void **state)
{
        (void)state;
        bool v4 = e.family == LA_IPV4;
        const char *const *no_host = v4 ? no_host4 : no_host6;
        struct la_endpoint good = endpoint_of(v4 ? "10.0.0.2" : "fd00::2", 5);

        for (size_t i = 0; i < (v4 ? sizeof no_host4 : sizeof no_host6) / sizeof *no_host4; i++) {
                struct la_endpoint bad = endpoint_of(no_host[i], 5);
                struct la_handle h;

                assert_int_equal(la_open(e.stack, e.now, e.family, NULL, &bad, 0, &h), LA_ERR_ADDRESS);
                if (i > 0) /* the first says "any" */
                        assert_int_equal(la_open(e.stack, e.now, e.family, &bad, &good, 0, &h), LA_ERR_ADDRESS);
        }
        expect_nothing_sent();
        assert_int_equal(la_usage(e.stack).connections, 0);
}

static void
expect_syns_ignored(bool as_source)
{
        bool v4 = e.family == LA_IPV4;
        const char *const *no_host = v4 ? no_host4 : no_host6, *peer = v4 ? "10.0.0.2" : "fd00::2";
        const char *us = v4 ? "10.0.0.1" : "fd00::1";

        listening();
        for (size_t i = 0; i < (v4 ? sizeof no_host4 : sizeof no_host6) / sizeof *no_host4; i++) {
                seg_between("S 0:0 win 65535", as_source ? no_host[i] : peer, as_source ? us : no_host[i]);
                expect_nothing_sent();
                expect_verdict(LA_V_BAD_ADDRESS);
        }
        seg_between("S 0:0 win 65535", peer, us);
        expect_sent("SA 0:0 ack 1");
        assert_int_equal(la_usage(e.stack).half_open, 1);
}

/* Shows MUST-57. */
static void
a_syn_to_many_is_discarded(void **state)
{
        (void)state;
        expect_syns_ignored(false);
}

/* Shows MUST-63. */
static void
a_syn_from_nobody_is_ignored(void **state)
{
        (void)state;
        expect_syns_ignored(true);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(a_clock_of_four_microseconds_chooses),
                engine_test(each_connection_has_numbers_of_its_own),
                engine_test(who_does_not_know_the_secret_learns_nothing),
                engine_test(a_half_open_connection_remembers_who_opened),
                engine_test(a_passive_open_leaves_others_alone),
                engine_test(one_may_listen_on_a_port_that_is_opening),
                engine_test(the_local_address_may_be_said),
                engine_test(the_host_chooses_one_where_none_is_said),
                engine_test6(the_host_chooses_one_where_none_is_said),
                engine_test(all_segments_come_from_the_address_of_the_first),
                engine_test(open_refuses_what_is_no_host),
                engine_test6(open_refuses_what_is_no_host),
                engine_test(a_syn_to_many_is_discarded),
                engine_test6(a_syn_to_many_is_discarded),
                engine_test(a_syn_from_nobody_is_ignored),
                engine_test6(a_syn_from_nobody_is_ignored),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
