/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tune_plan.c - what a change would do.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/doctor.h"
#include "cli/gettext.h"
#include "cli/json.h"
#include "cli/prose.h"
#include "cli/say_error.h"
#include "cli/tune.h"
#include "cli/tune_change.h"
#include "cli/tune_doctor.h"
#include "cli/tune_planning.h"
#include "tune/value.h"

#define INDENT 2
#define LABEL  12

/* ---- The plan for people ---- */

static void
put_block(struct prose *p, const struct tune_plan_item *item)
{
        static const char *const why[] = {
                [TUNE_BLOCK_NONE] = "",
                [TUNE_BLOCK_NOT_NET] = N_("It is none of the network's tunables: set it by sysctl(8)."),
                [TUNE_BLOCK_PATTERN] = N_("'*' is for files: name one tunable."),
                [TUNE_BLOCK_TWICE] = N_("It is named twice."),
                [TUNE_BLOCK_ABSENT] = N_("There is no such tunable here."),
                [TUNE_BLOCK_UNREAD] = N_("It cannot be read, so it could not be put back."),
                [TUNE_BLOCK_REFUSED] = N_("The kernel will refuse the value."),
        };
        char text[256];

        if (item->block == TUNE_BLOCK_NONE)
                return;
        snprintf(text, sizeof(text), "%s%s%s%s", _(why[item->block]), item->error < 0 ? " (" : "",
                 item->error < 0 ? strerror(-item->error) : "", item->error < 0 ? ")" : "");
        prose_item(p, INDENT, LABEL, _("Blocked"), text);
}

static void
put_risk(struct prose *p, const struct tune_plan_item *item)
{
        if (item->law_known && *item->law.risk != '\0')
                prose_item(p, INDENT, LABEL, _("Risk"), _(item->law.risk));
        else if (item->judgement.verdict == TUNE_NOT_JUDGED)
                prose_item(p, INDENT, LABEL, _("Risk"), _("not known: it is none of TCP's"));
}

/* Of a default, what it does is more than that it is one. */
static const char *
effect_of(const struct tune_plan_item *item, const char *said)
{
        if (item->judgement.verdict == TUNE_DEFAULT && item->law_known)
                return _(item->law.effect);
        return said ? said : "";
}

static void
put_item(struct prose *p, const struct tune_plan_item *item)
{
        const char *arrow = p->terminal.utf8 ? "→" : "->";
        char *said = tune_said(&item->judgement), *text = NULL;
        int r;

        if (item->block == TUNE_BLOCK_NONE && !item->changes)
                r = asprintf(&text, _("%s: it is so already"), tune_value_shown(item->after));
        else if (item->before)
                r = asprintf(&text, "%s %s %s", tune_value_shown(item->before), arrow, tune_value_shown(item->after));
        else
                r = asprintf(&text, "%s %s", arrow, tune_value_shown(item->after));
        prose_title(p, item->setting->name, r < 0 ? "" : text);
        if (item->setting->reason)
                prose_item(p, INDENT, LABEL, _("Why"), item->setting->reason);
        put_block(p, item);
        if (item->changes || item->block != TUNE_BLOCK_NONE)
                prose_item(p, INDENT, LABEL,
                           tune_severity(item->judgement.verdict) == 0 ? _("Effect")
                                                                       : tune_verdict_word(p, item->judgement.verdict),
                           effect_of(item, said));
        if (item->changes)
                put_risk(p, item);
        if (item->judgement.better && tune_severity(item->judgement.verdict) > 0)
                prose_item(p, INDENT, LABEL, _("Better"), item->judgement.better);
        if (r >= 0)
                free(text);
        free(said);
}

static void
put_where(struct prose *p, const struct planning *g)
{
        char text[NETNS_NAME_SIZE + 128];

        snprintf(text, sizeof(text), _("In network namespace %u%s%s%s, on Linux %s."), g->netns.netns[0].inode,
                 g->request->netns ? ", " : "", g->request->netns ? g->request->netns : "",
                 g->plan.evidence.first_netns ? _(" (the host's first)") : "", g->plan.evidence.release);
        prose_paragraph(p, 0, text);
        if (!g->plan.rehearsal)
                prose_paragraph(p, 0,
                                _("The kernel could not be asked beforehand what it takes: that needs root, or user "
                                  "namespaces."));
}

