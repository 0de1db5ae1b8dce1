/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owners.c - the table from a socket's inode to its owners.
 *
 * It is built once and then only read, so it is a hash table without links: the rows lie sorted by bucket, and first[b]
 * is where bucket b begins.  With as many buckets as rows, finding a socket's owners is two reads, and they lie side by
 * side as the snapshot wants them.
 */
#include "linux/owners.h"

#include <stdlib.h>
#include <string.h>

#include "linux/holding.h"

struct owners {
        enum owners_source source;
        uint32_t hidden;
        unsigned int bucket_bits;
        uint32_t *first;       /* of each bucket; one more for the end */
        uint32_t *inodes;      /* the row's socket */
        struct la_owner *rows; /* by bucket, inode, pid, fd */
};

int
holdings_reserve(struct holdings *h, size_t more)
{
        if (h->capacity - h->count >= more)
                return 0;
        size_t capacity = h->capacity ? h->capacity * 2 : 1024;
        if (capacity < h->count + more)
                capacity = h->count + more;
        struct holding *rows = reallocarray(h->rows, capacity, sizeof(*rows));
        if (!rows)
                return -ENOMEM;
        h->rows = rows;
        h->capacity = capacity;
        return 0;
}

/* Inodes of sockets are numbered one after the other, by each CPU in its own range; multiplying by 2^32 divided by the
 * golden ratio spreads such sequences evenly over the top bits (Knuth, TAOCP 6.4). */
static size_t
bucket_of(const struct owners *o, uint32_t inode)
{
        return (uint32_t)(inode * 2654435769u) >> (32 - o->bucket_bits);
}

static size_t
bucket_count(const struct owners *o)
{
        return (size_t)1 << o->bucket_bits;
}

static int
compare(uint32_t a, uint32_t b)
{
        return (a > b) - (a < b);
}

static int
compare_holdings(const void *left, const void *right)
{
        const struct holding *a = left, *b = right;
        int by_inode = compare(a->inode, b->inode);
        int by_pid = compare((uint32_t)a->owner.pid, (uint32_t)b->owner.pid);
        int by_fd = compare((uint32_t)a->owner.fd, (uint32_t)b->owner.fd);
        return by_inode ? by_inode : by_pid ? by_pid : by_fd;
}

/* Sorts rows[] into sorted[], and sets first[] to where each bucket begins. */
static void
sort_by_bucket(struct owners *o, const struct holdings *h, struct holding *sorted)
{
        for (size_t i = 0; i < h->count; i++)
                o->first[bucket_of(o, h->rows[i].inode) + 1]++;
        for (size_t b = 0; b < bucket_count(o); b++)
                o->first[b + 1] += o->first[b];

        /* Filled from its end, first[b + 1] comes down to the bucket's beginning: shift by one when all is done. */
        for (size_t i = h->count; i-- > 0;)
                sorted[--o->first[bucket_of(o, h->rows[i].inode) + 1]] = h->rows[i];
        memmove(o->first, o->first + 1, bucket_count(o) * sizeof(*o->first));
        o->first[bucket_count(o)] = (uint32_t)h->count;
}

/* Takes over a bucket's rows from sorted[begin..end), each once, behind the `count` rows there are; returns the new
 * count. */
static uint32_t
keep_bucket(struct owners *o, struct holding *sorted, uint32_t begin, uint32_t end, uint32_t count)
{
        if (end - begin > 1)
                qsort(sorted + begin, end - begin, sizeof(*sorted), compare_holdings);
        for (uint32_t i = begin; i < end; i++) {
                if (i > begin && compare_holdings(&sorted[i - 1], &sorted[i]) == 0)
                        continue;
                o->inodes[count] = sorted[i].inode;
                o->rows[count] = sorted[i].owner;
                count++;
        }
        return count;
}

static void
keep_each_once(struct owners *o, struct holding *sorted)
{
        uint32_t count = 0;
        for (size_t b = 0; b < bucket_count(o); b++) {
                uint32_t begin = o->first[b];
                o->first[b] = count;
                count = keep_bucket(o, sorted, begin, o->first[b + 1], count);
        }
        o->first[bucket_count(o)] = count;
}

/* Frees the rows of *h as soon as they are sorted: with hundreds of thousands of sockets that is a third of the memory. */
static int
index_holdings(struct owners *o, struct holdings *h)
{
        if (h->count > INT32_MAX)
                return -E2BIG;
        o->bucket_bits = 1;
        while (bucket_count(o) < h->count)
                o->bucket_bits++;
        o->hidden = h->hidden;
        o->first = calloc(bucket_count(o) + 1, sizeof(*o->first));
        o->inodes = calloc(h->count + 1, sizeof(*o->inodes));
        o->rows = calloc(h->count + 1, sizeof(*o->rows));
        struct holding *sorted = calloc(h->count + 1, sizeof(*sorted));
        if (!o->first || !o->inodes || !o->rows || !sorted) {
                free(sorted);
                return -ENOMEM;
        }
        sort_by_bucket(o, h, sorted);
        free(h->rows);
        h->rows = NULL;
        keep_each_once(o, sorted);
        free(sorted);
        return 0;
}

int
owners_collect_from(enum owners_source source, struct owners **ret_owners)
{
        struct holdings h = { 0 };
        struct owners *o = calloc(1, sizeof(*o));
        if (!o)
                return -ENOMEM;
        o->source = source;
        int r = source == OWNERS_FROM_BPF ? holdings_from_bpf(&h) : holdings_from_proc(&h);
        if (r >= 0)
                r = index_holdings(o, &h);
        free(h.rows);
        if (r < 0) {
                owners_free(o);
                return r;
        }
        *ret_owners = o;
        return 0;
}

int
owners_collect(struct owners **ret_owners)
{
        if (owners_collect_from(OWNERS_FROM_BPF, ret_owners) == 0)
                return 0;
        return owners_collect_from(OWNERS_FROM_PROC, ret_owners);
}

enum owners_source
owners_source(const struct owners *o)
{
        return o->source;
}

uint32_t
owners_hidden(const struct owners *o)
{
        return o->hidden;
}

const struct la_owner *
owners_of(const struct owners *o, uint32_t inode, uint32_t *ret_count)
{
        size_t bucket = bucket_of(o, inode);
        uint32_t begin = o->first[bucket], last = o->first[bucket + 1];
        while (begin < last && o->inodes[begin] != inode)
                begin++;
        uint32_t end = begin;
        while (end < last && o->inodes[end] == inode)
                end++;
        *ret_count = end - begin;
        return end > begin ? &o->rows[begin] : NULL;
}

void
owners_free(struct owners *o)
{
        if (!o)
                return;
        free(o->first);
        free(o->inodes);
        free(o->rows);
        free(o);
}
