/* SPDX-License-Identifier: BSD-2-Clause */
/* condition.c - "dst 10/8", "age > 30s" and the others: their words, and the operators they take. */
#include <stdio.h>
#include <string.h>

#include "filter/operand.h"

/* The operators that a condition takes, as bits 1 << enum token_kind. */
#define EQUAL      (1u << TOKEN_EQ | 1u << TOKEN_NE)
#define ORDER      (1u << TOKEN_LT | 1u << TOKEN_LE | 1u << TOKEN_GT | 1u << TOKEN_GE)
#define COMPARISON (EQUAL | ORDER)

struct condition {
        const char *name;
        uint32_t comparisons; /* 0: it takes no operand */
        const char *operand;
        uint32_t needs;
        bool (*read)(struct parser *p, const struct operand *operand, struct fragment *ret_fragment);
        bool remote;
};

static const struct condition conditions[] = {
        { "dst", EQUAL, N_("an address"), 0, operand_host, true },
        { "src", EQUAL, N_("an address"), 0, operand_host, false },
        { "dport", COMPARISON, N_("a port"), 0, operand_port, true },
        { "sport", COMPARISON, N_("a port"), 0, operand_port, false },
        { "dev", EQUAL, N_("an interface"), 0, operand_dev, false },
        { "fwmark", EQUAL, N_("a mark"), FILTER_NEEDS_MARK, operand_fwmark, false },
        { "cgroup", EQUAL, N_("a path"), FILTER_NEEDS_CGROUP, operand_cgroup, false },
        { "autobound", 0, NULL, 0, operand_autobound, false },
        { "uid", COMPARISON, N_("a user"), 0, operand_uid, false },
        { "ino", COMPARISON, N_("a number"), 0, operand_ino, false },
        { "pid", COMPARISON, N_("a number"), FILTER_NEEDS_OWNERS, operand_pid, false },
        { "comm", EQUAL, N_("a name"), FILTER_NEEDS_OWNERS, operand_comm, false },
        { "netns", EQUAL, N_("a network namespace"), FILTER_NEEDS_NETNS, operand_netns, false },
        { "age", ORDER, N_("a time"), FILTER_NEEDS_TCP, operand_age, false },
};

static const struct condition *
find_condition(const struct token *token)
{
        for (size_t i = 0; i < COUNT(conditions); i++)
                if (token_is(token, conditions[i].name))
                        return &conditions[i];
        return NULL;
}

struct list {
        char text[100];
};

static struct list
all_conditions(void)
{
        struct list list = { " state exclude" };
        size_t length = strlen(list.text);

        for (size_t i = 0; i < COUNT(conditions) && length < sizeof list.text; i++)
                length += (size_t)snprintf(list.text + length, sizeof list.text - length, " %s", conditions[i].name);
        return list;
}

/* What a word that is no condition may have been meant for. */
static bool
not_a_condition(struct parser *p)
{
        const char *names[COUNT(conditions) + 5] = { "state", "exclude", "and", "or", "not" };
        const struct token *token = &p->here;
        const char *word = token->word, *meant;
        struct quoted quoted = quote_token(p, token);

        for (size_t i = 0; i < COUNT(conditions); i++)
                names[i + 5] = conditions[i].name;
        if (is_state_word(word))
                return REFUSE_TOKEN(p, token, _("'%s' is not a condition; write 'state %s'"), quoted.text, quoted.text);
        if (word[0] == ':' || is_number(word))
                return REFUSE_TOKEN(p, token, _("'%s' is not a condition; write 'dport = %s' or 'sport = %s'"),
                                    quoted.text, quoted.text, quoted.text);
        meant = nearest(word, names, COUNT(names));
        if (meant)
                return REFUSE_TOKEN(p, token, _("'%s' is not a condition; did you mean '%s'?"), quoted.text, meant);
        if (strpbrk(word, ".:/*["))
                return REFUSE_TOKEN(p, token, _("'%s' is not a condition; write 'dst %s' or 'src %s'"), quoted.text,
                                    quoted.text, quoted.text);
        return REFUSE_TOKEN(p, token, _("'%s' is not a condition; there are%s"), quoted.text, all_conditions().text);
}

static bool
is_comparison(enum token_kind kind)
{
        return (COMPARISON >> kind & 1) != 0;
}

static bool
wrong_operator(struct parser *p, const struct condition *condition, const struct token *token)
{
        struct quoted quoted = quote_token(p, token);

        if (!condition->comparisons)
                return REFUSE_TOKEN(p, token, _("'%s' stands alone; leave out what follows"), condition->name);
        if (condition->comparisons == ORDER)
                return REFUSE_TOKEN(p, token, _("'%s' takes '<' or '>' before %s, such as '%s > 30s'"), condition->name,
                                    _(condition->operand), condition->name);
        return REFUSE_TOKEN(p, token, _("'%s' makes no sense before %s; '%s' takes '=' or '!='"), quoted.text,
                            _(condition->operand), condition->name);
}

/* The operand is the next word, whatever it is; but where addresses and ports are wanted the word of another condition
 * is no name of a host. */
static bool
operand_missing(const struct parser *p, const struct condition *condition)
{
        bool addresses = condition->read == operand_host || condition->read == operand_port;

        return p->here.kind != TOKEN_WORD || (addresses && (find_condition(&p->here) || states_ahead(p)));
}

static bool
refuse_missing(struct parser *p, const struct condition *condition)
{
        struct quoted last = quote_token(p, &p->last);

        if (condition->read == operand_comm && p->here.kind != TOKEN_END)
                return REFUSE_TOKEN(p, &p->here,
                                    _("a name is missing after '%s'; put quotes around one with '%s' in it"), last.text,
                                    quote_token(p, &p->here).text);
        return REFUSE_TOKEN(p, &p->here, _("%s is missing after '%s'"), _(condition->operand), last.text);
}

/* The operator, if there is one. */
static bool
parse_comparison(struct parser *p, const struct condition *condition, enum token_kind *ret_comparison)
{
        *ret_comparison = TOKEN_EQ;
        if (is_comparison(p->here.kind)) {
                if (!(condition->comparisons >> p->here.kind & 1))
                        return wrong_operator(p, condition, &p->here);
                *ret_comparison = p->here.kind;
                parser_advance(p);
        } else if (condition->comparisons == ORDER && p->here.kind == TOKEN_WORD) {
                return wrong_operator(p, condition, &p->here);
        }
        return true;
}

bool
parse_condition(struct parser *p, struct fragment *ret_fragment)
{
        const struct condition *condition = find_condition(&p->here);
        struct operand operand = { .token = NULL };
        bool negated = p->negated, ok;

        if (!condition)
                return not_a_condition(p);
        p->needs |= condition->needs;
        parser_advance(p);
        if (!parse_comparison(p, condition, &operand.comparison))
                return false;
        if (!condition->comparisons)
                return condition->read(p, &operand, ret_fragment);
        if (operand_missing(p, condition))
                return refuse_missing(p, condition);
        operand.token = &p->here;
        operand.remote = condition->remote;
        p->negated = negated != (operand.comparison == TOKEN_NE);
        ok = condition->read(p, &operand, ret_fragment);
        p->negated = negated;
        parser_advance(p);
        return ok;
}
