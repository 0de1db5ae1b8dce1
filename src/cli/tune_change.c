/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/tune_change.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/json.h"
#include "cli/say_error.h"
#include "linux/durable.h"

#define STATE_OF_ROOT "/var/lib/lastack"

/* ---- Places ---- */

static const char *
set_variable(const char *name)
{
        const char *value = getenv(name);

        return value && *value != '\0' ? value : NULL;
}

static const char *
state_of_user(void)
{
        static char path[PATH_MAX];
        const char *state = set_variable("XDG_STATE_HOME"), *home = set_variable("HOME");

        if (state && *state == '/')
                snprintf(path, sizeof(path), "%s/lastack", state);
        else
                snprintf(path, sizeof(path), "%s/.local/state/lastack", home ? home : "");
        return path;
}

const char *
tune_state_directory(const struct tune_request *r)
{
        if (r->state_directory)
                return r->state_directory;
        if (set_variable("LASTACK_STATE_DIR"))
                return set_variable("LASTACK_STATE_DIR");
        if (geteuid() == 0 || (access(state_of_user(), F_OK) < 0 && access(STATE_OF_ROOT, R_OK) == 0))
                return STATE_OF_ROOT;
        return state_of_user();
}

bool
tune_is_state_of_root(const char *directory)
{
        return strcmp(directory, STATE_OF_ROOT) == 0;
}

const char *
tune_absolute(const char *path)
{
        static char texts[4][PATH_MAX];
        static unsigned int next;
        char *text = texts[next++ % 4], here[PATH_MAX];

        if (*path == '/' || !getcwd(here, sizeof(here)) || strlen(here) + strlen(path) + 2 > PATH_MAX)
                return path;
        stpcpy(stpcpy(stpcpy(text, here), "/"), path);
        return text;
}

const char *
tune_state_named(const struct tune_request *r)
{
        const char *named = r->state_directory ? r->state_directory : set_variable("LASTACK_STATE_DIR");

        return named ? tune_absolute(named) : NULL;
}

const char *
tune_sysctl_named(const struct tune_request *r)
{
        const char *named = r->sysctl_directory ? r->sysctl_directory : set_variable("LASTACK_SYSCTL_DIR");

        return named ? tune_absolute(named) : NULL;
}

const char *
tune_sysctl_directory(const struct tune_request *r)
{
        const char *named = tune_sysctl_named(r);

        return named ? named : "/etc/sysctl.d";
}

int
tune_lock_store(const struct tune_request *r, struct tune_store *ret)
{
        const char *directory = tune_state_directory(r);
        int error = tune_store_lock(directory, ret);

        if (error == 0)
                return 0;
        if (error == -EBUSY)
                say_error(_("another lastack tune is at work; nothing is changed\n"));
        else
                say_error(_("cannot keep a journal in %s: %s\nNothing is changed. Another place: "
                            "--state-dir=DIRECTORY\n"),
                          directory, strerror(-error));
        return error == -EBUSY ? TUNE_EXIT_SOMETHING : EXIT_NOT_TOLD;
}

/* ---- Who and why ---- */

char *
tune_who(void)
{
        struct passwd *entry = getpwuid(getuid());
        const char *sudo = set_variable("SUDO_USER");
        char *text;

        if (asprintf(&text, "%s (uid %u)%s%s", entry ? entry->pw_name : "?", (unsigned int)getuid(),
                     sudo ? ", for " : "", sudo ? sudo : "") < 0)
                return NULL;
        return text;
}

char *
tune_words_text(const struct tune_request *r)
{
        static const char begin[] = "lastack tune apply";
        size_t size = sizeof(begin);
        char *text, *p;

        for (size_t i = 0; i < r->word_count; i++)
                size += strlen(r->words[i]) + 1;
        text = malloc(size);
        p = text ? stpcpy(text, begin) : NULL;
        for (size_t i = 0; p && i < r->word_count; i++)
                p = stpcpy(stpcpy(p, " "), r->words[i]);
        return text;
}

/* ---- What comes later at the next boot ---- */

static void
warn_of_setting(const struct tune_change *c, const char *file, const struct tune_setting *s)
{
        struct tune_law law;

        for (size_t i = 0; i < c->step_count; i++) {
                const struct tune_step *step = &c->step[i];
                enum la_knob_kind kind = tune_law_of(step->name, &law) ? law.kind : LA_KNOB_WORD;
                if (strcmp(step->name, s->name) == 0 && *s->value != '\0' &&
                    !tune_value_same(kind, s->value, step->after))
                        say_error(_("%s, line %u sets %s to %s and is read later: take it out there\n"), file, s->line,
                                  s->name, s->value);
        }
}

