/* SPDX-License-Identifier: BSD-2-Clause */
#include "doctor/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/array.h"

enum { FIRST = 16 }; /* elements of an array at the beginning */

const char *
severity_id(enum severity severity)
{
        static const char *const ids[] = {
                [SEVERITY_NOTICE] = "notice",
                [SEVERITY_WARNING] = "warning",
                [SEVERITY_CRITICAL] = "critical",
        };

        return ids[severity];
}

void
findings_init(struct findings *f)
{
        memset(f, 0, sizeof(*f));
}

void
findings_fini(struct findings *f)
{
        for (size_t i = 0; i < f->text_count; i++)
                free(f->text[i]);
        free(f->text);
        free(f->finding);
        free(f->untold);
        memset(f, 0, sizeof(*f));
}

static const char *
say(struct findings *f, const char *format, va_list arguments)
{
        char *text, **all = array_grown(f->text, f->text_count, &f->text_capacity, FIRST, sizeof(*all));

        if (all)
                f->text = all;
        if (!all || vasprintf(&text, format, arguments) < 0) {
                f->out_of_memory = true;
                return "";
        }
        f->text[f->text_count++] = text;
        return text;
}

const char *
findings_say(struct findings *f, const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        const char *text = say(f, format, arguments);
        va_end(arguments);
        return text;
}

struct finding *
findings_add(struct findings *f, const char *id, enum severity severity, const char *format, ...)
{
        struct finding *x = &f->spare, *all = array_grown(f->finding, f->count, &f->capacity, FIRST, sizeof(*all));
        va_list arguments;

        if (all) {
                f->finding = all;
                x = &all[f->count++];
        } else
                f->out_of_memory = true;
        va_start(arguments, format);
        *x = (struct finding){ .id = id, .severity = severity, .why = "", .all = f };
        x->summary = say(f, format, arguments);
        va_end(arguments);
        return x;
}

void
findings_untold(struct findings *f, const char *id, bool blind, const char *what)
{
        struct untold *all = array_grown(f->untold, f->untold_count, &f->untold_capacity, FIRST, sizeof(*all));

        if (!all) {
                f->out_of_memory = true;
                return;
        }
        f->untold = all;
        f->untold[f->untold_count++] = (struct untold){ .id = id, .what = what, .blind = blind };
}

static void
add_detail(struct finding *x, struct detail detail)
{
        if (x->details < FINDING_DETAILS)
                x->detail[x->details++] = detail;
}

void
finding_number(struct finding *x, const char *name, int64_t number)
{
        add_detail(x, (struct detail){ .name = name, .kind = DETAIL_NUMBER, .number = number });
}

void
finding_real(struct finding *x, const char *name, double real)
{
        add_detail(x, (struct detail){ .name = name, .kind = DETAIL_REAL, .real = real });
}

void
finding_text(struct finding *x, const char *name, const char *text)
{
        add_detail(x, (struct detail){ .name = name, .kind = DETAIL_TEXT, .text = text });
}

void
finding_fix(struct finding *x, enum fix_kind kind, const char *text, const char *command, const char *effect,
            const char *risk)
{
        if (x->fixes < FINDING_FIXES)
                x->fix[x->fixes++] = (struct fix){ kind, text, command, effect, risk };
}

/* ---- Judging ------------------------------------------------------------------------------------------------------ */

const struct rule *
doctor_rule(const char *id)
{
        for (const struct rule *r = doctor_rules; r->id; r++)
                if (strcmp(r->id, id) == 0)
                        return r;
        return NULL;
}

/* A stable sort: findings of one severity stay in the order of the rules. */
static void
worst_first(struct findings *f)
{
        for (size_t i = 1; i < f->count; i++) {
                struct finding x = f->finding[i];
                size_t at = i;
                for (; at > 0 && f->finding[at - 1].severity < x.severity; at--)
                        f->finding[at] = f->finding[at - 1];
                f->finding[at] = x;
        }
}

/* Rules tell of each process by itself, those with most connections first. */
static void
sort_holders(struct survey *s)
{
        holders_sort(&s->close_wait);
        holders_sort(&s->half_closed);
        holders_sort(&s->owners);
        holders_sort(&s->idle);
        holders_sort(&s->unread);
        holders_sort(&s->small);
}

bool
rule_applies(const struct rule *rule, const struct evidence *e)
{
        switch (rule->about) {
        case RULE_FOR_ALL:
                return true;
        case RULE_FOR_LINUX:
                return *e->stack == '\0';
        case RULE_FOR_STACKS:
                return *e->stack != '\0';
        }
        return false;
}

void
doctor_judge(struct evidence *e, const struct rule *only, struct findings *f)
{
        sort_holders(&e->now.survey);
        f->stack = *e->stack ? e->stack : NULL;
        for (const struct rule *r = doctor_rules; r->id; r++)
                if (rule_applies(r, e) && (!only || only == r))
                        r->judge(e, f);
        if (only && !rule_applies(only, e))
                findings_untold(f, only->id, true,
                                f->stack ? _("this rule is about what Linux has, and a stack has not")
                                         : _("this rule is about what a stack has, and Linux has not"));
        worst_first(f);
}

bool
findings_worst(const struct findings *f, enum severity *ret)
{
        for (size_t i = 0; i < f->count; i++)
                if (i == 0 || f->finding[i].severity > *ret)
                        *ret = f->finding[i].severity;
        return f->count > 0;
}

bool
findings_blind(const struct findings *f)
{
        for (size_t i = 0; i < f->untold_count; i++)
                if (f->untold[i].blind)
                        return true;
        return false;
}
