/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lwip_helped.c - a module whose functions lwIP finds before its own: what lwIP could be on this machine, with a port
 * made for speed and not for every machine.  None of the protocol is touched.
 *
 * - The checksum is lastack's, with the instructions this processor has; copying sums on the way.
 * - Nothing is locked: one thread is all there is.
 * - Memory comes from lists of free blocks of each size, where Debian's build asks malloc(3).
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/checksum.h"

/* ---- Checksums ---- */

uint16_t lwip_standard_chksum(const void *bytes, int n);
uint16_t lwip_chksum_copy(void *to, const void *from, uint16_t n);

uint16_t
lwip_standard_chksum(const void *bytes, int n)
{
        return sum_fold(sum_bytes(bytes, (size_t)n));
}

uint16_t
lwip_chksum_copy(void *to, const void *from, uint16_t n)
{
        return sum_fold(sum_copy(to, from, n));
}

/* ---- Locks ---- */

unsigned int sys_arch_protect(void);
void sys_arch_unprotect(unsigned int before);
void sys_check_core_locking(void);

unsigned int
sys_arch_protect(void)
{
        return 0;
}

void
sys_arch_unprotect(unsigned int before)
{
        (void)before;
}

void
sys_check_core_locking(void)
{
}

/* ---- Memory ---- */

#define STEP  64
#define SIZES 33 /* up to 2 KiB; what is larger is malloc(3)'s */

union block {
        union block *next; /* while it is free */
        size_t size_class; /* while it is not */
};

static union block *is_free[SIZES];

void *mem_malloc(size_t n);
void *mem_calloc(size_t count, size_t n);
void mem_free(void *memory);

void *
mem_malloc(size_t n)
{
        size_t size_class = (n + sizeof(union block) + STEP - 1) / STEP;
        union block *b;

        if (size_class < SIZES && is_free[size_class]) {
                b = is_free[size_class];
                is_free[size_class] = b->next;
        } else {
                b = malloc(size_class * STEP);
        }
        if (!b)
                return NULL;
        b->size_class = size_class;
        return b + 1;
}

void *
mem_calloc(size_t count, size_t n)
{
        uint8_t *memory = mem_malloc(count * n);

        for (size_t i = 0; memory && i < count * n; i++)
                memory[i] = 0;
        return memory;
}

void
mem_free(void *memory)
{
        union block *b = (union block *)memory - 1;
        size_t size_class = b->size_class;

        if (size_class >= SIZES) {
                free(b);
                return;
        }
        b->next = is_free[size_class];
        is_free[size_class] = b;
}
