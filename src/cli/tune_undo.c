/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tune_undo.c - changes that were made: confirmed, taken back, listed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/json.h"
#include "cli/say_error.h"
#include "cli/table.h"
#include "cli/tune.h"
#include "cli/tune_change.h"
#include "cli/tune_command.h"
#include "tune/apply.h"
#include "tune/value.h"

#define NOTHING_TO_DO (-1) /* beside exit statuses */

/* ---- Which one ---- */

static int
no_such_change(const struct tune_request *r, const char *word)
{
        say_error(_("there is no change '%s'; which there are: %s\n"), word, tune_command_history(r));
        return EXIT_USAGE;
}

static int
id_of(const struct tune_request *r, const char *word, unsigned int *ret)
{
        char *end;
        unsigned long id = strtoul(word, &end, 10);

        if (*word < '0' || *word > '9' || *end != '\0' || id == 0 || id > 999999)
                return no_such_change(r, word);
        *ret = (unsigned int)id;
        return 0;
}

static bool
takes(enum tune_change_state state, bool waiting_only)
{
        if (waiting_only)
                return state == TUNE_CHANGE_WAITS;
        return state == TUNE_CHANGE_IN_FORCE || state == TUNE_CHANGE_WAITS || state == TUNE_CHANGE_INTERRUPTED;
}

/* The last one that there is something to do about. */
static int
last_id(const struct tune_store *s, bool waiting_only, unsigned int *ret)
{
        struct tune_changes all;
        int r = tune_store_list(s, &all);

        *ret = 0;
        if (r < 0)
                return r;
        for (size_t i = 0; i < all.count; i++)
                if (takes(tune_change_state(&all.change[i], tune_boot_id()), waiting_only))
                        *ret = all.change[i].id;
        tune_changes_fini(&all);
        return 0;
}

/* The change that the command line means; otherwise says why there is none, and returns an exit status above 0. */
static int
choose(const struct tune_request *r, const struct tune_store *s, bool waiting_only, struct tune_change *ret)
{
        unsigned int id = 0;
        int status, error;

        if (r->word_count > 1) {
                say_error(_("one change at a time\n"));
                return EXIT_USAGE;
        }
        error = r->word_count == 0 ? last_id(s, waiting_only, &id) : 0;
        status = r->word_count == 1 ? id_of(r, r->words[0], &id) : 0;
        if (status != 0)
                return status;
        if (error == 0 && id == 0) {
                puts(waiting_only ? _("No change waits for confirmation.") : _("There is no change to take back."));
                return NOTHING_TO_DO;
        }
        if (error == 0)
                error = tune_store_load(s, id, ret);
        if (error == -ENOENT)
                return no_such_change(r, r->words[0]);
        if (error < 0) {
                say_error(_("cannot read the journal in %s: %s\n"), s->directory, strerror(-error));
                return EXIT_NOT_TOLD;
        }
        return 0;
}

/* ---- Taking back ---- */

/* The namespace that the change was made in, by its inode; -ENOENT if it is gone. */
static int
find_netns(const struct tune_change *c, struct netns_list *ret, int *ret_fd)
{
        uint32_t own;
        int r;

        *ret = (struct netns_list){ 0 };
        *ret_fd = 0;
        if (netns_inode(0, &own) == 0 && own == c->netns)
                return 0;
        r = netns_list_open("all", ret);
        for (size_t i = 0; r == 0 && i < ret->count; i++)
                if (ret->netns[i].inode == c->netns) {
                        *ret_fd = ret->netns[i].fd;
                        return 0;
                }
        if (r == 0 && (ret->refused > 0 || ret->hidden > 0))
                return -EPERM;
        return r < 0 ? r : -ENOENT;
}

/* Who else has set it: a later change of ours, perhaps. */
static unsigned int
later_change_of(const struct tune_store *s, const struct tune_change *c, const char *name)
{
        struct tune_changes all;
        unsigned int id = 0;

        if (tune_store_list(s, &all) < 0)
                return 0;
        for (size_t i = 0; i < all.count; i++) {
                const struct tune_change *other = &all.change[i];
                if (other->id <= c->id || other->netns != c->netns ||
                    !takes(tune_change_state(other, tune_boot_id()), false))
                        continue;
                for (size_t k = 0; k < other->step_count; k++)
                        if (strcmp(other->step[k].name, name) == 0)
                                id = other->id;
        }
        tune_changes_fini(&all);
        return id;
}

static void
put_left(const struct tune_request *r, const struct tune_store *s, const struct tune_change *c,
         const struct tune_step *step)
{
        unsigned int later = later_change_of(s, c, step->name);

        say_error(_("%s is %s now; the change had made it %s: somebody else has set it since, and it is "
                    "left\n"),
                  step->name, tune_value_shown(step->left), tune_value_shown(step->after));
        if (later > 0)
                fprintf(stderr, _("  change %u set it: take that back first: %s\n"), later,
                        tune_command_change(r, "rollback", later, TUNE_HAND_SAME));
        else
                fprintf(stderr, _("  to set it to %s all the same: %s\n"), tune_value_shown(step->before),
                        tune_command_change(r, "rollback", c->id, TUNE_HAND_FORCE));
}

