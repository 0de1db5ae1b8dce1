/* SPDX-License-Identifier: BSD-2-Clause */
/* shell.h - words of commands that are shown to be pasted. */
#ifndef LASTACK_TUNE_SHELL_H
#define LASTACK_TUNE_SHELL_H

#include <stdio.h>

/* Writes a word so that a shell takes it for one and changes nothing in it: between quotes where it must be. */
void shell_put(FILE *file, const char *word);

/* The same as " OPTION=WORD"; nothing for a word that is NULL. */
void shell_put_option(FILE *file, const char *option, const char *word);

#endif
