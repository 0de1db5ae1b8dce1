/* SPDX-License-Identifier: BSD-2-Clause */
/* What the overview says of a stack of lastack, and Linux has no equal of: limits, and what found no room. */
#include <stdio.h>

#include "cli/gettext.h"
#include "cli/overview_cells.h"

#define NEARLY_FULL 90 /* percent of what a stack was made for */

static void
limit_remark(struct table *t, const struct overview *o, const struct overview_limit *l)
{
        if (l->used >= l->limit)
                overview_remark(t, o, COLOUR_CRITICAL, _("none left: what needs one more is refused"));
        else if (l->used * 100 >= l->limit * NEARLY_FULL)
                overview_remark(t, o, COLOUR_WARNING, _("nearly full"));
        else
                overview_remark(t, o, COLOUR_DIM, "");
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
        struct overview_limit limits[OVERVIEW_LIMITS];
        bool alarm = false;
        struct table t;

        overview_limits(o, limits);
        table_init(&t, &o->terminal, columns, 5);
        for (size_t i = 0; i < OVERVIEW_LIMITS; i++) {
                const struct overview_limit *l = &limits[i];
                if (l->used == 0)
                        continue;
                table_text(&t, _(l->name));
                overview_number(&t, l->used);
                overview_number(&t, l->limit);
                overview_number(&t, l->used * 100 / l->limit);
                limit_remark(&t, o, l);
                table_row_end(&t, NULL, 0);
                alarm |= l->used * 100 >= l->limit * NEARLY_FULL;
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