static int
put_undone(const struct tune_request *r, const struct tune_store *s, const struct tune_change *c)
{
        int status = EXIT_OK;

        for (size_t i = 0; i < c->step_count; i++) {
                if (c->step[i].left) {
                        put_left(r, s, c, &c->step[i]);
                        status = TUNE_EXIT_SOMETHING;
                } else if (!r->json && c->step[i].begun) {
                        printf(_("%s is %s again\n"), c->step[i].name, tune_value_shown(c->step[i].before));
                }
        }
        if (c->persist_left) {
                say_error(_("the file of change %u in %s is not as it was written, and is left\n  to take "
                            "it away all the same: %s\n"),
                          c->id, c->persist, tune_command_change(r, "rollback", c->id, TUNE_HAND_FORCE));
                status = TUNE_EXIT_SOMETHING;
        }
        if (r->json)
                json_write(tune_change_json(c), stdout);
        else if (status == EXIT_OK)
                printf(_("Change %u is taken back.\n"), c->id);
        return status;
}

static int
complain_of_undo(const struct tune_request *r, const struct tune_change *c, const struct tune_trouble *t)
{
        if (t->name && t->found)
                say_error(_("%s: the kernel made %s of the old value\n"), t->name, tune_value_shown(t->found));
        else
                say_error(_("%s cannot be put back: %s\n"), t->name ? t->name : t->place, strerror(-t->error));
        if (t->error == -EROFS)
                fprintf(stderr, _("/proc/sys is mounted read-only here. From the host: %s\n"),
                        tune_command_change(r, "rollback", c->id, TUNE_HAND_HOST));
        else if (t->error == -EACCES || t->error == -EPERM)
                fprintf(stderr, _("That takes root: %s\n"), tune_command_change(r, "rollback", c->id, TUNE_HAND_ROOT));
        return EXIT_NOT_TOLD;
}

/* A namespace that is gone took its values along. */
static int
undo_nothing(const struct tune_request *r, const struct tune_store *s, struct tune_change *c)
{
        (void)tune_store_note(s, c, "undone gone");
        c->undone = true;
        if (r->json)
                json_write(tune_change_json(c), stdout);
        else
                printf(_("Network namespace %u of change %u is gone, and its values with it.\n"), c->netns, c->id);
        return EXIT_OK;
}

static int
undo(const struct tune_request *r, const struct tune_store *s, struct tune_change *c)
{
        struct tune_trouble trouble = { 0 };
        struct netns_list list;
        int fd, error = find_netns(c, &list, &fd), status;

        if (error == -ENOENT || (error == -EPERM && r->force)) {
                netns_list_close(&list);
                return undo_nothing(r, s, c);
        }
        if (error < 0) {
                say_error(_("network namespace %u, where change %u was made, is gone, or only processes "
                            "that we may not look at are in it (%s)\n  if it is gone: %s\n"),
                          c->netns, c->id, strerror(-error),
                          tune_command_change(r, "rollback", c->id, TUNE_HAND_FORCE));
                netns_list_close(&list);
                return EXIT_NOT_TOLD;
        }
        status = tune_undo(s, fd, c, r->force, "asked", &trouble) < 0 ? complain_of_undo(r, c, &trouble)
                                                                      : put_undone(r, s, c);
        tune_trouble_fini(&trouble);
        netns_list_close(&list);
        return status;
}

/* Runs it on the change that is meant, with the journals locked. */
static int
with_change(const struct tune_request *r, bool waiting_only,
            int (*run)(const struct tune_request *, const struct tune_store *, struct tune_change *))
{
        struct tune_change c = { 0 };
        struct tune_store s;
        int status = tune_lock_store(r, &s);

        if (status != 0)
                return status;
        status = choose(r, &s, waiting_only, &c);
        if (status == 0)
                status = run(r, &s, &c);
        tune_change_fini(&c);
        tune_store_unlock(&s);
        return status == NOTHING_TO_DO ? EXIT_OK : status;
}

static int
rollback(const struct tune_request *r, const struct tune_store *s, struct tune_change *c)
{
        if (tune_change_state(c, tune_boot_id()) == TUNE_CHANGE_UNDONE) {
                printf(_("Change %u is taken back already.\n"), c->id);
                return EXIT_OK;
        }
        return undo(r, s, c);
}

int
tune_rollback(const struct tune_request *r)
{
        return with_change(r, false, rollback);
}

/* ---- Confirming ---- */

