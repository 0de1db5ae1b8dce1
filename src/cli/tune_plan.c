/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tune_plan.c - what a change would do; and the change.
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
#include "cli/tune.h"
#include "cli/tune_change.h"
#include "cli/tune_doctor.h"
#include "tune/apply.h"
#include "tune/plan.h"
#include "tune/watch.h"

#define INDENT 2
#define LABEL  12

struct planning {
        const struct tune_request *request;
        struct netns_list netns;
        struct tune_plan plan;
        bool from_findings; /* nobody named a tunable: the doctor was asked */
        struct tune_ills before;
        int watcher; /* 0: none */
};

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
                r = asprintf(&text, _("%s: it is so already"), tune_shown(item->after));
        else if (item->before)
                r = asprintf(&text, "%s %s %s", tune_shown(item->before), arrow, tune_shown(item->after));
        else
                r = asprintf(&text, "%s %s", arrow, tune_shown(item->after));
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
put_plan(struct planning *g)
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

static int
plan_status(const struct tune_plan *p)
{
        return p->blocked ? TUNE_EXIT_SOMETHING : p->dangerous ? TUNE_EXIT_DANGEROUS : EXIT_OK;
}

/* ---- Making one ---- */

static int
make_plan(struct planning *g)
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
                return tune_no_memory();
        }
        return 0;
}

static void
planning_fini(struct planning *g)
{
        tune_plan_fini(&g->plan);
        netns_list_close(&g->netns);
        tune_ills_fini(&g->before);
}

/* ---- Doing it ---- */

/* The command that does what we may not do. */
static void
suggest_command(const struct tune_request *r, const struct tune_change *c, int error)
{
        const char *tool = error == -EROFS ? "nsenter --target PID --net sysctl -w" : "sudo sysctl -w";

        if (error == -EROFS) {
                fputs(_("/proc/sys is mounted read-only here, as in most containers. From the host, where PID is a "
                        "process in here:\n"),
                      stderr);
                fputs("  lastack tune apply --netns=PID", stderr);
        } else {
                fputs(_("That takes root (CAP_NET_ADMIN):\n"), stderr);
                fputs("  sudo lastack tune apply", stderr);
                if (r->netns)
                        fprintf(stderr, " --netns=%s", r->netns);
        }
        for (size_t i = 0; i < c->step_count; i++)
                fprintf(stderr, " '%s=%s'", c->step[i].name, c->step[i].after);
        fputs(_("\nor, without a record of what was before:\n"), stderr);
        for (size_t i = 0; i < c->step_count; i++)
                fprintf(stderr, "  %s '%s=%s'\n", tool, c->step[i].name, c->step[i].after);
}

static int
complain_of_apply(const struct planning *g, const struct tune_change *c, const struct tune_trouble *t)
{
        bool privilege = t->error == -EACCES || t->error == -EPERM || t->error == -EROFS;

        if (t->name && t->found)
                fprintf(stderr, _("lastack tune: %s: the kernel made %s of the value\n"), t->name,
                        tune_shown(t->found));
        else if (t->name)
                fprintf(stderr, _("lastack tune: %s cannot be set: %s\n"), t->name, strerror(-t->error));
        else
                fprintf(stderr, _("lastack tune: cannot write %s: %s\n"), t->place, strerror(-t->error));
        if (t->put_back)
                fputs(_("Nothing is changed: everything is as before.\n"), stderr);
        else
                fprintf(stderr, _("NOT everything could be put back; to try again: lastack tune rollback %u\n"), c->id);
        if (t->name && privilege)
                suggest_command(g->request, c, t->error);
        return t->name && !privilege ? TUNE_EXIT_SOMETHING : EXIT_NOT_TOLD;
}

