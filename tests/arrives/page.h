/* SPDX-License-Identifier: BSD-2-Clause */
/* page.h - reads a page of cases, a .t file; README.md describes it. */
#ifndef LASTACK_TESTS_ARRIVES_PAGE_H
#define LASTACK_TESTS_ARRIVES_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/segment.h"

#define WORD_SIZE     160
#define POSITIONS_MAX 16

/* Names of numbers, "rcv+1000". */
struct positions {
        char name[POSITIONS_MAX][24];
        size_t count;
};

/* One line of a page: as many cases as there are combinations of its positions. */
struct row {
        unsigned int line;
        struct positions seq, ack, stamp;
        char verdict[WORD_SIZE], answer[WORD_SIZE], state[WORD_SIZE], una[WORD_SIZE], rcv[WORD_SIZE], rows[WORD_SIZE];
};

/* Rows that begin in the same state. */
struct section {
        char state[24], how[24];
        struct positions seq, ack, stamp; /* all that are tried: what `*` stands for */
        struct row row[160];
        size_t count;
};

struct page {
        struct segment segment; /* flags and text_bytes */
        struct section section[8];
        size_t count;
};

/* NULL, or what is wrong; *ret_line says where. */
const char *page_read(const char *path, struct page *ret_page, unsigned int *ret_line);

#endif
