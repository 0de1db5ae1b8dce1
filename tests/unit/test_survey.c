/* SPDX-License-Identifier: BSD-2-Clause */
/* The survey: what one walk over a host's connections tells. */
#include "survey_words.h"

static struct la_snapshot
listener(uint16_t port, uint32_t queue, uint32_t limit)
{
        return (struct la_snapshot){
                .known = LA_KNOWN_QUEUES | LA_KNOWN_QUEUE_LIMIT,
                .state = LA_LISTEN,
                .family = LA_IPV4,
                .local = { { 0 }, port },
                .receive_queue = queue,
                .send_queue = limit,
        };
}

static struct la_snapshot
time_wait(uint16_t local_port, uint8_t remote_host, uint16_t remote_port, uint32_t age_ms)
{
        struct la_snapshot s = connection(LA_TIME_WAIT, local_port, remote_host, remote_port);

        s.known = LA_KNOWN_AGE;
        s.age_min_ms = s.age_max_ms = age_ms;
        return s;
}

static void
every_state_is_counted(void **unused)
{
        (void)unused;
        for (unsigned int state = 0; state < LA_STATE_COUNT; state++)
                for (unsigned int i = 0; i <= state; i++)
                        add(connection((enum la_state)state, (uint16_t)(40000 + i), 2, 443));
        for (unsigned int state = 0; state < LA_STATE_COUNT; state++)
                assert_int_equal(survey.in_state[state], state + 1);
        assert_int_equal(survey.total, 66);
}

/* Local ports are taken per destination: it is the path that runs out, not the host. */
static void
ephemeral_ports_are_counted_by_path(void **unused)
{
        const struct path *top[3];

        (void)unused;
        for (uint16_t i = 0; i < 30; i++)
                add(connection(LA_ESTABLISHED, (uint16_t)(32768 + i), 2, 443));
        for (uint16_t i = 0; i < 20; i++)
                add(time_wait((uint16_t)(32768 + i), 3, 443, 1000));
        add(connection(LA_ESTABLISHED, 1024, 4, 443)); /* a port outside of the range */
        assert_int_equal(paths_top(&survey.paths, path_ephemeral, 3, top), 2);
        assert_int_equal(top[0]->ephemeral, 30);
        assert_int_equal(top[0]->remote[3], 2);
        assert_int_equal(top[0]->service, 443);
        assert_int_equal(top[1]->ephemeral, 20);
        assert_int_equal(top[1]->time_wait, 20);
        assert_int_equal(survey_ports(&survey), 28232);
        survey.ports_reserved = 232;
        assert_int_equal(survey_ports(&survey), 28000);
}

/* The ends of a server's connections occupy no ephemeral port, even where the service's port lies in the range. */
static void
a_servers_connections_take_no_ephemeral_ports(void **unused)
{
        const struct path *top[1];

        (void)unused;
        add(listener(40000, 0, 128));
        for (uint16_t i = 0; i < 10; i++)
                add(connection(LA_ESTABLISHED, 40000, 2, (uint16_t)(50000 + i)));
        assert_int_equal(paths_top(&survey.paths, path_ephemeral, 1, top), 0);
        assert_int_equal(survey.paths.count, 1);
        assert_int_equal(survey.paths.path[0].role, PATH_SERVER);
        assert_int_equal(survey.paths.path[0].sockets, 10);
}

static void
closes_out_of_the_remaining_times(void **unused)
{
        const struct path *top[2];

        (void)unused;
        add(time_wait(40000, 2, 80, 0));
        add(time_wait(40001, 2, 80, 4999));
        add(time_wait(40002, 2, 80, 5000));
        add(time_wait(40003, 2, 80, PATHS_NOW_MS));
        add(time_wait(40004, 2, 80, 59999));
        add(time_wait(40005, 2, 80, 60000)); /* cannot be: not counted into a step that does not exist */
        assert_int_equal(survey.closes[0], 2);
        assert_int_equal(survey.closes[1], 1);
        assert_int_equal(survey.closes[2], 1);
        assert_int_equal(survey.closes[SURVEY_STEPS - 1], 1);
        assert_int_equal(paths_top(&survey.paths, path_closed_now, 2, top), 1);
        assert_int_equal(top[0]->closed_now, 3);
        assert_int_equal(top[0]->time_wait, 6);
}

