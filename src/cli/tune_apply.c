/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tune_apply.c - the change that was planned.
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
#include "cli/say_error.h"
#include "cli/tune.h"
#include "cli/tune_change.h"
#include "cli/tune_command.h"
#include "cli/tune_doctor.h"
#include "cli/tune_planning.h"
#include "tune/apply.h"
#include "tune/plan.h"
#include "tune/value.h"
#include "tune/watch.h"

/* The command that does what we may not do. */
static void
suggest_command(const struct tune_request *r, const struct tune_change *c, int error)
{
        enum tune_hand hand = error == -EROFS ? TUNE_HAND_HOST : TUNE_HAND_ROOT;

        fputs(hand == TUNE_HAND_HOST
                      ? _("/proc/sys is mounted read-only here, as in most containers. From the host, where PID is a "
                          "process in here:\n")
                      : _("That takes root (CAP_NET_ADMIN):\n"),
              stderr);
        fprintf(stderr, "  %s\n", tune_command_apply(r, c, hand));
        if (hand == TUNE_HAND_HOST && r->persist)
                fputs(_("without --persist, which is for the host's own namespace\n"), stderr);
        fputs(_("or, without a record of what was before:\n"), stderr);
        for (size_t i = 0; i < c->step_count; i++)
                fprintf(stderr, "  %s\n", tune_command_sysctl(r, &c->step[i], hand));
}

static int
complain_of_apply(const struct planning *g, const struct tune_change *c, const struct tune_trouble *t)
{
        bool privilege = t->error == -EACCES || t->error == -EPERM || t->error == -EROFS;

        if (t->name && t->found)
                say_error(_("%s: the kernel made %s of the value\n"), t->name, tune_value_shown(t->found));
        else if (t->name)
                say_error(_("%s cannot be set: %s\n"), t->name, strerror(-t->error));
        else
                say_error(_("cannot write %s: %s\n"), t->place, strerror(-t->error));
        if (t->put_back)
                fputs(_("Nothing is changed: everything is as before.\n"), stderr);
        else
                fprintf(stderr, _("NOT everything could be put back; to try again: %s\n"),
                        tune_command_change(g->request, "rollback", c->id, TUNE_HAND_SAME));
        if (t->name && privilege)
                suggest_command(g->request, c, t->error);
        return t->name && !privilege ? TUNE_EXIT_SOMETHING : EXIT_NOT_TOLD;
}

static void
put_applied(const struct tune_request *r, const struct tune_change *c, int watcher)
{
        struct terminal terminal = terminal_of(stdout);
        const char *arrow = terminal.utf8 ? "→" : "->";
        char until[32] = "?", file[TUNE_CONF_NAME_SIZE];
        time_t deadline = time(NULL) + (time_t)c->confirm_within_s;

        printf(_("Change %u, in network namespace %u%s:\n"), c->id, c->netns,
               c->first_netns ? _(" (the host's first)") : "");
        for (size_t i = 0; i < c->step_count; i++)
                printf("  %s: %s %s %s\n", c->step[i].name, tune_value_shown(c->step[i].before), arrow,
                       tune_value_shown(c->step[i].wrote));
        puts(_("Written, and read back from the kernel."));
        tune_change_conf_name(c, file);
        if (watcher > 0) {
                strftime(until, sizeof(until), "%T", localtime(&deadline));
                printf(_("It is undone at %s unless you confirm it: %s\n"), until,
                       tune_command_change(r, "confirm", c->id, TUNE_HAND_SAME));
                printf(_("A process that outlives this terminal waits for that (pid %d).\n"), watcher);
                if (c->persist)
                        printf(_("%s/%s is written when you confirm.\n"), c->persist, file);
        } else if (c->persist) {
                printf(_("%s/%s keeps it beyond the next boot.\n"), c->persist, file);
                tune_warn_of_later_files(c);
        } else {
                puts(_("The next boot undoes it; --persist would keep it."));
        }
        printf(_("To take it back: %s\n"), tune_command_change(r, "rollback", c->id, TUNE_HAND_SAME));
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
                say_error(_("cannot write a journal into %s: %s\nNothing is changed.\n"), s->directory, strerror(-r));
                return EXIT_NOT_TOLD;
        }
        if (c->confirm_within_s > 0) {
                watcher = tune_watch(s, fd, c);
                if (watcher < 0) {
                        (void)tune_store_note(s, c, "undone refused");
                        say_error(_("cannot start what would undo it: %s\nNothing is changed.\n"), strerror(-watcher));
                        return EXIT_NOT_TOLD;
                }
        }
        r = tune_apply(s, fd, c, &trouble);
        if (r < 0)
                status = complain_of_apply(g, c, &trouble);
        else if (!g->request->json)
                put_applied(g->request, c, watcher);
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
refuse_interrupted(const struct tune_request *request, const struct tune_store *s)
{
        struct tune_changes all;
        unsigned int id = 0;
        int error = tune_store_list(s, &all);

        if (error < 0) {
                say_error(_("cannot read the journals in %s: %s\n"), s->directory, strerror(-error));
                return EXIT_NOT_TOLD;
        }
        for (size_t i = 0; i < all.count; i++)
                if (tune_change_state(&all.change[i], tune_boot_id()) == TUNE_CHANGE_INTERRUPTED)
                        id = all.change[i].id;
        tune_changes_fini(&all);
        if (id == 0)
                return 0;
        say_error(_("change %u was interrupted; mend it first: %s\n"), id,
                  tune_command_change(request, "rollback", id, TUNE_HAND_SAME));
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
        c->journals = tune_state_named(r) ? strdup(tune_state_named(r)) : NULL;
        return c->boot && c->user && c->why && c->netns_name && (c->persist || !r->persist) &&
                               (c->journals || !tune_state_named(r))
                       ? 0
                       : -ENOMEM;
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
        status = refuse_interrupted(g->request, &s);
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
                say_error(g->plan.blocked ? _("nothing is changed: not all of it can be done\n")
                                          : _("nothing is changed: some of it is dangerous; --force does it "
                                              "all the same\n"));
                return planning_status(g);
        }
        if (tune_plan_change(&g->plan, &c) < 0)
                return say_no_memory();
        status = fill_change(g, &c) < 0 ? say_no_memory() : apply_change(g, &c);
        tune_change_fini(&c);
        return status;
}

/* ---- The word ---- */

int
tune_apply_words(const struct tune_request *r)
{
        struct planning g = { .request = r };
        int status;

        if (r->persist && r->netns) {
                say_error(_("files under sysctl.d are for the host's own namespace: --persist has no meaning "
                            "with --netns\n"));
                return EXIT_USAGE;
        }
        status = planning_make(&g);
        if (status != 0)
                return status;
        if (r->persist && !g.plan.evidence.first_netns && !r->sysctl_directory && !getenv("LASTACK_SYSCTL_DIR")) {
                say_error(_("this is not the host's own network namespace, and files under /etc/sysctl.d are "
                            "for that one\n"));
                status = EXIT_USAGE;
        } else if (g.plan.blocked || g.plan.dangerous || g.plan.changing == 0) {
                planning_show(&g);
        }
        if (status == 0 && (g.plan.blocked || g.plan.changing > 0))
                status = apply(&g);
        planning_fini(&g);
        return status;
}
