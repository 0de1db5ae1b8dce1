/* SPDX-License-Identifier: BSD-2-Clause */
/* states.c - "state X" and "exclude X". */
#include <string.h>
#include <strings.h>

#include "filter/parse.h"

#define BIT(state) (1u << LA_##state)

/* ss's names for sets of states, and its names of states that are nobody else's. */
static const struct {
        const char *name;
        uint32_t states;
} sets[] = {
        { "all", FILTER_ALL_STATES },
        { "connected", FILTER_CONNECTED_STATES },
        { "synchronized", FILTER_CONNECTED_STATES & ~BIT(SYN_SENT) },
        { "bucket", BIT(SYN_RECEIVED) | BIT(TIME_WAIT) },
        { "big", FILTER_ALL_STATES & ~(BIT(SYN_RECEIVED) | BIT(TIME_WAIT)) },
        { "closed", BIT(CLOSED) },
        { "unconnected", BIT(CLOSED) },
};

static bool
states_of(const char *word, uint32_t *ret_states)
{
        enum la_state state;

        for (size_t i = 0; i < COUNT(sets); i++)
                if (!strcasecmp(word, sets[i].name)) {
                        *ret_states = sets[i].states;
                        return true;
                }
        if (!la_state_parse(word, &state))
                return false;
        *ret_states = 1u << state;
        return true;
}

bool
is_state_word(const char *word)
{
        uint32_t states;

        return states_of(word, &states);
}

static const char *
nearest_state(const char *word)
{
        const char *names[COUNT(sets) + LA_STATE_COUNT];
        size_t count = 0;

        for (size_t i = 0; i < LA_STATE_COUNT; i++)
                names[count++] = la_state_info((enum la_state)i)->ss_name;
        for (size_t i = 0; i < COUNT(sets); i++)
                names[count++] = sets[i].name;
        return nearest(word, names, count);
}

static bool
unknown_state(struct parser *p, const struct token *token)
{
        const char *meant = nearest_state(token->word);

        if (meant)
                return REFUSE_TOKEN(p, token, _("'%s' is not a state; did you mean '%s'?"), quote_token(p, token).text,
                                    meant);
        return REFUSE_TOKEN(p, token,
                            _("'%s' is not a state; there are established, time-wait, listening, ... and all, "
                              "connected, synchronized"),
                            quote_token(p, token).text);
}

bool
states_ahead(const struct parser *p)
{
        return token_is(&p->here, "state") || token_is(&p->here, "exclude");
}

/* One "state X" or "exclude X" of a run. */
static bool
parse_state(struct parser *p, bool first, uint32_t *states)
{
        bool exclude = token_is(&p->here, "exclude");
        uint32_t named;

        parser_advance(p);
        if (p->here.kind == TOKEN_EQ)
                parser_advance(p);
        if (p->here.kind != TOKEN_WORD)
                return REFUSE_TOKEN(p, &p->here, _("a state is missing after '%s', such as 'time-wait'"),
                                    quote_token(p, &p->last).text);
        if (!states_of(p->here.word, &named))
                return unknown_state(p, &p->here);
        if (exclude)
                *states = (first ? FILTER_ALL_STATES : *states) & ~named;
        else
                *states |= named;
        parser_advance(p);
        return true;
}

bool
parse_states(struct parser *p, struct fragment *ret_fragment)
{
        size_t begin = p->here.offset;
        struct test test = { .kind = TEST_STATES };

        for (bool first = true; states_ahead(p); first = false)
                if (!parse_state(p, first, &test.states))
                        return false;
        if (!test.states)
                return refuse(p, begin, p->last.offset + p->last.length - begin,
                              _("these words leave no state at all; 'exclude' less"));
        p->states_named = true;
        return emit(p, test, ret_fragment);
}
