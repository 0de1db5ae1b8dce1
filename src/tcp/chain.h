/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chain.h - bytes of a stream, addressed by their sequence numbers, in chunks from a common pool.
 *
 *      sequence space   ...|-------|-------|-------|-------|...     chunk = sequence number >> shift
 *      chain                   head ------> [    ] -> tail          chunks in order; absent ones hold nothing
 *                              ^first byte         ^ last byte
 *
 * Send and receive buffer are chains.  A sequence number says by itself in which chunk its byte lies and where, so
 * that nothing is moved when bytes are taken off the front, and bytes that arrive ahead of a gap go to their final
 * place at once.  A chunk's bytes may also stay where the user has them, if they are constant (chain_refer).  Which bytes
 * of a chain mean something is for its owner to know.  A chain that holds nothing owns no chunk.
 */
#ifndef LASTACK_TCP_CHAIN_H
#define LASTACK_TCP_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lastack/terms.h"
#include "wire/seq.h"

/* Offsets count from the pool's own address: the block of memory may move. */
struct chunk_pool {
        uint64_t bytes_offset, links_offset;
        uint32_t limit; /* chunks are numbered from 1 to limit; 0 is none */
        uint32_t fresh; /* the first that was never used */
        uint32_t free;  /* head of the list of returned ones */
        uint32_t used;
        uint32_t promised; /* further ones that nobody may take yet */
        uint32_t shift;    /* log2 of the size */
};

struct chunk_link {
        uint32_t next;
        uint32_t key;        /* sequence number >> shift of its bytes */
        uintptr_t elsewhere; /* where its bytes are, if not here: the address that the first of all would have */
};

struct chain {
        uint32_t head, tail;
        uint32_t cursor; /* where the last look was: the next one is there or just behind */
};

/* How many bytes that arrived may be written at `seq`.  The last thirty-second of the pool is for text that is to be sent:
 * who cannot answer does not read either, and nothing would become free.  An eighth before that is for chains that hold
 * nothing, a chunk each: connections that are not read could else take it all, and nobody else would be heard any more.
 * Text to be sent leaves a quarter (send.c), so that it does not keep text from arriving either. */
size_t chain_share(const struct chunk_pool *p, struct chain *c, tcp_seq seq);

/* Keeps back as many chunks as `n` bytes at `seq` can need, until the pool's `promised` is set to 0; false if there are
 * not so many before what chain_share() keeps. */
bool chunks_promise(struct chunk_pool *p, tcp_seq seq, size_t n);

/* Copies `n` bytes to `seq` and on.  Returns how many found room: fewer when the pool is empty. */
size_t chain_write(struct chunk_pool *p, struct chain *c, tcp_seq seq, const uint8_t *bytes, size_t n);

/* Refers to bytes that stay where and what they are, instead of copying them: to as many of the `n` as lie in chunks that
 * nothing was written to, and end one.  Returns how many; the rest is for chain_write(). */
size_t chain_refer(struct chunk_pool *p, struct chain *c, tcp_seq seq, const uint8_t *bytes, size_t n);

/* How many bytes there are from `seq` to the end of its chunk. */
size_t chain_to_end(const struct chunk_pool *p, tcp_seq seq);

/* Where bytes at `seq` may be written, up to the end of its chunk; 0 room when the pool is empty. */
size_t chain_space(struct chunk_pool *p, struct chain *c, tcp_seq seq, uint8_t **ret_bytes);

/* The bytes at `seq`, at most `n`, as far as they lie together.  They must have been written. */
struct la_part chain_look(const struct chunk_pool *p, struct chain *c, tcp_seq seq, size_t n);

/* How many chunks it owns: they are counted, one after the other. */
uint32_t chain_chunks(const struct chunk_pool *p, const struct chain *c);

/* Gives back the chunks that lie wholly before `seq`. */
void chain_drop(struct chunk_pool *p, struct chain *c, tcp_seq seq);

/* Gives back the chunks that lie wholly at `seq` or behind. */
void chain_cut(struct chunk_pool *p, struct chain *c, tcp_seq seq);

/* Gives back all chunks. */
void chain_clear(struct chunk_pool *p, struct chain *c);

#endif
