/* SPDX-License-Identifier: BSD-2-Clause */
#include "tune/apply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/durable.h"
#include "linux/tunable.h"
#include "tune/conf.h"
#include "tune/law.h"
#include "tune/value.h"

static enum la_knob_kind
kind_of(const char *name)
{
        struct tune_law law;

        return tune_law_of(name, &law) ? law.kind : LA_KNOB_WORD;
}

static bool
is(const struct tune_step *step, const char *value, const char *wanted)
{
        return wanted && tune_value_same(kind_of(step->name), value, wanted);
}

/* ---- Reading and writing by name ---- */

static int
read_value(int netns_fd, const char *name, char **ret)
{
        char *path = tune_name_path(name);
        int r = path ? tunable_read(netns_fd, path, ret) : -ENOMEM;

        free(path);
        return r;
}

static int
write_value(int netns_fd, const char *name, const char *value)
{
        char *path = tune_name_path(name);
        int r = path ? tunable_write(netns_fd, path, value) : -ENOMEM;

        free(path);
        return r;
}

/* ---- Trouble ---- */

static int
trouble(struct tune_trouble *t, int error, const char *name)
{
        t->error = error;
        t->name = name;
        return error;
}

static int
journal_trouble(const struct tune_store *s, struct tune_trouble *t, int error)
{
        snprintf(t->place, sizeof(t->place), "%s", s->directory);
        return trouble(t, error, NULL);
}

void
tune_trouble_fini(struct tune_trouble *t)
{
        free(t->found);
        *t = (struct tune_trouble){ 0 };
}

int
tune_may_apply(int netns_fd, const struct tune_change *c, struct tune_trouble *ret)
{
        *ret = (struct tune_trouble){ .put_back = true };
        for (size_t i = 0; i < c->step_count; i++) {
                char *path = tune_name_path(c->step[i].name);
                int r = path ? tunable_may_write(netns_fd, path) : -ENOMEM;

                free(path);
                if (r < 0)
                        return trouble(ret, r, c->step[i].name);
        }
        return 0;
}

int
tune_look_again(int netns_fd, struct tune_change *c, struct tune_trouble *ret)
{
        *ret = (struct tune_trouble){ .put_back = true };
        for (size_t i = 0; i < c->step_count; i++) {
                char *now;
                int r = read_value(netns_fd, c->step[i].name, &now);

                if (r < 0)
                        return trouble(ret, r, c->step[i].name);
                free(c->step[i].before);
                c->step[i].before = now;
        }
        return 0;
}

/* ---- Forwards ---- */

static int
apply_step(const struct tune_store *s, int netns_fd, struct tune_change *c, size_t i, struct tune_trouble *t)
{
        struct tune_step *step = &c->step[i];
        char *found;
        int r = tune_store_note(s, c, "writing %zu", i);

        if (r < 0)
                return journal_trouble(s, t, r);
        step->begun = true;
        r = write_value(netns_fd, step->name, step->after);
        if (r == 0)
                r = read_value(netns_fd, step->name, &found);
        if (r < 0)
                return trouble(t, r, step->name);
        step->wrote = found;
        if (!is(step, found, step->after)) {
                t->found = strdup(found);
                return trouble(t, -EINVAL, step->name);
        }
        r = tune_store_note(s, c, "wrote %zu\t%s", i, found);
        return r < 0 ? journal_trouble(s, t, r) : 0;
}

static int
apply_all(const struct tune_store *s, int netns_fd, struct tune_change *c, struct tune_trouble *t)
{
        int r = 0;

        for (size_t i = 0; i < c->step_count && r == 0; i++)
                r = apply_step(s, netns_fd, c, i, t);
        if (r == 0 && c->persist && c->confirm_within_s == 0)
                r = tune_persist(s, c, t);
        if (r == 0) {
                r = tune_store_note(s, c, "applied");
                if (r < 0)
                        journal_trouble(s, t, r);
        }
        return r;
}

int
tune_apply(const struct tune_store *s, int netns_fd, struct tune_change *c, struct tune_trouble *ret)
{
        struct tune_trouble again;
        int r;

        *ret = (struct tune_trouble){ 0 };
        r = apply_all(s, netns_fd, c, ret);
        if (r == 0) {
                c->applied = true;
                return 0;
        }
        ret->put_back = tune_undo(s, netns_fd, c, false, "refused", &again) == 0;
        tune_trouble_fini(&again);
        for (size_t i = 0; i < c->step_count; i++)
                ret->put_back &= !c->step[i].left;
        return r;
}

