/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stack of several queues is asked as one: what it is told to have is what its queues have together, and none of them is
 * left out without a word.
 */
#include "control.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "lastack/control.h"

enum { QUEUES = 3 };

struct queue {
        struct la_stack *stack;
        struct la_link *link;
        struct la_loop *loop;
        struct la_control *control;
};

static struct several {
        struct queue queue[QUEUES];
        struct control_client *client;
        struct control_trouble trouble;
        pthread_t thread;
        pthread_mutex_t lock; /* of the stacks, the loops and the controls */
        atomic_bool stepping;
        bool (*ends[QUEUES])(void); /* a queue's control is closed once this is true of it */
        tcp_time late_until;        /* the last queue takes no steps before */
        char directory[64];
} m = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- The fixture ---- */

static struct la_stack *
make_stack(unsigned int i)
{
        struct la_config config = usual_config();
        config.connections = 64 * (i + 1);
        size_t bytes = la_stack_bytes(&config);
        void *block = aligned_alloc(64, bytes);

        assert_non_null(block);
        memset(block, 0, bytes);
        struct la_stack *stack = la_stack_init(block, bytes, &config, la_clock());
        assert_non_null(stack);
        return stack;
}

/* In queue i: a listener, and i + 1 connections that nobody answers, to ports 1000 * (i + 1) and above. */
static void
open_one(unsigned int i, uint16_t port)
{
        struct la_endpoint remote = { .address = { 10, 0, 0, 2 }, .port = port };
        struct la_event_report event;
        struct la_handle handle;

        assert_int_equal(la_open(m.queue[i].stack, la_clock(), LA_IPV4, NULL, &remote, 0, &handle), LA_OK);
        while (la_next_event(m.queue[i].stack, &event))
                ;
}

static void
fill(unsigned int i)
{
        struct la_endpoint local = { .port = LOCAL_PORT };
        struct la_handle handle;

        assert_int_equal(la_listen(m.queue[i].stack, la_clock(), LA_IPV4, &local, 8, 0, &handle), LA_OK);
        for (unsigned int n = 0; n <= i; n++)
                open_one(i, (uint16_t)(1000 * (i + 1) + n));
}

static int
setup(void **state)
{
        (void)state;
        memset(m.ends, 0, sizeof m.ends);
        m.late_until = 0;
        strcpy(m.directory, "/tmp/lastack-test-XXXXXX");
        assert_non_null(mkdtemp(m.directory));
        setenv("LASTACK_DIR", m.directory, 1);
        for (unsigned int i = 0; i < QUEUES; i++) {
                struct queue *q = &m.queue[i];
                char name[16] = "here";
                if (i > 0)
                        snprintf(name, sizeof name, "here.%u", i);
                q->stack = make_stack(i);
                q->loop = loop_around(q->stack, &q->link);
                assert_int_equal(la_control_open(q->loop, name, "a test", &q->control), 0);
                fill(i);
        }
        for (unsigned int i = 0; i < QUEUES; i++)
                la_control_queue(m.queue[i].control, i, QUEUES);
        return 0;
}

/* With the lock. */
static void
end_queue(unsigned int i)
{
        la_control_close(m.queue[i].control);
        m.queue[i].control = NULL;
}

static void *
step_on(void *unused)
{
        (void)unused;
        while (m.stepping) {
                pthread_mutex_lock(&m.lock);
                for (unsigned int i = 0; i < QUEUES; i++) {
                        if (m.queue[i].control && m.ends[i] && m.ends[i]())
                                end_queue(i);
                        if (i < QUEUES - 1 || la_clock() >= m.late_until)
                                la_loop_step(m.queue[i].loop, la_clock());
                }
                pthread_mutex_unlock(&m.lock);
                nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
        }
        return NULL;
}

static void
begin(void)
{
        m.stepping = true;
        assert_int_equal(pthread_create(&m.thread, NULL, step_on, NULL), 0);
        assert_int_equal(control_connect("here", &m.client, &m.trouble), 0);
}

static int
teardown(void **state)
{
        (void)state;
        if (m.stepping) {
                m.stepping = false;
                pthread_join(m.thread, NULL);
        }
        control_close(m.client);
        m.client = NULL;
        for (unsigned int i = 0; i < QUEUES; i++) {
                struct queue *q = &m.queue[i];
                end_queue(i);
                la_loop_free(q->loop);
                la_link_close(q->link);
                free(q->stack);
        }
        assert_int_equal(rmdir(m.directory), 0); /* nothing is left */
        return 0;
}

static void
vanish(unsigned int i)
{
        pthread_mutex_lock(&m.lock);
        end_queue(i);
        pthread_mutex_unlock(&m.lock);
}

/* ---- All of it ---- */

