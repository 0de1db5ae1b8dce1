/* SPDX-License-Identifier: BSD-2-Clause */
/* The same of what a host runs out of, its listeners, and what programs hold. */
#include "doctor_words.h"

/* ---- What the host runs out of -------------------------------------------------------------------------------------- */

static void
conntrack_is_told_at_four_fifths(void **unused)
{
        (void)unused;
        first_look();
        fact(FACT_TRACKED, 52000);
        fact(FACT_TRACKED_MOST, 65536);
        assert_null(judged("conntrack"));
        fact(FACT_TRACKED, 52429);
        assert_int_equal(judged("conntrack")->severity, SEVERITY_WARNING);
        fact(FACT_TRACKED, 65000);
        const struct finding *x = judged("conntrack");
        assert_int_equal(x->severity, SEVERITY_CRITICAL);
        assert_int_equal(number(x, "entries"), 65000);
        assert_true(advises(x, "nf_conntrack_max=131072"));
        assert_true(advises(x, "timeout_established=86400"));
        fact(FACT_TRACKED_KEPT, 7440);
        fact(FACT_FOREIGN, 1);
        x = judged("conntrack");
        assert_false(advises(x, "nf_conntrack_max=")); /* the kernel would refuse it there */
        assert_false(advises(x, "timeout_established"));
}

static void
conntrack_that_drops_is_full(void **unused)
{
        (void)unused;
        first_look();
        counter(COUNT_TRACK_EARLY_DROP, 5);
        second_look(2);
        counter(COUNT_TRACK_EARLY_DROP, 9);
        fact(FACT_TRACKED, 100);
        fact(FACT_TRACKED_MOST, 65536);
        const struct finding *x = judged("conntrack");
        assert_int_equal(x->severity, SEVERITY_CRITICAL);
        assert_int_equal(number(x, "forgotten_in_sample"), 4);
}

static void
memory_under_pressure(void **unused)
{
        (void)unused;
        first_look();
        fact(FACT_MEMORY_PAGES, 1999);
        fact(FACT_MEMORY_PRESSED, 2000);
        fact(FACT_MEMORY_MOST, 3000);
        fact(FACT_PAGE, 4096);
        assert_null(judged("tcp-memory"));
        fact(FACT_MEMORY_PAGES, 2000);
        assert_int_equal(judged("tcp-memory")->severity, SEVERITY_WARNING);
        fact(FACT_MEMORY_PAGES, 2900);
        const struct finding *x = judged("tcp-memory");
        assert_int_equal(x->severity, SEVERITY_CRITICAL);
        assert_int_equal(number(x, "memory_bytes"), 2900 * 4096);
}

static void
orphans_near_their_limit(void **unused)
{
        (void)unused;
        first_look();
        knob(LA_K_tcp_max_orphans, "10000", 10000, 0);
        fact(FACT_ORPHANS, 4999);
        assert_null(judged("orphans"));
        fact(FACT_ORPHANS, 5000);
        assert_int_equal(judged("orphans")->severity, SEVERITY_WARNING);
        fact(FACT_ORPHANS, 9000);
        assert_int_equal(judged("orphans")->severity, SEVERITY_CRITICAL);
}

static void
orphans_that_were_reset(void **unused)
{
        (void)unused;
        first_look();
        counter("TCPAbortOnMemory", 3);
        second_look(1);
        counter("TCPAbortOnMemory", 10);
        const struct finding *x = judged("orphans");
        assert_non_null(x);
        assert_int_equal(number(x, "reset_in_sample"), 7);
}

/* Linux takes what is below 0 for no limit. */
static void
records_without_limit(void **unused)
{
        (void)unused;
        first_look();
        knob(LA_K_tcp_max_tw_buckets, "-1", -1, 0);
        fact(FACT_TIME_WAIT, 131071);
        assert_null(judged("time-wait-table"));
        fact(FACT_TIME_WAIT, 131072);
        const struct finding *x = judged("time-wait-table");
        assert_non_null(x);
        assert_int_equal(x->severity, SEVERITY_NOTICE);
        assert_int_equal(number(x, "records"), 131072);
        assert_true(advises(x, "net.ipv4.tcp_max_tw_buckets=262144"));
        knob(LA_K_tcp_max_tw_buckets, "131072", 131072, 0);
        assert_int_equal(judged("time-wait-table")->severity, SEVERITY_WARNING);
}

