/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables themselves, and how names are found in them.  This floor stands below everything, the engine included, so
 * it uses no libc at all: the few character loops are its own.
 */
#include "lastack/model.h"

#include "model/spelling.h"

static const struct la_state_info states[] = {
#define LA_STATE(id, linux, ss, number, actor_, section_, ...) \
        { LA_##id, #id, linux, ss, number, LA_ACTOR_##actor_, section_, __VA_ARGS__ },
#include "model/state.def"
#undef LA_STATE
};

static const struct la_transition_info transitions[] = {
#define LA_TRANSITION(id, from, event, to, ...) { LA_T_##id, #id, LA_##from, LA_##to, LA_EVENT_##event, __VA_ARGS__ },
#include "model/transition.def"
#undef LA_TRANSITION
};

static const struct la_knob_info knobs[] = {
#define LA_KNOB(leaf, directory, kind, scope, ...) \
        { LA_K_##leaf, directory "." #leaf, #leaf, LA_KNOB_##kind, LA_SCOPE_##scope, __VA_ARGS__ },
#include "model/knob.def"
#undef LA_KNOB
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

_Static_assert(LA_STATE_COUNT == 11, "RFC 9293 3.3.2 names eleven states");
_Static_assert(COUNT(states) == LA_STATE_COUNT, "each state has one row");
_Static_assert(COUNT(transitions) == LA_TRANSITION_COUNT, "each transition has one row");
_Static_assert(COUNT(knobs) == LA_KNOB_COUNT, "each knob has one row");

const struct la_state_info *
la_state_info(enum la_state state)
{
        return (unsigned int)state < LA_STATE_COUNT ? &states[state] : NULL;
}

const char *
la_state_name(enum la_state state)
{
        const struct la_state_info *info = la_state_info(state);

        return info ? info->name : "?";
}

bool
la_state_from_linux(unsigned int number, enum la_state *ret_state)
{
        if (number == 12) { /* TCP_NEW_SYN_RECV */
                *ret_state = LA_SYN_RECEIVED;
                return true;
        }
        if (number == 13) { /* TCP_BOUND_INACTIVE */
                *ret_state = LA_CLOSED;
                return true;
        }
        for (size_t i = 0; i < LA_STATE_COUNT; i++)
                if (states[i].linux_number == number) {
                        *ret_state = states[i].state;
                        return true;
                }
        return false;
}

/* ---- Names ---- */

/* Names in use beyond the RFC's, Linux's and ss's own: netstat, Windows, BSD, lsof, figure 5, Linux's numbers 12, 13. */
static const struct {
        const char *name;
        enum la_state state;
} aliases[] = {
        { "SYN_RCVD", LA_SYN_RECEIVED }, { "SYN_RCV", LA_SYN_RECEIVED }, { "NEW_SYN_RECV", LA_SYN_RECEIVED },
        { "ESTAB", LA_ESTABLISHED },     { "EST", LA_ESTABLISHED },      { "UNCONNECTED", LA_CLOSED },
        { "BOUND_INACTIVE", LA_CLOSED },
};

static bool
state_by_name(const char *word, enum la_state *ret_state)
{
        for (size_t i = 0; i < LA_STATE_COUNT; i++)
                if (spelling_same(word, states[i].name) || spelling_same(word, states[i].linux_name) ||
                    spelling_same(word, states[i].ss_name)) {
                        *ret_state = states[i].state;
                        return true;
                }
        for (size_t i = 0; i < COUNT(aliases); i++)
                if (spelling_same(word, aliases[i].name)) {
                        *ret_state = aliases[i].state;
                        return true;
                }
        return false;
}

bool
la_state_parse(const char *word, enum la_state *ret_state)
{
        /* TCP_ is Linux's, TCPF_ its bits', TCPS_ the BSDs'. */
        static const char *const prefixes[] = { "", "tcp", "tcps", "tcpf" };

        for (size_t i = 0; i < COUNT(prefixes); i++) {
                const char *rest = spelling_after(word, prefixes[i]);

                if (rest && state_by_name(rest, ret_state))
                        return true;
        }
        return false;
}

const struct la_transition_info *
la_transition_info(enum la_transition transition)
{
        return (unsigned int)transition < LA_TRANSITION_COUNT ? &transitions[transition] : NULL;
}

const struct la_knob_info *
la_knob_info(enum la_knob knob)
{
        return (unsigned int)knob < LA_KNOB_COUNT ? &knobs[knob] : NULL;
}

static char
as_dot(char c)
{
        return c == '/' ? '.' : spelling_lower(c);
}

/* Does `path` begin with `prefix`, with '.' or '/' between the parts?  If so, *ret_rest is what follows. */
static bool
path_begins(const char *path, const char *prefix, const char **ret_rest)
{
        for (; *prefix != '\0'; path++, prefix++)
                if (as_dot(*path) != *prefix)
                        return false;
        *ret_rest = path;
        return true;
}

static bool
same_path(const char *path, const char *name)
{
        const char *rest;

        return path_begins(path, name, &rest) && *rest == '\0';
}

const struct la_knob_info *
la_knob_find(const char *name)
{
        if (!path_begins(name, ".proc.sys.", &name))
                (void)path_begins(name, "proc.sys.", &name);
        for (size_t i = 0; i < LA_KNOB_COUNT; i++)
                if (same_path(name, knobs[i].leaf) || same_path(name, knobs[i].name))
                        return &knobs[i];
        return NULL;
}

bool
la_knob_concerns(const struct la_knob_info *knob, enum la_state state)
{
        const char *name = la_state_name(state);
        const char *word = knob->states;

        while (*word != '\0') {
                size_t i = 0;

                while (name[i] != '\0' && word[i] == name[i])
                        i++;
                if (name[i] == '\0' && (word[i] == ' ' || word[i] == '\0'))
                        return true;
                while (*word != '\0' && *word++ != ' ')
                        continue;
        }
        return false;
}
