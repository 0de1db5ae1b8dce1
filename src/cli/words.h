/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * words.h - the words behind a command's options, as the one text that they were meant to be.
 */
#ifndef LASTACK_CLI_WORDS_H
#define LASTACK_CLI_WORDS_H

/* Adds a word to *text, with a blank before it if it is not the first; *text is NULL at the beginning, and to be freed.
 * Without memory for it the program ends with EXIT_NOT_TOLD, and says why. */
void words_add(char **text, const char *word);

#endif
