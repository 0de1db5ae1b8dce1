/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules about single packets: which is which, and whose turn it is. */
#include <errno.h>

#include "lab/world.h"

static bool
matches(enum la_lab_match match, const struct segment *g)
{
        switch (match) {
        case LA_LAB_ANY:
                return true;
        case LA_LAB_SYN:
                return g->syn && !g->ack;
        case LA_LAB_SYN_ACK:
                return g->syn && g->ack;
        case LA_LAB_ACK:
                return g->ack && !g->rst && g->length == 0;
        case LA_LAB_TEXT:
                return g->text_bytes > 0;
        case LA_LAB_FIN:
                return g->fin;
        case LA_LAB_RST:
                return g->rst;
        }
        return false;
}

int
la_lab_add_rule(struct la_lab *lab, const struct la_lab_rule *rule)
{
        struct lab_rule *grown;

        if (rule->nth == 0 || rule->from < LA_LAB_NOBODY || rule->from >= lab->hosts)
                return -EINVAL;
        grown = lab_grow(lab, lab->rule, sizeof *grown, lab->rules, &lab->rule_room);
        if (!grown)
                return -ENOMEM;
        lab->rule = grown;
        lab->rule[lab->rules++] = (struct lab_rule){ .set = *rule };
        return 0;
}

void
la_lab_clear_rules(struct la_lab *lab)
{
        lab->rules = 0;
}

/* Every rule counts what it matches; the first whose turn it is takes the packet. */
struct lab_rule *
lab_rule_for(struct la_lab *lab, const struct lab_packet *p)
{
        struct lab_rule *taker = NULL;

        for (size_t i = 0; i < lab->rules; i++) {
                struct lab_rule *r = &lab->rule[i];

                if (r->set.from != LA_LAB_NOBODY && r->set.from != p->seen.from)
                        continue;
                if (r->set.match != LA_LAB_ANY && (!p->tcp || !matches(r->set.match, &p->segment)))
                        continue;
                r->seen++;
                if (!taker && (r->seen == r->set.nth || (r->set.onwards && r->seen > r->set.nth)))
                        taker = r;
        }
        return taker;
}
