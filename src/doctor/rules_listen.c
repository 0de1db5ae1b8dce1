/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Listeners: connections that wait for accept(), and whom they serve.
 *
 * Both queues have the same limit, the smaller of listen()'s backlog and somaxconn when listen() was called.  A queue that
 * is full for a moment hurts nobody; what tells are drops between the looks, a queue that is full in both, or connections
 * that have waited long.
 */
#include <stdlib.h>
#include <string.h>

#include "doctor/rules.h"

enum { LATE_MS = HOLDERS_LATE_MS };

static const struct listener *
listener_before(const struct evidence *e, const struct listener *l)
{
        const struct listeners *all = &e->before.survey.listeners;

        for (size_t i = 0; e->before.taken && i < all->count; i++) {
                const struct listener *x = &all->listener[i];
                if (x->local.port == l->local.port && x->family == l->family && x->interface == l->interface &&
                    x->v6only == l->v6only && memcmp(x->local.address, l->local.address, sizeof(x->local.address)) == 0)
                        return x;
        }
        return NULL;
}

/* ---- The accept queue --------------------------------------------------------------------------------------------- */

struct overflow {
        const struct listener *now;
        uint64_t dropped; /* between the looks */
        bool full, stays_full, waits;
        bool overflowed; /* ever, as far as that is known */
};

/* A listener also counts as dropped what found no place among the half-open (tcp_conn_request()), no way back or no
 * signature; ListenOverflows counts only what found the accept queue full. */
static struct overflow
overflow_of(const struct evidence *e, const struct listener *l)
{
        const struct listener *before = listener_before(e, l);
        struct overflow o = { .now = l, .full = listener_is_full(l) };
        int64_t overflows = 0, ever = 1;
        bool counted = evidence_grown(e, "ListenOverflows", &overflows);

        if (before && l->drops > before->drops && evidence_span_ms(e) > 0)
                o.dropped = l->drops - before->drops;
        if (!o.full && counted && overflows == 0)
                o.dropped = 0;
        amounts_get(&e->now.counters, "ListenOverflows", &ever);
        o.overflowed = ever > 0;
        o.stays_full = o.full && before && listener_is_full(before) && evidence_span_ms(e) >= 1000;
        o.waits = l->unaccepted > 0 && l->oldest_ms >= LATE_MS && l->queue > 0;
        return o;
}

static bool
grade_overflow(const struct evidence *e, const struct overflow *o, enum severity *ret)
{
        bool one_look = evidence_span_ms(e) == 0;

        if ((o->full && o->dropped > 0) || o->stays_full || (o->full && o->waits))
                *ret = SEVERITY_CRITICAL;
        else if (o->dropped > 0 || o->waits || (one_look && o->full && o->now->drops > 0))
                *ret = SEVERITY_WARNING;
        else if (o->now->drops > 0 && o->overflowed)
                *ret = SEVERITY_NOTICE;
        else
                return false;
        return true;
}

static const char *
overflow_summary(const struct evidence *e, struct findings *f, const struct overflow *o)
{
        const struct listener *l = o->now;
        const char *name = word_listener(f, l);

        if (o->dropped > 0)
                return findings_say(f, _("%s dropped %llu connections in %s: its accept queue has %u of %u"), name,
                                    (unsigned long long)o->dropped, word_time(f, evidence_span_ms(e)), l->queue,
                                    l->limit);
        if (o->full)
                return findings_say(f, _("The accept queue of %s is full, %u of %u: nobody else gets in"), name,
                                    l->queue, l->limit);
        if (o->waits && l->given_up > 0)
                return findings_say(
                        f,
                        _("%u connections to %s wait for accept(), the oldest for %s at least; the clients of "
                          "%u have closed already"),
                        l->unaccepted, name, word_time(f, l->oldest_ms), l->given_up);
        if (o->waits)
                return findings_say(f, _("%u connections to %s wait for accept(), the oldest for %s at least"),
                                    l->unaccepted, name, word_time(f, l->oldest_ms));
        return findings_say(f, _("%s has dropped %llu connections, none just now"), name, (unsigned long long)l->drops);
}

