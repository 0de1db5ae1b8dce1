/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/http_fields.h"

#include <string.h>
#include <strings.h>

/* ---- Ranges ---- */

/* Digits at *at, which moves on; false where there are none.  A number too large counts as the largest. */
static bool
number(const char **at, const char *end, uint64_t *ret)
{
        const char *begin = *at;
        uint64_t n = 0;

        for (; *at < end && **at >= '0' && **at <= '9'; (*at)++) {
                uint64_t digit = (uint64_t)(**at - '0');

                n = n > (UINT64_MAX - digit) / 10 ? UINT64_MAX : n * 10 + digit;
        }
        *ret = n;
        return *at > begin;
}

static enum http_range
last_bytes(uint64_t n, uint64_t size, uint64_t *ret_first, uint64_t *ret_bytes)
{
        if (n == 0 || size == 0)
                return HTTP_RANGE_UNSATISFIABLE;
        *ret_bytes = n < size ? n : size;
        *ret_first = size - *ret_bytes;
        return HTTP_RANGE_PART;
}

static enum http_range
from_first(uint64_t first, uint64_t last, uint64_t size, uint64_t *ret_first, uint64_t *ret_bytes)
{
        if (last < first)
                return HTTP_RANGE_NONE;
        if (first >= size)
                return HTTP_RANGE_UNSATISFIABLE;
        *ret_first = first;
        *ret_bytes = (last < size ? last : size - 1) - first + 1;
        return HTTP_RANGE_PART;
}

enum http_range
http_range_parse(struct http_text value, uint64_t size, uint64_t *ret_first, uint64_t *ret_bytes)
{
        static const char unit[] = "bytes=";
        const char *at = value.bytes, *end = at ? at + value.length : at;
        uint64_t first, last = UINT64_MAX;
        bool has_first, has_last;

        if (!at || value.length < strlen(unit) || strncasecmp(at, unit, strlen(unit)) != 0)
                return HTTP_RANGE_NONE;
        at += strlen(unit);
        has_first = number(&at, end, &first);
        if (at == end || *at++ != '-')
                return HTTP_RANGE_NONE;
        has_last = number(&at, end, &last);
        if (at != end || (!has_first && !has_last))
                return HTTP_RANGE_NONE;
        if (!has_first)
                return last_bytes(last, size, ret_first, ret_bytes);
        return from_first(first, has_last ? last : UINT64_MAX, size, ret_first, ret_bytes);
}

/* ---- Entity tags ---- */

static const char *
skip_blanks_and_commas(const char *at, const char *end)
{
        while (at < end && (*at == ' ' || *at == '\t' || *at == ','))
                at++;
        return at;
}

bool
http_etag_in(struct http_text list, const char *etag, bool weak)
{
        const char *at = list.bytes, *end = at ? at + list.length : at;
        size_t n = strlen(etag);

        if (list.length == 1 && *at == '*')
                return true;
        while (at && (at = skip_blanks_and_commas(at, end)) < end) {
                bool is_weak = end - at > 2 && memcmp(at, "W/", 2) == 0;
                const char *quote, *begin = is_weak ? at + 2 : at;

                quote = *begin == '"' ? memchr(begin + 1, '"', (size_t)(end - begin - 1)) : NULL;
                if (!quote)
                        return false;
                if ((weak || !is_weak) && (size_t)(quote + 1 - begin) == n && memcmp(begin, etag, n) == 0)
                        return true;
                at = quote + 1;
        }
        return false;
}
