/* SPDX-License-Identifier: BSD-2-Clause */
/* How long TCP repeats a segment before it gives up, and whether fewer repetitions than now would be fewer. */
#include <stdlib.h>

#include "doctor/rules.h"

enum {
        HANDSHAKE_MS = 1000,   /* RFC 6298 2.1: nothing is known of the round trip yet */
        SHORT_PATH_MS = 200,   /* TCP_RTO_MIN */
        LONGEST_MS = 120000,   /* TCP_RTO_MAX */
        ORPHAN_RETRIES = 8,    /* what a tcp_orphan_retries of 0 acts as, tcp_orphan_retries() */
        MOST_REPETITIONS = 255 /* what the kernel takes */
};

static bool
is_of_handshakes(enum la_knob knob)
{
        return knob == LA_K_tcp_syn_retries || knob == LA_K_tcp_synack_retries;
}

int64_t
patience_now(const struct evidence *e, enum la_knob knob)
{
        int64_t retries = evidence_number_or(e, knob, strtoll(la_knob_info(knob)->standard, NULL, 10));

        return knob == LA_K_tcp_orphan_retries && retries == 0 ? ORPHAN_RETRIES : retries;
}

const char *
patience_word(struct findings *f, enum la_knob knob, int64_t retries)
{
        uint64_t wait_ms = is_of_handshakes(knob) ? HANDSHAKE_MS : SHORT_PATH_MS, ms = 0;

        for (int64_t i = 0; i <= retries && i <= MOST_REPETITIONS; i++) {
                ms += wait_ms;
                wait_ms = wait_ms * 2 < LONGEST_MS ? wait_ms * 2 : LONGEST_MS;
        }
        return word_time(f, ms);
}

void
fix_patience(struct finding *x, const struct evidence *e, const struct less_patience *l)
{
        struct findings *f = x->all;
        int64_t now = patience_now(e, l->knob);

        if (now <= l->retries)
                return;
        finding_fix(x, FIX_KNOB, l->text, word_knob(f, l->knob, "%lld", (long long)l->retries),
                    findings_say(f,
                                 is_of_handshakes(l->knob) ? _("After about %s instead of %s.")
                                                           : _("On a short path after about %s instead of %s."),
                                 patience_word(f, l->knob, l->retries), patience_word(f, l->knob, now)),
                    l->risk);
}
