/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/tune_doctor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/doctor.h"
#include "cli/gettext.h"
#include "cli/json.h"
#include "cli/origin.h"
#include "cli/prose.h"
#include "cli/say_error.h"
#include "tune/remedy.h"

static int
remember(const struct findings *f, struct tune_ills *ret)
{
        struct tune_ills ills = { .known = true, .ill = calloc(f->count ? f->count : 1, sizeof(*ills.ill)) };
        bool done = ills.ill != NULL;

        for (size_t i = 0; i < f->count && done; i++) {
                const struct finding *x = &f->finding[i];
                struct tune_ill *ill = &ills.ill[ills.count];
                if (!tune_is_ill(x))
                        continue;
                ill->id = strdup(x->id);
                ill->summary = strdup(x->summary);
                ill->severity = x->severity;
                ills.count++;
                done = ill->id && ill->summary;
        }
        *ret = ills;
        return done ? 0 : -ENOMEM;
}

static int
judge(struct evidence *e, struct tune_ills *ret, struct tune_conf *ret_conf)
{
        struct findings found;
        int r;

        findings_init(&found);
        doctor_judge(e, NULL, &found);
        r = remember(&found, ret);
        if (r == 0 && ret_conf)
                r = tune_remedies(&found, ret_conf);
        findings_fini(&found);
        return r < 0 ? say_no_memory() : 0;
}

int
tune_ask_doctor(const struct tune_request *r, double for_s, struct tune_ills *ret, struct tune_conf *ret_conf)
{
        static struct evidence evidence; /* too large for a stack */
        struct doctor_look how = { .request.netns = r->netns, .for_s = for_s };
        struct witness w = { .evidence = &evidence };
        struct collect_report report;
        int error, status;

        *ret = (struct tune_ills){ 0 };
        evidence_init(&evidence, DOCTOR_IDLE_S * 1000);
        error = doctor_look(&how, &w, &report);
        status = error < 0 ? origin_complain(&how.request, error) : judge(&evidence, ret, ret_conf);
        evidence_fini(&evidence);
        return status;
}

/* ---- Showing ---- */

static const struct tune_ill *
same_ill(const struct tune_ills *ills, const struct tune_ill *wanted)
{
        for (size_t i = 0; i < ills->count; i++)
                if (strcmp(ills->ill[i].id, wanted->id) == 0)
                        return &ills->ill[i];
        return NULL;
}

/* By what it said: several findings may have one name. */
static void
put_cured(struct prose *p, const char *id, const char *summary)
{
        char text[512];

        snprintf(text, sizeof(text), _("no longer found by the doctor: %s"), summary);
        prose_item(p, 2, 22, id, text);
}

void
tune_ills_text(const struct tune_ills *before, const struct tune_ills *after)
{
        struct terminal terminal = terminal_of(stdout);
        struct prose p;

        if (!after->known)
                return;
        prose_init(&p, &terminal);
        for (size_t i = 0; i < before->count; i++)
                if (!same_ill(after, &before->ill[i]))
                        put_cured(&p, before->ill[i].id, before->ill[i].summary);
        for (size_t i = 0; i < after->count; i++)
                prose_item(&p, 2, 22, after->ill[i].id, after->ill[i].summary);
        if (after->count == 0 && before->count == 0)
                prose_paragraph(&p, 0, _("The doctor, asked afterwards, has nothing to warn of."));
        else if (after->count > 0)
                prose_paragraph(&p, 0,
                                _("So says the doctor now; what takes time to pass he will say later: lastack doctor"));
}

json_t *
tune_ills_json(const struct tune_ills *ills)
{
        json_t *array = json_array();

        for (size_t i = 0; i < ills->count; i++) {
                json_t *object = json_object();
                json_set_text(object, "id", ills->ill[i].id);
                json_set_text(object, "severity", severity_id(ills->ill[i].severity));
                json_set_text(object, "summary", ills->ill[i].summary);
                json_array_append_new(array, object);
        }
        return array;
}

void
tune_ills_fini(struct tune_ills *ills)
{
        for (size_t i = 0; i < ills->count; i++) {
                free(ills->ill[i].id);
                free(ills->ill[i].summary);
        }
        free(ills->ill);
        *ills = (struct tune_ills){ 0 };
}
