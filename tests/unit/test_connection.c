/* SPDX-License-Identifier: BSD-2-Clause */
/* One connection, judged: who must act, what ends its state, and which tunable sets when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/connection.h"

/* Of Linux, held by a process, its timers and queues known; nothing is under way. */
static struct la_snapshot
held(enum la_state state)
{
        return (struct la_snapshot){
                .known = LA_KNOWN_TIMER | LA_KNOWN_QUEUES | LA_KNOWN_INODE,
                .state = state,
                .inode = 4711,
        };
}

static void
expect_at(const struct connection_judgement *j, enum la_actor actor, enum connection_end end, const char *knob,
          int line)
{
        if (j->actor != actor || j->end != end)
                fail_msg("line %d: actor %d, end %d", line, j->actor, j->end);
        if (knob && (!j->knob || strcmp(j->knob, knob) != 0))
                fail_msg("line %d: tunable %s", line, j->knob ? j->knob : "none");
        if (!knob)
                assert_null(j->knob);
}
#define expect(s, actor, end, knob)                                              \
        do {                                                                     \
                struct connection_judgement judged = connection_judge(s, false); \
                expect_at(&judged, actor, end, knob, __LINE__);                  \
        } while (0)

static void
each_state_has_a_judgement(void **state)
{
        (void)state;
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++) {
                struct la_snapshot s = held((enum la_state)i);
                struct connection_judgement j = connection_judge(&s, i % 2);

                assert_true(*j.who && *j.ends);
                assert_int_equal(j.remark_count, 0);
                if (j.knob && strncmp(j.knob, "lastack.", 8) != 0)
                        assert_non_null(la_knob_find(j.knob));
        }
}

static void
an_open_one_waits_for_whoever_has_something(void **state)
{
        (void)state;
        struct la_snapshot s = held(LA_ESTABLISHED);

        expect(&s, LA_ACTOR_APPLICATION, CONNECTION_NEVER, NULL);
        s.timer = LA_TIMER_KEEPALIVE;
        expect(&s, LA_ACTOR_APPLICATION, CONNECTION_NEVER, "tcp_keepalive_time");
        s.timer = LA_TIMER_RETRANSMIT;
        s.send_queue = 1000;
        expect(&s, LA_ACTOR_PEER, CONNECTION_GIVE_UP, "tcp_retries2");
        s.receive_queue = 10; /* the application can act at once, the peer is another matter */
        expect(&s, LA_ACTOR_APPLICATION, CONNECTION_GIVE_UP, "tcp_retries2");
        s = held(LA_ESTABLISHED);
        s.inode = 0;
        struct connection_judgement j = connection_judge(&s, false);
        assert_int_equal(j.actor, LA_ACTOR_APPLICATION);
        assert_non_null(strstr(j.who, "accept"));
}

static void
paced_text_waits_for_its_time(void **state)
{
        (void)state;
        struct la_snapshot s = held(LA_ESTABLISHED);
        struct connection_judgement j;

        s.known |= LA_KNOWN_PACING | LA_KNOWN_SEQUENCE;
        s.timer = LA_TIMER_RETRANSMIT;
        s.timer_ms = 200;
        s.send_queue = 1000;
        s.tcp.pacing_rate = 100000;
        expect(&s, LA_ACTOR_PEER, CONNECTION_GIVE_UP, "tcp_retries2"); /* all that may leave has left */
        s.tcp.pacing_wait_ms = 7;
        expect(&s, LA_ACTOR_TIMER, CONNECTION_TIMER, "lastack.max_pacing_rate");
        j = connection_judge(&s, true);
        assert_int_equal(j.ends_in_ms, 7);
        assert_non_null(strstr(j.who, "pacing"));
        assert_non_null(strstr(connection_sent(&s), "pacing"));
        assert_int_equal(j.remark_count, 0);
        s.snd_nxt = 10;
        assert_int_equal(connection_judge(&s, true).remark_count, 1);
        s.receive_queue = 10;
        expect(&s, LA_ACTOR_APPLICATION, CONNECTION_TIMER, "lastack.max_pacing_rate");
        s.receive_queue = 0;
        s.state = LA_LAST_ACK;
        expect(&s, LA_ACTOR_TIMER, CONNECTION_TIMER, "lastack.max_pacing_rate");
        s.state = LA_FIN_WAIT_1;
        expect(&s, LA_ACTOR_TIMER, CONNECTION_TIMER, "lastack.max_pacing_rate");
        s.state = LA_CLOSE_WAIT;
        expect(&s, LA_ACTOR_APPLICATION, CONNECTION_NEVER, NULL);
        s.known &= ~(uint32_t)LA_KNOWN_PACING; /* Linux does not tell */
        s.state = LA_ESTABLISHED;
        expect(&s, LA_ACTOR_PEER, CONNECTION_GIVE_UP, "tcp_retries2");
}