/* ---- Listeners ------------------------------------------------------------------------------------------------------ */

/* The listener's own count grows with the SYN queue's drops too; ListenOverflows tells that it was not the accept queue. */
static void
drops_of_the_syn_queue_are_not_the_accept_queues(void **unused)
{
        (void)unused;
        first_look();
        add(listener(80, 0, 128, 10));
        counter("ListenOverflows", 0);
        second_look(3);
        add(listener(80, 0, 128, 500));
        counter("ListenOverflows", 0);
        assert_null(judged("accept-queue"));
        counter("ListenOverflows", 40);
        const struct finding *x = judged("accept-queue");
        assert_int_equal(x->severity, SEVERITY_WARNING);
        assert_int_equal(number(x, "drops_in_sample"), 490);
}

/* Of an accept queue that has been full, and is not, there is little to say. */
static void
a_notice_of_the_past_is_short(void **unused)
{
        (void)unused;
        first_look();
        add(listener(80, 0, 128, 10));
        counter("ListenOverflows", 10);
        second_look(3);
        add(listener(80, 0, 128, 10));
        counter("ListenOverflows", 10);
        const struct finding *x = judged("accept-queue");
        assert_non_null(x);
        assert_int_equal(x->severity, SEVERITY_NOTICE);
        assert_int_equal(x->fixes, 1);
        assert_true(strlen(x->why) < 120);
}

static void
who_has_given_up_waiting(void **unused)
{
        static const struct la_owner stuck = { 11, 3, "stuck" }, fine = { 12, 3, "fine" };
        struct la_snapshot behind = listener(80, 3, 128, 0), other = listener(80, 0, 128, 0);

        (void)unused;
        first_look();
        other.owners = &fine;
        behind.owners = &stuck;
        other.owner_count = behind.owner_count = 1;
        add(other);
        add(behind);
        for (uint16_t i = 0; i < 3; i++) {
                struct la_snapshot s = connection(i ? LA_CLOSE_WAIT : LA_ESTABLISHED, 80, 2, (uint16_t)(1000 + i));
                s.known = LA_KNOWN_INODE | LA_KNOWN_AGE;
                s.age_min_ms = 3000;
                add(s);
        }
        const struct finding *x = judged("accept-queue");
        assert_non_null(x);
        assert_int_equal(number(x, "waiting"), 3);
        assert_int_equal(number(x, "waiting_and_closed_by_client"), 2);
        assert_int_equal(number(x, "sockets_with_queue"), 1);
        assert_non_null(strstr(x->fix[0].text, "1 of the 2 sockets"));
        assert_int_equal(number(x, "pid"), 11);
}

/* What is not the fault of a queue: no way back, no memory. */
static void
syns_dropped_with_room(void **unused)
{
        (void)unused;
        first_look();
        counter("ListenDrops", 0);
        counter("ListenOverflows", 0);
        counter("TCPReqQFullDrop", 0);
        second_look(3);
        counter("ListenDrops", 50);
        counter("ListenOverflows", 30);
        counter("TCPReqQFullDrop", 20);
        assert_null(judged("syn-dropped"));
        counter("ListenOverflows", 20);
        const struct finding *x = judged("syn-dropped");
        assert_int_equal(x->severity, SEVERITY_WARNING);
        assert_int_equal(number(x, "dropped_with_room_in_sample"), 10);
}

static void
repeated_handshakes_need_a_share_and_no_other_reason(void **unused)
{
        (void)unused;
        first_look();
        counter("TCPSynRetrans", 0);
        counter("ActiveOpens", 0);
        counter("ListenOverflows", 0);
        second_look(3);
        counter("TCPSynRetrans", 10);
        counter("ActiveOpens", 101);
        counter("ListenOverflows", 0);
        assert_null(judged("handshakes"));
        counter("ActiveOpens", 100);
        assert_int_equal(number(judged("handshakes"), "repeated_in_sample"), 10);
        counter("ListenOverflows", 1);
        assert_null(judged("handshakes"));
}

