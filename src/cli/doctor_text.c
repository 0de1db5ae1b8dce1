/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/doctor.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/gettext.h"
#include "cli/origin.h"
#include "cli/prose.h"
#include "cli/text.h"

/* ---- Texts --------------------------------------------------------------------------------------------------------- */

/* A text in which names of processes may be anything, made fit for a terminal, to be freed; NULL without memory for it. */
__attribute__((format(printf, 1, 0))) static char *
made(const char *format, va_list arguments)
{
        char *text, *safe;
        int length = vasprintf(&text, format, arguments);

        if (length < 0)
                return NULL;
        safe = malloc((size_t)length + 1);
        if (safe)
                *text_foreign(safe, text) = '\0';
        free(text);
        return safe;
}

__attribute__((format(printf, 3, 4))) static void
say(struct prose *p, unsigned int indent, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        char *text = made(format, arguments);
        va_end(arguments);
        if (text)
                prose_paragraph(p, indent, text);
        free(text);
}

__attribute__((format(printf, 3, 4))) static void
say_item(struct prose *p, const char *label, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        char *text = made(format, arguments);
        va_end(arguments);
        if (text)
                prose_item(p, 2, 4, label, text);
        free(text);
}

/* A line that is to be copied as it stands is never broken. */
static void
say_command(const struct prose *p, const char *command)
{
        fprintf(p->terminal.file, "        %s%s%s\n", terminal_begin(&p->terminal, COLOUR_BOLD), command,
                terminal_end(&p->terminal));
}

/* ---- One finding --------------------------------------------------------------------------------------------------- */

static bool
is_seconds(const struct detail *d)
{
        size_t length = strlen(d->name);

        return d->kind == DETAIL_NUMBER && length > 2 && strcmp(d->name + length - 2, "_s") == 0;
}

/* "slow_from" as "slow from", "oldest_s" as "oldest"; tunables and counters as they are called. */
static char *
label(char *p, const struct detail *d)
{
        size_t length = strlen(d->name) - (is_seconds(d) ? 2 : 0);
        bool known =
                strncmp(d->name, "tcp_", 4) == 0 || strncmp(d->name, "net.", 4) == 0 || strncmp(d->name, "ip_", 3) == 0;

        for (size_t i = 0; i < length; i++)
                *p++ = d->name[i] == '_' && !known ? ' ' : d->name[i];
        return p;
}

static char *
detail_text(char *p, const struct detail *d)
{
        p = text_string(label(p, d), " ");
        if (d->kind == DETAIL_TEXT)
                return text_string(p, d->text);
        if (d->kind == DETAIL_REAL && strcmp(d->name, "share") == 0)
                return p + sprintf(p, "%.0f %%", d->real * 100);
        if (d->kind == DETAIL_REAL)
                return p + sprintf(p, "%.1f", d->real);
        if (is_seconds(d))
                return text_duration(p, (uint64_t)d->number * 1000);
        if (d->number < 0)
                *p++ = '-';
        if (strcmp(d->name, "pid") == 0 || strcmp(d->name, "port") == 0)
                return text_number(p, (uint64_t)d->number);
        return text_grouped(p, (uint64_t)llabs(d->number));
}

static void
show_details(struct prose *p, const struct finding *x)
{
        size_t room = 1;

        for (size_t i = 0; i < x->details; i++)
                room += 128 + strlen(x->detail[i].name) +
                        (x->detail[i].kind == DETAIL_TEXT ? strlen(x->detail[i].text) : 0);
        char *text = malloc(room), *at = text;
        if (!text)
                return;
        for (size_t i = 0; i < x->details; i++) {
                if (i > 0)
                        at = text_string(at, ", ");
                at = detail_text(at, &x->detail[i]);
        }
        *at = '\0';
        say(p, 2, "%s", text);
        free(text);
}

static void
show_fix(struct prose *p, size_t number, const struct fix *fix)
{
        static const char *const kinds[] = {
                [FIX_APPLICATION] = N_("application"),
                [FIX_CAPACITY] = N_("capacity"),
                [FIX_KNOB] = N_("tunable"),
        };
        char label[32];

        snprintf(label, sizeof(label), "%zu.", number);
        say_item(p, label, "[%s] %s", _(kinds[fix->kind]), fix->text);
        if (*fix->command)
                say_command(p, fix->command);
        if (*fix->effect)
                say(p, 6, _("Effect: %s"), fix->effect);
        if (*fix->risk)
                say(p, 6, _("Risk: %s"), fix->risk);
}

