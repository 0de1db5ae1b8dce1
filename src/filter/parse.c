/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parse.c - the grammar.
 *
 *         filter    = list
 *         list      = [ states ] [ terms ]
 *         terms     = factor { [ "and" | "or" ] factor }
 *         factor    = "not" factor | "(" list ")" | states | condition
 *         states    = ( "state" | "exclude" ) [ "=" ] STATE { ( "state" | "exclude" ) [ "=" ] STATE }
 *         condition = ( "dst" | "src" )                    [ equal ]      HOST
 *                   | ( "dport" | "sport" )                [ comparison ] PORT
 *                   | "dev"                                [ equal ]      INTERFACE
 *                   | "fwmark"                             [ equal ]      NUMBER [ "/" NUMBER ]
 *                   | "cgroup"                             [ equal ]      PATH
 *                   | "autobound"
 *                   | "uid"                                [ comparison ] ( NUMBER | USER )
 *                   | ( "pid" | "ino" )                    [ comparison ] NUMBER
 *                   | "comm"                               [ equal ]      PATTERN
 *                   | "netns"                              [ equal ]      ( NAME | PID | INODE | PATH )
 *                   | "age"                                order          TIME
 *         equal      = "=" | "!="
 *         order      = "<" | "<=" | ">" | ">="
 *         comparison = equal | order
 *
 * Each operator has its other spellings: "&" and "&&", "|" and "||", "!", "==" and "eq", "ne" and "neq", "lt", "le" and
 * "leq", "gt", "ge" and "geq"; the one that is not written is "=", and between two factors "and".
 *
 * From ss (iproute2 6.1, by experiment) come these, against what its manual or one's habits say:
 *
 * - "and" and "or" bind equally and are read from left to right: "a or b and c" is "(a or b) and c".  filter_note()
 *   tells whoever writes such a thing.
 * - A run of state words makes one set: "state" adds to it, "exclude" takes away, and the first "exclude" begins with
 *   all states.  So "state established state time-wait" are both, though elsewhere what stands side by side must both
 *   hold.  At the start of a filter, and here of a parenthesis too, the set holds for all that follows.
 * - An IPv4 network also has in it the IPv4 addresses mapped into IPv6; an IPv6 network is compared as it stands, so
 *   ::/0 is every IPv6 socket and [::ffff:127.0.0.1] the mapped ones alone.
 * - "connected" leaves out listening and closed; "synchronized" leaves out syn-sent besides, but not syn-recv.
 *
 * Where ss takes nonsense without a word it is refused here: ports above 65535 (ss: nothing matches), "127.1" and
 * "127" without a prefix length (ss: 127.1.0.0), numbers with a leading zero (ss: octal), "dst 1.2.3.4:" (ss: any
 * port), a mark with bits outside its mask (ss: nothing matches), and a set of states with nothing in it (ss: as if none
 * were named).  A bare address that ends in ":" and decimal digits, such as fd00::1:443, ss takes for an address and a
 * port; it may as well be an address, and is refused with both spellings.
 *
 * What ss refuses though it can be understood is understood here: state words in any place, "dst ::1", "[fd00::]/8:443",
 * "dst != 1.2.3.4", operators without blanks around them.
 *
 * And these mean something else in ss, which nobody can have meant: "dport = *:443" (any port); "cgroup /" (the root
 * directory, which is no cgroup); the opposite of a condition with a family, "not dst ::/0" (no socket, as ss then asks
 * for that family alone; here: all others); "not autobound" (less than all others, as ss asks the kernel, who has
 * another idea of it); a host's name (its first address; here: any).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "filter/parse.h"
#include "filter/varying.h"

#define DEPTH_MAX 100

void
parser_advance(struct parser *p)
{
        p->last = p->here;
        p->here = lex_next(&p->lexer);
        if (p->here.kind == TOKEN_BAD && !p->failure)
                p->failure = -EINVAL;
}