static void
a_closed_window_is_the_peers_application(void **state)
{
        (void)state;
        struct la_snapshot s = held(LA_ESTABLISHED);

        s.send_queue = 1000;
        s.timer = LA_TIMER_PERSIST;
        expect(&s, LA_ACTOR_PEER, CONNECTION_NEVER, "tcp_retries2");
        s.timer = LA_TIMER_NONE;
        s.known |= LA_KNOWN_SEND_WINDOW;
        expect(&s, LA_ACTOR_PEER, CONNECTION_NEVER, "tcp_retries2");
        assert_non_null(strstr(connection_sent(&s), "window"));
        s.tcp.send_window_bytes = 1;
        s.timer = LA_TIMER_RETRANSMIT;
        expect(&s, LA_ACTOR_PEER, CONNECTION_GIVE_UP, "tcp_retries2");
        assert_null(strstr(connection_sent(&s), "window"));
}

static void
fin_wait_2_is_two_things(void **state)
{
        (void)state;
        struct la_snapshot s = held(LA_FIN_WAIT_2);

        expect(&s, LA_ACTOR_PEER, CONNECTION_NEVER, NULL);
        s.inode = 0;
        expect(&s, LA_ACTOR_PEER, CONNECTION_TIMER, "tcp_fin_timeout");
        s.known &= ~(uint32_t)LA_KNOWN_TIMER;
        expect(&s, LA_ACTOR_PEER, CONNECTION_UNKNOWN, "tcp_fin_timeout");
        s.known &= ~(uint32_t)LA_KNOWN_INODE; /* whose it is, is not known */
        struct connection_judgement j = connection_judge(&s, false);
        assert_non_null(strstr(j.ends, "tcp_fin_timeout"));
}

static void
orphans_are_given_up_sooner(void **state)
{
        (void)state;
        static const enum la_state states[] = { LA_FIN_WAIT_1, LA_CLOSING, LA_LAST_ACK };

        for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
                struct la_snapshot s = held(states[i]);

                s.send_queue = 1;
                s.timer = LA_TIMER_RETRANSMIT;
                expect(&s, LA_ACTOR_PEER, CONNECTION_GIVE_UP, "tcp_retries2");
                s.inode = 0;
                expect(&s, LA_ACTOR_PEER, CONNECTION_GIVE_UP, "tcp_orphan_retries");
        }
}

static void
only_a_stacks_time_wait_has_a_tunable(void **state)
{
        (void)state;
        struct la_snapshot s = held(LA_TIME_WAIT);
        struct connection_judgement j = connection_judge(&s, true);

        expect(&s, LA_ACTOR_TIMER, CONNECTION_TIMER, NULL);
        expect_at(&j, LA_ACTOR_TIMER, CONNECTION_TIMER, "lastack.time_wait_ms", __LINE__);
}

static void
what_stands_out_is_remarked(void **state)
{
        (void)state;
        struct la_snapshot s = held(LA_LISTEN);
        struct connection_judgement j;

        s.known |= LA_KNOWN_QUEUE_LIMIT | LA_KNOWN_DROPS;
        s.send_queue = 8;
        expect(&s, LA_ACTOR_PEER, CONNECTION_NEVER, NULL);
        s.receive_queue = 7;
        j = connection_judge(&s, false);
        assert_int_equal(j.actor, LA_ACTOR_APPLICATION);
        assert_int_equal(j.remark_count, 0);
        s.receive_queue = 8;
        s.memory.drops = 1;
        j = connection_judge(&s, false);
        assert_int_equal(j.remark_count, 2);
        s = held(LA_SYN_SENT);
        s.timer = LA_TIMER_RETRANSMIT;
        s.retransmits = 2;
        j = connection_judge(&s, false);
        assert_int_equal(j.remark_count, 0);
        s.retransmits = 3;
        j = connection_judge(&s, false);
        assert_int_equal(j.remark_count, 1);
        s = held(LA_CLOSE_WAIT);
        s.receive_queue = 1; /* the FIN */
        j = connection_judge(&s, false);
        assert_int_equal(j.remark_count, 0);
        s.receive_queue = 2;
        j = connection_judge(&s, false);
        assert_int_equal(j.remark_count, 1);
}

static void
queues_say_what_they_mean(void **state)
{
        (void)state;
        struct la_snapshot s = held(LA_CLOSE_WAIT);

        s.receive_queue = 1;
        assert_non_null(strstr(connection_received(&s), "FIN"));
        assert_non_null(strstr(connection_sent(&s), "all"));
        s = held(LA_FIN_WAIT_1);
        s.send_queue = 1;
        assert_non_null(strstr(connection_sent(&s), "it is our FIN"));
        s.send_queue = 2;
        assert_non_null(strstr(connection_sent(&s), "the last is our FIN"));
        s.known = 0;
        assert_null(connection_sent(&s));
        assert_null(connection_received(&s));
        s = held(LA_LISTEN);
        assert_null(connection_sent(&s));
        assert_null(connection_received(&s));
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_state_has_a_judgement),
                cmocka_unit_test(an_open_one_waits_for_whoever_has_something),
                cmocka_unit_test(paced_text_waits_for_its_time),
                cmocka_unit_test(a_closed_window_is_the_peers_application),
                cmocka_unit_test(fin_wait_2_is_two_things),
                cmocka_unit_test(orphans_are_given_up_sooner),
                cmocka_unit_test(only_a_stacks_time_wait_has_a_tunable),
                cmocka_unit_test(what_stands_out_is_remarked),
                cmocka_unit_test(queues_say_what_they_mean),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
