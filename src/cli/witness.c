/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/witness.h"

#include <string.h>

#include "linux/sysctl.h"

/* Takes a tunable's text apart; what cannot be is a text without numbers. */
static int
take_knob(struct evidence *e, const struct la_knob_info *knob, const char *text, bool outer)
{
        int64_t numbers[3];
        int count = 0;
        struct sysctl_ports ports;

        if (knob->kind == LA_KNOB_PORT_LIST && !outer && sysctl_parse_ports(text, &ports) == 0)
                memcpy(e->reserved_ports, ports.bits, sizeof(e->reserved_ports));
        if (knob->kind == LA_KNOB_NUMBER || knob->kind == LA_KNOB_RANGE || knob->kind == LA_KNOB_TRIPLE)
                count = sysctl_parse_numbers(text, numbers, 3);
        if (count < 0)
                count = 0;
        return outer ? evidence_outer_knob(e, knob->knob, text, numbers, (size_t)count)
                     : evidence_knob(e, knob->knob, text, numbers, (size_t)count);
}

int
witness_knob(struct witness *w, const struct la_knob_info *knob, const char *text, bool outer)
{
        int r = 0;

        if (w->recording)
                r = recording_knob(w->recording, knob->name, text, outer);
        return r < 0 ? r : take_knob(w->evidence, knob, text, outer);
}

int
witness_look(struct witness *w, uint64_t at_ms)
{
        evidence_look(w->evidence, at_ms);
        return w->recording ? recording_look(w->recording, at_ms) : 0;
}

int
witness_fact(struct witness *w, const char *name, int64_t value)
{
        int r = evidence_fact(w->evidence, name, value);

        return r == 0 && w->recording ? recording_amount(w->recording, "fact", name, value) : r;
}

int
witness_counter(struct witness *w, const char *name, int64_t value)
{
        int r = evidence_counter(w->evidence, name, value);

        return r == 0 && w->recording ? recording_amount(w->recording, "counter", name, value) : r;
}

int
witness_socket(struct witness *w, const struct la_snapshot *s)
{
        int r = evidence_socket(w->evidence, s);

        return r == 0 && w->recording ? recording_socket(w->recording, s) : r;
}

int
witness_restart(struct witness *w)
{
        evidence_restart(w->evidence);
        return w->recording ? recording_restart(w->recording) : 0;
}
