/* SPDX-License-Identifier: BSD-2-Clause */
/* The doctor's rules over evidence that is made: what no test can bring about on a host of its own, and where limits lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/facts.h"
#include "doctor/findings.h"

#define IDLE_MS 3600000

static struct evidence e;
static struct findings found;

static int
begin(void **unused)
{
        (void)unused;
        evidence_init(&e, IDLE_MS);
        findings_init(&found);
        return 0;
}

static int
end(void **unused)
{
        (void)unused;
        evidence_fini(&e);
        findings_fini(&found);
        return 0;
}

/* ---- Words --------------------------------------------------------------------------------------------------------- */

static void
knob(enum la_knob k, const char *text, int64_t a, int64_t b)
{
        int64_t numbers[] = { a, b };

        assert_int_equal(evidence_knob(&e, k, text, numbers, strchr(text, ' ') ? 2 : 1), 0);
}

/* A host with the settings of a fresh one, looked at for the first time. */
static void
first_look(void)
{
        knob(LA_K_ip_local_port_range, "32768 60999", 32768, 60999);
        knob(LA_K_tcp_tw_reuse, "2", 2, 0);
        knob(LA_K_tcp_timestamps, "1", 1, 0);
        knob(LA_K_tcp_syncookies, "1", 1, 0);
        knob(LA_K_tcp_max_tw_buckets, "131072", 131072, 0);
        knob(LA_K_somaxconn, "4096", 4096, 0);
        evidence_look(&e, 1000);
}

static void
second_look(uint64_t seconds)
{
        evidence_look(&e, 1000 + seconds * 1000);
}

static void
fact(const char *name, int64_t value)
{
        assert_int_equal(evidence_fact(&e, name, value), 0);
}

static void
counter(const char *name, int64_t value)
{
        assert_int_equal(evidence_counter(&e, name, value), 0);
}

static struct la_snapshot
connection(enum la_state state, uint16_t local_port, uint8_t remote_host, uint16_t remote_port)
{
        return (struct la_snapshot){
                .state = state,
                .family = LA_IPV4,
                .local = { { 10, 0, 0, 1 }, local_port },
                .remote = { { 10, 0, 0, remote_host }, remote_port },
        };
}

static void
add(struct la_snapshot s)
{
        assert_int_equal(evidence_socket(&e, &s), 0);
}

static void
add_time_wait(uint32_t count, uint16_t first_port, uint8_t remote_host, uint32_t age_ms)
{
        for (uint32_t i = 0; i < count; i++) {
                struct la_snapshot s = connection(LA_TIME_WAIT, (uint16_t)(first_port + i), remote_host, 443);
                s.known = LA_KNOWN_AGE | LA_KNOWN_INODE;
                s.age_min_ms = s.age_max_ms = age_ms;
                add(s);
        }
}

static const struct finding *
judged(const char *id)
{
        findings_fini(&found);
        doctor_judge(&e, NULL, &found);
        for (size_t i = 0; i < found.count; i++)
                if (strcmp(found.finding[i].id, id) == 0)
                        return &found.finding[i];
        return NULL;
}

static const struct detail *
detail(const struct finding *x, const char *name)
{
        for (size_t i = 0; i < x->details; i++)
                if (strcmp(x->detail[i].name, name) == 0)
                        return &x->detail[i];
        fail_msg("%s has no %s", x->id, name);
        return NULL;
}

static int64_t
number(const struct finding *x, const char *name)
{
        return detail(x, name)->number;
}

static bool
advises(const struct finding *x, const char *command)
{
        for (size_t i = 0; i < x->fixes; i++)
                if (strstr(x->fix[i].command, command))
                        return true;
        return false;
}

/* ---- Ports --------------------------------------------------------------------------------------------------------- */

static void
half_of_the_ports_is_a_warning(void **unused)
{
        (void)unused;
        first_look();
        add_time_wait(14115, 32768, 2, 30000);
        assert_null(judged("ephemeral-ports"));
        add_time_wait(1, 60000, 2, 30000);
        const struct finding *x = judged("ephemeral-ports");
        assert_non_null(x);
        assert_int_equal(x->severity, SEVERITY_WARNING);
        assert_int_equal(number(x, "used"), 14116);
        assert_int_equal(number(x, "ports"), 28232);
        assert_int_equal(number(x, "slow_from"), 14116);
        assert_true(advises(x, "tcp_tw_reuse=1"));
}

/* One look: ten seconds' closes less what ends in the next ten.  500 a second and none that ends yet: 5,000 more ports every
 * ten seconds, and in a minute more than there are. */
static void
time_wait_tells_when_ports_end(void **unused)
{
        (void)unused;
        first_look();
        add_time_wait(5000, 32768, 2, 5000);
        add_time_wait(5000, 37768, 2, 15000);
        const struct finding *x = judged("ephemeral-ports");
        assert_non_null(x);
        assert_int_equal(x->severity, SEVERITY_CRITICAL);
        assert_int_equal(number(x, "seconds_to_exhaustion"), (28232 - 10000) / 500);
}

