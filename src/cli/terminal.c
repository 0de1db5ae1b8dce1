/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

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