static int
confirm(const struct tune_request *r, const struct tune_store *s, struct tune_change *c)
{
        struct tune_trouble trouble = { 0 };
        int error = 0, status = EXIT_OK;

        if (c->undone || !c->applied) {
                if (c->undone)
                        say_error(_("change %u is undone already: there is nothing to confirm\n"), c->id);
                else
                        say_error(_("change %u was interrupted; mend it first: %s\n"), c->id,
                                  tune_command_change(r, "rollback", c->id, TUNE_HAND_SAME));
                return TUNE_EXIT_SOMETHING;
        }
        if (!c->confirmed)
                error = tune_store_note(s, c, "confirmed");
        if (error < 0) {
                say_error(_("cannot write to %s: %s\n"), s->directory, strerror(-error));
                return EXIT_NOT_TOLD;
        }
        c->confirmed = true;
        if (c->persist && !c->persisted && tune_persist(s, c, &trouble) < 0) {
                say_error(_("change %u stays until the next boot; cannot write %s: %s\n"), c->id, trouble.place,
                          strerror(-trouble.error));
                status = EXIT_NOT_TOLD;
        }
        tune_trouble_fini(&trouble);
        if (r->json)
                json_write(tune_change_json(c), stdout);
        else
                printf(_("Change %u stays. To take it back: %s\n"), c->id,
                       tune_command_change(r, "rollback", c->id, TUNE_HAND_SAME));
        if (c->persisted)
                tune_warn_of_later_files(c);
        return status;
}

int
tune_confirm(const struct tune_request *r)
{
        return with_change(r, true, confirm);
}

/* ---- History ---- */

static const char *
state_word(const struct tune_change *c)
{
        switch (tune_change_state(c, tune_boot_id())) {
        case TUNE_CHANGE_IN_FORCE:
                return c->persisted ? _("in force, kept") : _("in force");
        case TUNE_CHANGE_WAITS:
                return time(NULL) > (time_t)(c->time + c->confirm_within_s + 5) ? _("NOT CONFIRMED")
                                                                                : _("to be confirmed");
        case TUNE_CHANGE_INTERRUPTED:
                return _("INTERRUPTED");
        case TUNE_CHANGE_UNDONE:
                if (c->undone_why && strcmp(c->undone_why, "unconfirmed") == 0)
                        return _("undone, not confirmed");
                if (c->undone_why && strcmp(c->undone_why, "refused") == 0)
                        return _("refused");
                return _("taken back");
        case TUNE_CHANGE_UNDONE_PARTLY:
                return _("taken back in part");
        case TUNE_CHANGE_REBOOTED:
                return _("ended by a reboot");
        }
        return "?";
}

static void
put_row(struct table *t, const struct tune_change *c)
{
        const char *arrow = t->terminal.utf8 ? "→" : "->";
        char text[32];
        time_t when = (time_t)c->time;

        for (size_t i = 0; i < c->step_count; i++) {
                const struct tune_step *s = &c->step[i];
                size_t room = strlen(s->name) + 2 * TUNE_VALUE_SHOWN_SIZE + 16;
                snprintf(text, sizeof(text), "%u", c->id);
                table_text(t, i == 0 ? text : "");
                strftime(text, sizeof(text), "%F %T", localtime(&when));
                table_text(t, i == 0 ? text : "");
                table_text(t, i == 0 ? state_word(c) : "");
                snprintf(text, sizeof(text), "%u", c->netns);
                table_text(t, i == 0 ? text : "");
                table_text(t, i == 0 ? c->user : "");
                char *p = table_cell(t, room);
                table_cell_end(t, p + sprintf(p, "%s: %s %s %s", s->name, tune_value_shown(s->before), arrow,
                                              tune_value_shown(s->after)));
                table_row_end(t, NULL, 0);
        }
}

static void
put_table(const struct tune_changes *all)
{
        static const struct table_column columns[] = { { N_("ID"), TABLE_RIGHT },   { N_("WHEN"), TABLE_LEFT },
                                                       { N_("STATE"), TABLE_LEFT }, { N_("NETNS"), TABLE_RIGHT },
                                                       { N_("WHO"), TABLE_LEFT },   { N_("CHANGE"), TABLE_LEFT } };
        struct terminal terminal = terminal_of(stdout);
        struct table t;

        table_init(&t, &terminal, columns, sizeof(columns) / sizeof(columns[0]));
        for (size_t i = 0; i < all->count; i++)
                put_row(&t, &all->change[i]);
        table_put(&t);
        table_fini(&t);
}

int
tune_history(const struct tune_request *r)
{
        struct tune_store s = tune_store_to_read(tune_state_directory(r));
        struct tune_changes all;
        int error;

        if (r->word_count > 0) {
                say_error(_("history takes no words\n"));
                return EXIT_USAGE;
        }
        error = tune_store_list(&s, &all);
        if (error < 0) {
                say_error(_("cannot read %s: %s\n"), s.directory, strerror(-error));
                return EXIT_NOT_TOLD;
        }
        if (r->json) {
                json_t *object = json_object(), *array = json_array();
                for (size_t i = 0; i < all.count; i++)
                        json_array_append_new(array, tune_change_json(&all.change[i]));
                json_object_set_new(object, "changes", array);
                json_write(object, stdout);
        } else if (all.count == 0) {
                printf(_("No changes are recorded in %s.\n"), s.directory);
        } else {
                put_table(&all);
        }
        tune_changes_fini(&all);
        return EXIT_OK;
}