static void
listeners_with_their_queue_drops_and_half_open(void **unused)
{
        struct la_snapshot l = listener(80, 129, 128);

        (void)unused;
        l.known |= LA_KNOWN_DROPS;
        l.memory.drops = 24;
        add(l);
        l.receive_queue = 3; /* a second socket with SO_REUSEPORT */
        l.memory.drops = 1;
        add(l);
        add(listener(443, 0, 4096));
        for (uint16_t i = 0; i < 33; i++)
                add(connection(LA_SYN_RECEIVED, 80, 9, (uint16_t)(1000 + i)));
        assert_int_equal(survey.listeners.count, 2);
        const struct listener *web = &survey.listeners.listener[0];
        assert_int_equal(web->sockets, 2);
        assert_int_equal(web->queue, 129);
        assert_int_equal(web->limit, 128);
        assert_int_equal(web->drops, 25);
        assert_int_equal(web->half_open, 33);
        assert_int_equal(survey.listeners.listener[1].half_open, 0);
}

static void
limit_of_zero_is_one(void **unused)
{
        struct la_snapshot unknown = listener(81, 1, 0);

        (void)unused;
        unknown.known = LA_KNOWN_QUEUES;
        add(listener(80, 1, 0));
        add(unknown);
        assert_true(listener_is_full(&survey.listeners.listener[0]));
        assert_false(survey.listeners.listener[1].limit_known);
        assert_false(listener_is_full(&survey.listeners.listener[1]));
}

static void
full_queue_is_not_hidden_by_a_longer_one(void **unused)
{
        (void)unused;
        add(listener(80, 6, 5));
        add(listener(80, 50, 4096));
        add(listener(80, 7, 5));
        assert_int_equal(survey.listeners.listener[0].queue, 7);
        assert_int_equal(survey.listeners.listener[0].limit, 5);
        assert_int_equal(survey.listeners.listener[0].sockets, 3);
}

static struct listener *
found(struct la_snapshot s)
{
        return listeners_find(&survey.listeners, s.family, &s.local);
}

static void
a_connection_finds_its_listener(void **unused)
{
        struct la_snapshot exact = listener(80, 0, 1), dual = listener(81, 0, 1), only6 = listener(82, 0, 1);
        struct la_snapshot mapped = connection(LA_ESTABLISHED, 81, 2, 1000);

        (void)unused;
        add(listener(80, 0, 1));
        exact.local.address[0] = 10;
        exact.local.address[3] = 1;
        add(exact);
        dual.family = only6.family = LA_IPV6;
        only6.v6only = true;
        add(dual);
        add(only6);

        assert_ptr_equal(found(connection(LA_ESTABLISHED, 80, 2, 1000)), &survey.listeners.listener[1]);
        struct la_snapshot other = connection(LA_ESTABLISHED, 80, 2, 1000);
        other.local.address[3] = 7;
        assert_ptr_equal(found(other), &survey.listeners.listener[0]);

        assert_ptr_equal(found(mapped), &survey.listeners.listener[2]);
        mapped.family = LA_IPV6;
        memcpy(mapped.local.address, (uint8_t[16]){ [10] = 0xff, 0xff, 10, 0, 0, 1 }, 16);
        assert_ptr_equal(found(mapped), &survey.listeners.listener[2]);
        mapped.local.port = 82;
        assert_null(found(mapped)); /* IPV6_V6ONLY */
        mapped.local.port = 83;
        assert_null(found(mapped));
}

/* Each listener's port says where it belongs. */
static void
listeners_with_most_trouble_come_first(void **unused)
{
        struct la_snapshot dropped = listener(2, 0, 128), unknown = listener(7, 200, 0);
        const struct listener **order;

        (void)unused;
        assert_null(listeners_by_trouble(&survey.listeners));
        add(listener(6, 0, 128));
        add(listener(5, 0, 128));
        add(listener(4, 128, 128)); /* one more fits */
        add(listener(3, 0, 128));
        dropped.known |= LA_KNOWN_DROPS;
        dropped.memory.drops = 1;
        add(dropped);
        add(listener(1, 129, 128));
        add(connection(LA_SYN_RECEIVED, 3, 2, 40000));
        order = listeners_by_trouble(&survey.listeners);
        assert_non_null(order);
        for (uint16_t i = 0; i < 6; i++) {
                assert_int_equal(order[i]->local.port, i + 1);
                assert_int_equal(listener_is_full(order[i]), i == 0);
                assert_int_equal(listener_is_in_trouble(order[i]), i <= 1);
        }
        free(order);
        unknown.known = LA_KNOWN_QUEUES;
        add(unknown);
        assert_false(listener_is_full(&survey.listeners.listener[6]));
}

static void
close_wait_that_nobody_accepted(void **unused)
{
        (void)unused;
        struct la_snapshot s = connection(LA_CLOSE_WAIT, 80, 2, 40000);

        s.known = LA_KNOWN_INODE | LA_KNOWN_OWNERS;
        add(s);
        s.inode = 4711; /* somebody's whom we may not look into */
        add(s);
        assert_int_equal(survey.close_wait_unaccepted, 1);
        assert_int_equal(survey.close_wait.count, 1);
        assert_int_equal(survey.close_wait.holder[0].sockets, 1);
        survey_clear(&survey);
        assert_int_equal(survey.close_wait_unaccepted, 0);
}