static void
they_are_one(void **state)
{
        (void)state;
        begin();
        assert_int_equal(control_queues(m.client), QUEUES);
        assert_string_equal(control_hello_of(m.client)->name, "here");
        assert_int_equal(control_hello_of(m.client)->config.connections, 64 + 128 + 192);
        for (unsigned int i = 0; i < QUEUES; i++) {
                char name[16];
                snprintf(name, sizeof name, "here.%u", i);
                assert_string_equal(control_queue(m.client, i).name, name);
                assert_int_equal(control_queue(m.client, i).hello->config.connections, 64 * (i + 1));
        }
}

static void
each_can_be_asked_alone(void **state)
{
        (void)state;
        static const char *const names[QUEUES] = { "here.0", "here.1", "here.2" };
        struct control_client *one;
        struct control_status s;

        begin();
        for (unsigned int i = 0; i < QUEUES; i++) {
                assert_int_equal(control_connect(names[i], &one, NULL), 0);
                assert_int_equal(control_queues(one), 1);
                assert_int_equal(control_status(one, &s), 0);
                assert_int_equal(s.states[LA_SYN_SENT], i + 1);
                control_close(one);
        }
        assert_int_equal(control_connect("here.3", &one, NULL), -ENOENT);
        assert_int_equal(control_connect("here.1.0", &one, NULL), -ENOENT);
        assert_int_equal(control_connect("there.0", &one, NULL), -ENOENT);
}

static void
a_path_is_of_all_of_them_too(void **state)
{
        (void)state;
        struct control_client *all;
        char path[96];

        begin();
        snprintf(path, sizeof path, "%s/here.sock", m.directory);
        assert_int_equal(control_connect(path, &all, NULL), 0);
        assert_int_equal(control_queues(all), QUEUES);
        snprintf(path, sizeof path, "%s/here.2.sock", m.directory);
        assert_string_equal(control_queue(all, 2).name, path);
        control_close(all);
}

static void
counts_are_sums(void **state)
{
        (void)state;
        struct control_status s;

        begin();
        assert_int_equal(control_status(m.client, &s), 0);
        assert_int_equal(s.states[LA_LISTEN], 3);
        assert_int_equal(s.states[LA_SYN_SENT], 1 + 2 + 3);
        assert_int_equal(s.counters[LA_C_ActiveOpens], 1 + 2 + 3);
        assert_int_equal(s.usage.listeners, 3);
        assert_int_equal(s.usage.connections, 1 + 2 + 3);
        for (unsigned int i = 0; i < QUEUES; i++)
                assert_int_equal(control_queue(m.client, i).status->states[LA_SYN_SENT], i + 1);
}

static void
a_walk_goes_through_all_and_listeners_come_first(void **state)
{
        (void)state;
        struct la_snapshot s;
        unsigned int told[QUEUES] = { 0 }, count = 0;

        begin();
        for (unsigned int again = 0; again < 2; again++, count = 0) {
                assert_int_equal(control_walk(m.client, ~0u, CONTROL_PART_TCP), 0);
                for (; control_walk_next(m.client, &s) > 0; count++) {
                        assert_int_equal(s.state, count < QUEUES ? LA_LISTEN : LA_SYN_SENT);
                        if (s.state == LA_SYN_SENT)
                                assert_int_equal(s.remote.port / 1000, control_from(m.client) + 1);
                        told[control_from(m.client)]++;
                }
                assert_int_equal(count, 3 + 6);
                assert_int_equal(control_walk_next(m.client, &s), 0);
        }
        for (unsigned int i = 0; i < QUEUES; i++)
                assert_int_equal(told[i], 2 * (i + 2));
        assert_int_equal(control_walk(m.client, 1u << LA_SYN_SENT, 0), 0);
        assert_int_equal(control_walk_next(m.client, &s), 1);
        assert_int_equal(s.state, LA_SYN_SENT);
}

static void
one_is_found_wherever_it_is(void **state)
{
        (void)state;
        struct la_snapshot s, found;

        begin();
        assert_int_equal(control_walk(m.client, 1u << LA_SYN_SENT, 0), 0);
        while (control_walk_next(m.client, &s) > 0 && s.remote.port != 3001)
                ;
        assert_int_equal(s.remote.port, 3001);
        assert_int_equal(control_find(m.client, LA_IPV4, &s.local, &s.remote, &found), 1);
        assert_int_equal(found.remote.port, 3001);
        assert_int_equal(control_from(m.client), 2);
        s.remote.port = 9;
        assert_int_equal(control_find(m.client, LA_IPV4, &s.local, &s.remote, &found), 0);
}

/* ---- Tunables ---- */

static void
set_in(unsigned int queue, const char *value)
{
        const char *why;

        pthread_mutex_lock(&m.lock);
        assert_int_equal(la_knob_set(m.queue[queue].stack, "tcp_fin_timeout", value, &why), LA_OK);
        pthread_mutex_unlock(&m.lock);
}

