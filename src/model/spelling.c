/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/spelling.h"

#include <limits.h>
#include <stddef.h>

bool
spelling_same(const char *a, const char *b)
{
        for (;;) {
                while (spelling_is_filler(*a))
                        a++;
                while (spelling_is_filler(*b))
                        b++;
                if (spelling_lower(*a) != spelling_lower(*b))
                        return false;
                if (*a == '\0')
                        return true;
                a++;
                b++;
        }
}

const char *
spelling_after(const char *word, const char *prefix)
{
        while (*prefix != '\0') {
                while (spelling_is_filler(*word))
                        word++;
                if (spelling_lower(*word) != *prefix)
                        return NULL;
                word++;
                prefix++;
        }
        return word;
}

/* ---- Distance ---- */

/* What counts of a name. */
struct letters {
        char at[SPELLING_MAX];
        size_t count;
};

/* False if there are too many. */
static bool
letters_of(const char *name, struct letters *ret)
{
        ret->count = 0;
        for (; *name != '\0'; name++) {
                if (spelling_is_filler(*name))
                        continue;
                if (ret->count == SPELLING_MAX)
                        return false;
                ret->at[ret->count++] = spelling_lower(*name);
        }
        return true;
}

static unsigned int
least(unsigned int a, unsigned int b)
{
        return a < b ? a : b;
}

/* The next row of Levenshtein's table: row[j] is how far the first i + 1 letters of `a` are from the first j of `b`. */
static void
fill_row(const struct letters *a, const struct letters *b, size_t i, const unsigned int *before,
         const unsigned int *above, unsigned int *row)
{
        row[0] = (unsigned int)i + 1;
        for (size_t j = 1; j <= b->count; j++) {
                unsigned int change = above[j - 1] + (a->at[i] != b->at[j - 1]);

                row[j] = least(change, least(above[j], row[j - 1]) + 1);
                if (i > 0 && j > 1 && a->at[i] == b->at[j - 2] && a->at[i - 1] == b->at[j - 1])
                        row[j] = least(row[j], before[j - 2] + 1);
        }
}

/* Optimal string alignment: Levenshtein's table, and a step for two letters swapped.  Three rows of it are enough. */
unsigned int
spelling_distance(const char *a, const char *b)
{
        unsigned int rows[3][SPELLING_MAX + 1] = { { 0 } };
        unsigned int *before = rows[0], *above = rows[1], *row = rows[2];
        struct letters from, to;

        if (!letters_of(a, &from) || !letters_of(b, &to))
                return UINT_MAX;
        for (size_t j = 0; j <= to.count; j++)
                above[j] = (unsigned int)j;
        for (size_t i = 0; i < from.count; i++) {
                unsigned int *oldest = before;

                fill_row(&from, &to, i, before, above, row);
                before = above;
                above = row;
                row = oldest;
        }
        return above[to.count];
}
