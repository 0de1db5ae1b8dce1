/* SPDX-License-Identifier: BSD-2-Clause */
/* lex.h - a filter's text as words and operators. */
#ifndef LASTACK_FILTER_LEX_H
#define LASTACK_FILTER_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "filter/filter.h"

enum token_kind {
        TOKEN_END,
        TOKEN_WORD,
        TOKEN_OPEN,
        TOKEN_CLOSE,
        TOKEN_NOT,
        TOKEN_AND,
        TOKEN_OR,
        TOKEN_EQ,
        TOKEN_NE,
        TOKEN_LT,
        TOKEN_LE,
        TOKEN_GT,
        TOKEN_GE,
        TOKEN_BAD, /* the error is filled */
};

struct token {
        enum token_kind kind;
        size_t offset, length; /* where it stands in the text, with its quotes and backslashes */
        char *word;            /* of a TOKEN_WORD, without them; its reader may cut it up */
        bool plain;            /* it has none: word[i] is text[offset + i], and it may be a keyword */
};

struct lexer {
        const char *text;
        size_t at;
        size_t behind; /* where the token read last ended */
        char *words;   /* room for every word of the text, each with its NUL */
        size_t used;
        struct filter_error *error;
};

/* What `words` must have room for. */
size_t lex_room(const char *text);

struct token lex_next(struct lexer *lexer);

/* True for an unquoted `word` in any letter case. */
bool token_is(const struct token *token, const char *word);

#endif