static void
put_applied(const struct tune_change *c, int watcher)
{
        struct terminal terminal = terminal_of(stdout);
        const char *arrow = terminal.utf8 ? "→" : "->";
        char until[32] = "?", file[TUNE_CONF_NAME_SIZE];
        time_t deadline = time(NULL) + (time_t)c->confirm_within_s;

        printf(_("Change %u, in network namespace %u%s:\n"), c->id, c->netns,
               c->first_netns ? _(" (the host's first)") : "");
        for (size_t i = 0; i < c->step_count; i++)
                printf("  %s: %s %s %s\n", c->step[i].name, tune_shown(c->step[i].before), arrow,
                       tune_shown(c->step[i].wrote));
        puts(_("Written, and read back from the kernel."));
        tune_change_conf_name(c, file);
        if (watcher > 0) {
                strftime(until, sizeof(until), "%T", localtime(&deadline));
                printf(_("It is undone at %s unless you confirm it: lastack tune confirm %u\n"), until, c->id);
                printf(_("A process that outlives this terminal waits for that (pid %d).\n"), watcher);
                if (c->persist)
                        printf(_("%s/%s is written when you confirm.\n"), c->persist, file);
        } else if (c->persist) {
                printf(_("%s/%s keeps it beyond the next boot.\n"), c->persist, file);
                tune_warn_of_later_files(c);
        } else {
                puts(_("The next boot undoes it; --persist would keep it."));
        }
        printf(_("To take it back: lastack tune rollback %u\n"), c->id);
        fflush(stdout);
}

static void
put_applied_json(const struct planning *g, const struct tune_change *c, int watcher, const struct tune_ills *after)
{
        json_t *object = tune_change_json(c);

        if (watcher > 0)
                json_set_number(object, "watcher", (uint64_t)watcher);
        if (g->from_findings)
                json_object_set_new(object, "doctor_before", tune_ills_json(&g->before));
        if (after->known)
                json_object_set_new(object, "doctor", tune_ills_json(after));
        json_write(object, stdout);
}

/* With the store locked. */
static int
apply_locked(struct planning *g, const struct tune_store *s, struct tune_change *c)
{
        struct tune_trouble trouble = { 0 };
        int fd = g->netns.netns[0].fd, watcher = 0, r, status = EXIT_OK;

        if (tune_look_again(fd, c, &trouble) < 0) {
                status = complain_of_apply(g, c, &trouble);
                tune_trouble_fini(&trouble);
                return status;
        }
        r = tune_store_create(s, c);
        if (r < 0) {
                fprintf(stderr, _("lastack tune: cannot write a journal into %s: %s\nNothing is changed.\n"),
                        s->directory, strerror(-r));
                return EXIT_NOT_TOLD;
        }
        if (c->confirm_within_s > 0) {
                watcher = tune_watch(s, fd, c);
                if (watcher < 0) {
                        (void)tune_store_note(s, c, "undone refused");
                        fprintf(stderr, _("lastack tune: cannot start what would undo it: %s\nNothing is changed.\n"),
                                strerror(-watcher));
                        return EXIT_NOT_TOLD;
                }
        }
        r = tune_apply(s, fd, c, &trouble);
        if (r < 0)
                status = complain_of_apply(g, c, &trouble);
        else if (!g->request->json)
                put_applied(c, watcher);
        g->watcher = watcher;
        tune_trouble_fini(&trouble);
        return status;
}

/* Each value was read back when it was written; whether that helps is for the doctor to say.  Where it was he who asked for
 * it, he looks twice again. */
static void
ask_afterwards(const struct planning *g, const struct tune_change *c)
{
        struct tune_ills after;

        (void)tune_ask_doctor(g->request, g->from_findings ? DOCTOR_FOR_S : 0, &after, NULL);
        if (g->request->json)
                put_applied_json(g, c, g->watcher, &after);
        else
                tune_ills_text(&g->before, &after);
        tune_ills_fini(&after);
}