static void
close_wait_by_process_with_the_oldest(void **unused)
{
        static const struct la_owner java = { 4711, 9, "java" }, curl = { 12, 3, "curl" };
        struct la_snapshot s = connection(LA_CLOSE_WAIT, 40000, 2, 80);

        (void)unused;
        s.known = LA_KNOWN_AGE | LA_KNOWN_INODE;
        s.inode = 1;
        s.owner_count = 1;
        s.owners = &curl;
        s.age_min_ms = 100;
        add(s);
        s.owners = &java;
        s.age_min_ms = 5000;
        add(s);
        s.age_min_ms = 3000;
        add(s);
        s.owner_count = 0; /* another user's */
        s.known = 0;
        add(s);
        holders_sort(&survey.close_wait);
        assert_int_equal(survey.close_wait.count, 3);
        assert_int_equal(survey.close_wait.holder[0].owner.pid, 4711);
        assert_int_equal(survey.close_wait.holder[0].sockets, 2);
        assert_int_equal(survey.close_wait.holder[0].oldest_min_ms, 5000);
        assert_int_equal(survey.close_wait.holder[1].owner.pid, 0);
        assert_false(survey.close_wait.holder[1].age_known);
}

static void
fin_wait_2_held_apart_from_orphans(void **unused)
{
        struct la_snapshot s = connection(LA_FIN_WAIT_2, 40000, 2, 80);

        (void)unused;
        add(s); /* a source that cannot tell */
        s.known = LA_KNOWN_INODE | LA_KNOWN_TIMER;
        s.inode = 77;
        add(s);
        s.inode = 0;
        s.timer = LA_TIMER_TIME_WAIT;
        s.timer_ms = 41000;
        add(s);
        s.timer_ms = 7000;
        add(s);
        assert_int_equal(survey.fin_wait_2_unknown, 1);
        assert_int_equal(survey.half_closed.count, 1);
        assert_int_equal(survey.half_closed.holder[0].sockets, 1);
        assert_int_equal(survey.fin_wait_2_orphans, 2);
        assert_int_equal(survey.orphans_left_ms, 41000);
}

/* Far more paths than the first table has room for, each found again. */
static void
many_paths(void **unused)
{
        enum { PATHS = 20000 };

        (void)unused;
        for (unsigned int round = 0; round < 2; round++)
                for (unsigned int i = 0; i < PATHS; i++) {
                        struct la_snapshot s = connection(LA_ESTABLISHED, 40000, 0, 443);
                        memcpy(s.remote.address, &i, sizeof(i));
                        add(s);
                }
        assert_int_equal(survey.paths.count, PATHS);
        for (unsigned int i = 0; i < PATHS; i++)
                assert_int_equal(survey.paths.path[i].sockets, 2);
}

static void
beginning_again_forgets_everything(void **unused)
{
        (void)unused;
        add(listener(80, 1, 1));
        add(connection(LA_CLOSE_WAIT, 80, 2, 1000));
        add(time_wait(80, 2, 1001, 10));
        survey_clear(&survey);
        assert_int_equal(survey.total, 0);
        assert_int_equal(survey.closes[0], 0);
        assert_int_equal(survey.paths.count, 0);
        assert_int_equal(survey.listeners.count, 0);
        assert_int_equal(survey.close_wait.count, 0);
        assert_null(found(connection(LA_ESTABLISHED, 80, 2, 1000)));
        add(connection(LA_ESTABLISHED, 80, 2, 1000));
        assert_int_equal(survey.paths.path[0].role, PATH_CLIENT);
        assert_int_equal(survey.paths.path[0].sockets, 1);
}

#define survey_test(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
        const struct CMUnitTest tests[] = {
                survey_test(every_state_is_counted),
                survey_test(ephemeral_ports_are_counted_by_path),
                survey_test(a_servers_connections_take_no_ephemeral_ports),
                survey_test(closes_out_of_the_remaining_times),
                survey_test(listeners_with_their_queue_drops_and_half_open),
                survey_test(limit_of_zero_is_one),
                survey_test(full_queue_is_not_hidden_by_a_longer_one),
                survey_test(a_connection_finds_its_listener),
                survey_test(listeners_with_most_trouble_come_first),
                survey_test(close_wait_that_nobody_accepted),
                survey_test(close_wait_by_process_with_the_oldest),
                survey_test(fin_wait_2_held_apart_from_orphans),
                survey_test(many_paths),
                survey_test(beginning_again_forgets_everything),
        };

        return cmocka_run_group_tests_name("survey", tests, NULL, NULL);
}
