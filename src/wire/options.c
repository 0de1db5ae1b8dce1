/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/options.h"

#include <string.h>

#include "wire/bytes.h"
#include "wire/likely.h"

/* RFC 5482 3.3: the highest bit of the value says that the others count minutes. */
#define TIMEOUT_IN_MINUTES 0x8000
#define TIMEOUT_VALUE_MAX  0x7fff

/* RFC 7323 appendix A: the way to write timestamps, and in most segments all there is. */
#define NOP_NOP_TIMESTAMPS       0x0101080a
#define NOP_NOP_TIMESTAMPS_BYTES 12

static bool
read_window_scale(const uint8_t *b, struct tcp_options *o)
{
        o->has_window_scale = true;
        o->window_shift_capped = b[2] > TCP_WINDOW_SHIFT_MAX;
        o->window_shift = o->window_shift_capped ? TCP_WINDOW_SHIFT_MAX : b[2];
        return true;
}

static bool
read_sack(const uint8_t *b, size_t length, struct tcp_options *o)
{
        size_t count = (length - 2) / 8;

        if (count < 1 || count > TCP_SACK_BLOCKS_MAX || length != 2 + 8 * count)
                return false;
        o->sack_count = (uint8_t)count;
        memset(o->sack, 0, sizeof o->sack);
        for (size_t i = 0; i < count; i++) {
                o->sack[i].left = seq_of(get32(b + 2 + 8 * i));
                o->sack[i].right = seq_of(get32(b + 6 + 8 * i));
        }
        return true;
}

static bool
read_timestamps(const uint8_t *b, struct tcp_options *o)
{
        o->has_timestamps = true;
        o->ts_value = get32(b + 2);
        o->ts_echo = get32(b + 6);
        return true;
}

static bool
read_user_timeout(const uint8_t *b, struct tcp_options *o)
{
        uint32_t value = get16(b + 2) & TIMEOUT_VALUE_MAX;

        /* RFC 5482 3.4: zero is reserved, and MUST be ignored. */
        if (value != 0) {
                o->has_user_timeout = true;
                o->user_timeout_s = get16(b + 2) & TIMEOUT_IN_MINUTES ? value * 60 : value;
        }
        return true;
}

/* RFC 7413 4.1.1.  None at all asks for one. */
static bool
is_cookie_size(size_t n)
{
        return n == 0 || (n >= TCP_COOKIE_MIN && n <= TCP_COOKIE_MAX && n % 2 == 0);
}

static bool
read_fastopen(const uint8_t *b, size_t length, struct tcp_options *o)
{
        size_t n = length - 2;

        /* RFC 7413 4.1.1: options with invalid lengths MUST be ignored. */
        if (is_cookie_size(n)) {
                o->has_fastopen = true;
                o->cookie_bytes = (uint8_t)n;
                memset(o->cookie, 0, sizeof o->cookie);
                memcpy(o->cookie, b + 2, n);
        }
        return true;
}

/* Reads the option at `b`, all of whose `length` bytes are there.  False for a length that is not its kind's. */
static bool
read_option(const uint8_t *b, size_t length, struct tcp_options *o)
{
        switch (b[0]) {
        case TCP_OPTION_MSS:
                if (length != 4)
                        return false;
                o->has_mss = true;
                o->mss_bytes = get16(b + 2);
                return true;
        case TCP_OPTION_WINDOW_SCALE:
                return length == 3 && read_window_scale(b, o);
        case TCP_OPTION_SACK_PERMITTED:
                if (length != 2)
                        return false;
                o->sack_permitted = true;
                return true;
        case TCP_OPTION_SACK:
                return read_sack(b, length, o);
        case TCP_OPTION_TIMESTAMPS:
                return length == 10 && read_timestamps(b, o);
        case TCP_OPTION_USER_TIMEOUT:
                return length == 4 && read_user_timeout(b, o);
        case TCP_OPTION_FASTOPEN:
                return read_fastopen(b, length, o);
        default:
                return true;
        }
}

static enum options_result
read_options(const uint8_t *bytes, size_t n, struct tcp_options *o)
{
        for (size_t i = 0; i < n;) {
                size_t length;
                if (bytes[i] == TCP_OPTION_END)
                        return OPTIONS_OK;
                if (bytes[i] == TCP_OPTION_NOP) {
                        i++;
                        continue;
                }
                if (n - i < 2)
                        return OPTIONS_NO_LENGTH;
                length = bytes[i + 1];
                if (length < 2)
                        return OPTIONS_SHORT_LENGTH;
                if (length > n - i)
                        return OPTIONS_LONG_LENGTH;
                if (!read_option(bytes + i, length, o))
                        return OPTIONS_WRONG_LENGTH;
                i += length;
        }
        return OPTIONS_OK;
}

enum options_result
options_parse(const uint8_t *bytes, size_t n, struct tcp_options *ret_options)
{
        memset(ret_options, 0, offsetof(struct tcp_options, sack));
        if (n == 0)
                return OPTIONS_OK;
        if (n == NOP_NOP_TIMESTAMPS_BYTES && get32(bytes) == NOP_NOP_TIMESTAMPS) {
                read_timestamps(bytes + 2, ret_options);
                return OPTIONS_OK;
        }
        return read_options(bytes, n, ret_options);
}

static bool
writes_user_timeout(const struct tcp_options *o)
{
        return LA_UNLIKELY(o->has_user_timeout) && o->user_timeout_s != 0;
}

