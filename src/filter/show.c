/* SPDX-License-Identifier: BSD-2-Clause */
/* show.c - the mark under the wrong word. */
#define _XOPEN_SOURCE 700 /* wcwidth() */
#include <string.h>
#include <wchar.h>

#include "filter/complain.h"

#define INDENT    2u
#define NARROWEST 20u

static const char ellipsis[] = "...";
#define ELLIPSIS_WIDTH 3u

/* Where the lines go: as much as has room, and how long they would have been. */
struct sink {
        char *bytes;
        size_t size, length;
};

static void
put(struct sink *sink, const char *bytes, size_t count)
{
        if (sink->length < sink->size) {
                size_t room = sink->size - sink->length;

                memcpy(sink->bytes + sink->length, bytes, count < room ? count : room);
        }
        sink->length += count;
}

static void
put_repeated(struct sink *sink, char c, size_t count)
{
        while (count--)
                put(sink, &c, 1);
}

/* A character of the text as it is shown. */
struct glyph {
        size_t length; /* in the text */
        const char *shown;
        size_t shown_length;
        unsigned int width; /* in columns */
};

static struct glyph
glyph_at(const char *text, size_t length)
{
        struct glyph glyph = { .length = 1, .shown = "?", .shown_length = 1, .width = 1 };
        uint32_t point;
        size_t size;
        int width;

        if (strchr(" \t\n\v\f\r", *text)) {
                glyph.shown = " ";
                return glyph;
        }
        size = utf8_printable(text, length, &point);
        if (size == 0)
                return glyph;
        glyph.length = size;
        width = point < 0x80 ? 1 : wcwidth((wchar_t)point);
        if (width < 0) /* not of this locale */
                return glyph;
        glyph.shown = text;
        glyph.shown_length = size;
        glyph.width = (unsigned int)width;
        return glyph;
}

/* The columns that text[from] to text[to] take. */
static size_t
width_of(const char *text, size_t from, size_t to)
{
        size_t width = 0;

        while (from < to) {
                struct glyph glyph = glyph_at(text + from, to - from);

                width += glyph.width;
                from += glyph.length;
        }
        return width;
}

/* What is shown of a text: text[from] to text[to], and whether something was left out before and behind. */
struct window {
        size_t from, to;
        bool cut_before, cut_behind;
};

/* Advances over characters that together take at most `columns`. */
static size_t
skip(const char *text, size_t at, size_t end, size_t columns)
{
        while (at < end) {
                struct glyph glyph = glyph_at(text + at, end - at);

                if (glyph.width > columns)
                        break;
                columns -= glyph.width;
                at += glyph.length;
        }
        return at;
}

/* A window of `room` columns around the word; what is before the word gets a third of it. */
static struct window
window_around(const char *text, size_t length, size_t word, size_t word_width, size_t room)
{
        struct window window = { 0, length, false, false };
        size_t before = width_of(text, 0, word);

        if (before + word_width <= room && width_of(text, 0, length) <= room)
                return window;
        if (before + word_width + ELLIPSIS_WIDTH > room) {
                size_t hidden = before > room / 3 ? before - room / 3 : 0;

                window.from = skip(text, 0, word, hidden);
                window.cut_before = window.from > 0;
                room -= window.cut_before ? ELLIPSIS_WIDTH : 0;
        }
        if (width_of(text, window.from, length) > room) {
                window.to = skip(text, window.from, length, room - ELLIPSIS_WIDTH);
                window.cut_behind = true;
        }
        return window;
}

static void
put_text(struct sink *sink, const char *text, const struct window *window)
{
        put_repeated(sink, ' ', INDENT);
        if (window->cut_before)
                put(sink, ellipsis, ELLIPSIS_WIDTH);
        for (size_t at = window->from; at < window->to;) {
                struct glyph glyph = glyph_at(text + at, window->to - at);

                put(sink, glyph.shown, glyph.shown_length);
                at += glyph.length;
        }
        if (window->cut_behind)
                put(sink, ellipsis, ELLIPSIS_WIDTH);
        put(sink, "\n", 1);
}

static void
put_mark(struct sink *sink, const char *text, const struct window *window, size_t word, size_t end)
{
        size_t width = width_of(text, word, end < window->to ? end : window->to);

        put_repeated(sink, ' ', INDENT + (window->cut_before ? ELLIPSIS_WIDTH : 0));
        put_repeated(sink, ' ', width_of(text, window->from, word));
        put(sink, "^", 1);
        if (width > 1)
                put_repeated(sink, '~', width - 1);
        put(sink, "\n", 1);
}

size_t
filter_error_show(const char *text, const struct filter_error *error, unsigned int columns, char *ret_lines,
                  size_t size)
{
        size_t length = strlen(text), word = error->word < length ? error->word : length;
        size_t end = error->length < length - word ? word + error->length : length;
        size_t room = columns == 0 ? SIZE_MAX : (columns < NARROWEST ? NARROWEST : columns) - INDENT;
        size_t width = width_of(text, word, end), word_width = width ? width : 1;
        struct window window = window_around(text, length, word, word_width, room);
        struct sink sink = { ret_lines, size ? size - 1 : 0, 0 };

        put_text(&sink, text, &window);
        put_mark(&sink, text, &window, word, end);
        if (size)
                ret_lines[sink.length < size ? sink.length : size - 1] = '\0';
        return sink.length;
}