/* Whose number it is that the queue ends at. */
static const char *
bound_by(const struct evidence *e, const struct listener *l)
{
        int64_t most;

        if (!evidence_number(e, LA_K_somaxconn, &most))
                return "not known";
        if (l->limit < most)
                return "application";
        return l->limit == most ? "somaxconn" : "application, before somaxconn was lowered";
}

static void
add_queue_numbers(struct finding *x, const struct evidence *e, const struct overflow *o)
{
        const struct listener *l = o->now;

        finding_text(x, "listener", word_listener(x->all, l));
        finding_number(x, "queue", l->queue);
        if (l->limit_known) {
                finding_number(x, "limit", l->limit);
                finding_text(x, "limit_set_by", bound_by(e, l));
        }
        finding_number(x, "somaxconn", evidence_number_or(e, LA_K_somaxconn, -1));
        finding_number(x, "sockets", l->sockets);
        finding_number(x, "sockets_full", l->full);
        finding_number(x, "sockets_with_queue", l->behind);
        finding_number(x, "waiting", l->unaccepted);
        finding_number(x, "waiting_and_closed_by_client", l->given_up);
        if (l->unaccepted > 0)
                finding_number(x, "oldest_waits_s", l->oldest_ms / 1000);
        if (l->drops_known) {
                if (evidence_span_ms(e) > 0)
                        finding_number(x, "drops_in_sample", (int64_t)o->dropped);
                finding_number(x, "drops", (int64_t)l->drops);
        }
        finding_number(x, "overflows_in_sample", evidence_growth(e, "ListenOverflows"));
        finding_process(x, e, l->owner.pid);
}

/* SO_REUSEPORT: the kernel goes by a hash and not by who has room. */
static void
fix_stuck_worker(struct finding *x, const struct listener *l)
{
        struct findings *f = x->all;
        const char *text =
                l->full > 0 ? findings_say(f,
                                           _("%u of the %u sockets that share this port are full: look for the worker "
                                             "that is stuck; the kernel goes on sending it its share."),
                                           l->full, l->sockets)
                            : findings_say(f,
                                           _("Connections wait on %u of the %u sockets that share this port: look for "
                                             "the worker that is stuck; the kernel goes on sending it its share."),
                                           l->behind, l->sockets);

        finding_fix(x, FIX_APPLICATION, text, word_ls(f, "-lmp sport = :%u", l->local.port),
                    _("The other workers have room."), "");
}

static void
fix_queue(struct finding *x, const struct evidence *e, const struct listener *l)
{
        struct findings *f = x->all;
        const char *who = word_process(f, e, l->owner.pid);
        int64_t most = evidence_number_or(e, LA_K_somaxconn, 0);

        if (l->sockets > 1 && l->behind > 0 && l->behind < l->sockets)
                fix_stuck_worker(x, l);
        finding_fix(
                x, FIX_APPLICATION,
                findings_say(f,
                             _("Have %s accept() faster: look what it does instead (blocked, out of descriptors, one "
                               "thread for all)."),
                             who),
                word_ls(f, "-lmp sport = :%u", l->local.port), _("The queue drains, and clients that repeat get in."),
                "");
        finding_fix(x, FIX_CAPACITY, _("More workers that accept, or several listeners with SO_REUSEPORT."), "",
                    _("Each listener has a queue of its own."), "");
        if (!l->limit_known)
                return;
        if (l->limit >= most && most > 0)
                finding_fix(x, FIX_KNOB,
                            f->stack ? _("For bursts: raise somaxconn, which cuts this listener's backlog; listen() "
                                         "takes the value when it is called, so say it where the stack is made, too "
                                         "('lastack up' --set somaxconn=N).")
                                     : _("For bursts: raise somaxconn, which cuts this listener's backlog, and restart "
                                         "the program: listen() takes the value when it is called."),
                            word_knob(f, LA_K_somaxconn, "%lld", (long long)(most < 2048 ? 4096 : most * 2)),
                            findings_say(f, _("Up to %lld instead of %u may wait, if the program asks for as many."),
                                         (long long)(most < 2048 ? 4096 : most * 2), l->limit),
                            _("A program that does not keep up makes clients wait longer before they fail."));
        else
                finding_fix(
                        x, FIX_CAPACITY,
                        findings_say(f,
                                     _("For bursts: a larger backlog in the program's listen(), which asked for %u. "
                                       "somaxconn (%lld) does not bind here."),
                                     l->limit, (long long)most),
                        "", _("As many more may wait."),
                        _("A program that does not keep up makes clients wait longer before they fail."));
}

