/* SPDX-License-Identifier: BSD-2-Clause */
/* What the survey keeps for the doctor: ports by who chose them, peers that are waited for, processes. */
#include "survey_words.h"

/* ---- Ports, peers and holders ---------------------------------------------------------------------------------------- */

/* connect() begins with the parity of the range's lowest port, bind() with the other. */
static void
ports_by_who_chose_them(void **unused)
{
        static const uint8_t ours[16] = { 10, 0, 0, 1 }, others[16] = { 10, 0, 0, 9 };

        (void)unused;
        for (uint16_t i = 0; i < 10; i++)
                add(connection(LA_ESTABLISHED, (uint16_t)(32768 + i), 2, 443));
        for (uint16_t i = 0; i < 5; i++)
                add(connection(LA_ESTABLISHED, (uint16_t)(32769 + 2 * i), 3,
                               443)); /* shared with another destination */
        add(connection(LA_ESTABLISHED, 1024, 2, 443));
        const struct ports_used *u = ports_of(&survey.ports, LA_IPV4, ours);
        assert_non_null(u);
        assert_int_equal(u->sockets, 15);
        assert_int_equal(u->distinct, 10);
        assert_int_equal(u->as_connect, 5);
        assert_int_equal(u->as_bind, 5);
        assert_null(ports_of(&survey.ports, LA_IPV4, others));
}

/* The addresses beyond those that there is room for are left out, and nothing else suffers. */
static void
ports_of_very_many_addresses(void **unused)
{
        (void)unused;
        for (uint8_t i = 0; i < PORTS_ADDRESSES + 5; i++) {
                struct la_snapshot s = connection(LA_ESTABLISHED, 40000, 2, 443);
                s.local.address[3] = i;
                add(s);
        }
        assert_int_equal(survey.ports.count, PORTS_ADDRESSES);
        assert_int_equal(survey.total, PORTS_ADDRESSES + 5);
}

static struct la_snapshot
timed(enum la_state state, uint8_t remote_host, enum la_timer timer, uint32_t retransmits)
{
        struct la_snapshot s = connection(state, 40000, remote_host, 443);

        s.known = LA_KNOWN_TIMER | LA_KNOWN_QUEUES;
        s.timer = timer;
        s.retransmits = retransmits;
        s.send_queue = 100;
        return s;
}

static void
peers_by_what_they_are_waited_for(void **unused)
{
        (void)unused;
        add(timed(LA_ESTABLISHED, 2, LA_TIMER_RETRANSMIT, 0)); /* has just sent */
        add(timed(LA_ESTABLISHED, 2, LA_TIMER_NONE, 0));
        assert_int_equal(survey.peers.count, 0);
        add(timed(LA_ESTABLISHED, 2, LA_TIMER_RETRANSMIT, 1));
        add(timed(LA_ESTABLISHED, 2, LA_TIMER_RETRANSMIT, 2));
        add(timed(LA_ESTABLISHED, 2, LA_TIMER_PERSIST, 1));
        add(timed(LA_SYN_SENT, 3, LA_TIMER_RETRANSMIT, 0));
        add(timed(LA_SYN_SENT, 3, LA_TIMER_RETRANSMIT, 4));
        add(timed(LA_LAST_ACK, 4, LA_TIMER_RETRANSMIT, 1));
        add(timed(LA_LAST_ACK, 4, LA_TIMER_RETRANSMIT, 2));
        assert_int_equal(survey.peers.count, 3);
        const struct strain *a = &survey.peers.peer[0].strain, *b = &survey.peers.peer[1].strain,
                            *c = &survey.peers.peer[2].strain;
        assert_int_equal(a->repeating, 2);
        assert_int_equal(a->silent, 1);
        assert_int_equal(a->zero_window, 1);
        assert_int_equal(a->waiting_bytes, 300);
        assert_int_equal(b->syn_sent, 2);
        assert_int_equal(b->syn_repeated, 1);
        assert_int_equal(b->most_repeats, 4);
        assert_int_equal(c->last_ack, 2);
        assert_int_equal(c->stuck_repeating, 1);
}

