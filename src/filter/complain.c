/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "filter/complain.h"

void
complain_v(struct filter_error *error, size_t word, size_t length, const char *format, va_list arguments)
{
        error->word = word;
        error->length = length;
        vsnprintf(error->message, sizeof error->message, format, arguments);
}

void
complain(struct filter_error *error, size_t word, size_t length, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        complain_v(error, word, length, format, arguments);
        va_end(arguments);
}

size_t
utf8_printable(const char *text, size_t length, uint32_t *ret_point)
{
        static const uint32_t smallest[] = { 0, 0, 0xa0, 0x800, 0x10000 }; /* U+0080 to U+009F are controls */
        const unsigned char *bytes = (const unsigned char *)text;
        size_t size = bytes[0] < 0x80 ? 1 : bytes[0] < 0xc0 ? 0 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
        uint32_t point = size < 2 ? bytes[0] : bytes[0] & (0x7fu >> size);

        if (size == 0 || size > length || bytes[0] > 0xf4 || (size == 1 && !isprint(bytes[0])))
                return 0;
        for (size_t i = 1; i < size; i++) {
                if ((bytes[i] & 0xc0) != 0x80)
                        return 0;
                point = point << 6 | (bytes[i] & 0x3f);
        }
        if (point < smallest[size] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
                return 0;
        *ret_point = point;
        return size;
}

struct quoted
quote(const char *word, size_t length)
{
        static const char more[] = "...";
        struct quoted quoted;
        size_t used = 0;

        for (size_t at = 0; at < length;) {
                uint32_t point;
                size_t size = utf8_printable(word + at, length - at, &point);
                size_t step = size ? size : 1;

                if (used + step + sizeof more > sizeof quoted.text) {
                        memcpy(quoted.text + used, more, sizeof more);
                        return quoted;
                }
                if (size)
                        memcpy(quoted.text + used, word + at, size);
                else
                        quoted.text[used] = '?';
                used += step;
                at += step;
        }
        quoted.text[used] = '\0';
        return quoted;
}

#define WORD_MAX 24 /* longer ones are no misspellings of ours */

static char
folded(char c)
{
        return c == '_' ? '-' : (char)tolower((unsigned char)c);
}

static unsigned int
least(unsigned int a, unsigned int b)
{
        return a < b ? a : b;
}

/* How many letters must be added, left out, changed or swapped with their neighbour to make `b` of `a` (the distance of
 * Damerau and Levenshtein, each letter moved once). */
static unsigned int
distance(const char *a, const char *b)
{
        unsigned int rows[3][WORD_MAX + 1];
        unsigned int *before = rows[0], *above = rows[1], *row = rows[2];
        size_t width = strlen(b);

        for (size_t j = 0; j <= width; j++)
                above[j] = (unsigned int)j;
        for (size_t i = 1; a[i - 1]; i++) {
                row[0] = (unsigned int)i;
                for (size_t j = 1; j <= width; j++) {
                        char x = folded(a[i - 1]), y = folded(b[j - 1]);

                        row[j] = least(above[j - 1] + (x != y), least(above[j], row[j - 1]) + 1);
                        if (i > 1 && j > 1 && x == folded(b[j - 2]) && y == folded(a[i - 2]))
                                row[j] = least(row[j], before[j - 2] + 1);
                }
                unsigned int *oldest = before;
                before = above;
                above = row;
                row = oldest;
        }
        return above[width];
}

const char *
nearest(const char *word, const char *const candidates[], size_t count)
{
        size_t length = strlen(word);
        unsigned int best = 1 + (unsigned int)(length > 3) + (unsigned int)(length > 8);
        const char *found = NULL;

        if (length > WORD_MAX)
                return NULL;
        for (size_t i = 0; i < count; i++) {
                unsigned int d = strlen(candidates[i]) > WORD_MAX ? UINT_MAX : distance(word, candidates[i]);

                if (d < best || (d == best && !found)) {
                        best = d;
                        found = candidates[i];
                }
        }
        return found;
}
