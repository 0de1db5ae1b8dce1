/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "cli/connection.h"
#include "cli/details.h"
#include "cli/diagram.h"
#include "cli/gettext.h"
#include "cli/prose.h"
#include "cli/text.h"

#define LABEL  11
#define INDENT 2

struct page {
        const struct connection *c;
        struct prose prose;
        char text[2048];
};

static const struct la_snapshot *
seen(const struct page *p)
{
        return &p->c->snapshot;
}

static void
item(struct page *p, const char *label, const char *text)
{
        if (*text)
                prose_item(&p->prose, INDENT, LABEL, label, text);
}

static const char *
arrow(const struct page *p)
{
        return p->prose.terminal.utf8 ? "→" : "->";
}

/* ---- What it is ---- */

static void
title(struct page *p)
{
        static const struct text_style numeric = { .numeric = true };
        char *e = text_local(p->text, seen(p), &numeric);

        *e++ = ' ';
        *text_remote(e, seen(p), &numeric) = '\0';
        prose_title(&p->prose, p->text, "");
}

static char *
put_age(char *e, const struct la_snapshot *s)
{
        if (!(s->known & LA_KNOWN_AGE))
                return e;
        if (s->age_min_ms == s->age_max_ms)
                return text_duration(text_string(e, _(", for ")), s->age_min_ms);
        e = text_duration(text_string(e, _(", for at least ")), s->age_min_ms);
        if (s->age_max_ms != UINT32_MAX)
                e = text_duration(text_string(e, _(" and at most ")), s->age_max_ms);
        return e;
}

static void
state(struct page *p)
{
        const struct la_state_info *info = la_state_info(seen(p)->state);
        char *e = text_string(p->text, info->name);

        e = put_age(e, seen(p));
        e = text_string(text_string(e, ": "), _(info->brief));
        *e = '\0';
        item(p, _("State"), p->text);
}

/* ---- How it came to that ---- */

static void
row(struct page *p, const struct la_transition_info *t)
{
        bool bare = *t->section >= '0' && *t->section <= '9';
        int sent_length;
        const char *sent = diagram_sent(t, &sent_length);

        snprintf(p->text, sizeof(p->text), "%s %s %s: %s%s%.*s (%s%s)\n%s", la_state_name(t->from), arrow(p),
                 la_state_name(t->to), t->trigger, sent_length > 0 ? " / " : "", sent_length, sent,
                 bare ? "RFC 9293 " : "", t->section, _(t->sentence));
        item(p, _("Why"), p->text);
}

/* Linux keeps the state only, so all that can be said is how one gets there. */
static void
ways(struct page *p)
{
        size_t at = 0;

        for (unsigned int i = 0; i < LA_TRANSITION_COUNT && at < sizeof(p->text); i++) {
                const struct la_transition_info *t = la_transition_info((enum la_transition)i);

                if (t->to != seen(p)->state || !diagram_shows(t->transition))
                        continue;
                at += (size_t)snprintf(p->text + at, sizeof(p->text) - at, "%s%s: %s",
                                       at > 0 ? _("; or from ") : _("Linux does not keep which way it came: from "),
                                       la_state_name(t->from), t->trigger);
        }
        if (at > 0)
                item(p, _("Why"), p->text);
}

/* ---- What is to come ---- */

static void
who(struct page *p)
{
        const struct la_snapshot *s = seen(p);
        char *e;

        item(p, _("Must act"), _(p->c->judgement.who));
        if (s->owner_count == 0 || p->c->judgement.actor != LA_ACTOR_APPLICATION)
                return;
        e = text_foreign(p->text, s->owners[0].comm);
        e = text_string(text_number(text_string(e, "["), (uint64_t)s->owners[0].pid), "]");
        *e = '\0';
        item(p, _("Held by"), p->text);
}

