/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What does not leave this host.
 *
 * Linux hands a segment to its own firewall and queues, and learns at once if they refuse it: of what is sent for the
 * first time nothing is then under way, and the timer of window probes runs although the window has room; of what is sent
 * again TCPRetransFail is counted.  A segment that still lies in a queue of this host when it is due again (a queue that
 * does not drain, a neighbour that does not answer ARP) is counted as TCPSpuriousRtxHostQueues.  A peer that is dead or
 * does not read shows none of these.
 */
#include "doctor/rules.h"

enum { NOT_SENT_MANY = 5, QUEUED_MANY = 5 };

struct unsent {
        uint32_t held_back;
        int64_t refused, queued; /* between the looks */
};

static uint64_t
held_back(const struct peer *p)
{
        return p->strain.held_back;
}

int64_t
segments_refused_here(const struct evidence *e)
{
        return evidence_growth(e, "TCPRetransFail");
}

int64_t
segments_queued_here(const struct evidence *e)
{
        return evidence_growth(e, "TCPSpuriousRtxHostQueues");
}

static const char *
unsent_summary(const struct evidence *e, struct findings *f, const struct unsent *u, const struct peer *p)
{
        const char *span = word_time(f, evidence_span_ms(e));

        if (p)
                return findings_say(f, _("%u connections have data that this host itself does not let out; most to %s"),
                                    u->held_back, word_peer(f, p));
        if (u->refused > 0)
                return findings_say(f, _("This host itself did not let out %lld segments in %s"), (long long)u->refused,
                                    span);
        return findings_say(f, _("%lld segments still waited in this host when they were due again, in %s"),
                            (long long)u->queued, span);
}

static void
fix_unsent(struct finding *x, const struct unsent *u)
{
        if (u->held_back > 0 || u->refused > 0)
                finding_fix(x, FIX_CAPACITY,
                            _("Look for a rule of this host's own firewall that drops what goes out, and whose counter "
                              "grows."),
                            "nft list ruleset", _("What waits is sent within seconds of the rule's end."), "");
        finding_fix(x, FIX_CAPACITY, _("Look for a queueing discipline that drops, or does not drain."), "tc -s qdisc",
                    "", "");
        finding_fix(x, FIX_CAPACITY,
                    _("See whether the interface is up, and the neighbour that it is sent to answers (FAILED or "
                      "INCOMPLETE: it does not)."),
                    "ip neigh", "", "");
}

static void
find_unsent(const struct evidence *e, struct findings *f, const struct unsent *u)
{
        const struct peer *top[1];
        const struct peer *p = peers_top(&e->now.survey.peers, held_back, 1, top) ? top[0] : NULL;
        bool many = u->held_back >= NOT_SENT_MANY || u->refused >= NOT_SENT_MANY || u->queued >= QUEUED_MANY;
        struct finding *x = findings_add(f, "not-sent", many ? SEVERITY_WARNING : SEVERITY_NOTICE, "%s",
                                         unsent_summary(e, f, u, p));

        finding_number(x, "held_back", u->held_back);
        if (p) {
                finding_text(x, "most_to", word_peer(f, p));
                finding_number(x, "waiting_bytes", (int64_t)p->strain.waiting_bytes);
                finding_number(x, "most_repeats", p->strain.most_repeats);
                finding_process(x, e, p->pid);
        }
        finding_number(x, "refused_in_sample", u->refused);
        finding_number(x, "refused", evidence_total(e, "TCPRetransFail"));
        finding_number(x, "still_queued_in_sample", u->queued);
        x->why = u->held_back > 0 || u->refused > 0
                         ? _("What TCP handed on was refused by this host itself: a firewall's rule for what goes out, "
                             "a queueing discipline that is full, an interface that is down. The peer's window has "
                             "room, and the peer knows of nothing. connect() hangs in SYN_SENT, and nobody gets an "
                             "error.")
                         : _("TCP's retransmission timer ran out before the first copy had left: a queue of this host "
                             "does not drain, or the neighbour on the way does not answer ARP or neighbour discovery. "
                             "Nothing was lost on the way; nothing was sent.");
        fix_unsent(x, u);
}

void
rule_not_sent(const struct evidence *e, struct findings *f)
{
        struct unsent u = { e->now.survey.peers.total.held_back, segments_refused_here(e), segments_queued_here(e) };

        if (u.held_back > 0 || u.refused > 0 || u.queued >= QUEUED_MANY)
                find_unsent(e, f, &u);
}
