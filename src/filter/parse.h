/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parse.h - what the parts of the parser share.
 *
 * Functions that read a part of the text return false after a refusal or a failure, which then stands in the parser.
 */
#ifndef LASTACK_FILTER_PARSE_H
#define LASTACK_FILTER_PARSE_H

#include "filter/complain.h"
#include "filter/lex.h"
#include "filter/program.h"

struct varying;

struct parser {
        struct lexer lexer;
        bool for_many;           /* the sockets to be judged may be of several network namespaces */
        struct token here, last; /* the one to be read next, and the one read before it */
        struct program program;
        bool negated; /* what is read now stands under an odd number of "not" */
        unsigned int depth;
        bool states_named;
        uint32_t needs;
        struct varying *varying;
        size_t varying_count;
        bool has_note;
        struct filter_error note;
        int failure; /* 0, -EINVAL with *lexer.error filled, or -ENOMEM */
};

void parser_advance(struct parser *p);

/* Marks a part of the text as wrong and returns false.  The first refusal stands. */
bool
refuse(struct parser *p, size_t offset, size_t length, const char *format, ...) __attribute__((format(printf, 4, 5)));

#define REFUSE_TOKEN(p, token, ...) refuse(p, (token)->offset, (token)->length, __VA_ARGS__)

/* Marks only `part`, which points into the token's word, as far as the text shows it as it is. */
#define REFUSE_PART(p, token, part, ...) refuse(p, PART_OFFSET(token, part), PART_LENGTH(token, part), __VA_ARGS__)

#define PART_OFFSET(token, part) ((token)->offset + ((token)->plain ? (size_t)((part) - (token)->word) : 0))
#define PART_LENGTH(token, part) ((token)->plain ? strlen(part) : (token)->length)

/* The token as the text has it, fit for a message. */
struct quoted quote_token(const struct parser *p, const struct token *token);

/* Appends a test, negated if it stands under a "not". */
bool emit(struct parser *p, struct test test, struct fragment *ret_fragment);

/* The two joined by "and" or by "or" as the text has it: under a "not" each becomes the other. */
struct fragment joined_by(struct parser *p, enum token_kind junction, struct fragment a, struct fragment b);

/* states.c */
bool states_ahead(const struct parser *p);
bool parse_states(struct parser *p, struct fragment *ret_fragment);
bool is_state_word(const char *word);

/* condition.c */
bool parse_condition(struct parser *p, struct fragment *ret_fragment);

/* number.c */
struct range range_of(enum token_kind comparison, uint64_t value);
bool is_number(const char *text); /* or looks like one: what is wrong with it is for parse_number() to say */
bool parse_number(struct parser *p, const struct token *token, const char *part, uint64_t max, uint64_t *ret_value);
bool parse_time(struct parser *p, const struct token *token, uint64_t *ret_ms);

#endif