static void
show_heading(struct prose *p, const struct finding *x)
{
        static const char *const words[] = {
                [SEVERITY_NOTICE] = N_("notice"),
                [SEVERITY_WARNING] = N_("warning"),
                [SEVERITY_CRITICAL] = N_("CRITICAL"),
        };
        static const enum colour colours[] = {
                [SEVERITY_NOTICE] = COLOUR_BOLD,
                [SEVERITY_WARNING] = COLOUR_WARNING,
                [SEVERITY_CRITICAL] = COLOUR_CRITICAL,
        };

        prose_blank(p);
        fprintf(p->terminal.file, "%s%s%s  %s\n", terminal_begin(&p->terminal, colours[x->severity]),
                _(words[x->severity]), terminal_end(&p->terminal), x->id);
        p->begun = true;
        say(p, 0, "%s", x->summary);
}

static void
show_finding(struct prose *p, const struct finding *x)
{
        show_heading(p, x);
        show_details(p, x);
        say(p, 2, _("Why: %s"), x->why);
        for (size_t i = 0; i < x->fixes; i++)
                show_fix(p, i + 1, &x->fix[i]);
}

/* ---- The rest ------------------------------------------------------------------------------------------------------ */

/* "local ports of each path; accept queues ...": what the rules look at. */
static char *
looked_at(const struct doctor_answer *a)
{
        char *text = NULL;
        size_t size;
        FILE *file = open_memstream(&text, &size);
        const char *separator = "";

        if (!file)
                return NULL;
        for (const struct rule *r = doctor_rules; r->id; r++)
                if (rule_applies(r, a->evidence) && (!a->only || a->only == r)) {
                        fprintf(file, "%s%s", separator, _(r->brief));
                        separator = "; ";
                }
        fclose(file);
        return text;
}

static void
show_untold(struct prose *p, const struct findings *f)
{
        if (f->untold_count == 0)
                return;
        prose_heading(p, _("Could not be told:"));
        for (size_t i = 0; i < f->untold_count; i++)
                say(p, 2, "%s: %s", f->untold[i].id, f->untold[i].what);
}

static void
show_verdict(struct prose *p, const struct doctor_answer *a)
{
        enum severity worst = SEVERITY_NOTICE;
        char *at = looked_at(a);
        bool trouble = findings_worst(a->found, &worst) && worst > SEVERITY_NOTICE;

        prose_blank(p);
        if (trouble)
                say(p, 0, "%s", _("Nothing else was found."));
        else if (a->only && !rule_applies(a->only, a->evidence))
                say(p, 0, "%s", _("Nothing was judged."));
        else if (findings_blind(a->found))
                say(p, 0, _("Nothing is wrong with what could be seen, which is not all. Looked at: %s."),
                    at ? at : "");
        else
                say(p, 0, _("All is well with what was looked at: %s."), at ? at : "");
        free(at);
}

static void
show_origin(struct prose *p, const struct doctor_answer *a)
{
        char sockets[TEXT_ROOM], span[TEXT_ROOM];
        uint64_t span_ms = evidence_span_ms(a->evidence);

        *text_grouped(sockets, a->evidence->now.survey.total) = '\0';
        *text_duration(span, span_ms) = '\0';
        if (a->recording && *a->evidence->stack)
                say(p, 0, _("Recording %s: stack '%s' of lastack on Linux %s, %s"), a->path, a->evidence->stack,
                    a->recording->kernel, a->recording->created);
        else if (a->recording)
                say(p, 0, _("Recording %s: Linux %s, %s"), a->path, a->recording->kernel, a->recording->created);
        if (a->report && a->report->stack)
                say(p, 0, _("Stack '%s' of lastack"), a->report->stack);
        if (span_ms > 0)
                say(p, 0, _("Sockets: %s; two looks, %s apart; source: %s"), sockets, span, a->evidence->source);
        else
                say(p, 0, _("Sockets: %s; one look; source: %s"), sockets, a->evidence->source);
        if (a->report) {
                fflush(p->terminal.file);
                origin_remark(a->report, p->terminal.file);
        }
        if (a->found->out_of_memory)
                say(p, 0, "%s", _("There was not memory enough: findings are missing."));
}

void
doctor_text(const struct doctor_answer *a, const struct terminal *terminal)
{
        struct prose p;

        prose_init(&p, terminal);
        for (size_t i = 0; i < a->found->count; i++)
                show_finding(&p, &a->found->finding[i]);
        show_verdict(&p, a);
        show_untold(&p, a->found);
        prose_blank(&p);
        show_origin(&p, a);
}
