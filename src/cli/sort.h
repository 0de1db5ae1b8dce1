/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sort.h - rows in an order of the user's choice.
 *
 * A row is its finished text and a key of bytes that memcmp() puts in order: neither grows with what a snapshot holds.
 */
#ifndef LASTACK_CLI_SORT_H
#define LASTACK_CLI_SORT_H

#include "lastack/snapshot.h"

#define SORT_KEYS_MAX 8
#define SORT_KEY_ROOM (SORT_KEYS_MAX * 20)

struct sort_order {
        struct sort_by {
                const struct sort_field *field;
                bool descending;
        } by[SORT_KEYS_MAX];
        size_t count;
};

/* Reads "-recvq,local": fields separated by commas, '-' before one for largest first.  False, with the part that is no
 * field in *ret_wrong (of length *ret_length), if it cannot be read. */
bool sort_parse(const char *text, struct sort_order *ret_order, const char **ret_wrong, size_t *ret_length);

/* The names of all fields, separated by ", ". */
const char *sort_fields(void);

/* What a snapshot must know to be sorted so: bits of enum la_known. */
uint32_t sort_needs(const struct sort_order *order);

/* Writes a snapshot's key; returns its length, the same for all snapshots. */
size_t sort_key(const struct sort_order *order, const struct la_snapshot *s, uint8_t key[SORT_KEY_ROOM]);

/* Rows, kept until they are all there. */
struct sorted_rows {
        char *text;
        size_t used, capacity;
        size_t *offset; /* of each row's key, behind which its text stands */
        size_t count, offset_capacity;
        size_t key_length;
};

/* Adds a row; returns false if there is no memory for it. */
bool sorted_rows_add(struct sorted_rows *r, const uint8_t *key, size_t key_length, const char *text, size_t length);

/* Puts the rows in order; equal ones stay as they came. */
void sorted_rows_sort(struct sorted_rows *r);
const char *sorted_rows_text(const struct sorted_rows *r, size_t i);

void sorted_rows_clear(struct sorted_rows *r);
void sorted_rows_fini(struct sorted_rows *r);

#endif
