/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guess.h - when the next packet will come, from when the last ones came.
 *
 * Two things depend on it.  Where packets come close together, asking the link again at once spares a system call that
 * would only say that it is ready.  Where each answer makes the next packet come, going to sleep and being woken takes
 * longer than the wait: then it is better to look again and again for a moment.  Both are wasted when the guess is
 * wrong, so both stop soon when it is.  A peer that streams does not wait for an answer, and is not looked for.
 */
#ifndef LASTACK_LINK_GUESS_H
#define LASTACK_LINK_GUESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guess {
        uint32_t gap_us; /* how long a packet was waited for, on average of the last few; at most GUESS_GAP_MAX_US */
        uint8_t hits;    /* how often asking at once paid, less how often not; 0 to GUESS_HITS_MAX */
        bool streams;    /* much came, and was only acknowledged: more comes without an answer */
};

#define GUESS_GAP_MAX_US 2000
#define GUESS_HITS_MAX   8
#define GUESS_STREAM     (16 * 1024) /* bytes at once */

/* There was a packet after so long a wait. */
static inline void
guess_came_after(struct guess *g, uint64_t us)
{
        uint32_t sample = us < GUESS_GAP_MAX_US ? (uint32_t)us : GUESS_GAP_MAX_US;

        g->gap_us = (g->gap_us * 3 + sample) / 4;
}

/* The link was asked again at once, and had a packet or not. */
static inline void
guess_asked(struct guess *g, bool had_one)
{
        if (!had_one)
                g->hits /= 2;
        else if (g->hits < GUESS_HITS_MAX)
                g->hits++;
}

static inline bool
guess_ask_again(const struct guess *g)
{
        return g->hits > 1;
}

/* So many bytes came at once. */
static inline void
guess_brought(struct guess *g, size_t bytes)
{
        g->streams = bytes >= GUESS_STREAM;
}

/* Text was sent. */
static inline void
guess_answered(struct guess *g)
{
        g->streams = false;
}

/* How long to look before sleeping, if at most `most_us` are allowed. */
static inline uint32_t
guess_spin_us(const struct guess *g, uint32_t most_us)
{
        uint32_t worth = g->gap_us * 2 + 2;

        if (g->streams)
                return 0; /* woken later, it finds more at once, and acknowledges it together */
        return g->gap_us > most_us ? 0 : worth < most_us ? worth : most_us;
}

#endif