static bool
is_set_in(unsigned int queue, const char *value)
{
        char text[32] = "";

        la_knob_get(m.queue[queue].stack, "tcp_fin_timeout", text, sizeof text);
        return strcmp(text, value) == 0;
}

static void
expect_set(const char *first, const char *second, const char *third)
{
        pthread_mutex_lock(&m.lock);
        assert_true(is_set_in(0, first));
        assert_true(is_set_in(1, second));
        assert_true(is_set_in(2, third));
        pthread_mutex_unlock(&m.lock);
}

static void
tunables_are_one_value_or_each(void **state)
{
        (void)state;
        struct control_knob_view k;
        unsigned int disagreed = 0;
        int r;

        begin();
        assert_int_equal(control_knob(m.client, "tcp_fin_timeout", &k), 0);
        assert_true(k.agreed);
        assert_string_equal(k.value, "60");
        set_in(1, "30");
        assert_int_equal(control_knob(m.client, "tcp_fin_timeout", &k), 0);
        assert_false(k.agreed);
        assert_string_equal(control_knob_value(m.client, 0), "60");
        assert_string_equal(control_knob_value(m.client, 1), "30");
        assert_int_equal(control_knobs(m.client), 0);
        while ((r = control_knobs_next(m.client, &k)) > 0)
                if (!k.agreed) {
                        assert_string_equal(k.name, "net.ipv4.tcp_fin_timeout");
                        disagreed++;
                }
        assert_int_equal(r, 0);
        assert_int_equal(disagreed, 1);
        assert_int_equal(control_knob(m.client, "tcp_nothing", &k), -ENODEV);
}

static void
they_are_set_in_all(void **state)
{
        (void)state;
        struct control_knob_view k;

        begin();
        set_in(2, "45");
        assert_int_equal(control_knob_set(m.client, "tcp_fin_timeout", "20", false, &k), 0);
        assert_true(k.agreed);
        assert_string_equal(k.value, "20");
        expect_set("20", "20", "20");
        assert_int_equal(control_knob_set(m.client, "tcp_fin_timeout", "soon", false, &k), -ERANGE);
        assert_string_not_equal(control_said(m.client), "");
        expect_set("20", "20", "20");
}

static bool
first_is_set(void)
{
        return is_set_in(0, "20");
}

static bool
first_two_are_set(void)
{
        return is_set_in(0, "20") && is_set_in(1, "20");
}

static void
or_in_none(void **state)
{
        (void)state;
        struct control_knob_view k;

        m.ends[2] = first_is_set;
        set_in(1, "45");
        begin();
        assert_int_equal(control_knob_set(m.client, "tcp_fin_timeout", "20", false, &k), -ECONNRESET);
        assert_string_equal(m.trouble.queue, "here.2");
        expect_set("60", "45", "60");
        for (unsigned int i = 0; i < QUEUES; i++)
                assert_false(control_knob_stays(m.client, i));
}

static void
what_cannot_be_taken_back_is_told(void **state)
{
        (void)state;
        struct control_knob_view k;

        m.ends[0] = m.ends[2] = first_two_are_set;
        begin();
        assert_int_equal(control_knob_set(m.client, "tcp_fin_timeout", "20", false, &k), -ECONNRESET);
        assert_string_equal(m.trouble.queue, "here.2");
        assert_true(control_knob_stays(m.client, 0));
        assert_false(control_knob_stays(m.client, 1));
        expect_set("20", "60", "60");
}

/* ---- Events ---- */

static void
await_subscription(void)
{
        struct control_status s;
        struct control_client *one;

        /* The loops have read it once they answer a question that came later. */
        for (unsigned int i = 0; i < QUEUES; i++) {
                assert_int_equal(control_connect(control_queue(m.client, i).name, &one, NULL), 0);
                assert_int_equal(control_status(one, &s), 0);
                control_close(one);
        }
}

static void
expect_event_to(uint16_t port, unsigned int queue)
{
        struct la_trace t;
        uint64_t lost;

        assert_int_equal(control_events_next(m.client, NULL, -1, &t, &lost), 1);
        assert_int_equal(t.remote.port, port);
        assert_int_equal(control_from(m.client), queue);
        assert_int_equal(lost, 0);
}