/* 200 a second for a minute: as many end as begin, and it stays at 12,000. */
static void
what_levels_off_is_healthy(void **unused)
{
        (void)unused;
        first_look();
        for (uint32_t ten = 0; ten < 6; ten++)
                add_time_wait(2000, (uint16_t)(32768 + ten * 2000), 2, ten * 10000 + 5000);
        assert_null(judged("ephemeral-ports"));
        const struct finding *x = judged("time-wait");
        assert_non_null(x);
        assert_int_equal(number(x, "of_clients"), 12000);
        assert_int_equal(number(x, "memory_bytes"), 12000 * 425);
}

/* Still growing, but it will stop: 300 a second are 18,000 in a minute. */
static void
what_will_level_off_is_no_emergency(void **unused)
{
        (void)unused;
        first_look();
        add_time_wait(3000, 32768, 2, 5000);
        add_time_wait(3000, 35768, 2, 15000);
        assert_null(judged("ephemeral-ports"));
}

static void
a_reserved_port_is_no_port(void **unused)
{
        (void)unused;
        for (uint32_t port = 40000; port < 50000; port++)
                e.reserved_ports[port / 64] |= UINT64_C(1) << port % 64;
        first_look();
        add_time_wait(9200, 50000, 2, 30000);
        const struct finding *x = judged("ephemeral-ports");
        assert_non_null(x);
        assert_int_equal(number(x, "ports"), 18232);
}

static void
two_looks_count_growth(void **unused)
{
        (void)unused;
        first_look();
        for (uint16_t i = 0; i < 6000; i++)
                add(connection(LA_ESTABLISHED, (uint16_t)(32768 + i), 2, 443));
        second_look(5);
        for (uint16_t i = 0; i < 16000; i++)
                add(connection(LA_ESTABLISHED, (uint16_t)(32768 + i), 2, 443));
        const struct finding *x = judged("ephemeral-ports");
        assert_non_null(x);
        assert_int_equal(x->severity, SEVERITY_CRITICAL);
        assert_float_equal(detail(x, "growth_per_second")->real, 2000, 0.01);
        assert_int_equal(number(x, "seconds_to_exhaustion"), 6);
}

static void
without_the_range_nothing_is_said(void **unused)
{
        (void)unused;
        evidence_look(&e, 0);
        add_time_wait(30000, 32768, 2, 5000);
        assert_null(judged("ephemeral-ports"));
        assert_true(findings_blind(&found));
}

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

/* ---- Counters ------------------------------------------------------------------------------------------------------- */

static void
old_counts_are_no_news(void **unused)
{
        (void)unused;
        first_look();
        counter("InCsumErrors", 500);
        counter("TCPBacklogDrop", 500);
        counter("AttemptFails", 90000);
        counter("OutRsts", 90000);
        second_look(3);
        counter("InCsumErrors", 500);
        counter("TCPBacklogDrop", 500);
        counter("AttemptFails", 90000);
        counter("OutRsts", 90000);
        doctor_judge(&e, NULL, &found);
        assert_int_equal(found.count, 0);
}

/* A counter that is smaller than before is another's: the namespace was made anew, or the recording is odd. */
static void
a_counter_that_shrinks_is_not_known(void **unused)
{
        int64_t grown = 77;

        (void)unused;
        first_look();
        counter("InCsumErrors", 500);
        second_look(3);
        counter("InCsumErrors", 4);
        assert_false(evidence_grown(&e, "InCsumErrors", &grown));
        assert_int_equal(grown, 77);
        assert_null(judged("checksum-errors"));
}

static void
losses_need_a_share_and_a_number(void **unused)
{
        (void)unused;
        first_look();
        counter("OutSegs", 0);
        counter("RetransSegs", 0);
        counter("TCPSynRetrans", 0);
        second_look(3);
        counter("OutSegs", 100000);
        counter("RetransSegs", 999);
        counter("TCPSynRetrans", 0);
        assert_null(judged("retransmissions"));
        counter("RetransSegs", 1000);
        assert_int_equal(judged("retransmissions")->severity, SEVERITY_WARNING);
        counter("RetransSegs", 5000);
        assert_int_equal(judged("retransmissions")->severity, SEVERITY_CRITICAL);
        counter("TCPSynRetrans", 4500); /* that is another matter */
        assert_null(judged("retransmissions"));
        counter("OutSegs", 50);
        counter("RetransSegs", 19);
        counter("TCPSynRetrans", 0);
        assert_null(judged("retransmissions"));
}

/* ---- Listeners ------------------------------------------------------------------------------------------------------ */

