/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lex.c - a filter's text as words and operators.
 *
 * Blanks separate; so do parentheses and the operators written with signs, so that "(dport=:443)" needs no blanks (in
 * ss it does).  A backslash takes the meaning from the next character, as in ss; quotes, '...' or "...", take it from
 * all between them.  The operators written with letters are operators wherever they stand, as in ss, unless quoted.
 */
#include <string.h>
#include <strings.h>

#include "filter/complain.h"
#include "filter/lex.h"

#define BLANKS " \t\n\v\f\r"

struct spelling {
        const char *text;
        enum token_kind kind;
        const char *meant; /* of a TOKEN_BAD: what its writer probably meant */
};

static const struct spelling signs[] = {
        { "=", TOKEN_EQ, NULL },    { "==", TOKEN_EQ, NULL },  { "!=", TOKEN_NE, NULL },  { "<", TOKEN_LT, NULL },
        { "<=", TOKEN_LE, NULL },   { ">", TOKEN_GT, NULL },   { ">=", TOKEN_GE, NULL },  { "&", TOKEN_AND, NULL },
        { "&&", TOKEN_AND, NULL },  { "|", TOKEN_OR, NULL },   { "||", TOKEN_OR, NULL },  { "===", TOKEN_BAD, "==" },
        { "!==", TOKEN_BAD, "!=" }, { "=!", TOKEN_BAD, "!=" }, { "<>", TOKEN_BAD, "!=" }, { "=<", TOKEN_BAD, "<=" },
        { "=>", TOKEN_BAD, ">=" },  { "<<", TOKEN_BAD, "<" },  { ">>", TOKEN_BAD, ">" },
};

static const struct spelling letters[] = {
        { "and", TOKEN_AND, NULL }, { "or", TOKEN_OR, NULL },  { "not", TOKEN_NOT, NULL }, { "eq", TOKEN_EQ, NULL },
        { "ne", TOKEN_NE, NULL },   { "neq", TOKEN_NE, NULL }, { "lt", TOKEN_LT, NULL },   { "le", TOKEN_LE, NULL },
        { "leq", TOKEN_LE, NULL },  { "gt", TOKEN_GT, NULL },  { "ge", TOKEN_GE, NULL },   { "geq", TOKEN_GE, NULL },
};

size_t
lex_room(const char *text)
{
        /* A word of n characters takes n + 1, and n is at least 1 or it stood in two quotes. */
        return 2 * strlen(text) + 1;
}

bool
token_is(const struct token *token, const char *word)
{
        return token->kind == TOKEN_WORD && token->plain && !strcasecmp(token->word, word);
}

static struct token
sign(struct lexer *lexer, size_t length)
{
        const char *start = lexer->text + lexer->at;
        struct token token = { .kind = TOKEN_BAD, .offset = lexer->at, .length = length };
        const char *meant = NULL;

        for (size_t i = 0; i < COUNT(signs); i++)
                if (strlen(signs[i].text) == length && !memcmp(signs[i].text, start, length)) {
                        token.kind = signs[i].kind;
                        meant = signs[i].meant;
                }
        lexer->at += length;
        if (token.kind == TOKEN_BAD && meant)
                complain(lexer->error, token.offset, length, _("'%s' is not an operator; did you mean '%s'?"),
                         quote(start, length).text, meant);
        else if (token.kind == TOKEN_BAD)
                complain(lexer->error, token.offset, length,
                         _("'%s' is not an operator; there are = != < <= > >= and or not"), quote(start, length).text);
        return token;
}

/* Appends what a quote holds; false if it is never closed. */
static bool
quoted_part(struct lexer *lexer)
{
        char mark = lexer->text[lexer->at++];

        while (lexer->text[lexer->at] && lexer->text[lexer->at] != mark)
                lexer->words[lexer->used++] = lexer->text[lexer->at++];
        if (!lexer->text[lexer->at])
                return false;
        lexer->at++;
        return true;
}

static struct token
word(struct lexer *lexer)
{
        struct token token = { .kind = TOKEN_WORD, .offset = lexer->at, .plain = true };

        token.word = lexer->words + lexer->used;
        while (!strchr(BLANKS "()=<>&|", lexer->text[lexer->at])) {
                char c = lexer->text[lexer->at];

                if (c == '!' && lexer->text[lexer->at + 1] == '=')
                        break;
                if (c == '\'' || c == '"') {
                        size_t open = lexer->at;

                        token.plain = false;
                        if (!quoted_part(lexer)) {
                                complain(lexer->error, open, lexer->at - open,
                                         _("the quote %c is never closed; add another %c"), c, c);
                                return (struct token){ .kind = TOKEN_BAD, .offset = open, .length = lexer->at - open };
                        }
                        continue;
                }
                if (c == '\\') {
                        token.plain = false;
                        if (!lexer->text[++lexer->at])
                                break;
                }
                lexer->words[lexer->used++] = lexer->text[lexer->at++];
        }
        lexer->words[lexer->used++] = '\0';
        token.length = lexer->at - token.offset;
        for (size_t i = 0; i < COUNT(letters); i++)
                if (token_is(&token, letters[i].text)) {
                        token.kind = letters[i].kind;
                        break;
                }
        return token;
}

/* How many characters from here on belong to an operator written with signs. */
static size_t
sign_length(const char *text)
{
        if (*text == '&' || *text == '|')
                return strspn(text, (char[]){ *text, '\0' });
        if (*text == '=' || *text == '<' || *text == '>' || (text[0] == '!' && text[1] == '='))
                return strspn(text, "=<>!");
        return 0;
}

struct token
lex_next(struct lexer *lexer)
{
        const char *here;
        struct token token;
        size_t length;

        lexer->at += strspn(lexer->text + lexer->at, BLANKS);
        here = lexer->text + lexer->at;
        length = sign_length(here);
        if (!*here)
                return (struct token){ .kind = TOKEN_END, .offset = lexer->behind };
        if (length)
                token = sign(lexer, length);
        else if (*here == '(' || *here == ')' || *here == '!')
                token = (struct token){
                        .kind = *here == '('   ? TOKEN_OPEN
                                : *here == ')' ? TOKEN_CLOSE
                                               : TOKEN_NOT,
                        .offset = lexer->at++,
                        .length = 1,
                };
        else
                token = word(lexer);
        lexer->behind = lexer->at;
        return token;
}