bool
refuse(struct parser *p, size_t offset, size_t length, const char *format, ...)
{
        va_list arguments;

        if (p->failure)
                return false;
        p->failure = -EINVAL;
        va_start(arguments, format);
        complain_v(p->lexer.error, offset, length, format, arguments);
        va_end(arguments);
        return false;
}

struct quoted
quote_token(const struct parser *p, const struct token *token)
{
        return quote(p->lexer.text + token->offset, token->length);
}

bool
emit(struct parser *p, struct test test, struct fragment *ret_fragment)
{
        int r;

        if (p->failure)
                return false;
        test.negated = p->negated;
        r = program_test(&p->program, &test, ret_fragment);
        if (r == -E2BIG)
                return REFUSE_TOKEN(p, &p->here, _("too many conditions; %u is the most"), PROGRAM_MAX);
        p->failure = r;
        return r == 0;
}

struct fragment
joined_by(struct parser *p, enum token_kind junction, struct fragment a, struct fragment b)
{
        return (junction == TOKEN_AND) != p->negated ? program_and(&p->program, a, b) : program_or(&p->program, a, b);
}

static bool parse_list(struct parser *p, struct fragment *ret_fragment);

static bool
parse_parenthesis(struct parser *p, struct fragment *ret_fragment)
{
        struct token open = p->here;

        parser_advance(p);
        if (p->here.kind == TOKEN_CLOSE)
                return refuse(p, open.offset, p->here.offset + 1 - open.offset,
                              _("nothing stands between '(' and ')'; put a condition there or leave them out"));
        if (!parse_list(p, ret_fragment))
                return false;
        if (p->here.kind != TOKEN_CLOSE)
                return REFUSE_TOKEN(p, &open, _("this '(' is never closed; add a ')'"));
        parser_advance(p);
        return true;
}

static bool
no_condition(struct parser *p)
{
        if (p->last.length && (p->here.kind == TOKEN_END || p->here.kind == TOKEN_CLOSE))
                return REFUSE_TOKEN(p, &p->here, _("a condition is missing after '%s'"), quote_token(p, &p->last).text);
        return REFUSE_TOKEN(p, &p->here, _("a condition is missing before '%s', such as 'dport = :443'"),
                            quote_token(p, &p->here).text);
}

static bool
parse_factor(struct parser *p, struct fragment *ret_fragment)
{
        bool ok;

        if (p->here.kind != TOKEN_WORD && p->here.kind != TOKEN_OPEN && p->here.kind != TOKEN_NOT)
                return no_condition(p);
        if (p->here.kind == TOKEN_WORD)
                return states_ahead(p) ? parse_states(p, ret_fragment) : parse_condition(p, ret_fragment);
        if (p->depth == DEPTH_MAX)
                return REFUSE_TOKEN(p, &p->here, _("nested too deeply; %d levels are the most"), DEPTH_MAX);
        p->depth++;
        if (p->here.kind == TOKEN_OPEN) {
                ok = parse_parenthesis(p, ret_fragment);
        } else {
                parser_advance(p);
                p->negated = !p->negated;
                ok = parse_factor(p, ret_fragment);
                p->negated = !p->negated;
        }
        p->depth--;
        return ok;
}

static void
note(struct parser *p, const struct token *token, const char *sentence)
{
        if (p->has_note)
                return;
        p->has_note = true;
        complain(&p->note, token->offset, token->length, "%s", sentence);
}

static bool
list_ends(const struct parser *p)
{
        return p->here.kind == TOKEN_END || p->here.kind == TOKEN_CLOSE || p->here.kind == TOKEN_BAD;
}

