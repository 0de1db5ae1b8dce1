/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.h - TCP options (RFC 9293 3.1 and 3.2, RFC 7323, 2018, 5482, 7413).
 *
 * Reading takes every option in any segment and at any byte boundary (MUST-5, MUST-64), steps over kinds it does not
 * know by their length (MUST-6, MUST-68), and stops at the first length that cannot be (MUST-7).  Which options count
 * in which segment (MSS, window scale and SACK permitted only with SYN) is for the connection to say, not for the wire.
 * Of an option that stands twice the last one counts, and nothing is left of the first.
 */
#ifndef LASTACK_WIRE_OPTIONS_H
#define LASTACK_WIRE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/seq.h"

/* A header has 15 words at most, 5 of which are fixed. */
#define TCP_OPTIONS_MAX 40

/* RFC 7323 2.3: a larger shift is logged and taken for this one. */
#define TCP_WINDOW_SHIFT_MAX 14

/* With timestamps beside them three fit (RFC 2018 3). */
#define TCP_SACK_BLOCKS_MAX 4

/* RFC 7413 4.1.1: a cookie has 4 to 16 bytes, an even number. */
#define TCP_COOKIE_MIN 4
#define TCP_COOKIE_MAX 16

/* RFC 5482 3.3: 15 bits of minutes. */
#define TCP_USER_TIMEOUT_MAX_S (0x7fff * 60)

/* The option numbers IANA assigned, as far as they are read here. */
enum tcp_option_kind {
        TCP_OPTION_END = 0,
        TCP_OPTION_NOP = 1,
        TCP_OPTION_MSS = 2,
        TCP_OPTION_WINDOW_SCALE = 3,
        TCP_OPTION_SACK_PERMITTED = 4,
        TCP_OPTION_SACK = 5,
        TCP_OPTION_TIMESTAMPS = 8,
        TCP_OPTION_USER_TIMEOUT = 28,
        TCP_OPTION_FASTOPEN = 34,
};

/* Bytes left =< seq < right have arrived.  As the peer wrote it: left may lie right of right. */
struct sack_block {
        tcp_seq left, right;
};

/* The options of one segment.  A field whose bool or count says that it is absent is not looked at when written. */
struct tcp_options {
        union {
                uint8_t present; /* all of these at once: zero if there is none */
                struct {
                        bool has_mss : 1, has_window_scale : 1, sack_permitted : 1, has_timestamps : 1;
                        bool has_user_timeout : 1;
                        bool has_fastopen : 1;        /* cookie_bytes 0: the peer asks for a cookie */
                        bool window_shift_capped : 1; /* the peer asked for more than 14 */
                };
        };
        uint8_t window_shift;       /* 0 to 14 */
        uint16_t mss_bytes;         /* any number, 0 included: bounds are the connection's */
        uint8_t sack_count;         /* blocks in `sack`; 0: no SACK option */
        uint8_t cookie_bytes;       /* 0, or 4 to 16, even */
        uint32_t ts_value, ts_echo; /* RFC 7323's TSval and TSecr */
        uint32_t user_timeout_s;    /* 1 to TCP_USER_TIMEOUT_MAX_S */
        struct sack_block sack[TCP_SACK_BLOCKS_MAX];
        uint8_t cookie[TCP_COOKIE_MAX];
};

/* What was wrong with the first wrong option. */
enum options_result {
        OPTIONS_OK,
        OPTIONS_NO_LENGTH,    /* the header ends after a kind that needs a length byte */
        OPTIONS_SHORT_LENGTH, /* a length of 0 or 1, which does not even count itself */
        OPTIONS_LONG_LENGTH,  /* an option that runs over the header's end */
        OPTIONS_WRONG_LENGTH, /* a known kind whose length is not that kind's: an MSS option of 3 bytes */
};

/* Reads `n` bytes of options; n is at most TCP_OPTIONS_MAX.  *ret_options is filled in any case: after an error with
 * what stood before the wrong option, which is what Linux goes on with.
 *
 * Two options are stepped over and not reported when their contents make no sense, since their RFCs say so: a user
 * timeout of zero (RFC 5482 3.4) and a Fast Open cookie of a length that is none (RFC 7413 4.1.1). */
enum options_result options_parse(const uint8_t *bytes, size_t n, struct tcp_options *ret_options);

/* What options_build() will write: a multiple of 4.  More than TCP_OPTIONS_MAX if they cannot go into one header. */
size_t options_bytes(const struct tcp_options *o);

/* Writes the options in the order and with the padding that Linux uses, so that each begins on a word where that costs
 * nothing: MSS, SACK permitted, timestamps, window scale, SACK, user timeout, Fast Open.  Returns options_bytes(); 0,
 * with nothing written, if they do not fit.  Shifts over 14 are written as 14.  A user timeout of more than 32767
 * seconds is written in minutes, rounded up. */
size_t options_build(const struct tcp_options *o, uint8_t ret_bytes[TCP_OPTIONS_MAX]);

/* The same where options_bytes() has said that they fit. */
void options_put(const struct tcp_options *o, uint8_t ret_bytes[TCP_OPTIONS_MAX]);

#endif
