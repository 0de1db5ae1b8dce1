/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/http_write.h"

#include <stdlib.h>
#include <string.h>

static bool
make_room(struct http_writer *w, size_t n)
{
        size_t room = w->room;
        char *bytes;

        if (w->failed || n <= w->room - w->n)
                return !w->failed;
        while (w->grows && n > room - w->n)
                room = room ? 2 * room : 4096;
        bytes = w->grows ? realloc(w->bytes, room) : NULL;
        if (!bytes) {
                w->failed = true;
                return false;
        }
        w->bytes = bytes;
        w->room = room;
        return true;
}

void
http_write(struct http_writer *w, const char *bytes, size_t n)
{
        if (n == 0 || !make_room(w, n))
                return;
        memcpy(w->bytes + w->n, bytes, n);
        w->n += n;
}

void
http_write_text(struct http_writer *w, const char *text)
{
        http_write(w, text, strlen(text));
}

void
http_write_number(struct http_writer *w, uint64_t number)
{
        char digits[20];
        size_t at = sizeof digits;

        do
                digits[--at] = (char)('0' + number % 10);
        while ((number /= 10) > 0);
        http_write(w, digits + at, sizeof digits - at);
}

static const char *
html_reference(char c)
{
        switch (c) {
        case '&':
                return "&amp;";
        case '<':
                return "&lt;";
        case '>':
                return "&gt;";
        case '"':
                return "&quot;";
        case '\'':
                return "&#39;";
        default:
                return NULL;
        }
}

void
http_write_html(struct http_writer *w, const char *text)
{
        for (; *text; text++) {
                const char *reference = html_reference(*text);

                if (reference)
                        http_write_text(w, reference);
                else
                        http_write(w, text, 1);
        }
}

static bool
is_unreserved(char c)
{
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
                return true;
        return c == '-' || c == '.' || c == '_' || c == '~' || c == '/';
}

void
http_write_url(struct http_writer *w, const char *path)
{
        static const char hex[] = "0123456789ABCDEF";

        for (; *path; path++) {
                unsigned char c = (unsigned char)*path;
                const char code[3] = { '%', hex[c >> 4], hex[c & 15] };

                if (is_unreserved(*path))
                        http_write(w, path, 1);
                else
                        http_write(w, code, 3);
        }
}