/* What every segment but the first two of a connection has, unless something is lost. */
static bool
at_most_timestamps(const struct tcp_options *o)
{
        const struct tcp_options timestamps = { .has_timestamps = true };

        return (o->present & ~timestamps.present) == 0 && o->sack_count == 0;
}

size_t
options_bytes(const struct tcp_options *o)
{
        size_t n = 0;

        if (at_most_timestamps(o))
                return o->has_timestamps ? NOP_NOP_TIMESTAMPS_BYTES : 0;
        if (o->has_mss)
                n += 4;
        if (o->has_timestamps)
                n += NOP_NOP_TIMESTAMPS_BYTES;
        else if (o->sack_permitted)
                n += 4;
        if (o->has_window_scale)
                n += 4;
        if (LA_UNLIKELY(o->sack_count))
                n += 4 + 8u * o->sack_count;
        if (writes_user_timeout(o))
                n += 4;
        if (LA_UNLIKELY(o->has_fastopen))
                n += is_cookie_size(o->cookie_bytes) ? (2u + o->cookie_bytes + 3) / 4 * 4 : TCP_OPTIONS_MAX + 4;
        return n;
}

static uint8_t *
put_word(uint8_t *at, uint32_t word)
{
        put32(at, word);
        return at + 4;
}

/* An option of `length` bytes at the beginning of a word, and its first two. */
static uint32_t
head(enum tcp_option_kind kind, uint32_t length)
{
        return (uint32_t)kind << 24 | length << 16;
}

/* Two bytes that say nothing, then an option's first two. */
static uint32_t
padded_head(enum tcp_option_kind kind, uint32_t length)
{
        return (uint32_t)TCP_OPTION_NOP << 24 | (uint32_t)TCP_OPTION_NOP << 16 | (uint32_t)kind << 8 | length;
}

/* SACK permitted takes the place of the timestamps' padding. */
static uint8_t *
put_sack_permitted_and_timestamps(uint8_t *at, const struct tcp_options *o)
{
        if (!o->has_timestamps)
                return o->sack_permitted ? put_word(at, padded_head(TCP_OPTION_SACK_PERMITTED, 2)) : at;
        at = put_word(at, o->sack_permitted ? head(TCP_OPTION_SACK_PERMITTED, 2) | TCP_OPTION_TIMESTAMPS << 8 | 10
                                            : NOP_NOP_TIMESTAMPS);
        at = put_word(at, o->ts_value);
        return put_word(at, o->ts_echo);
}

static uint8_t *
put_window_scale(uint8_t *at, uint8_t shift)
{
        if (shift > TCP_WINDOW_SHIFT_MAX)
                shift = TCP_WINDOW_SHIFT_MAX;
        return put_word(at, (uint32_t)TCP_OPTION_NOP << 24 | TCP_OPTION_WINDOW_SCALE << 16 | 3 << 8 | shift);
}

static uint8_t *
put_sack(uint8_t *at, const struct tcp_options *o)
{
        at = put_word(at, padded_head(TCP_OPTION_SACK, 2 + 8u * o->sack_count));
        for (size_t i = 0; i < o->sack_count; i++) {
                at = put_word(at, o->sack[i].left.v);
                at = put_word(at, o->sack[i].right.v);
        }
        return at;
}

static uint8_t *
put_user_timeout(uint8_t *at, uint32_t seconds)
{
        uint32_t minutes = seconds / 60 + (seconds % 60 != 0);

        if (seconds <= TIMEOUT_VALUE_MAX)
                return put_word(at, head(TCP_OPTION_USER_TIMEOUT, 4) | seconds);
        if (minutes > TIMEOUT_VALUE_MAX)
                minutes = TIMEOUT_VALUE_MAX;
        return put_word(at, head(TCP_OPTION_USER_TIMEOUT, 4) | TIMEOUT_IN_MINUTES | minutes);
}

static uint8_t *
put_fastopen(uint8_t *at, const struct tcp_options *o)
{
        size_t used = 2u + o->cookie_bytes, whole = (used + 3) / 4 * 4;

        at[0] = TCP_OPTION_FASTOPEN;
        at[1] = (uint8_t)used;
        memcpy(at + 2, o->cookie, o->cookie_bytes);
        memset(at + used, TCP_OPTION_NOP, whole - used);
        return at + whole;
}

void
options_put(const struct tcp_options *o, uint8_t ret_bytes[TCP_OPTIONS_MAX])
{
        uint8_t *at = ret_bytes;

        if (at_most_timestamps(o)) {
                (void)put_sack_permitted_and_timestamps(at, o);
                return;
        }
        if (o->has_mss)
                at = put_word(at, head(TCP_OPTION_MSS, 4) | o->mss_bytes);
        at = put_sack_permitted_and_timestamps(at, o);
        if (o->has_window_scale)
                at = put_window_scale(at, o->window_shift);
        if (LA_UNLIKELY(o->sack_count))
                at = put_sack(at, o);
        if (writes_user_timeout(o))
                at = put_user_timeout(at, o->user_timeout_s);
        if (LA_UNLIKELY(o->has_fastopen))
                (void)put_fastopen(at, o);
}

size_t
options_build(const struct tcp_options *o, uint8_t ret_bytes[TCP_OPTIONS_MAX])
{
        size_t n = options_bytes(o);

        if (n > TCP_OPTIONS_MAX)
                return 0;
        options_put(o, ret_bytes);
        return n;
}