static struct la_snapshot
listener(uint16_t port, uint32_t queue, uint32_t limit, uint32_t drops)
{
        return (struct la_snapshot){
                .known = LA_KNOWN_QUEUES | LA_KNOWN_QUEUE_LIMIT | LA_KNOWN_DROPS,
                .state = LA_LISTEN,
                .family = LA_IPV4,
                .local = { { 0 }, port },
                .receive_queue = queue,
                .send_queue = limit,
                .memory.drops = drops,
        };
}

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
        assert_int_equal(judged("accept-queue")->severity, SEVERITY_NOTICE);
        counter("ListenOverflows", 40);
        const struct finding *x = judged("accept-queue");
        assert_int_equal(x->severity, SEVERITY_WARNING);
        assert_int_equal(number(x, "drops_in_sample"), 490);
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
add_held(enum la_state state, uint32_t count, uint32_t age_ms, const struct la_owner *owner)
{
        for (uint32_t i = 0; i < count; i++) {
                struct la_snapshot s = connection(state, (uint16_t)(1000 + i), 2, 443);
                s.known = LA_KNOWN_AGE | LA_KNOWN_INODE;
                s.inode = i + 1;
                s.age_min_ms = age_ms;
                s.owners = owner;
                s.owner_count = owner ? 1 : 0;
                add(s);
        }
}

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

/* ---- Settings ------------------------------------------------------------------------------------------------------- */

static void
what_the_host_changed_and_a_container_has_not(void **unused)
{
        int64_t number_of_seconds = 600;

        (void)unused;
        first_look();
        knob(LA_K_tcp_keepalive_time, "7200", 7200, 0);
        assert_int_equal(evidence_outer_knob(&e, LA_K_tcp_keepalive_time, "7200", &number_of_seconds, 1), 0);
        assert_null(judged("settings-not-inherited"));
        assert_int_equal(evidence_outer_knob(&e, LA_K_tcp_keepalive_time, "600", &number_of_seconds, 1), 0);
        const struct finding *x = judged("settings-not-inherited");
        assert_non_null(x);
        assert_true(advises(x, "net.ipv4.tcp_keepalive_time=\"600\""));
}

/* ---- All of them ---------------------------------------------------------------------------------------------------- */

static void
a_fresh_host_is_healthy(void **unused)
{
        enum severity worst;

        (void)unused;
        first_look();
        second_look(3);
        doctor_judge(&e, NULL, &found);
        assert_int_equal(found.count, 0);
        assert_false(findings_worst(&found, &worst));
        assert_false(findings_blind(&found));
}

static void
the_worst_comes_first(void **unused)
{
        (void)unused;
        first_look();
        knob(LA_K_tcp_syncookies, "0", 0, 0);
        add_held(LA_CLOSE_WAIT, 1, 70000, NULL);
        add_time_wait(28232, 32768, 2, 30000);
        doctor_judge(&e, NULL, &found);
        assert_int_equal(found.count, 3);
        assert_string_equal(found.finding[0].id, "ephemeral-ports");
        assert_string_equal(found.finding[1].id, "settings");
        assert_string_equal(found.finding[2].id, "close-wait");
}

static void
rules_have_names_of_their_own(void **unused)
{
        (void)unused;
        for (const struct rule *r = doctor_rules; r->id; r++) {
                assert_ptr_equal(doctor_rule(r->id), r);
                assert_true(*r->brief);
        }
        assert_null(doctor_rule("nonsense"));
}

#define doctor_test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
        const struct CMUnitTest tests[] = {
                doctor_test(half_of_the_ports_is_a_warning),
                doctor_test(time_wait_tells_when_ports_end),
                doctor_test(what_levels_off_is_healthy),
                doctor_test(what_will_level_off_is_no_emergency),
                doctor_test(a_reserved_port_is_no_port),
                doctor_test(two_looks_count_growth),
                doctor_test(without_the_range_nothing_is_said),
                doctor_test(conntrack_is_told_at_four_fifths),
                doctor_test(conntrack_that_drops_is_full),
                doctor_test(memory_under_pressure),
                doctor_test(orphans_near_their_limit),
                doctor_test(orphans_that_were_reset),
                doctor_test(old_counts_are_no_news),
                doctor_test(a_counter_that_shrinks_is_not_known),
                doctor_test(losses_need_a_share_and_a_number),
                doctor_test(drops_of_the_syn_queue_are_not_the_accept_queues),
                doctor_test(a_new_listener_has_not_dropped_less_than_none),
                doctor_test(a_lowered_somaxconn_is_not_what_binds),
                doctor_test(a_leak_near_its_limit_is_critical),
                doctor_test(a_leak_without_ages),
                doctor_test(one_that_is_old_is_worth_a_notice),
                doctor_test(half_closed_for_a_minute_is_a_warning),
                doctor_test(what_the_host_changed_and_a_container_has_not),
                doctor_test(a_fresh_host_is_healthy),
                doctor_test(the_worst_comes_first),
                doctor_test(rules_have_names_of_their_own),
        };

        return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
