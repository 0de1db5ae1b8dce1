/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * answer.h - what a measured command said, read from its output: a fast wrong answer is no figure.
 */
#ifndef LASTACK_BENCH_ANSWER_H
#define LASTACK_BENCH_ANSWER_H

#include <stdint.h>

struct answer {
        uint64_t established, time_wait; /* the first number on the first line that begins with the state's name */
        uint64_t owned;                  /* lines with an established socket and the owner that was looked for */
};

/* Reads all of a file from its beginning.  Returns 0 or a negative errno. */
int answer_read(int fd, const char *owner, struct answer *ret);

#endif
