/* SPDX-License-Identifier: BSD-2-Clause */
/* The doctor's rules over evidence that is made: what no test can bring about on a host of its own, and where limits lie. */
#include "doctor_words.h"

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

/* Exactly those whose wait is younger than tcp_tw_reuse_delay are not taken yet. */
static void
reuse_frees_what_is_old_enough(void **unused)
{
        (void)unused;
        knob(LA_K_tcp_tw_reuse_delay, "2000", 2000, 0);
        first_look();
        add_time_wait(15000, 32768, 2, 30000);
        add_time_wait(70, 50000, 2, 2000);
        add_time_wait(30, 51000, 2, 1999);
        const struct finding *x = judged("ephemeral-ports");
        assert_true(says(x, "15070 of 15100"));
        knob(LA_K_tcp_tw_reuse, "1", 1, 0);
        struct la_snapshot live = connection(LA_ESTABLISHED, 60000, 2, 443);
        live.known = LA_KNOWN_TCP;
        live.tcp.timestamps = true;
        add(live);
        assert_null(judged("ephemeral-ports")); /* but 31 */
}

/* One look knows of TIME_WAIT alone, and says so. */
static void
one_look_does_not_speak_of_growth(void **unused)
{
        (void)unused;
        first_look();
        for (uint16_t i = 0; i < 20000; i++)
                add(connection(LA_ESTABLISHED, (uint16_t)(32768 + i), 2, 443));
        add_time_wait(1000, 52768, 2, 5000);
        const struct finding *x = judged("ephemeral-ports");
        assert_float_equal(detail(x, "time_wait_growth_per_second")->real, 100, 0.01);
        assert_non_null(strstr(x->summary, "if TIME_WAIT grows"));
        for (size_t i = 0; i < x->details; i++)
                assert_string_not_equal(x->detail[i].name, "growth_per_second");
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
        counter("RetransSegs", 1010);
        counter("TCPSynRetrans", 0);
        assert_null(judged("retransmissions"));
        counter("RetransSegs", 1011); /* of 101011: OutSegs does not count them */
        assert_int_equal(judged("retransmissions")->severity, SEVERITY_WARNING);
        counter("RetransSegs", 5300);
        assert_int_equal(judged("retransmissions")->severity, SEVERITY_CRITICAL);
        counter("TCPSynRetrans", 4500); /* that is another matter */
        assert_null(judged("retransmissions"));
        counter("OutSegs", 50);
        counter("RetransSegs", 19);
        counter("TCPSynRetrans", 0);
        assert_null(judged("retransmissions"));
        counter("OutSegs", 0); /* nothing new was sent, and all of it again */
        counter("RetransSegs", 24);
        const struct finding *x = judged("retransmissions");
        assert_non_null(strstr(x->summary, "100.0 %"));
        assert_int_equal(number(x, "sent_in_sample"), 24);
}

/* ---- What gets nowhere, and where it gets stuck --------------------------------------------------------------------- */

static void
a_closed_window_is_not_held_back(void **unused)
{
        struct la_snapshot s = repeating(LA_ESTABLISHED, 40000, 2, LA_TIMER_PERSIST);

        (void)unused;
        first_look();
        s.tcp.send_window_bytes = 1000;
        add(s);
        assert_null(judged("not-sent"));
        assert_non_null(judged("zero-window"));
        s.tcp.send_window_bytes = 1460;
        add(s);
        const struct finding *x = judged("not-sent");
        assert_non_null(x);
        assert_int_equal(number(x, "held_back"), 1);
        assert_true(advises(x, "nft list ruleset"));
        assert_null(judged("silent-peers"));
}

static void
what_this_host_refuses_is_counted(void **unused)
{
        (void)unused;
        first_look();
        counter("TCPRetransFail", 100);
        counter("TCPSpuriousRtxHostQueues", 100);
        counter("TCPSynRetrans", 0);
        second_look(3);
        counter("TCPRetransFail", 100);
        counter("TCPSpuriousRtxHostQueues", 104);
        counter("TCPSynRetrans", 6);
        add(repeating(LA_SYN_SENT, 40000, 2, LA_TIMER_RETRANSMIT));
        assert_null(judged("not-sent"));
        assert_null(strstr(judged("syn-sent")->why, "this host"));
        counter("TCPRetransFail", 106);
        const struct finding *x = judged("not-sent");
        assert_non_null(x);
        assert_int_equal(x->severity, SEVERITY_WARNING);
        assert_int_equal(number(x, "refused_in_sample"), 6);
        assert_non_null(strstr(judged("syn-sent")->why, "own firewall"));
}

