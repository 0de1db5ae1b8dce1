/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain_text.c - the pages that people read.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli/diagram.h"
#include "cli/explain.h"
#include "cli/gettext.h"
#include "cli/knob_value.h"
#include "cli/prose.h"
#include "cli/route.h"

#define INDENT     2
#define TEXTS_KEPT 4

struct page {
        const struct explain *explain;
        struct prose prose;
        char *texts[TEXTS_KEPT]; /* the last ones that were formatted */
        unsigned int next_text;
};

/* A text that lives until TEXTS_KEPT more have been formatted. */
__attribute__((format(printf, 2, 3))) static const char *
formatted(struct page *p, const char *format, ...)
{
        char **text = &p->texts[p->next_text++ % TEXTS_KEPT];
        va_list arguments;

        free(*text);
        va_start(arguments, format);
        if (vasprintf(text, format, arguments) < 0)
                *text = NULL;
        va_end(arguments);
        return *text ? *text : "";
}

/* gettext("") is the head of the catalogue. */
static const char *
translated(const char *text)
{
        return *text != '\0' ? _(text) : "";
}

static const char *
arrow(const struct page *p)
{
        return p->prose.terminal.utf8 ? "→" : "->";
}

static void
section(struct page *p, const char *heading, const char *text)
{
        if (*text == '\0')
                return;
        prose_heading(&p->prose, heading);
        prose_paragraph(&p->prose, INDENT, text);
}

/* Where a rule stands: RFC 9293's sections have no name before them. */
static const char *
citation(struct page *p, const char *where)
{
        bool bare = *where >= '0' && *where <= '9';

        return formatted(p, "%s%s", bare ? "RFC 9293 " : "", where);
}

static const char *
event_name(enum la_event event)
{
        switch (event) {
        case LA_EVENT_USER:
                return _("the application calls");
        case LA_EVENT_SEGMENT:
                return _("a segment arrives");
        case LA_EVENT_TIMER:
                return _("a timer expires");
        case LA_EVENT_NETWORK:
                return _("the network, or a limit of this host");
        }
        return "?";
}

/* ---- Transitions ---- */

/* One row in one line: "rcv FIN / snd ACK". */
static const char *
cause_and_sent(struct page *p, const struct la_transition_info *t)
{
        int length;
        const char *sent = diagram_sent(t, &length);

        return formatted(p, "%s%s%.*s", t->trigger, length > 0 ? " / " : "", length, sent);
}

static const char *
from_to(struct page *p, enum la_state from, enum la_state to)
{
        return formatted(p, "%s %s %s", la_state_name(from), arrow(p), la_state_name(to));
}

static void
row(struct page *p, const struct la_transition_info *t)
{
        const unsigned int label = 10;

        prose_heading(&p->prose, t->id);
        prose_item(&p->prose, INDENT, label, _("Cause"), formatted(p, "%s (%s)", t->trigger, event_name(t->event)));
        prose_item(&p->prose, INDENT, label, _("Answer"), *t->answer != '\0' ? t->answer : _("nothing is sent"));
        prose_item(&p->prose, INDENT, label, _("Rule"), citation(p, t->section));
        prose_paragraph(&p->prose, INDENT, _(t->sentence));
}

/* How to get there, where one step does not do. */
static void
way(struct page *p, enum la_state from, enum la_state to)
{
        struct route route = route_between(from, to);
        bool new_connection = false;

        prose_heading(&p->prose, _("The ordinary way"));
        for (unsigned int i = 0; i < route.length; i++) {
                const struct la_transition_info *t = la_transition_info(route.steps[i]);

                prose_item(&p->prose, INDENT, 32, from_to(p, t->from, t->to), cause_and_sent(p, t));
                new_connection |= t->from == LA_CLOSED && i > 0;
        }
        if (new_connection)
                prose_paragraph(&p->prose, INDENT, _("What leaves CLOSED is a new connection; the old one is over."));
}

static void
step(struct page *p, enum la_state from, enum la_state to)
{
        bool legal = false;

        prose_title(&p->prose, from_to(p, from, to), "");
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                const struct la_transition_info *t = la_transition_info((enum la_transition)i);

                if (t->from != from || t->to != to)
                        continue;
                row(p, t);
                legal = true;
        }
        if (legal)
                return;
        if (from == to) {
                prose_paragraph(&p->prose, INDENT,
                                _("That is the same state: segments, calls and timers that do not end "
                                  "it are not transitions."));
                return;
        }
        prose_paragraph(&p->prose, INDENT,
                        formatted(p,
                                  _("Not legal: no event takes a connection from %s to %s in one step. Where a tool "
                                    "shows it, it has missed what lies between."),
                                  la_state_name(from), la_state_name(to)));
        way(p, from, to);
}