/* A change that was cut short is mended first: what it was about could be forgotten otherwise. */
static int
refuse_interrupted(const struct tune_store *s)
{
        struct tune_changes all;
        unsigned int id = 0;
        int r = tune_store_list(s, &all);

        if (r < 0) {
                fprintf(stderr, _("lastack tune: cannot read the journals in %s: %s\n"), s->directory, strerror(-r));
                return EXIT_NOT_TOLD;
        }
        for (size_t i = 0; i < all.count; i++)
                if (tune_change_state(&all.change[i], tune_boot_id()) == TUNE_CHANGE_INTERRUPTED)
                        id = all.change[i].id;
        tune_changes_fini(&all);
        if (id == 0)
                return 0;
        fprintf(stderr, _("lastack tune: change %u was interrupted; mend it first: lastack tune rollback %u\n"), id,
                id);
        return TUNE_EXIT_SOMETHING;
}

static int
fill_change(const struct planning *g, struct tune_change *c)
{
        const struct tune_request *r = g->request;

        c->time = time(NULL);
        c->netns = g->netns.netns[0].inode;
        c->confirm_within_s = r->confirm_within_s;
        c->boot = strdup(tune_boot_id());
        c->user = tune_who();
        c->why = r->why ? strdup(r->why) : tune_words_text(r);
        c->netns_name = strdup(r->netns ? r->netns : "-");
        c->persist = r->persist ? strdup(tune_sysctl_directory(r)) : NULL;
        return c->boot && c->user && c->why && c->netns_name && (c->persist || !r->persist) ? 0 : -ENOMEM;
}

static int
apply_change(struct planning *g, struct tune_change *c)
{
        struct tune_trouble trouble;
        struct tune_store s;
        int status = 0;

        if (tune_may_apply(g->netns.netns[0].fd, c, &trouble) < 0) {
                status = complain_of_apply(g, c, &trouble);
                tune_trouble_fini(&trouble);
                return status;
        }
        status = tune_lock_store(g->request, &s);
        if (status != 0)
                return status;
        status = refuse_interrupted(&s);
        if (status == 0)
                status = apply_locked(g, &s, c);
        tune_store_unlock(&s);
        if (status == 0)
                ask_afterwards(g, c);
        return status;
}

static int
apply(struct planning *g)
{
        struct tune_change c;
        int status;

        if (g->plan.blocked || (g->plan.dangerous && !g->request->force)) {
                fflush(stdout);
                fputs(g->plan.blocked ? _("lastack tune: nothing is changed: not all of it can be done\n")
                                      : _("lastack tune: nothing is changed: some of it is dangerous; --force does it "
                                          "all the same\n"),
                      stderr);
                return plan_status(&g->plan);
        }
        if (tune_plan_change(&g->plan, &c) < 0)
                return tune_no_memory();
        status = fill_change(g, &c) < 0 ? tune_no_memory() : apply_change(g, &c);
        tune_change_fini(&c);
        return status;
}

/* ---- The words ---- */

int
tune_plan(const struct tune_request *r)
{
        struct planning g = { .request = r };
        int status = make_plan(&g);

        if (status != 0)
                return status;
        if (r->json)
                json_write(plan_json(&g), stdout);
        else
                put_plan(&g);
        status = plan_status(&g.plan);
        planning_fini(&g);
        return status;
}

int
tune_apply_words(const struct tune_request *r)
{
        struct planning g = { .request = r };
        int status;

        if (r->persist && r->netns) {
                fputs(_("lastack tune: files under sysctl.d are for the host's own namespace: --persist has no meaning "
                        "with --netns\n"),
                      stderr);
                return EXIT_USAGE;
        }
        status = make_plan(&g);
        if (status != 0)
                return status;
        if (r->persist && !g.plan.evidence.first_netns && !r->sysctl_directory && !getenv("LASTACK_SYSCTL_DIR")) {
                fputs(_("lastack tune: this is not the host's own network namespace, and files under /etc/sysctl.d are "
                        "for that one\n"),
                      stderr);
                status = EXIT_USAGE;
        } else if (g.plan.blocked || g.plan.dangerous || g.plan.changing == 0) {
                if (r->json)
                        json_write(plan_json(&g), stdout);
                else
                        put_plan(&g);
        }
        if (status == 0 && (g.plan.blocked || g.plan.changing > 0))
                status = apply(&g);
        planning_fini(&g);
        return status;
}
