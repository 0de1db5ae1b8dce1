/* SPDX-License-Identifier: BSD-2-Clause */
/* judge_value.c - how the kernel reads a value, whether it takes it, and whether it makes sense. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "tune/gettext.h"
#include "tune/judge.h"
#include "tune/rules.h"

static void
say_how_it_is_read(struct tune_case *c)
{
        uint32_t odd = c->value.odd;

        if (odd & TUNE_VALUE_OCTAL)
                tune_say(c, TUNE_MISREAD,
                         _("A number that begins with 0 is octal to the kernel: it reads %" PRId64 "."),
                         c->value.number[0]);
        if (odd & TUNE_VALUE_HEX)
                tune_say(c, TUNE_FINE, _("The kernel reads %" PRId64 "."), c->value.number[0]);
        if (odd & TUNE_VALUE_COMMAS)
                tune_say(c, TUNE_REFUSED, "%s",
                         _("Blanks stand between the numbers, not ',' or '-': the kernel refuses it."));
        if (odd & TUNE_VALUE_UNIT)
                tune_say(c, TUNE_REFUSED, "%s", _("The kernel reads bare numbers, no units: it refuses this."));
        if (odd & TUNE_VALUE_MORE && !(odd & (TUNE_VALUE_COMMAS | TUNE_VALUE_UNIT)) &&
            !(c->setting->oddities & TUNE_ODD_COMMENT))
                tune_say(c, TUNE_MISREAD, _("It has %d number(s); the rest is passed over in silence."),
                         tune_value_numbers(c->law.kind));
        if (odd & TUNE_VALUE_FEWER)
                tune_say(c, TUNE_MISREAD, _("It has %d numbers; those that are missing stay as they were."),
                         tune_value_numbers(c->law.kind));
        if (odd & TUNE_VALUE_EMPTY)
                tune_say(c, TUNE_REFUSED, "%s", _("Without a value nothing is set."));
        if (odd & TUNE_VALUE_NO_NUMBER)
                tune_say(c, TUNE_REFUSED, _("The kernel cannot read \"%s\" here: it refuses it."),
                         tune_value_shown(c->setting->value));
}

static void
say_what_the_kernel_said(struct tune_case *c)
{
        const struct tune_rehearsal *r = c->rehearsal;

        if (!r || !r->tried || c->j->verdict == TUNE_REFUSED)
                return;
        if (r->error == -ENOENT && c->law.kind == LA_KNOB_WORD)
                tune_say(c, TUNE_REFUSED, _("This kernel has no %s: it is not built in, and there is no module of it."),
                         tune_value_shown(c->setting->value));
        else if (r->error < 0)
                tune_say(c, TUNE_REFUSED, _("The kernel refuses the value: %s."), strerror(-r->error));
        else if (r->after && !tune_value_same(c->law.kind, c->setting->value, r->after) &&
                 !(c->value.odd & (TUNE_VALUE_MORE | TUNE_VALUE_FEWER)))
                tune_say(c, TUNE_MISREAD, _("The kernel makes %s of it."), r->after);
}

/* The least and the most that make sense. */
static void
judge_range(struct tune_case *c)
{
        bool taken = c->rehearsal && c->rehearsal->tried && c->rehearsal->error == 0;

        if (tune_rule_knows_the_range(c))
                return;
        for (int i = 0; i < c->value.count; i++) {
                int64_t n = c->value.number[i];
                if (n >= c->law.min && n <= c->law.max)
                        continue;
                tune_say(c, TUNE_HARMFUL,
                         _("%" PRId64 " is outside what makes sense, %" PRId64 " to %" PRId64 "%s%s%s."), n, c->law.min,
                         c->law.max, *c->law.unit != '\0' ? " " : "", translated(c->law.unit),
                         taken ? _("; the kernel takes it all the same") : "");
                if (*c->law.risk != '\0')
                        tune_say(c, TUNE_HARMFUL, "%s", translated(c->law.risk));
                return;
        }
}

static void
judge_default(struct tune_case *c)
{
        const char *live = tune_live_text(c->e, c->setting->name);

        c->j->leave_out = true;
        if (live && !tune_value_same(c->law.kind, live, c->setting->value))
                tune_say(c, TUNE_DEFAULT,
                         _("This is the default; but here it is %s, so something else sets it: the line "
                           "undoes that, or is undone by it."),
                         live);
        else
                tune_say(c, TUNE_DEFAULT, "%s", _("This is the default already: the line changes nothing."));
}

static bool
is_inert(const struct tune_case *c)
{
        return c->law.inert && (!c->law.advice || tune_kernel_has(c->e, c->law.advice->removed));
}

static void
judge_inert(struct tune_case *c)
{
        const char *since = c->law.advice->removed;

        c->j->leave_out = *since != '\0'; /* else it may be meant for others than TCP */
        if (*since != '\0')
                tune_say(c, TUNE_USELESS, _("It does nothing since Linux %s; it is there for old scripts only."),
                         since);
        else
                tune_say(c, TUNE_USELESS, "%s", _("It does nothing for TCP."));
        tune_say(c, TUNE_USELESS, "%s", translated(c->law.effect));
        if (*c->law.mistaken != '\0')
                tune_say(c, TUNE_USELESS, "%s", translated(c->law.mistaken));
}

void
tune_judge_value(struct tune_case *c)
{
        const char *standard = tune_default(c);
        bool readable;

        c->value = tune_value_read(c->law.kind, c->setting->value);
        say_how_it_is_read(c);
        say_what_the_kernel_said(c);
        readable = !(c->value.odd & (TUNE_VALUE_EMPTY | TUNE_VALUE_NO_NUMBER));
        if (readable && *standard != '\0' && tune_value_same(c->law.kind, standard, c->setting->value)) {
                judge_default(c);
                return;
        }
        if (is_inert(c)) {
                judge_inert(c);
                return;
        }
        if (!readable)
                return;
        judge_range(c);
        if (c->j->verdict == TUNE_REFUSED) {
                tune_say(c, TUNE_REFUSED, "%s", translated(c->law.effect));
                return;
        }
        if (tune_rule(c))
                return;
        tune_say(c, TUNE_FINE, "%s", translated(c->law.effect));
        if (*c->law.mistaken != '\0')
                tune_say(c, TUNE_FINE, "%s", translated(c->law.mistaken));
}