static void
one_row(struct page *p, enum la_transition id)
{
        const struct la_transition_info *t = la_transition_info(id);

        prose_title(&p->prose, from_to(p, t->from, t->to), "");
        row(p, t);
}

/* ---- States ---- */

static void
row_of(struct page *p, const struct la_transition_info *t, bool out)
{
        const char *label = out ? formatted(p, "%s %s", arrow(p), la_state_name(t->to))
                                : formatted(p, "%s %s", la_state_name(t->from), arrow(p));

        prose_item(&p->prose, INDENT, 17, label, cause_and_sent(p, t));
}

/* The rows into a state or out of it, one a line, the ordinary ones first. */
static void
rows_of(struct page *p, const char *heading, enum la_state state, bool out)
{
        prose_heading(&p->prose, heading);
        for (unsigned int ordinary = 2; ordinary-- > 0;)
                for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                        const struct la_transition_info *t = la_transition_info((enum la_transition)i);

                        if ((out ? t->from : t->to) == state && diagram_shows(t->transition) == ordinary)
                                row_of(p, t, out);
                }
}

static void
knobs_of(struct page *p, enum la_state state)
{
        bool any = false;

        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++) {
                const struct la_knob_info *k = la_knob_info((enum la_knob)i);

                if (!la_knob_concerns(k, state))
                        continue;
                if (!any)
                        prose_heading(&p->prose, _("Knobs"));
                any = true;
                prose_item(&p->prose, INDENT, 25, k->leaf, _(k->brief));
        }
}

static void
state_page(struct page *p, enum la_state state)
{
        const struct la_state_info *s = la_state_info(state);

        prose_title(&p->prose, s->name, _(s->brief));
        prose_paragraph(&p->prose, INDENT,
                        formatted(p, _("RFC 9293 %s; Linux: TCP_%s, number %u; ss: %s"), s->section, s->linux_name,
                                  s->linux_number, s->ss_name));
        section(p, _("What it means"), _(s->meaning));
        section(p, _("Who must act"), _(s->who));
        section(p, _("What ends it"), _(s->ends));
        section(p, _("When many are normal"), _(s->normal));
        section(p, _("When many are a fault"), _(s->fault));
        section(p, _("What helps, and what does not"), _(s->helps));
        rows_of(p, _("Ways in"), state, false);
        rows_of(p, _("Ways out"), state, true);
        knobs_of(p, state);
}

/* ---- Knobs ---- */

/* With the unit behind it, if there is one. */
static const char *
with_unit(struct page *p, const struct la_knob_info *k, const char *value)
{
        if (*value == '\0' || *k->unit == '\0')
                return value;
        return formatted(p, "%s %s", value, _(k->unit));
}

/* Why there is no value to show. */
static const char *
not_here(struct page *p, const struct la_knob_info *k, int error)
{
        struct utsname system;
        const char *release = uname(&system) == 0 ? system.release : "?";

        if (error != -ENOENT)
                return formatted(p, _("cannot be read: %s"), strerror(-error));
        if (access("/proc/sys/net", F_OK) < 0)
                return _("cannot be read: there is no /proc/sys/net here");
        if (*k->removed != '\0')
                return formatted(p, _("not there: it went away with Linux %s (this is %s)"), k->removed, release);
        if (k->scope == LA_SCOPE_HOST)
                return _("not there: only the first network namespace has it");
        if (*k->since != '\0')
                return formatted(p, _("not there: it came with Linux %s (this is %s)"), k->since, release);
        return formatted(p, _("not there (this is Linux %s)"), release);
}

/* What there is to say of a value; "" for nothing. */
static const char *
remark(const struct la_knob_info *k, const char *value)
{
        if (!knob_value_sane(k, value))
                return _(" (outside what makes sense)");
        if (*k->standard == '\0')
                return "";
        return knob_value_same(value, k->standard) ? _(" (the default)") : _(" (not the default)");
}

/* What it is set to on this machine. */
static void
value_here(struct page *p, const struct la_knob_info *k, unsigned int label)
{
        char *value;
        int r = p->explain->knob_text(k, &value);

        if (r < 0) {
                prose_item(&p->prose, INDENT, label, _("Here"), not_here(p, k, r));
                return;
        }
        prose_item(&p->prose, INDENT, label, _("Here"),
                   *value == '\0' ? _("empty") : formatted(p, "%s%s", with_unit(p, k, value), remark(k, value)));
        free(value);
}

static void
knob_default(struct page *p, const struct la_knob_info *k, unsigned int label)
{
        const char *standard = with_unit(p, k, k->standard), *note = translated(k->standard_note);

        prose_item(&p->prose, INDENT, label, _("Default"),
                   formatted(p, "%s%s%s", standard, *standard != '\0' && *note != '\0' ? ", " : "", note));
}

