/* SPDX-License-Identifier: BSD-2-Clause */
/* pacing_words.h - the words that tests of pacing are written in, beside those of engine.h. */
#ifndef LASTACK_TESTS_PACING_WORDS_H
#define LASTACK_TESTS_PACING_WORDS_H

#include "engine.h"

#define MSS 1460u

static inline void
option(enum la_option which, int64_t value)
{
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, which, value), LA_OK);
}

static inline int64_t
option_now(enum la_option which)
{
        int64_t value = -99;

        assert_int_equal(la_option_get(e.stack, e.connection, which, &value), LA_OK);
        return value;
}

/* The peer's window is 65535 << 7, and ours, for congestion, 100 segments at first. */
static inline void
paced_at(int64_t rate)
{
        knob("lastack.initial_window", "100");
        established_with("mss 1460 ws 7");
        seg("A 1:1 ack 1 win 65535");
        option(LA_OPTION_MAX_PACING_RATE, rate);
}

/* Where text ends that has left so far, and how much of it left since this was last asked. */
static uint32_t sent_to;

static inline uint32_t
bytes_sent(void)
{
        uint32_t before = sent_to;

        forget_sent();
        sent_to = snapshot_now().snd_nxt;
        return sent_to - before;
}

static inline void
begin_counting(void)
{
        sent_to = snapshot_now().snd_nxt;
}

/* The peer acknowledges all that has left. */
static inline void
acknowledge(void)
{
        char text[64];

        snprintf(text, sizeof text, "A 1:1 ack %u win 65535", snapshot_now().snd_nxt - e.our_isn);
        seg(text);
}

/* Its user keeps the buffer full. */
static inline void
keep_writing(void)
{
        while (write_bytes(50000) > 0)
                ;
}

/* The next call that the stack asks for, and what leaves then. */
static inline uint32_t
next_burst(void)
{
        e.now = la_deadline(e.stack);
        assert_true(e.now != 0 && e.now != LA_NEVER);
        la_advance(e.stack, e.now);
        return bytes_sent();
}

#endif
