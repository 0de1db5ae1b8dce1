/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/doctor.h"

#include <string.h>

#include "cli/gettext.h"
#include "cli/json.h"

static json_t *
details(const struct finding *x)
{
        json_t *object = json_object();

        for (size_t i = 0; i < x->details; i++) {
                const struct detail *d = &x->detail[i];
                switch (d->kind) {
                case DETAIL_NUMBER:
                        json_object_set_new(object, d->name, json_integer((json_int_t)d->number));
                        break;
                case DETAIL_REAL:
                        json_object_set_new(object, d->name, json_real(d->real));
                        break;
                case DETAIL_TEXT:
                        json_set_text(object, d->name, d->text);
                        break;
                }
        }
        return object;
}

static json_t *
fixes(const struct finding *x)
{
        static const char *const kinds[] = {
                [FIX_APPLICATION] = "application",
                [FIX_CAPACITY] = "capacity",
                [FIX_KNOB] = "knob",
        };
        json_t *array = json_array();

        for (size_t i = 0; i < x->fixes; i++) {
                json_t *object = json_object();
                json_set_text(object, "kind", kinds[x->fix[i].kind]);
                json_set_text(object, "text", x->fix[i].text);
                json_set_text(object, "command", x->fix[i].command);
                json_set_text(object, "effect", x->fix[i].effect);
                json_set_text(object, "risk", x->fix[i].risk);
                json_array_append_new(array, object);
        }
        return array;
}

static json_t *
findings(const struct findings *f)
{
        json_t *array = json_array();

        for (size_t i = 0; i < f->count; i++) {
                const struct finding *x = &f->finding[i];
                json_t *object = json_object();
                json_set_text(object, "id", x->id);
                json_set_text(object, "severity", severity_id(x->severity));
                json_set_text(object, "summary", x->summary);
                json_object_set_new(object, "evidence", details(x));
                json_set_text(object, "why", x->why);
                json_object_set_new(object, "fixes", fixes(x));
                json_array_append_new(array, object);
        }
        return array;
}

static json_t *
untold(const struct findings *f)
{
        json_t *array = json_array();

        for (size_t i = 0; i < f->untold_count; i++) {
                json_t *object = json_object();
                json_set_text(object, "rule", f->untold[i].id);
                json_set_text(object, "what", f->untold[i].what);
                json_set_bool(object, "nothing_at_all", f->untold[i].blind);
                json_array_append_new(array, object);
        }
        return array;
}

static json_t *
looked_at(const struct doctor_answer *a)
{
        json_t *array = json_array();

        for (const struct rule *r = doctor_rules; r->id; r++)
                if (rule_applies(r, a->evidence) && (!a->only || a->only == r))
                        json_array_append_new(array, json_string(r->id));
        return array;
}

static void
set_origin(json_t *object, const struct doctor_answer *a)
{
        if (a->report) {
                json_add_report(object, a->report);
                return;
        }
        json_set_text(object, "source", a->recording->source);
        if (*a->evidence->stack)
                json_set_text(object, "stack", a->evidence->stack);
        json_set_text(object, "recording", a->path);
        json_set_text(object, "recorded", a->recording->created);
        json_set_text(object, "kernel", a->recording->kernel);
}

void
doctor_json(const struct doctor_answer *a)
{
        static const char *const verdicts[] = { "healthy", "warning", "critical", "unknown" };
        json_t *object = json_object();

        json_set_text(object, "verdict", verdicts[doctor_status(a->found)]);
        set_origin(object, a);
        json_set_number(object, "sockets", a->evidence->now.survey.total);
        json_object_set_new(object, "for_s", json_real((double)evidence_span_ms(a->evidence) / 1000));
        json_object_set_new(object, "findings", findings(a->found));
        json_object_set_new(object, "looked_at", looked_at(a));
        json_object_set_new(object, "not_told", untold(a->found));
        json_write(object, stdout);
}