static void
warn_of_file(const struct tune_change *c, const char *directory, const char *name)
{
        struct tune_conf conf = { 0 };
        char *text, path[PATH_MAX];
        size_t size;

        if (durable_read(directory, name, &text, &size) < 0)
                return;
        snprintf(path, sizeof(path), "%s/%s", directory, name);
        if (tune_conf_read(&conf, 0, text, size) == 0)
                for (size_t i = 0; i < conf.count; i++)
                        warn_of_setting(c, path, &conf.setting[i]);
        tune_conf_fini(&conf);
        free(text);
}

void
tune_warn_of_later_files(const struct tune_change *c)
{
        char own[TUNE_CONF_NAME_SIZE];
        struct dirent **entries;
        int count = c->persist ? scandir(c->persist, &entries, NULL, alphasort) : -1;

        tune_change_conf_name(c, own);
        for (int i = 0; i < count; i++) {
                size_t length = strlen(entries[i]->d_name);
                if (strcmp(entries[i]->d_name, own) > 0 && length > 5 &&
                    strcmp(entries[i]->d_name + length - 5, ".conf") == 0)
                        warn_of_file(c, c->persist, entries[i]->d_name);
                free(entries[i]);
        }
        if (count >= 0)
                free(entries);
        if (c->persist && strcmp(c->persist, "/etc/sysctl.d") == 0)
                warn_of_file(c, "/etc", "sysctl.conf"); /* sysctl --system reads it last of all */
}

/* ---- For machines ---- */

static json_t *
step_json(const struct tune_step *s)
{
        json_t *object = json_object();

        json_set_text(object, "name", s->name);
        json_set_text(object, "from", s->before);
        json_set_text(object, "to", s->after);
        if (s->left)
                json_set_text(object, "left", s->left);
        return object;
}

json_t *
tune_change_json(const struct tune_change *c)
{
        json_t *object = json_object(), *steps = json_array();
        char file[TUNE_CONF_NAME_SIZE];

        json_set_number(object, "id", c->id);
        json_set_number(object, "time", (uint64_t)c->time);
        json_set_text(object, "state", tune_change_state_id(tune_change_state(c, tune_boot_id())));
        json_set_text(object, "user", c->user);
        json_set_text(object, "why", c->why);
        json_set_number(object, "netns", c->netns);
        json_set_bool(object, "first_netns", c->first_netns);
        if (c->confirm_within_s > 0)
                json_set_number(object, "confirm_within_s", c->confirm_within_s);
        if (c->undone_why)
                json_set_text(object, "undone", c->undone_why);
        for (size_t i = 0; i < c->step_count; i++)
                json_array_append_new(steps, step_json(&c->step[i]));
        json_object_set_new(object, "changes", steps);
        if (c->persist && c->persisted) {
                char path[PATH_MAX];
                tune_change_conf_name(c, file);
                snprintf(path, sizeof(path), "%s/%s", c->persist, file);
                json_set_text(object, "file", path);
        }
        return object;
}

/* ---- Verdicts ---- */

const char *
tune_verdict_word(const struct prose *p, enum tune_verdict verdict)
{
        static const char *const names[] = {
                [TUNE_FINE] = N_("fine"),
                [TUNE_DEFAULT] = N_("default"),
                [TUNE_NOT_JUDGED] = N_("not judged"),
                [TUNE_MISREAD] = N_("misread"),
                [TUNE_USELESS] = N_("useless"),
                [TUNE_HARMFUL] = N_("harmful"),
                [TUNE_ABSENT] = N_("absent"),
                [TUNE_REFUSED] = N_("refused"),
                [TUNE_MALFORMED] = N_("malformed"),
                [TUNE_DANGEROUS] = N_("DANGEROUS"),
        };
        static char text[64];
        int severity = p ? tune_severity(verdict) : 0;

        if (severity == 0)
                return _(names[verdict]);
        snprintf(text, sizeof(text), "%s%s%s",
                 terminal_begin(&p->terminal, severity == 2 ? COLOUR_CRITICAL : COLOUR_WARNING), _(names[verdict]),
                 terminal_end(&p->terminal));
        return text;
}
