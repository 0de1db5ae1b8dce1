/* SPDX-License-Identifier: BSD-2-Clause */
#include "tune/shell.h"

#include <string.h>

/* What no shell reads a meaning into, wherever it stands in a word. */
static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./:,@%";

void
shell_put(FILE *file, const char *word)
{
        if (*word != '\0' && word[strspn(word, plain)] == '\0') {
                fputs(word, file);
                return;
        }
        fputc('\'', file);
        for (; *word != '\0'; word++)
                if (*word == '\'')
                        fputs("'\\''", file);
                else
                        fputc(*word, file);
        fputc('\'', file);
}

void
shell_put_option(FILE *file, const char *option, const char *word)
{
        if (!word)
                return;
        fprintf(file, " %s=", option);
        shell_put(file, word);
}
