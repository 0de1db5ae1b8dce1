/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How the sum of 16-bit words is made 8 and 32 bytes at a time: 2^16, 2^32 and 2^64 are all 1 modulo 2^16 - 1, so words
 * of any of these sizes may be added in place of the 16-bit words they consist of, provided that what is carried out at
 * the top comes back in at the bottom (RFC 1071 2 C).  The order of bytes in memory does not matter.
 *
 *      up to 63 bytes, and what is left of more     64-bit words, carries counted beside the sum
 *      blocks of 64 bytes                           the same in two independent sums; or, where the processor has
 *                                                   AVX2 or AVX-512, vectors of 64-bit lanes, to which 32-bit words are
 *                                                   added so that nothing is carried for the next 2^32 blocks.  AVX-512
 *                                                   reads what is left in one go too, the bytes beyond masked to zero.
 *
 * Copying takes the same way: a `to` that is NULL where nothing is copied lets the compiler make two of each loop.
 */
#include "wire/checksum.h"

/* The tests build this file a second time with CHECKSUM_PORTABLE, to try both ways on one machine. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(CHECKSUM_PORTABLE)
#define USE_VECTORS
#include <cpuid.h>
#include <immintrin.h>
#include <stdatomic.h>
#endif

#define BLOCK         64
#define ALWAYS_INLINE inline __attribute__((always_inline))

static ALWAYS_INLINE uint64_t
fold_to_33_bits(uint64_t v)
{
        return (v & 0xffffffff) + (v >> 32);
}

static ALWAYS_INLINE uint64_t
take_word(uint8_t *to, const uint8_t *from)
{
        uint64_t word;

        memcpy(&word, from, sizeof word);
        if (to)
                memcpy(to, &word, sizeof word);
        return word;
}

/* A sum of 64-bit words and what was carried out of it. */
struct wide_sum {
        uint64_t v, carries;
};

static ALWAYS_INLINE void
add_word(struct wide_sum *s, uint64_t word)
{
        s->v += word;
        s->carries += s->v < word;
}

static ALWAYS_INLINE uint64_t
fold_wide(struct wide_sum s)
{
        return fold_to_33_bits(s.v) + s.carries;
}

/* `n` is a multiple of BLOCK.  Compilers make a poor loop of stores between the additions: two walks are faster. */
static uint64_t
sum_blocks_portable(uint8_t *to, const uint8_t *from, size_t n)
{
        struct wide_sum a = { 0 }, b = { 0 };

        if (to)
                memcpy(to, from, n);
        for (const uint8_t *end = from + n; from < end; from += BLOCK / 2) {
                add_word(&a, take_word(NULL, from));
                add_word(&b, take_word(NULL, from + 8));
                add_word(&a, take_word(NULL, from + 16));
                add_word(&b, take_word(NULL, from + 24));
        }
        return fold_wide(a) + fold_wide(b);
}

static ALWAYS_INLINE uint64_t
take_piece(uint8_t *to, const uint8_t *from, size_t size)
{
        uint32_t piece = 0;

        memcpy(&piece, from, size);
        if (to)
                memcpy(to, &piece, size);
        return piece;
}

/* The fewer than 8 bytes at the end. */
static ALWAYS_INLINE uint64_t
sum_last(uint8_t *to, const uint8_t *from, size_t n)
{
        uint64_t sum = 0;
        size_t i = 0;

        if (n & 4) {
                sum += take_piece(to, from, 4);
                i = 4;
        }
        if (n & 2) {
                sum += take_piece(to ? to + i : NULL, from + i, 2);
                i += 2;
        }
        if (n & 1)
                sum += take_piece(to ? to + i : NULL, from + i, 1);
        return sum;
}

/* Any number of bytes, best used for few. */
static ALWAYS_INLINE uint64_t
sum_rest(uint8_t *to, const uint8_t *from, size_t n)
{
        struct wide_sum s = { 0 };
        size_t i = 0;

        for (; i + 8 <= n; i += 8)
                add_word(&s, take_word(to ? to + i : NULL, from + i));
        return fold_wide(s) + sum_last(to ? to + i : NULL, from + i, n - i);
}

static ALWAYS_INLINE uint64_t
sum_run_portable(uint8_t *to, const uint8_t *from, size_t n)
{
        size_t whole = n - n % BLOCK;

        return sum_blocks_portable(to, from, whole) + sum_rest(to ? to + whole : NULL, from + whole, n - whole);
}

#ifdef USE_VECTORS
typedef uint64_t lanes __attribute__((vector_size(32)));

static ALWAYS_INLINE void
take_lanes(uint8_t *to, const uint8_t *from, lanes *ret_taken)
{
        memcpy(ret_taken, from, sizeof *ret_taken);
        if (to)
                memcpy(to, ret_taken, sizeof *ret_taken);
}

