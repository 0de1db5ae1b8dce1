/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/advice.h"

static const struct la_advice rows[] = {
#define LA_ADVICE(name_, sort_, kind_, scope_, ...) \
        { .name = (name_),                          \
          .sort = LA_ADVICE_##sort_,                \
          .kind = LA_KNOB_##kind_,                  \
          .scope = LA_SCOPE_##scope_,               \
          __VA_ARGS__ },
#include "model/advice.def"
#include "model/advice_rest.def"
#undef LA_ADVICE
};

const struct la_advice *
la_advice(size_t number)
{
        return number < sizeof(rows) / sizeof(rows[0]) ? &rows[number] : NULL;
}
