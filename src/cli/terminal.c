/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define WIDTH_UNKNOWN   80
#define WIDTH_NARROW    20
#define WIDTH_PLAUSIBLE 10000

static bool
is_set(const char *variable)
{
        const char *value = getenv(variable);

        return value && *value;
}

static unsigned int
width_of(int fd, bool interactive)
{
        const char *columns = getenv("COLUMNS");
        char *end;
        struct winsize size;

        if (columns && *columns) {
                unsigned long n = strtoul(columns, &end, 10);
                if (*end == '\0' && n > 0 && n < WIDTH_PLAUSIBLE)
                        return n < WIDTH_NARROW ? WIDTH_NARROW : (unsigned int)n;
        }
        if (!interactive)
                return 0;
        if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
                return size.ws_col < WIDTH_NARROW ? WIDTH_NARROW : size.ws_col;
        return WIDTH_UNKNOWN;
}

static bool
wants_colour(bool interactive)
{
        const char *term = getenv("TERM");

        return interactive && !is_set("NO_COLOR") && term && *term && strcmp(term, "dumb") != 0;
}

struct terminal
terminal_of(FILE *file)
{
        bool interactive = isatty(fileno(file));

        return (struct terminal){
                .file = file,
                .interactive = interactive,
                .width = width_of(fileno(file), interactive),
                .colour = wants_colour(interactive),
                .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
        };
}

const char *
terminal_begin(const struct terminal *t, enum colour colour)
{
        static const char *const sequences[] = {
                [COLOUR_BOLD] = "\033[1m",
                [COLOUR_DIM] = "\033[2m",
                [COLOUR_WARNING] = "\033[33m",
                [COLOUR_CRITICAL] = "\033[1;31m",
        };

        return t->colour ? sequences[colour] : "";
}

const char *
terminal_end(const struct terminal *t)
{
        return t->colour ? "\033[0m" : "";
}

/* The bytes of a colour's sequence, up to its 'm'; all there are if it has no end. */
static size_t
colour_length(const char *text, size_t length)
{
        const char *end = memchr(text, 'm', length);

        return end ? (size_t)(end - text) + 1 : length;
}

/* The bytes of the character at `text`, and the columns it takes. */
static size_t
character_length(const char *text, size_t length, mbstate_t *state, size_t *ret_columns)
{
        wchar_t c;
        size_t bytes = mbrtowc(&c, text, length, state);

        if (bytes == 0 || bytes > length) { /* a NUL, or no character */
                *state = (mbstate_t){ 0 };
                *ret_columns = 1;
                return 1;
        }
        int columns = wcwidth(c);
        *ret_columns = columns > 0 ? (size_t)columns : 0;
        return bytes;
}

/* How many of the bytes are ASCII that takes a column each: nearly always all of them. */
static size_t
plain_length(const char *text, size_t length)
{
        size_t at = 0;

        while (at < length && text[at] >= ' ' && text[at] <= '~')
                at++;
        return at;
}

size_t
terminal_columns(const char *text, size_t length)
{
        mbstate_t state = { 0 };
        size_t columns = plain_length(text, length), step;

        for (size_t at = columns; at < length; at += step) {
                size_t here = 0;
                if (text[at] >= ' ' && text[at] <= '~')
                        here = step = 1;
                else if (text[at] == '\033')
                        step = colour_length(text + at, length - at);
                else
                        step = character_length(text + at, length - at, &state, &here);
                columns += here;
        }
        return columns;
}