/* Linux runs the same timer where its own firewall refuses what is sent: the window has room for all of it. */
static void
what_an_open_window_takes_is_held_back_here(void **unused)
{
        (void)unused;
        struct la_snapshot open = timed(LA_ESTABLISHED, 2, LA_TIMER_PERSIST, 3);
        open.known |= LA_KNOWN_SEND_WINDOW;
        open.tcp.send_window_bytes = 65536;
        struct la_snapshot small = open, closing = open, segment = open, under_way = open;
        small.tcp.send_window_bytes = 99; /* 100 wait */
        closing.state = LA_FIN_WAIT_1;
        closing.send_queue = 1;
        segment.known |= LA_KNOWN_TCP; /* more waits than the window takes, and nothing is under way */
        segment.send_queue = 100000;
        segment.tcp.send_mss_bytes = 1460;
        under_way = segment;
        under_way.tcp.unacked = 45;
        add(segment);
        add(under_way);
        add(open);
        add(small);
        add(closing);
        const struct strain *x = &survey.peers.peer[0].strain;
        assert_int_equal(x->silent, 0);
        assert_int_equal(x->held_back, 3);
        assert_int_equal(x->zero_window, 2);
        assert_int_equal(x->stuck_repeating, 1);
        assert_int_equal(x->stuck_zero_window, 0);
}

/* A network that is broken altogether costs no more memory than so many peers. */
static void
peers_beyond_all_bounds(void **unused)
{
        (void)unused;
        for (uint32_t i = 0; i < PEERS_MOST + 1000; i++) {
                struct la_snapshot s = timed(LA_SYN_SENT, 0, LA_TIMER_RETRANSMIT, 1);
                memcpy(s.remote.address, &i, sizeof(i));
                add(s);
        }
        assert_int_equal(survey.peers.count, PEERS_MOST);
        assert_int_equal(survey.peers.total.syn_repeated, PEERS_MOST + 1000);
        assert_int_equal(survey.peers.peer[PEERS_MOST - 1].family, 0);
        assert_int_equal(survey.peers.peer[PEERS_MOST - 1].strain.syn_repeated, 1001);
}

static void
very_many_processes_are_each_found(void **unused)
{
        enum { PROCESSES = 5000 };

        (void)unused;
        for (int32_t pid = 1; pid <= PROCESSES; pid++) {
                struct la_owner owner = { pid, 3, "worker" };
                struct la_snapshot s = connection(LA_CLOSE_WAIT, 40000, 2, 80);
                s.known = LA_KNOWN_AGE;
                s.age_min_ms = (uint32_t)(HOLDERS_LATE_MS - pid % 2);
                s.owners = &owner;
                s.owner_count = 1;
                add(s);
                add(s);
        }
        assert_int_equal(survey.close_wait.count, PROCESSES);
        assert_int_equal(holders_find(&survey.close_wait, 777)->sockets, 2);
        assert_int_equal(holders_find(&survey.close_wait, 777)->late, 0);
        assert_int_equal(holders_find(&survey.close_wait, 778)->late, 2);
        assert_null(holders_find(&survey.close_wait, PROCESSES + 1));
        assert_int_equal(holders_sum(&survey.close_wait).sockets, 2 * PROCESSES);
}

/* What the second look is compared with stays: the paths with most ports. */
static void
a_condensed_survey_keeps_the_busiest_paths(void **unused)
{
        (void)unused;
        for (uint8_t host = 0; host < 200; host++)
                for (uint16_t i = 0; i <= host; i++)
                        add(connection(LA_ESTABLISHED, (uint16_t)(32768 + i), host, 443));
        struct la_snapshot busy = connection(LA_ESTABLISHED, 0, 199, 443), idle = connection(LA_ESTABLISHED, 0, 3, 443);
        struct path most = *paths_of(&survey.paths, &busy, PATH_CLIENT);
        struct path few = *paths_of(&survey.paths, &idle, PATH_CLIENT);
        survey_condense(&survey);
        assert_int_equal(survey.paths.count, 100);
        assert_int_equal(paths_same(&survey.paths, &most)->ephemeral, 200);
        assert_null(paths_same(&survey.paths, &few));
        assert_int_equal(survey.total, 200 * 201 / 2);
}

#define survey_test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
        const struct CMUnitTest tests[] = {
                survey_test(ports_by_who_chose_them),
                survey_test(ports_of_very_many_addresses),
                survey_test(peers_by_what_they_are_waited_for),
                survey_test(what_an_open_window_takes_is_held_back_here),
                survey_test(peers_beyond_all_bounds),
                survey_test(very_many_processes_are_each_found),
                survey_test(a_condensed_survey_keeps_the_busiest_paths),
        };

        return cmocka_run_group_tests_name("survey_doctor", tests, NULL, NULL);
}
