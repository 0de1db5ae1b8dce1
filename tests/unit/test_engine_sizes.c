/* SPDX-License-Identifier: BSD-2-Clause */
/* What is held costs, counted from the real structures: the record, its share of the index, its timer. */
#include "engine.h"
#include "stack/stack.h"

/* The table is at most three quarters full. */
#define INDEX_SHARE (sizeof(struct index_slot) * 4.0 / 3.0)

static void
idle_established_ipv4(void **state)
{
        (void)state;
        /* The timer is in the struct; buffers are attached only while they hold something. */
        print_message("# idle established: %.1f bytes\n", (double)sizeof(struct tcb) + INDEX_SHARE);
        assert_true((double)sizeof(struct tcb) + INDEX_SHARE <= 320);
}

static void
half_open_record(void **state)
{
        (void)state;
        print_message("# half-open: %.1f bytes\n", (double)sizeof(struct half_open) + INDEX_SHARE);
        assert_true((double)sizeof(struct half_open) + INDEX_SHARE <= 96);
}

static void
time_wait_records(void **state)
{
        (void)state;
        print_message("# TIME_WAIT: %.1f bytes, IPv6 %.1f\n", (double)TIME_WAIT4_BYTES + INDEX_SHARE,
                      (double)TIME_WAIT6_BYTES + INDEX_SHARE);
        assert_true((double)TIME_WAIT4_BYTES + INDEX_SHARE <= 64);
        assert_true((double)TIME_WAIT6_BYTES + INDEX_SHARE <= 96);
}

/* The same, from the outside: what the block grows by for each more. */
static void
the_block_grows_by_as_much(void **state)
{
        (void)state;
        struct la_config a = usual_config(), b;

        b = a;
        b.time_wait4 += 1000000;
        assert_true(la_stack_bytes(&b) - la_stack_bytes(&a) <= 64u * 1000000);
        b = a;
        b.time_wait6 += 1000000;
        assert_true(la_stack_bytes(&b) - la_stack_bytes(&a) <= 96u * 1000000);
        b = a;
        b.half_open += 1000000;
        assert_true(la_stack_bytes(&b) - la_stack_bytes(&a) <= 96u * 1000000);
        b = a;
        b.connections += 1000000;
        assert_true(la_stack_bytes(&b) - la_stack_bytes(&a) <= 320u * 1000000);
        b.time_wait4 += 10000000;
        print_message("# a million established and ten million TIME_WAIT: %zu MiB\n",
                      (la_stack_bytes(&b) - la_stack_bytes(&a)) >> 20);
        assert_true(la_stack_bytes(&b) - la_stack_bytes(&a) <= 1288490188u); /* 1.2 GiB */
}

static void
an_idle_connection_holds_no_buffer(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_usage(e.stack).chunks, 0);
        seg("PA 1:101 ack 1");
        assert_int_equal(write_bytes(100), 100);
        forget_sent();
        assert_int_equal(la_usage(e.stack).chunks, 2);
        assert_int_equal(read_bytes(), 100);
        assert_int_equal(la_usage(e.stack).chunks, 1);
        seg("A 101:101 ack 101");
        assert_int_equal(la_usage(e.stack).chunks, 0);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(idle_established_ipv4),
                engine_test(half_open_record),
                engine_test(time_wait_records),
                engine_test(the_block_grows_by_as_much),
                engine_test(an_idle_connection_holds_no_buffer),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