static ALWAYS_INLINE uint64_t
sum_blocks_in_lanes(uint8_t *to, const uint8_t *from, size_t n)
{
        const lanes lower_half = { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff };
        lanes a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };

        for (size_t i = 0; i < n; i += BLOCK) {
                lanes x, y;
                take_lanes(to ? to + i : NULL, from + i, &x);
                take_lanes(to ? to + i + 32 : NULL, from + i + 32, &y);
                a += x & lower_half;
                b += x >> 32;
                c += y & lower_half;
                d += y >> 32;
        }
        a += b + c + d;
        return fold_to_33_bits(a[0]) + fold_to_33_bits(a[1]) + fold_to_33_bits(a[2]) + fold_to_33_bits(a[3]);
}

__attribute__((target("avx2"))) static uint64_t
sum_run_avx2(uint8_t *to, const uint8_t *from, size_t n)
{
        size_t whole = n - n % BLOCK;
        uint64_t sum = to ? sum_blocks_in_lanes(to, from, whole) : sum_blocks_in_lanes(NULL, from, whole);

        return sum + sum_rest(to ? to + whole : NULL, from + whole, n - whole);
}

/* The two halves of each of eight 64-bit words, in two sums. */
struct wide_lanes {
        __m512i lower, upper;
};

__attribute__((target("avx512f,avx512bw"))) static inline struct wide_lanes
add_wide_lanes(struct wide_lanes s, __m512i words)
{
        s.lower = _mm512_add_epi64(s.lower, _mm512_and_si512(words, _mm512_set1_epi64(0xffffffff)));
        s.upper = _mm512_add_epi64(s.upper, _mm512_srli_epi64(words, 32));
        return s;
}

__attribute__((target("avx512f,avx512bw"))) static uint64_t
sum_run_avx512(uint8_t *to, const uint8_t *from, size_t n)
{
        struct wide_lanes s = { _mm512_setzero_si512(), _mm512_setzero_si512() };
        __mmask64 left = ~(~(__mmask64)0 << n % BLOCK);
        size_t i = 0;
        __m512i words;

        for (; i + BLOCK <= n; i += BLOCK) {
                words = _mm512_loadu_si512(from + i);
                if (to)
                        _mm512_storeu_si512(to + i, words);
                s = add_wide_lanes(s, words);
        }
        words = _mm512_maskz_loadu_epi8(left, from + i);
        if (to)
                _mm512_mask_storeu_epi8(to + i, left, words);
        s = add_wide_lanes(s, words);
        return (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(s.lower, s.upper));
}

typedef uint64_t sum_run_function(uint8_t *to, const uint8_t *from, size_t n);

/* What the processor has and the operating system saves the registers of (Intel SDM volume 1, 14.3 and 15.2). */
static sum_run_function *
best(void)
{
        const unsigned int saved_avx = 0x06, saved_avx512 = 0xe6;
        unsigned int a, b, c, d, low, high;

        if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
                return sum_run_portable;
        __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
        if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
                return sum_run_portable;
        if ((low & saved_avx512) == saved_avx512 && (b & bit_AVX512F) && (b & bit_AVX512BW))
                return sum_run_avx512;
        return (low & saved_avx) == saved_avx && (b & bit_AVX2) ? sum_run_avx2 : sum_run_portable;
}

static sum_run_function choose_and_sum;
static _Atomic(sum_run_function *) chosen = choose_and_sum;

static uint64_t
choose_and_sum(uint8_t *to, const uint8_t *from, size_t n)
{
        sum_run_function *choice = best();

        atomic_store_explicit(&chosen, choice, memory_order_relaxed);
        return choice(to, from, n);
}

static ALWAYS_INLINE uint64_t
sum_long(uint8_t *to, const uint8_t *from, size_t n)
{
        return atomic_load_explicit(&chosen, memory_order_relaxed)(to, from, n);
}
#else
#define sum_long sum_run_portable
#endif

static ALWAYS_INLINE struct sum
sum_run(uint8_t *to, const uint8_t *from, size_t n)
{
        if (n == 0)
                return (struct sum){ 0 };
        return (struct sum){ n < BLOCK ? sum_rest(to, from, n) : sum_long(to, from, n) };
}

struct sum
sum_bytes(const uint8_t *bytes, size_t n)
{
        return sum_run(NULL, bytes, n);
}

struct sum
sum_copy(uint8_t *restrict to, const uint8_t *restrict from, size_t n)
{
        return sum_run(to, from, n);
}

struct checksum
checksum_update(struct checksum c, const uint8_t *before, const uint8_t *after, size_t n)
{
        struct sum s = { (uint16_t)~c.v };
        struct sum gone = { (uint16_t)~sum_fold(sum_bytes(before, n)) };

        return sum_checksum(sum_add(sum_add(s, gone), sum_bytes(after, n)));
}
