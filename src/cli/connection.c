/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * connection.c - finds the one connection that is to be explained, and says what is wrong with a name that is none's or
 * several's.
 */
#include "cli/connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/origin.h"
#include "cli/say_error.h"
#include "cli/stack.h"
#include "cli/text.h"
#include "cli/tuple.h"
#include "linux/sysctl.h"

#define SEVERAL_MOST 10 /* that are shown where one was to be named */

/* The question that is asked of all connections, and which of them fit. */
struct search {
        const char *text;
        struct tuple_name tuple;
        struct la_snapshot found[SEVERAL_MOST];
        unsigned int queue[SEVERAL_MOST]; /* of a stack of several queues, where each is */
        struct la_owner owner;            /* of found[0], for as long as we need it */
        uint64_t count;
        bool swapped; /* they are named with the peer's end first */
};

/* ---- Finding ---- */

static void
keep(struct search *q, const struct la_snapshot *s, struct collect *c)
{
        if (q->count < SEVERAL_MOST) {
                q->found[q->count] = *s;
                q->queue[q->count] = collect_stack(c) ? control_from(collect_stack(c)) : 0;
        }
        if (q->count == 0 && s->owner_count > 0)
                q->owner = s->owners[0];
        q->count++;
}

/* Those that are named as this end sees them come before those that are named as the peer does. */
static void
look_at(struct search *q, const struct la_snapshot *s, struct collect *c)
{
        bool named = tuple_names(&q->tuple, s, false);

        if (!named && !tuple_names(&q->tuple, s, true))
                return;
        if (q->tuple.count == 1)
                named = true; /* one end: either's */
        if (named && q->swapped && q->count > 0)
                q->count = 0;
        if (q->count > 0 && named == q->swapped)
                return;
        q->swapped = !named;
        keep(q, s, c);
}

static int
find(struct search *q, struct collect *c)
{
        struct la_snapshot s = { 0 };
        int r;

        while ((r = collect_next(c, &s)) != DUMP_END) {
                if (r < 0)
                        return r;
                if (r == DUMP_RESTARTED)
                        q->count = 0;
                else
                        look_at(q, &s, c);
        }
        return 0;
}

/* A stack knows what has a whole tuple without looking at all the others, but for what is over and still held. */
static int
find_in_stack(struct search *q, struct collect *c)
{
        const struct tuple_name *t = &q->tuple;
        struct la_snapshot s;

        for (unsigned int swapped = 0; swapped < 2 && q->count == 0; swapped++) {
                int r = control_find(collect_stack(c), t->end[0].family, &t->end[swapped].endpoint,
                                     &t->end[!swapped].endpoint, &s);
                if (r < 0)
                        return r;
                if (r > 0) {
                        q->swapped = swapped;
                        collect_complete(c, &s);
                        keep(q, &s, c);
                }
        }
        return q->count == 0 ? find(q, c) : 0;
}

/* ---- None, or several ---- */

static char *
ends(char *p, const struct la_snapshot *s)
{
        static const struct text_style numeric = { .numeric = true };

        p = text_local(p, s, &numeric);
        *p++ = ' ';
        return text_remote(p, s, &numeric);
}

static int
say_none(const struct search *q, const struct collect_request *request)
{
        if (request->stack)
                say_error(_("stack '%s' has no connection '%s'\n"), request->stack, q->text);
        else
                say_error(_("there is no connection '%s' here\n"), q->text);
        fprintf(stderr, _("What there is: lastack ls -n%s%s\n"), request->stack ? " --stack " : "",
                request->stack ? request->stack : "");
        return EXIT_NOT_TOLD;
}

/* Several queues, one of which it is in: "la0.2"; NULL where there is but one. */
static const char *
queue_name(const struct search *q, uint64_t i, struct collect *c)
{
        struct control_client *stack = collect_stack(c);

        return stack && control_queues(stack) > 1 ? control_queue(stack, q->queue[i]).name : NULL;
}

static void
say_several(const struct search *q, struct collect *c)
{
        say_error(_("'%s' names %llu connections; which of them?\n"), q->text, (unsigned long long)q->count);
        for (uint64_t i = 0; i < q->count && i < SEVERAL_MOST; i++) {
                char line[2 * TEXT_ROOM], *p = ends(line, &q->found[i]);
                const char *queue = queue_name(q, i, c);

                *p = '\0';
                fprintf(stderr, "  %s  (%s)%s%s\n", line, la_state_name(q->found[i].state), queue ? "  --stack " : "",
                        queue ? queue : "");
        }
        if (q->count > SEVERAL_MOST)
                fprintf(stderr, _("  and %llu more\n"), (unsigned long long)(q->count - SEVERAL_MOST));
}

/* ---- The one ---- */

static char *
value_of(const struct search *q, struct collect *c, const char *name)
{
        const struct la_knob_info *knob = name ? la_knob_find(name) : NULL;
        struct control_knob_view view;
        char *text = NULL;

        if (name && collect_stack(c)) {
                if (control_knob(collect_stack(c), name, &view) == 0)
                        stack_plain_text(control_knob_value(collect_stack(c), q->queue[0]), &text);
        } else if (knob) {
                sysctl_read_text(collect_namespaces(c)->netns[0].fd, knob, &text);
        }
        return text;
}

static void
explain_one(struct search *q, struct collect *c, bool json)
{
        struct collect_report report = collect_report(c);
        const char *queue = queue_name(q, 0, c);

        report.stack = queue ? queue : report.stack;
        struct connection one = { .snapshot = q->found[0], .source = origin_source(&report), .stack = report.stack };

        if (one.snapshot.owner_count > 0) {
                one.snapshot.owners = &q->owner;
                one.snapshot.owner_count = 1;
        }
        one.judgement = connection_judge(&one.snapshot, report.stack != NULL);
        char *value = value_of(q, c, one.judgement.knob);
        one.knob_value = value;
        if (json)
                connection_json(&one, &report);
        else
                connection_text(&one);
        free(value);
        if (!json) {
                fflush(stdout);
                origin_remark(&report, stderr);
        }
}

int
connection_explain(const char *text, struct collect_request *request, bool json)
{
        struct search q = { .text = text };
        char word[TUPLE_WORD_SIZE];
        struct collect *c;
        int r = tuple_parse(text, &q.tuple, word);

        if (r < 0) {
                say_error(_("'%s' is not the end of a connection: 10.0.0.1:80, [::1]:80, *:80\n"), word);
                return EXIT_USAGE;
        }
        request->states = DUMP_ALL_STATES;
        request->want = DUMP_WANT_TCP | DUMP_WANT_MEMORY;
        request->owners = true;
        r = collect_open(request, &c);
        if (r < 0)
                return origin_complain(request, r);
        r = collect_stack(c) && tuple_is_whole(&q.tuple) ? find_in_stack(&q, c) : find(&q, c);
        if (r == 0 && q.count == 1)
                explain_one(&q, c, json);
        else if (r == 0 && q.count > 1)
                say_several(&q, c);
        collect_close(c);
        if (r < 0)
                return origin_complain(request, r);
        return q.count == 0 ? say_none(&q, request) : q.count > 1 ? EXIT_NOT_TOLD : EXIT_OK;
}