static void
put_plan(const struct planning *g)
{
        struct terminal terminal = terminal_of(stdout);
        struct prose p;

        prose_init(&p, &terminal);
        put_where(&p, g);
        p.begun = true;
        for (size_t i = 0; i < g->plan.conf.count; i++)
                put_item(&p, &g->plan.item[i]);
        prose_blank(&p);
        if (g->from_findings && g->plan.conf.count == 0)
                prose_paragraph(&p, 0, _("The doctor finds nothing wrong that a tunable would help."));
        else if (g->plan.blocked)
                prose_paragraph(&p, 0, _("Not all of it can be done, so nothing of it would be."));
        else if (g->plan.changing == 0)
                prose_paragraph(&p, 0, _("There is nothing to change."));
}

/* ---- The plan for machines ---- */

static json_t *
item_json(const struct tune_plan_item *item)
{
        static const char *const blocks[] = {
                [TUNE_BLOCK_NOT_NET] = "not-net", [TUNE_BLOCK_PATTERN] = "pattern",   [TUNE_BLOCK_TWICE] = "twice",
                [TUNE_BLOCK_ABSENT] = "absent",   [TUNE_BLOCK_UNREAD] = "unreadable", [TUNE_BLOCK_REFUSED] = "refused",
        };
        json_t *object = json_object(), *said = json_array();

        json_set_text(object, "name", item->setting->name);
        if (item->before)
                json_set_text(object, "from", item->before);
        json_set_text(object, "to", item->after);
        json_set_bool(object, "changes", item->changes);
        if (item->block != TUNE_BLOCK_NONE)
                json_set_text(object, "blocked", blocks[item->block]);
        if (item->setting->reason)
                json_set_text(object, "why", item->setting->reason);
        if (item->error < 0)
                json_set_text(object, "error", strerror(-item->error));
        json_set_text(object, "verdict", tune_verdict_id(item->judgement.verdict));
        for (size_t k = 0; k < item->judgement.said_count; k++)
                json_array_append_new(said, json_string(item->judgement.said[k]));
        json_object_set_new(object, "said", said);
        if (item->law_known && *item->law.risk != '\0')
                json_set_text(object, "risk", item->law.risk);
        return object;
}

static json_t *
plan_json(const struct planning *g)
{
        json_t *object = json_object(), *items = json_array();

        json_set_text(object, "kernel", g->plan.evidence.release);
        json_set_number(object, "netns", g->netns.netns[0].inode);
        json_set_bool(object, "first_netns", g->plan.evidence.first_netns);
        json_set_bool(object, "rehearsed", g->plan.rehearsal != NULL);
        json_set_number(object, "changing", g->plan.changing);
        json_set_bool(object, "blocked", g->plan.blocked);
        json_set_bool(object, "dangerous", g->plan.dangerous);
        for (size_t i = 0; i < g->plan.conf.count; i++)
                json_array_append_new(items, item_json(&g->plan.item[i]));
        json_object_set_new(object, "settings", items);
        return object;
}

void
planning_show(const struct planning *g)
{
        if (g->request->json)
                json_write(plan_json(g), stdout);
        else
                put_plan(g);
}

int
planning_status(const struct planning *g)
{
        const struct tune_plan *p = &g->plan;

        return p->blocked ? TUNE_EXIT_SOMETHING : p->dangerous ? TUNE_EXIT_DANGEROUS : EXIT_OK;
}

/* ---- Making one ---- */

int
planning_make(struct planning *g)
{
        struct tune_conf conf;
        int status;

        g->from_findings = g->request->word_count == 0;
        if (g->from_findings)
                status = tune_ask_doctor(g->request, DOCTOR_FOR_S, &g->before, &conf);
        else
                status = tune_read_words(g->request, &conf);
        if (status != 0)
                return status;
        status = tune_open_netns(g->request, &g->netns);
        if (status != 0) {
                tune_conf_fini(&conf);
                return status;
        }
        if (tune_plan_make(g->netns.netns[0].fd, &conf, &g->plan) < 0) {
                netns_list_close(&g->netns);
                return say_no_memory();
        }
        return 0;
}

void
planning_fini(struct planning *g)
{
        tune_plan_fini(&g->plan);
        netns_list_close(&g->netns);
        tune_ills_fini(&g->before);
}

/* ---- The word ---- */

int
tune_plan(const struct tune_request *r)
{
        struct planning g = { .request = r };
        int status = planning_make(&g);

        if (status != 0)
                return status;
        planning_show(&g);
        status = planning_status(&g);
        planning_fini(&g);
        return status;
}