/* The rest of `terms`, its first factor being read; `states_first` if that was a set of states. */
static bool
parse_more_terms(struct parser *p, bool states_first, struct fragment *whole)
{
        bool after_or = false;

        while (!list_ends(p)) {
                struct token junction = p->here;
                enum token_kind kind = junction.kind == TOKEN_OR ? TOKEN_OR : TOKEN_AND;
                struct fragment factor;

                if (kind == TOKEN_AND && after_or)
                        note(p, &junction,
                             _("read from left to right, as ss does: this 'and' joins all before it; "
                               "parentheses help"));
                if (kind == TOKEN_OR && states_first)
                        note(p, &junction,
                             _("what follows this 'or' is taken in any state; leave out the 'and' after the states "
                               "to limit all to them"));
                after_or = after_or || kind == TOKEN_OR;
                if (junction.kind == TOKEN_OR || junction.kind == TOKEN_AND)
                        parser_advance(p);
                if (!parse_factor(p, &factor))
                        return false;
                *whole = joined_by(p, kind, *whole, factor);
        }
        return true;
}

static bool
parse_terms(struct parser *p, struct fragment *ret_fragment)
{
        return parse_factor(p, ret_fragment) && parse_more_terms(p, false, ret_fragment);
}

static bool
parse_list(struct parser *p, struct fragment *ret_fragment)
{
        struct fragment rest;

        if (!states_ahead(p))
                return parse_terms(p, ret_fragment);
        if (!parse_states(p, ret_fragment))
                return false;
        if (list_ends(p))
                return true;
        if (p->here.kind == TOKEN_AND || p->here.kind == TOKEN_OR)
                return parse_more_terms(p, p->here.kind == TOKEN_AND, ret_fragment);
        if (!parse_terms(p, &rest))
                return false;
        *ret_fragment = joined_by(p, TOKEN_AND, *ret_fragment, rest);
        return true;
}

static bool
parse_whole(struct parser *p, uint32_t *ret_states)
{
        struct fragment whole;

        *ret_states = FILTER_ALL_STATES;
        if (strlen(p->lexer.text) > FILTER_TEXT_MAX)
                return refuse(p, FILTER_TEXT_MAX, 0, _("a filter is at most %d characters long"), FILTER_TEXT_MAX);
        parser_advance(p);
        if (p->here.kind == TOKEN_END)
                return true;
        if (!parse_list(p, &whole) || p->failure)
                return false;
        if (p->here.kind == TOKEN_CLOSE)
                return REFUSE_TOKEN(p, &p->here, _("this ')' closes nothing; leave it out or add a '(' before"));
        if (!whole.states)
                return refuse(p, 0, p->lexer.behind,
                              _("no socket is in all these states at once; join them with 'or'"));
        program_end(&p->program, whole);
        *ret_states = whole.states;
        return true;
}

static int
parse(const char *text, bool for_many, struct filter **ret_filter, struct filter_error *ret_error)
{
        struct parser p = { .lexer = { .text = text, .error = ret_error }, .for_many = for_many };
        struct filter *f = calloc(1, sizeof *f);
        uint32_t states;

        p.lexer.words = malloc(lex_room(text));
        if (!f || !p.lexer.words)
                p.failure = -ENOMEM;
        else if (parse_whole(&p, &states))
                *f = (struct filter){
                        .tests = p.program.tests,
                        .count = p.program.count,
                        .words = p.lexer.words,
                        .states = states,
                        .states_named = p.states_named,
                        .needs = p.needs | (p.varying_count ? FILTER_NEEDS_LOOK_UP : 0),
                        .varying = p.varying,
                        .varying_count = p.varying_count,
                        .has_note = p.has_note,
                        .note = p.note,
                };
        if (!p.failure) {
                *ret_filter = f;
                return 0;
        }
        varying_free(p.varying, p.varying_count);
        free(p.program.tests);
        free(p.lexer.words);
        free(f);
        return p.failure;
}

int
filter_parse(const char *text, struct filter **ret_filter, struct filter_error *ret_error)
{
        return parse(text, false, ret_filter, ret_error);
}

int
filter_parse_for_many(const char *text, struct filter **ret_filter, struct filter_error *ret_error)
{
        return parse(text, true, ret_filter, ret_error);
}