/* The program was restarted in between. */
static void
a_new_listener_has_not_dropped_less_than_none(void **unused)
{
        (void)unused;
        first_look();
        add(listener(80, 0, 128, 1000));
        counter("ListenOverflows", 1000);
        second_look(3);
        add(listener(80, 0, 128, 0));
        counter("ListenOverflows", 1000);
        assert_null(judged("accept-queue"));
}

static void
a_lowered_somaxconn_is_not_what_binds(void **unused)
{
        (void)unused;
        first_look();
        knob(LA_K_somaxconn, "64", 64, 0);
        add(listener(80, 129, 128, 5));
        second_look(3);
        add(listener(80, 129, 128, 5));
        const struct finding *x = judged("accept-queue");
        assert_non_null(x);
        assert_int_equal(x->severity, SEVERITY_CRITICAL);
        assert_string_equal(detail(x, "limit_set_by")->text, "application, before somaxconn was lowered");
}

/* ---- Holders -------------------------------------------------------------------------------------------------------- */

static void
a_leak_near_its_limit_is_critical(void **unused)
{
        static const struct la_owner java = { 4711, 9, "java" };

        (void)unused;
        first_look();
        add_held(LA_CLOSE_WAIT, 100, 90000, &java);
        second_look(5);
        add_held(LA_CLOSE_WAIT, 150, 95000, &java);
        assert_int_equal(judged("close-wait")->severity, SEVERITY_WARNING);
        fact(FACT_NOFILE "4711", 250);
        const struct finding *x = judged("close-wait");
        assert_int_equal(x->severity, SEVERITY_CRITICAL);
        assert_int_equal(number(x, "growth"), 50);
        assert_int_equal(number(x, "seconds_to_limit"), 10);
        assert_string_equal(detail(x, "comm")->text, "java");
}

/* A source without ages: what is there in both looks is late. */
static void
a_leak_without_ages(void **unused)
{
        (void)unused;
        first_look();
        for (uint16_t i = 0; i < 30; i++)
                add(connection(LA_CLOSE_WAIT, (uint16_t)(1000 + i), 2, 443));
        assert_null(judged("close-wait"));
        second_look(5);
        for (uint16_t i = 0; i < 35; i++)
                add(connection(LA_CLOSE_WAIT, (uint16_t)(1000 + i), 2, 443));
        assert_int_equal(judged("close-wait")->severity, SEVERITY_WARNING);
}

static void
one_that_is_old_is_worth_a_notice(void **unused)
{
        (void)unused;
        first_look();
        add_held(LA_CLOSE_WAIT, 1, 59999, NULL);
        assert_null(judged("close-wait"));
        add_held(LA_CLOSE_WAIT, 1, 60000, NULL);
        assert_int_equal(judged("close-wait")->severity, SEVERITY_NOTICE);
}

static void
half_closed_for_a_minute_is_a_warning(void **unused)
{
        (void)unused;
        first_look();
        add_held(LA_FIN_WAIT_2, 10, 59000, NULL);
        assert_int_equal(judged("fin-wait-2-held")->severity, SEVERITY_NOTICE);
        add_held(LA_FIN_WAIT_2, 10, 60000, NULL);
        assert_int_equal(judged("fin-wait-2-held")->severity, SEVERITY_WARNING);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                doctor_test(conntrack_is_told_at_four_fifths),
                doctor_test(conntrack_that_drops_is_full),
                doctor_test(memory_under_pressure),
                doctor_test(orphans_near_their_limit),
                doctor_test(orphans_that_were_reset),
                doctor_test(records_without_limit),
                doctor_test(drops_of_the_syn_queue_are_not_the_accept_queues),
                doctor_test(a_notice_of_the_past_is_short),
                doctor_test(who_has_given_up_waiting),
                doctor_test(syns_dropped_with_room),
                doctor_test(repeated_handshakes_need_a_share_and_no_other_reason),
                doctor_test(a_new_listener_has_not_dropped_less_than_none),
                doctor_test(a_lowered_somaxconn_is_not_what_binds),
                doctor_test(a_leak_near_its_limit_is_critical),
                doctor_test(a_leak_without_ages),
                doctor_test(one_that_is_old_is_worth_a_notice),
                doctor_test(half_closed_for_a_minute_is_a_warning),
        };

        return cmocka_run_group_tests_name("doctor_host", tests, NULL, NULL);
}