/* Segments of full size get no answer, and the peer answers others: the path takes none so large. */
static void
a_peer_that_answers_others_is_not_gone(void **unused)
{
        struct la_snapshot stuck = repeating(LA_ESTABLISHED, 40000, 2, LA_TIMER_RETRANSMIT), fine = stuck;

        (void)unused;
        first_look();
        add(stuck);
        const struct finding *x = judged("silent-peers");
        assert_int_equal(number(x, "peer_answers_others"), 0);
        fine.retransmits = 0;
        fine.timer = LA_TIMER_NONE;
        fine.tcp.last_ack_received_ms = 1999;
        add(fine);
        x = judged("silent-peers");
        assert_int_equal(number(x, "peer_answers_others"), 1);
        assert_int_equal(number(x, "silent_with_full_segments"), 1);
        assert_non_null(strstr(x->summary, "full size"));
        assert_true(advises(x, "tcp_mtu_probing=1"));
        stuck.send_queue = 1459;
        stuck.local.port++;
        add(stuck);
        x = judged("silent-peers");
        assert_null(strstr(x->summary, "full size"));
        assert_true(advises(x, "tcp_retries2"));
}

/* What is said to end a wait sooner does: with as few repetitions in force as would be advised, or fewer, nothing is. */
static void
patience_is_never_made_longer(void **unused)
{
        (void)unused;
        first_look();
        knob(LA_K_tcp_syn_retries, "6", 6, 0);
        knob(LA_K_tcp_retries2, "15", 15, 0);
        knob(LA_K_tcp_orphan_retries, "0", 0, 0);
        add(repeating(LA_SYN_SENT, 40000, 2, LA_TIMER_RETRANSMIT));
        add(repeating(LA_ESTABLISHED, 40001, 2, LA_TIMER_RETRANSMIT));
        add(repeating(LA_FIN_WAIT_1, 40002, 2, LA_TIMER_RETRANSMIT));
        assert_true(advises(judged("syn-sent"), "tcp_syn_retries=3"));
        assert_true(advises(judged("silent-peers"), "tcp_retries2=8"));
        const struct finding *x = judged("closing-stuck");
        assert_true(advises(x, "tcp_orphan_retries=4"));
        assert_string_equal(x->fix[1].effect, "On a short path after about 6s instead of 1m42s.");
        knob(LA_K_tcp_syn_retries, "2", 2, 0);
        knob(LA_K_tcp_retries2, "8", 8, 0);
        knob(LA_K_tcp_orphan_retries, "3", 3, 0);
        assert_false(advises(judged("syn-sent"), "tcp_syn_retries"));
        assert_false(advises(judged("silent-peers"), "tcp_retries2"));
        assert_false(advises(judged("closing-stuck"), "tcp_orphan_retries"));
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

int
main(void)
{
        const struct CMUnitTest tests[] = {
                doctor_test(half_of_the_ports_is_a_warning),
                doctor_test(time_wait_tells_when_ports_end),
                doctor_test(reuse_frees_what_is_old_enough),
                doctor_test(one_look_does_not_speak_of_growth),
                doctor_test(what_levels_off_is_healthy),
                doctor_test(what_will_level_off_is_no_emergency),
                doctor_test(a_reserved_port_is_no_port),
                doctor_test(two_looks_count_growth),
                doctor_test(without_the_range_nothing_is_said),
                doctor_test(old_counts_are_no_news),
                doctor_test(a_counter_that_shrinks_is_not_known),
                doctor_test(losses_need_a_share_and_a_number),
                doctor_test(patience_is_never_made_longer),
                doctor_test(a_closed_window_is_not_held_back),
                doctor_test(what_this_host_refuses_is_counted),
                doctor_test(a_peer_that_answers_others_is_not_gone),
                doctor_test(what_the_host_changed_and_a_container_has_not),
                doctor_test(a_fresh_host_is_healthy),
                doctor_test(the_worst_comes_first),
                doctor_test(rules_have_names_of_their_own),
        };

        return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