static void
events_come_in_the_order_of_time(void **state)
{
        (void)state;
        static const unsigned int order[] = { 2, 0, 1, 1, 2, 0, 0, 2, 1 };
        const uint16_t count = sizeof order / sizeof order[0];

        begin();
        assert_int_equal(control_events(m.client, CONTROL_TRANSITIONS), 0);
        await_subscription();
        for (unsigned int round = 0; round < 5; round++) {
                pthread_mutex_lock(&m.lock);
                for (uint16_t i = 0; i < count; i++) {
                        open_one(order[i], (uint16_t)(10000 + i));
                        for (tcp_time t = la_clock(); la_clock() <= t;) /* the next is later */
                                ;
                }
                pthread_mutex_unlock(&m.lock);
                for (uint16_t i = 0; i < count; i++)
                        expect_event_to((uint16_t)(10000 + i), order[i]);
        }
}

static void
what_is_told_late_comes_in_its_place(void **state)
{
        (void)state;
        begin();
        assert_int_equal(control_events(m.client, CONTROL_TRANSITIONS), 0);
        await_subscription();
        pthread_mutex_lock(&m.lock);
        open_one(2, 10000);
        for (tcp_time t = la_clock(); la_clock() <= t;)
                ;
        open_one(0, 10001);
        m.late_until = la_clock() + 10000;
        pthread_mutex_unlock(&m.lock);
        expect_event_to(10000, 2);
        expect_event_to(10001, 0);
}

static void
the_silent_do_not_hold_up_the_others(void **state)
{
        (void)state;
        begin();
        assert_int_equal(control_events(m.client, CONTROL_TRANSITIONS), 0);
        await_subscription();
        for (uint16_t i = 0; i < 3; i++) {
                pthread_mutex_lock(&m.lock);
                open_one(1, (uint16_t)(10000 + i));
                pthread_mutex_unlock(&m.lock);
                expect_event_to((uint16_t)(10000 + i), 1);
        }
}

/* What the others have told by then is not lost with it. */
static void
events_end_when_a_queue_does(void **state)
{
        (void)state;
        struct la_trace t;
        uint64_t lost;

        begin();
        assert_int_equal(control_events(m.client, CONTROL_TRANSITIONS), 0);
        await_subscription();
        pthread_mutex_lock(&m.lock);
        open_one(1, 10000);
        end_queue(2);
        open_one(0, 10001);
        pthread_mutex_unlock(&m.lock);
        expect_event_to(10000, 1);
        expect_event_to(10001, 0);
        assert_int_equal(control_events_next(m.client, NULL, -1, &t, &lost), -ECONNRESET);
        assert_string_equal(m.trouble.queue, "here.2");
}

/* ---- A queue that vanishes ---- */

static void
what_has_vanished_is_named(void **state)
{
        (void)state;
        struct control_client *all;
        struct control_trouble trouble;
        struct control_status status;
        struct la_snapshot s;
        int r;

        begin();
        assert_int_equal(control_status(m.client, &status), 0);
        assert_string_equal(m.trouble.queue, "");
        vanish(1);
        assert_int_equal(control_walk(m.client, ~0u, 0), 0);
        while ((r = control_walk_next(m.client, &s)) > 0)
                ;
        assert_int_equal(r, -ECONNRESET);
        assert_string_equal(m.trouble.queue, "here.1");
        assert_int_equal(control_status(m.client, &status), -ECONNRESET);
        assert_string_equal(m.trouble.queue, "here.1");
        assert_int_equal(control_connect("here", &all, &trouble), -ENOENT);
        assert_string_equal(trouble.queue, "here.1");
        vanish(0);
        assert_int_equal(control_connect("here", &all, &trouble), -ENOENT);
        assert_string_equal(trouble.queue, "");
}

/* A stack that has nothing to do with it may have such a name. */
static void
another_stack_is_not_taken_for_a_queue(void **state)
{
        (void)state;
        struct control_client *all;
        struct control_trouble trouble;

        begin();
        pthread_mutex_lock(&m.lock);
        la_control_queue(m.queue[2].control, 0, 1);
        pthread_mutex_unlock(&m.lock);
        assert_int_equal(control_connect("here", &all, &trouble), -ENOENT);
        assert_string_equal(trouble.queue, "here.2");
}

#define queues_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
        const struct CMUnitTest tests[] = {
                queues_test(they_are_one),
                queues_test(each_can_be_asked_alone),
                queues_test(a_path_is_of_all_of_them_too),
                queues_test(counts_are_sums),
                queues_test(a_walk_goes_through_all_and_listeners_come_first),
                queues_test(one_is_found_wherever_it_is),
                queues_test(tunables_are_one_value_or_each),
                queues_test(they_are_set_in_all),
                queues_test(or_in_none),
                queues_test(what_cannot_be_taken_back_is_told),
                queues_test(events_come_in_the_order_of_time),
                queues_test(what_is_told_late_comes_in_its_place),
                queues_test(the_silent_do_not_hold_up_the_others),
                queues_test(events_end_when_a_queue_does),
                queues_test(what_has_vanished_is_named),
                queues_test(another_stack_is_not_taken_for_a_queue),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
