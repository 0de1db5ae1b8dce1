/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/lab.h"

#include <errno.h>
#include <string.h>

#include "cli/gettext.h"
#include "cli/prose.h"

static bool
came_about(const struct lab_run *run)
{
        switch (run->kind) {
        case LAB_RUN_ROW:
                return la_lab_row_fired(run->lab, run->mark.row);
        case LAB_RUN_STATE:
        case LAB_RUN_STORY:
        case LAB_RUN_SCRIPT: /* the script says what it expects */
                return run->trouble.line == 0;
        }
        return false;
}

int
lab_run_play(struct lab_run *run, uint64_t seed)
{
        int status = la_lab_play(run->scenario->script, seed, &run->lab, &run->trouble);

        if (status == -ENOMEM)
                return status;
        if (status == 0)
                run->trouble.line = 0;
        run->reproduced = run->lab && came_about(run);
        return 0;
}

void
lab_run_fini(struct lab_run *run)
{
        la_lab_free(run->lab);
        run->lab = NULL;
}

const char *
lab_run_why_not(const struct lab_run *run)
{
        if (run->reproduced)
                return "";
        return run->trouble.line ? run->trouble.text
                                 : _("The scenario ran to its end, and the transition did not fire.");
}

/* ---- For people ---- */

static void
put_row_title(struct prose *p, enum la_transition row)
{
        const struct la_transition_info *t = la_transition_info(row);
        const char *arrow = p->terminal.utf8 ? "→" : "->";
        char text[256];

        snprintf(text, sizeof(text), "%s %s %s", la_state_name(t->from), arrow, la_state_name(t->to));
        prose_title(p, t->id, text);
        snprintf(text, sizeof(text), "%s%s%s; %s%s", t->trigger, t->answer[0] ? ", " : "", t->answer,
                 t->section[0] >= '0' && t->section[0] <= '9' ? "RFC 9293 " : "", t->section);
        prose_paragraph(p, 2, text);
        prose_paragraph(p, 2, _(t->sentence));
}

static void
put_title(struct prose *p, const struct lab_run *run)
{
        const struct la_state_info *state;

        switch (run->kind) {
        case LAB_RUN_ROW:
                put_row_title(p, run->mark.row);
                return;
        case LAB_RUN_STATE:
                state = la_state_info(run->mark.state);
                prose_title(p, state->name, _(state->brief));
                prose_paragraph(p, 2, _(state->ends));
                return;
        case LAB_RUN_STORY:
                prose_title(p, run->scenario->name, "");
                prose_paragraph(p, 2, _(run->scenario->title));
                return;
        case LAB_RUN_SCRIPT:
                return;
        }
}

static const struct la_lab_event *
marked_event(const struct lab_run *run)
{
        for (size_t i = 0; i < la_lab_event_count(run->lab); i++)
                if (ladder_marks(&run->mark, la_lab_event(run->lab, i)))
                        return la_lab_event(run->lab, i);
        return NULL;
}

static void
put_outcome(struct prose *p, const struct lab_run *run)
{
        const struct la_lab_event *e = run->lab ? marked_event(run) : NULL;
        char text[512];

        if (!run->reproduced) {
                snprintf(text, sizeof(text), _("Not reproduced. %s"), lab_run_why_not(run));
                prose_paragraph(p, 0, text);
        } else if (e) {
                snprintf(text, sizeof(text), _("Reproduced: %s on %s after %llu.%03u seconds."),
                         la_transition_info(e->transition)->id, la_lab_host_name(run->lab, e->host),
                         (unsigned long long)(e->at / 1000000), (unsigned int)(e->at / 1000 % 1000));
                prose_paragraph(p, 0, text);
        }
}

void
lab_run_text(const struct terminal *terminal, const struct lab_run *run, bool first)
{
        struct prose p;

        prose_init(&p, terminal);
        p.begun = !first;
        put_title(&p, run);
        if (run->lab) {
                if (run->kind != LAB_RUN_SCRIPT)
                        prose_blank(&p);
                ladder_put(terminal, run->lab, &run->mark);
        }
        if (run->kind == LAB_RUN_ROW || run->kind == LAB_RUN_STATE || !run->reproduced) {
                prose_blank(&p);
                put_outcome(&p, run);
        }
}
