/* SPDX-License-Identifier: BSD-2-Clause */
#include "lastack/model.h"

static const struct la_state_info states[] = {
#define LA_STATE(id, linux, ss, number, actor_, section_, ...) \
        { LA_##id, #id, linux, ss, number, LA_ACTOR_##actor_, section_, __VA_ARGS__ },
#include "model/state.def"
#undef LA_STATE
};

const struct la_state_info *
la_state_info(enum la_state state)
{
        return (unsigned int)state < LA_STATE_COUNT ? &states[state] : NULL;
}

const char *
la_state_name(enum la_state state)
{
        const struct la_state_info *info = la_state_info(state);

        return info ? info->name : "?";
}

bool
la_state_from_linux(unsigned int number, enum la_state *ret_state)
{
        if (number == 12) { /* TCP_NEW_SYN_RECV */
                *ret_state = LA_SYN_RECEIVED;
                return true;
        }
        if (number == 13) { /* TCP_BOUND_INACTIVE */
                *ret_state = LA_CLOSED;
                return true;
        }
        for (size_t i = 0; i < LA_STATE_COUNT; i++)
                if (states[i].linux_number == number) {
                        *ret_state = states[i].state;
                        return true;
                }
        return false;
}
