/* SPDX-License-Identifier: BSD-2-Clause */
#include "tune/law.h"

#include <string.h>

#include "model/spelling.h"

/* '*' in the row stands for one part. */
static bool
matches(const char *row, const char *name)
{
        while (*row != '\0') {
                if (*row == '*') {
                        name += strcspn(name, ".");
                        row++;
                } else if (*row++ != *name++) {
                        return false;
                }
        }
        return *name == '\0';
}

static void
fill_from_knob(const struct la_knob_info *k, struct tune_law *ret)
{
        *ret = (struct tune_law){
                .knob = k,
                .name = k->name,
                .kind = k->kind,
                .scope = k->scope,
                .standard = k->standard,
                .standard_note = k->standard_note,
                .min = k->min,
                .max = k->max,
                .unit = k->unit,
                .since = k->since,
                .removed = k->removed,
                .effect = k->effect,
                .risk = k->risk,
                .mistaken = k->mistaken,
        };
}

static void
fill_from_advice(const struct la_advice *a, struct tune_law *ret)
{
        *ret = (struct tune_law){
                .advice = a,
                .name = a->name,
                .kind = a->kind,
                .scope = a->scope,
                .standard = a->standard,
                .standard_note = "",
                .min = a->min,
                .max = a->max,
                .unit = a->unit,
                .since = a->since,
                .removed = a->sort == LA_ADVICE_GONE ? a->removed : "",
                .inert = a->sort == LA_ADVICE_INERT,
                .effect = a->effect,
                .risk = "",
                .mistaken = a->mistaken,
        };
}

bool
tune_law_of(const char *name, struct tune_law *ret)
{
        const struct la_knob_info *knob = la_knob_find(name);
        const struct la_advice *a;

        if (knob) {
                fill_from_knob(knob, ret);
                return true;
        }
        for (size_t i = 0; (a = la_advice(i)); i++)
                if (matches(a->name, name)) {
                        fill_from_advice(a, ret);
                        return true;
                }
        return false;
}

/* Leaves are compared: nobody misspells "net.ipv4". */
static const char *
leaf_of(const char *name)
{
        const char *dot = strrchr(name, '.');

        return dot ? dot + 1 : name;
}

const char *
tune_law_nearest(const char *name)
{
        const char *leaf = leaf_of(name), *best = NULL;
        unsigned int least = 1 + (unsigned int)strlen(leaf) / 5;
        const struct la_advice *a;

        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++) {
                const struct la_knob_info *k = la_knob_info((enum la_knob)i);
                unsigned int far = spelling_distance(leaf, k->leaf);
                if (far < least) {
                        least = far;
                        best = k->name;
                }
        }
        for (size_t i = 0; (a = la_advice(i)); i++) {
                unsigned int far = spelling_distance(leaf, leaf_of(a->name));
                if (!strchr(a->name, '*') && far < least) {
                        least = far;
                        best = a->name;
                }
        }
        return best;
}
