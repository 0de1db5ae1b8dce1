/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/say_error.h"

#include <stdarg.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/gettext.h"

static const char *speaker = "lastack";

void
say_error_as(const char *name)
{
        speaker = name;
}

void
say_error(const char *format, ...)
{
        va_list arguments;

        fprintf(stderr, "%s: ", speaker);
        va_start(arguments, format);
        vfprintf(stderr, format, arguments);
        va_end(arguments);
}

int
say_no_memory(void)
{
        say_error(_("out of memory\n"));
        return EXIT_NOT_TOLD;
}
