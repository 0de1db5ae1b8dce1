/* SPDX-License-Identifier: BSD-2-Clause */
/* Tunables of all queues, told and set together. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control/queues.h"

/* What the first queue tells is told, if the others tell of the same tunable. */
static int
take(struct control_client *c, unsigned int i, const struct control_knob_view *view, struct control_knob_view *ret_knob)
{
        c->queue[i].value = view->value;
        if (i == 0) {
                *ret_knob = *view;
                ret_knob->agreed = true;
        }
        if (strcmp(view->name, ret_knob->name) != 0)
                return queue_result(c, i, -EBADMSG);
        ret_knob->agreed &= strcmp(view->value, ret_knob->value) == 0;
        return 0;
}

int
control_knobs(struct control_client *c)
{
        int r = 0;

        for (unsigned int i = 0; i < c->queues && r == 0; i++)
                r = queue_result(c, i, line_knobs(c->queue[i].line));
        return r;
}

int
control_knobs_next(struct control_client *c, struct control_knob_view *ret_knob)
{
        struct control_knob_view view, all = { .agreed = true };
        bool more = false;

        for (unsigned int i = 0; i < c->queues; i++) {
                int r = queue_result(c, i, line_knobs_next(c->queue[i].line, &view));
                if (r >= 0 && i > 0 && (r > 0) != more)
                        r = queue_result(c, i, -EBADMSG);
                if (r > 0)
                        r = take(c, i, &view, &all) < 0 ? -EBADMSG : 1;
                if (r < 0)
                        return r;
                more = r > 0;
        }
        if (more)
                *ret_knob = all;
        return more;
}

int
control_knob(struct control_client *c, const char *name, struct control_knob_view *ret_knob)
{
        struct control_knob_view view, all = { .agreed = true };

        for (unsigned int i = 0; i < c->queues; i++) {
                int r = queue_result(c, i, line_knob(c->queue[i].line, name, &view));
                if (r == 0)
                        r = take(c, i, &view, &all);
                if (r < 0)
                        return r;
        }
        *ret_knob = all;
        return 0;
}

const char *
control_knob_value(const struct control_client *c, unsigned int queue)
{
        return c->queue[queue].value;
}

bool
control_knob_stays(const struct control_client *c, unsigned int queue)
{
        return c->queue[queue].knob_stays;
}

/* ---- Setting ---- */

static int
copy_values(const struct control_client *c, char **ret_values)
{
        for (unsigned int i = 0; i < c->queues; i++)
                if (!(ret_values[i] = strdup(c->queue[i].value)))
                        return -ENOMEM;
        return 0;
}

/* What it had it may be given back, however dangerous. */
static void
take_back(struct control_client *c, const char *name, char *const *values, unsigned int queues)
{
        struct control_knob_view view;

        for (unsigned int i = 0; i < queues; i++)
                c->queue[i].knob_stays = line_knob_set(c->queue[i].line, name, values[i], true, &view) < 0;
}

static int
set_in_all(struct control_client *c, const char *name, const char *value, bool dangerous, char *const *before,
           struct control_knob_view *ret_knob)
{
        struct control_knob_view view, all = { .agreed = true };

        for (unsigned int i = 0; i < c->queues; i++) {
                int r = queue_result(c, i, line_knob_set(c->queue[i].line, name, value, dangerous, &view));
                if (r == 0)
                        r = take(c, i, &view, &all);
                if (r < 0) {
                        take_back(c, name, before, i);
                        return r;
                }
        }
        *ret_knob = all;
        return 0;
}

/* Of several, what each has is asked for first. */
static int
set_or_take_back(struct control_client *c, const char *name, const char *value, bool dangerous,
                 struct control_knob_view *ret_knob)
{
        struct control_knob_view view;
        char **before = calloc(c->queues, sizeof(*before));
        int r = before ? control_knob(c, name, &view) : -ENOMEM;

        if (r == 0)
                r = copy_values(c, before);
        if (r == 0)
                r = set_in_all(c, name, value, dangerous, before, ret_knob);
        for (unsigned int i = 0; before && i < c->queues; i++)
                free(before[i]);
        free(before);
        return r;
}

int
control_knob_set(struct control_client *c, const char *name, const char *value, bool dangerous,
                 struct control_knob_view *ret_knob)
{
        for (unsigned int i = 0; i < c->queues; i++)
                c->queue[i].knob_stays = false;
        if (c->queues > 1)
                return set_or_take_back(c, name, value, dangerous, ret_knob);
        return set_in_all(c, name, value, dangerous, NULL, ret_knob);
}