/* "in 29s", "next time in 80ms, the 3rd"; nothing where no timer runs. */
static char *
put_timer(struct page *p, char *e)
{
        const struct la_snapshot *s = seen(p);
        char left[TEXT_ROOM];

        if (connection_waits_for_pacing(s)) {
                *text_duration(left, s->tcp.pacing_wait_ms) = '\0';
                e += sprintf(e, _(" The next of it may leave in %s."), left);
        }
        if (!(s->known & LA_KNOWN_TIMER) || s->timer == LA_TIMER_NONE)
                return e;
        *text_duration(left, s->timer_ms) = '\0';
        if (s->timer == LA_TIMER_TIME_WAIT)
                return e + sprintf(e, _(" The timer ends in %s."), left);
        if (s->timer == LA_TIMER_KEEPALIVE)
                return e + sprintf(e, _(" Keepalive asks in %s; without an answer so far: %u."), left, s->retransmits);
        if (s->timer == LA_TIMER_PERSIST)
                return e + sprintf(e, _(" The window is probed in %s; without an answer so far: %u."), left,
                                   s->retransmits);
        return e + sprintf(e, _(" It is sent again in %s; in vain so far: %u."), left, s->retransmits);
}

static void
ends(struct page *p)
{
        const struct connection_judgement *j = &p->c->judgement;
        char *e = text_string(p->text, _(j->ends));

        e = put_timer(p, e);
        *e = '\0';
        item(p, _("Ends with"), p->text);
        if (!j->knob)
                return;
        const struct la_knob_info *knob = la_knob_find(j->knob);
        const char *unit = knob && *knob->unit ? _(knob->unit) : strcmp(j->knob, "lastack.time_wait_ms") ? "" : "ms";
        snprintf(p->text, sizeof(p->text), "%s%s%s%s%s", j->knob, p->c->knob_value ? " = " : "",
                 p->c->knob_value ? p->c->knob_value : "", *unit ? " " : "", p->c->knob_value ? unit : "");
        item(p, _("Tunable"), p->text);
}

/* ---- What is in it ---- */

static void
queue(struct page *p, const char *label, uint32_t n, const char *meaning)
{
        char number[TEXT_ROOM];

        if (!meaning)
                return;
        *text_grouped(number, n) = '\0';
        snprintf(p->text, sizeof(p->text), ngettext("%s byte: %s", "%s bytes: %s", n), number, _(meaning));
        item(p, label, p->text);
}

static void
listeners_queue(struct page *p)
{
        const struct la_snapshot *s = seen(p);
        char *e = text_grouped(p->text, s->receive_queue);

        if (s->state != LA_LISTEN || !(s->known & LA_KNOWN_QUEUES))
                return;
        if (s->known & LA_KNOWN_QUEUE_LIMIT)
                e = text_grouped(text_string(e, _(" of ")), s->send_queue);
        e = text_string(e, _(" wait for accept()"));
        if (s->known & LA_KNOWN_HALF_OPEN)
                e = text_string(text_grouped(text_string(e, ", "), s->half_open), _(" half-open"));
        if (s->known & LA_KNOWN_DROPS)
                e = text_string(text_grouped(text_string(e, ", "), s->memory.drops), _(" dropped since it listens"));
        *e = '\0';
        item(p, _("Queue"), p->text);
}

static void
numbers(struct page *p)
{
        const struct la_snapshot *s = seen(p);

        *details_tcp(p->text, s) = '\0';
        item(p, _("TCP"), p->text);
        if (s->known & LA_KNOWN_SEQUENCE) {
                snprintf(p->text, sizeof(p->text), "snd.una %u, snd.nxt %u (%u in flight), rcv.nxt %u", s->snd_una,
                         s->snd_nxt, s->snd_nxt - s->snd_una, s->rcv_nxt);
                item(p, _("Sequence"), p->text);
        }
}

void
connection_text(const struct connection *c)
{
        struct terminal terminal = terminal_of(stdout);
        struct page p = { .c = c };
        const struct la_snapshot *s = &c->snapshot;

        prose_init(&p.prose, &terminal);
        title(&p);
        state(&p);
        if (s->known & LA_KNOWN_CAME_BY)
                row(&p, la_transition_info(s->came_by));
        else
                ways(&p);
        who(&p);
        ends(&p);
        for (unsigned int i = 0; i < c->judgement.remark_count; i++)
                item(&p, i == 0 ? _("Besides") : "", _(c->judgement.remarks[i]));
        listeners_queue(&p);
        queue(&p, _("Received"), s->receive_queue, connection_received(s));
        queue(&p, _("Sent"), s->send_queue, connection_sent(s));
        numbers(&p);
        prose_blank(&p.prose);
        snprintf(p.text, sizeof(p.text), _("source: %s. All of the state, and what helps: lastack explain %s"),
                 c->source, la_state_name(s->state));
        prose_paragraph(&p.prose, 0, p.text);
}
