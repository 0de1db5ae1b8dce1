/* SPDX-License-Identifier: BSD-2-Clause */
/* What the overview says of a stack of lastack, and Linux has no equal of: limits, and what found no room. */
#include <stdio.h>

#include "cli/gettext.h"
#include "cli/overview_cells.h"

#define NEARLY_FULL 90 /* percent of what a stack was made for */

static bool
is_nearly_full(const struct stack_limit *l)
{
        return l->fullest_used * 100 >= l->fullest_limit * NEARLY_FULL;
}

/* Of several queues it is the fullest one that refuses. */
static void
limit_remark(struct table *t, const struct overview *o, const struct stack_limit *l)
{
        bool none_left = l->fullest_used >= l->fullest_limit, near = is_nearly_full(l);
        const char *words = none_left ? _("none left: what needs one more is refused") : near ? _("nearly full") : "";
        char text[CONTROL_QUEUE_NAME_SIZE + TEXT_ROOM] = "";

        if (o->queue && near)
                snprintf(text, sizeof(text), "%s: ", o->queue[l->fullest]);
        strncat(text, words, sizeof(text) - strlen(text) - 1);
        overview_remark(t, o, none_left ? COLOUR_CRITICAL : near ? COLOUR_WARNING : COLOUR_DIM, text);
}

/* What a stack was made for, and how much of it is in use. */
bool
overview_show_limits(const struct overview *o)
{
        static const struct table_column columns[] = {
                { N_("STACK HOLDS"), TABLE_LEFT },
                { N_("USED"), TABLE_RIGHT },
                { N_("OF"), TABLE_RIGHT },
                { "%", TABLE_RIGHT },
                { "", TABLE_LEFT },
        };
        bool alarm = false;
        struct table t;

        table_init(&t, &o->terminal, columns, 5);
        for (size_t i = 0; i < STACK_LIMITS; i++) {
                const struct stack_limit *l = &o->limits[i];
                if (l->used == 0)
                        continue;
                table_text(&t, _(l->name));
                overview_number(&t, l->used);
                overview_number(&t, l->limit);
                overview_number(&t, l->used * 100 / l->limit);
                limit_remark(&t, o, l);
                table_row_end(&t, NULL, 0);
                alarm |= is_nearly_full(l);
        }
        overview_put(&t);
        return alarm;
}

/* What is counted of a packet that nobody took. */
bool
overview_show_losses(const struct overview *o)
{
        const struct control_status *s = &o->status;
        char number[TEXT_ROOM];
        bool lost = false;

        if (s->usage.replies_lost > 0) {
                *text_grouped(number, s->usage.replies_lost) = '\0';
                overview_say(o, _("Answers that found no room, since the stack was made: %s"), number);
                lost = true;
        }
        if (s->link.dropped_out > 0) {
                *text_grouped(number, s->link.dropped_out) = '\0';
                overview_say(o, _("Packets that the link did not take: %s"), number);
                lost = true;
        }
        if (lost)
                putchar('\n');
        return lost;
}