/* A notice is short: nothing has to be done about it now. */
static void
tell_the_past(struct finding *x)
{
        x->why = _("Its accept queue has been full: clients were dropped, and came in when they tried again, or not.");
        finding_fix(x, FIX_APPLICATION, _("If it comes again: look while it does, with a larger --for."), "",
                    _("It then says what binds: the program, its backlog, or somaxconn."), "");
}

static void
find_overflow(const struct evidence *e, struct findings *f, const struct overflow *o, enum severity severity)
{
        struct finding *x = findings_add(f, "accept-queue", severity, "%s", overflow_summary(e, f, o));

        add_queue_numbers(x, e, o);
        if (severity == SEVERITY_NOTICE) {
                tell_the_past(x);
                return;
        }
        x->why = _(
                "Connections whose handshake is complete wait in this queue until the program calls accept(). When it "
                "has one more than its limit the kernel drops SYNs and ignores the last ACK of handshakes: clients "
                "hang in SYN_SENT, or believe to be connected and repeat their request. The limit is the smaller of "
                "the program's backlog and somaxconn when it called listen(); tcp_max_syn_backlog is not about this "
                "queue.");
        fix_queue(x, e, o->now);
}

void
rule_accept_queue(const struct evidence *e, struct findings *f)
{
        const struct listeners *l = &e->now.survey.listeners;
        const struct listener **order = listeners_by_trouble(l);
        size_t shown = 0;

        if (l->count > 0 && !order)
                f->out_of_memory = true;
        for (size_t i = 0; order && i < l->count; i++) {
                struct overflow o = overflow_of(e, order[i]);
                enum severity severity;
                if (grade_overflow(e, &o, &severity) && shown++ < RULES_EACH)
                        find_overflow(e, f, &o, severity);
        }
        free(order);
        if (e->missing & (LA_KNOWN_QUEUE_LIMIT | LA_KNOWN_DROPS | LA_KNOWN_MEMORY))
                findings_untold(f, "accept-queue", true,
                                _("limits of accept queues, and what listeners dropped: this source does not tell"));
        else if (l->count > 0 && evidence_span_ms(e) == 0)
                findings_untold(
                        f, "accept-queue", false,
                        _("whether a listener that has dropped connections does so now: that takes two looks (--for)"));
}

/* ---- IPv6 only ---------------------------------------------------------------------------------------------------- */

static bool
serves_ipv4(const struct listeners *l, uint16_t port)
{
        for (size_t i = 0; i < l->count; i++) {
                const struct listener *x = &l->listener[i];
                if (x->local.port == port && (x->family == LA_IPV4 || !x->v6only))
                        return true;
        }
        return false;
}

void
rule_ipv6_only(const struct evidence *e, struct findings *f)
{
        static const uint8_t any[16];
        const struct listeners *l = &e->now.survey.listeners;
        int64_t resets = evidence_growth(e, "OutRsts");

        for (size_t i = 0; resets > 0 && i < l->count; i++) {
                const struct listener *x = &l->listener[i];
                if (x->family != LA_IPV6 || !x->v6only || memcmp(x->local.address, any, sizeof(any)) != 0 ||
                    serves_ipv4(l, x->local.port))
                        continue;
                struct finding *finding = findings_add(
                        f, "ipv6-only", SEVERITY_NOTICE,
                        _("%s serves IPv6 alone, nobody serves IPv4 on port %u, and somebody is being refused"),
                        word_listener(f, x), x->local.port);
                finding_text(finding, "listener", word_listener(f, x));
                finding_number(finding, "resets_in_sample", resets);
                finding_process(finding, e, x->owner.pid);
                finding->why =
                        _("The listener has IPV6_V6ONLY, so IPv4 clients of this port are answered with a reset. "
                          "Whether those refused just now came to this port the counters do not tell.");
                finding_fix(finding, FIX_APPLICATION, _("Listen on 0.0.0.0 as well, or without IPV6_V6ONLY."), "",
                            _("IPv4 clients get in."), "");
        }
}