int
tune_persist(const struct tune_store *s, struct tune_change *c, struct tune_trouble *ret)
{
        char name[TUNE_CONF_NAME_SIZE], *text = tune_change_conf(c);
        int r = text ? tune_store_note(s, c, "persisted") : -ENOMEM; /* first: what may be there must be known */

        if (r < 0) {
                free(text);
                return journal_trouble(s, ret, r);
        }
        tune_change_conf_name(c, name);
        r = durable_create(c->persist, name, text, 0644);
        free(text);
        if (r == 0) {
                c->persisted = true;
                return 0;
        }
        (void)tune_store_note(s, c, "persist-removed");
        ret->persisting = true;
        snprintf(ret->place, sizeof(ret->place), "%s/%s", c->persist, name);
        return trouble(ret, r, NULL);
}

/* ---- Backwards ---- */

/* Is what stands there what the change put there?  Where it stopped between writing and looking, the rehearsal says
 * what the kernel makes of the value. */
static bool
is_ours(const struct tune_step *step, const char *value)
{
        return is(step, value, step->after) || is(step, value, step->wrote) || is(step, value, step->rehearsed);
}

static int
put_back(const struct tune_store *s, int netns_fd, struct tune_change *c, size_t i, struct tune_trouble *t)
{
        struct tune_step *step = &c->step[i];
        char *found;
        int r = write_value(netns_fd, step->name, step->before);

        if (r == 0)
                r = read_value(netns_fd, step->name, &found);
        if (r < 0)
                return trouble(t, r, step->name);
        if (!is(step, found, step->before)) {
                t->found = found;
                return trouble(t, -EINVAL, step->name);
        }
        free(found);
        step->restored = true;
        free(step->left);
        step->left = NULL;
        r = tune_store_note(s, c, "restored %zu", i);
        return r < 0 ? journal_trouble(s, t, r) : 0;
}

static int
undo_step(const struct tune_store *s, int netns_fd, struct tune_change *c, size_t i, bool force, struct tune_trouble *t)
{
        struct tune_step *step = &c->step[i];
        char *found;
        int r;

        if (!step->begun || (c->undone && !step->left))
                return 0;
        r = read_value(netns_fd, step->name, &found);
        if (r == -ENOENT) /* a module or an interface that is gone took it along */
                return 0;
        if (r < 0)
                return trouble(t, r, step->name);
        if (is(step, found, step->before)) {
                free(found);
                free(step->left);
                step->left = NULL;
                return tune_store_note(s, c, "restored %zu", i);
        }
        if (force || is_ours(step, found)) {
                free(found);
                return put_back(s, netns_fd, c, i, t);
        }
        free(step->left);
        step->left = found;
        r = tune_store_note(s, c, "left %zu\t%s", i, found);
        return r < 0 ? journal_trouble(s, t, r) : 0;
}

static int
undo_persisted(const struct tune_store *s, struct tune_change *c, bool force, struct tune_trouble *t)
{
        char name[TUNE_CONF_NAME_SIZE], *text = NULL, *wanted;
        bool same = false;
        size_t size;
        int r;

        if (!c->persist || !c->persisted)
                return 0;
        tune_change_conf_name(c, name);
        r = durable_read(c->persist, name, &text, &size);
        wanted = r == 0 ? tune_change_conf(c) : NULL;
        same = wanted && strcmp(text, wanted) == 0;
        free(wanted);
        if (r == 0)
                free(text);
        if (r == 0 && !same && !force) {
                c->persist_left = true;
                return tune_store_note(s, c, "persist-left");
        }
        if (r == 0)
                r = durable_remove(c->persist, name);
        if (r < 0 && r != -ENOENT) {
                t->persisting = true;
                snprintf(t->place, sizeof(t->place), "%s/%s", c->persist, name);
                return trouble(t, r, NULL);
        }
        c->persisted = c->persist_left = false;
        return tune_store_note(s, c, "persist-removed");
}

int
tune_undo(const struct tune_store *s, int netns_fd, struct tune_change *c, bool force, const char *why,
          struct tune_trouble *ret)
{
        int r = undo_persisted(s, c, force, (*ret = (struct tune_trouble){ 0 }, ret));

        for (size_t i = c->step_count; i-- > 0 && r == 0;)
                r = undo_step(s, netns_fd, c, i, force, ret);
        if (r == 0) {
                r = tune_store_note(s, c, "undone %s", why);
                if (r < 0)
                        journal_trouble(s, ret, r);
        }
        if (r < 0)
                return r;
        c->undone = true;
        return 0;
}
