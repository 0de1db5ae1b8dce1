/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sequence numbers go round (RFC 9293 3.4): after four gigabytes they pass our initial one again, and nothing may
 * depend on where they began.  What was sent is not sent here: its beginning is moved instead.
 */
#include "engine.h"
#include "stack/stack.h"

static struct tcb *
connection(void)
{
        return tcb_at(e.stack, ref_index(e.connection.index));
}

/* As if `bytes` had been sent and acknowledged. */
static void
sent_before(uint32_t bytes)
{
        struct tcb *t = connection();

        t->snd.iss = seq_sub(t->snd.una, bytes);
        e.our_isn = t->snd.iss.v;
}

static void
text_that_begins_at_our_isn_is_no_syn(void **state)
{
        size_t taken;

        (void)state;
        established();
        sent_before(0);
        assert_int_equal(la_send(e.stack, e.now, e.connection, (const uint8_t *)"", 1, 0, &taken), LA_OK);
        expect_sent("PA 0:1 ack 1");
        expect_nothing_sent();
}

static void
room_to_send_is_what_is_not_held(void **state)
{
        static const uint32_t distances[] = { 1, 0x7ffffff0, 0x80000000, 0xc0000000, 0xffffff00 };
        static const uint8_t bytes[1000];
        size_t taken, written = 0;

        (void)state;
        established();
        for (size_t i = 0; i < sizeof distances / sizeof distances[0]; i++) {
                sent_before(distances[i]);
                assert_int_equal(la_send(e.stack, e.now, e.connection, bytes, sizeof bytes, 0, &taken), LA_OK);
                written += taken;
                assert_int_equal(snapshot_now().send_queue, written);
        }
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(text_that_begins_at_our_isn_is_no_syn),
                engine_test(room_to_send_is_what_is_not_held),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
