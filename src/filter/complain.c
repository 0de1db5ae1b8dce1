/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "filter/complain.h"
#include "model/spelling.h"

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

const char *
nearest(const char *word, const char *const candidates[], size_t count)
{
        size_t length = strlen(word);
        unsigned int best = 1 + (unsigned int)(length > 3) + (unsigned int)(length > 8);
        const char *found = NULL;

        for (size_t i = 0; i < count; i++) {
                unsigned int distance = spelling_distance(word, candidates[i]);

                if (distance < best || (distance == best && !found)) {
                        best = distance;
                        found = candidates[i];
                }
        }
        return found;
}
