/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "filter/program.h"
#include "filter/varying.h"

uint32_t
filter_states(const struct filter *f, bool *ret_named)
{
        *ret_named = f->states_named;
        return f->states;
}

uint32_t
filter_needs(const struct filter *f)
{
        return f->needs;
}

bool
filter_note(const struct filter *f, struct filter_error *ret_note)
{
        if (f->has_note)
                *ret_note = f->note;
        return f->has_note;
}

void
filter_free(struct filter *f)
{
        if (!f)
                return;
        varying_free(f->varying, f->varying_count);
        free(f->tests);
        free(f->words);
        free(f);
}
