/* SPDX-License-Identifier: BSD-2-Clause */
#include "tune/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
tune_evidence_add(struct tune_evidence *e, const char *name, int error, char *text)
{
        char *copy = strdup(name);

        if (copy && e->live_count == e->live_capacity) {
                size_t capacity = e->live_capacity ? 2 * e->live_capacity : 64;
                struct tune_live *grown = realloc(e->live, capacity * sizeof(*grown));
                if (grown) {
                        e->live = grown;
                        e->live_capacity = capacity;
                }
        }
        if (!copy || e->live_count == e->live_capacity) {
                free(copy);
                free(text);
                return false;
        }
        e->live[e->live_count++] = (struct tune_live){ .name = copy, .error = error, .text = text };
        return true;
}

const struct tune_live *
tune_live(const struct tune_evidence *e, const char *name)
{
        for (size_t i = 0; i < e->live_count; i++)
                if (strcmp(e->live[i].name, name) == 0)
                        return &e->live[i];
        return NULL;
}

const char *
tune_live_text(const struct tune_evidence *e, const char *name)
{
        const struct tune_live *l = tune_live(e, name);

        return l ? l->text : NULL;
}

bool
tune_kernel_has(const struct tune_evidence *e, const char *version)
{
        unsigned int major = 0, minor = 0;

        if (sscanf(version, "%9u.%9u", &major, &minor) < 2)
                return true;
        return e->major > major || (e->major == major && e->minor >= minor);
}

void
tune_evidence_fini(struct tune_evidence *e)
{
        for (size_t i = 0; i < e->live_count; i++) {
                free(e->live[i].name);
                free(e->live[i].text);
        }
        free(e->live);
        free(e->listener);
        *e = (struct tune_evidence){ 0 };
}