static void
knob_range(struct page *p, const struct la_knob_info *k, unsigned int label)
{
        if (k->kind != LA_KNOB_WORD)
                prose_item(&p->prose, INDENT, label, _("Sane range"),
                           with_unit(p, k, formatted(p, _("%" PRId64 " to %" PRId64), k->min, k->max)));
        prose_item(&p->prose, INDENT, label, _("Kernel takes"), _(k->accepts));
        prose_item(&p->prose, INDENT, label, _("Valid for"),
                   k->scope == LA_SCOPE_NETNS ? _("each network namespace by itself") : _("the whole host"));
}

static void
knob_page(struct page *p, const struct la_knob_info *k)
{
        const unsigned int label = 14;

        prose_title(&p->prose, k->name, _(k->brief));
        value_here(p, k, label);
        knob_default(p, k, label);
        knob_range(p, k, label);
        if (*k->states != '\0')
                prose_item(&p->prose, INDENT, label, _("States"), k->states);
        section(p, _("What it does"), _(k->effect));
        section(p, _("What can go wrong"), _(k->risk));
        section(p, _("What it is mistaken for"), _(k->mistaken));
        section(p, _("Linux versions"), translated(k->versions));
        section(p, _("Source"), k->source);
}

/* ---- Lists ---- */

static void
list_states(struct page *p)
{
        prose_title(&p->prose, _("The eleven states"), _("and their names in ss"));
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++) {
                const struct la_state_info *s = la_state_info((enum la_state)i);

                prose_item(&p->prose, INDENT, 27, formatted(p, "%-13s %s", s->name, s->ss_name), _(s->brief));
        }
}

static void
list_transitions(struct page *p)
{
        const unsigned int label = 46 + (unsigned int)terminal_columns(arrow(p), strlen(arrow(p)));
        unsigned int from = LA_STATE_COUNT;

        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                const struct la_transition_info *t = la_transition_info((enum la_transition)i);

                if (t->from != from) {
                        from = t->from;
                        prose_title(&p->prose, formatted(p, _("From %s"), la_state_name(t->from)), "");
                }
                prose_item(&p->prose, INDENT, label, formatted(p, "%-30s %s %s", t->id, arrow(p), la_state_name(t->to)),
                           t->trigger);
        }
}

static void
list_knobs(struct page *p)
{
        prose_title(&p->prose, _("Knobs of Linux's TCP"), "");
        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++) {
                const struct la_knob_info *k = la_knob_info((enum la_knob)i);

                prose_item(&p->prose, INDENT, 25, k->leaf, _(k->brief));
        }
}

static void
diagram(struct page *p)
{
        const struct terminal *t = &p->explain->terminal;

        if (t->width > 0 && t->width < DIAGRAM_WIDTH) {
                prose_blank(&p->prose);
                prose_paragraph(
                        &p->prose, 0,
                        formatted(p, _("The diagram needs %d columns, and here are %u."), DIAGRAM_WIDTH, t->width));
                list_states(p);
                return;
        }
        prose_blank(&p->prose);
        diagram_draw(t);
        p->prose.begun = true;
        prose_blank(&p->prose);
        prose_paragraph(
                &p->prose, 0,
                _("The label of an arrow is what causes the step and, behind the slash or below, what is sent "
                  "then. These are the ordinary steps, figure 5 of RFC 9293; resets, aborts, timeouts and limits "
                  "lead to CLOSED from nearly everywhere."));
        prose_blank(&p->prose);
        prose_paragraph(&p->prose, 0,
                        _("Try: lastack explain TIME_WAIT; lastack explain \"FIN_WAIT_1 -> CLOSING\"; lastack explain "
                          "states, transitions or knobs."));
}

static void
topic(struct page *p, const struct topic *t)
{
        switch (t->kind) {
        case TOPIC_STATE:
                state_page(p, t->from);
                break;
        case TOPIC_STEP:
                step(p, t->from, t->to);
                break;
        case TOPIC_ROW:
                one_row(p, t->row);
                break;
        case TOPIC_KNOB:
                knob_page(p, t->knob);
                break;
        case TOPIC_STATES:
                list_states(p);
                break;
        case TOPIC_TRANSITIONS:
                list_transitions(p);
                break;
        case TOPIC_KNOBS:
                list_knobs(p);
                break;
        case TOPIC_DIAGRAM:
                diagram(p);
                break;
        }
}

void
explain_text(const struct explain *e)
{
        struct page page = { .explain = e };

        prose_init(&page.prose, &e->terminal);
        if (e->topic_count == 0)
                diagram(&page);
        for (size_t i = 0; i < e->topic_count; i++)
                topic(&page, &e->topics[i]);
        for (unsigned int i = 0; i < TEXTS_KEPT; i++)
                free(page.texts[i]);
}
