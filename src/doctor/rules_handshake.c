/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handshakes that go wrong without a trace in any socket: SYNs that a listener dropped though its queues had room, and SYNs
 * or SYN,ACKs that had to be repeated before somebody got in.
 */
#include "doctor/rules.h"

/* ---- Dropped ------------------------------------------------------------------------------------------------------ */

enum { DROPPED_WARN = 10 };

/* ListenDrops counts every SYN, or last ACK, that came to a listener and to nothing; the two other counters say for which
 * of them a queue was full (net/ipv4/tcp_input.c, tcp_conn_request()). */
int64_t
syns_dropped_with_room(const struct evidence *e)
{
        return evidence_growth(e, "ListenDrops") - evidence_growth(e, "ListenOverflows") -
               evidence_growth(e, "TCPReqQFullDrop");
}

static void
find_dropped(const struct evidence *e, struct findings *f, int64_t dropped, int64_t cookies)
{
        struct finding *x = findings_add(f, "syn-dropped", dropped >= DROPPED_WARN ? SEVERITY_WARNING : SEVERITY_NOTICE,
                                         _("%lld SYNs were dropped in %s, though the listeners' queues had room"),
                                         (long long)dropped, word_time(f, evidence_span_ms(e)));

        finding_number(x, "dropped_with_room_in_sample", dropped);
        finding_number(x, "listen_drops_in_sample", evidence_growth(e, "ListenDrops"));
        finding_number(x, "overflows_in_sample", evidence_growth(e, "ListenOverflows"));
        finding_number(x, "completed_in_sample", evidence_growth(e, "PassiveOpens"));
        finding_number(x, "tcp_syncookies", cookies);
        x->why = cookies == 0
                         ? _("With tcp_syncookies=0 the kernel keeps the last quarter of tcp_max_syn_backlog for "
                             "clients it knows. Otherwise no route leads back to the client, so that its SYN cannot be "
                             "answered, or there is no memory for the connection. The client hangs in SYN_SENT.")
                         : _("No route leads back to the client, so that its SYN cannot be answered; or there is no "
                             "memory for the connection. The client hangs in SYN_SENT, and no error is told to "
                             "anybody.");
        finding_fix(x, FIX_CAPACITY,
                    _("See whether a route leads to the clients (a default route that is gone, a rule of policy "
                      "routing): ask with the address of one of them."),
                    "ip route; ip rule", _("SYNs are answered as soon as there is one."), "");
        if (cookies == 0)
                finding_fix(x, FIX_KNOB, _("Switch SYN cookies on."), word_knob(f, LA_K_tcp_syncookies, "1"),
                            _("Nothing is dropped for want of a place any more."), "");
}

void
rule_syn_dropped(const struct evidence *e, struct findings *f)
{
        int64_t dropped = syns_dropped_with_room(e);

        if (dropped > 0 && !syn_backlog_binds(e)) /* else it is syn-queue's to tell */
                find_dropped(e, f, dropped, evidence_number_or(e, LA_K_tcp_syncookies, 1));
}

/* ---- Repeated ----------------------------------------------------------------------------------------------------- */

enum { REPEATED = 10, REPEATED_PERCENT = 10 };

struct handshakes {
        int64_t repeated, begun; /* SYNs and SYN,ACKs again; of both sides, all together */
        uint32_t half_open, unanswered;
};

static struct handshakes
handshakes_of(const struct evidence *e)
{
        const struct listeners *l = &e->now.survey.listeners;
        struct handshakes h = {
                .repeated = evidence_growth(e, "TCPSynRetrans"),
                .begun = evidence_growth(e, "ActiveOpens") + evidence_growth(e, "PassiveOpens"),
        };

        for (size_t i = 0; i < l->count; i++) {
                h.half_open += l->listener[i].half_open;
                h.unanswered += l->listener[i].repeated;
        }
        h.begun += h.half_open;
        return h;
}

/* Another rule has the reason: they are told of as syn-sent, or a queue here is full, or nothing leaves this host. */
static bool
is_told_elsewhere(const struct evidence *e)
{
        const struct listeners *l = &e->now.survey.listeners;

        if (e->now.survey.peers.total.syn_repeated > 0 || evidence_growth(e, "ListenOverflows") > 0 ||
            evidence_growth(e, "TCPReqQFullDrop") > 0 || evidence_growth(e, "TCPReqQFullDoCookies") > 0 ||
            evidence_growth(e, "TCPDeferAcceptDrop") > 0 || segments_refused_here(e) > 0)
                return true;
        for (size_t i = 0; i < l->count; i++)
                if (listener_is_full(&l->listener[i]))
                        return true;
        return false;
}

static const char *
repeated_why(bool ours, bool deferred)
{
        if (deferred)
                return _(
                        "A listener with TCP_DEFER_ACCEPT takes a client in only with its first data, and repeats its "
                        "SYN,ACK to one that says nothing: clients that connect and wait, or only try whether somebody "
                        "listens. Other repetitions are lost SYNs or answers.");
        if (ours)
                return _("Clients' SYNs arrive and this host answers, but nothing comes back: the answers are lost (a "
                         "route that goes another way, a firewall there that saw no SYN), or the addresses are forged. "
                         "Each is repeated tcp_synack_retries times.");
        return _("A SYN that is lost costs a second before it is repeated, the next one two more: connections come "
                 "about, and some of them late by whole seconds. A lossy line, a firewall that limits SYNs, or a "
                 "listener elsewhere whose queue is full at times.");
}

static void
find_repeated(const struct evidence *e, struct findings *f, const struct handshakes *h)
{
        bool ours = h->unanswered > 0, deferred = evidence_total(e, "TCPDeferAcceptDrop") > 0;
        struct finding *x = findings_add(
                f, "handshakes", deferred ? SEVERITY_NOTICE : SEVERITY_WARNING,
                ours ? _("%lld SYNs and SYN,ACKs had to be repeated in %s, and %u clients have not answered ours")
                     : _("%lld SYNs and SYN,ACKs had to be repeated in %s before they were answered"),
                (long long)h->repeated, word_time(f, evidence_span_ms(e)), h->unanswered);

        finding_number(x, "repeated_in_sample", h->repeated);
        finding_number(x, "begun_in_sample", h->begun);
        finding_number(x, "opened_in_sample", evidence_growth(e, "ActiveOpens"));
        finding_number(x, "accepted_in_sample", evidence_growth(e, "PassiveOpens"));
        finding_number(x, "half_open", h->half_open);
        finding_number(x, "half_open_unanswered", h->unanswered);
        if (deferred)
                finding_number(x, "acks_deferred", evidence_total(e, "TCPDeferAcceptDrop"));
        x->why = repeated_why(ours, deferred);
        finding_fix(x, FIX_CAPACITY, _("See which ones are repeated, and look along the way to these."),
                    word_watch(f, "tcpdump -ni any 'tcp[tcpflags] & tcp-syn != 0'"), "", "");
}

void
rule_handshakes(const struct evidence *e, struct findings *f)
{
        struct handshakes h = handshakes_of(e);

        if (h.repeated >= REPEATED && h.repeated * 100 >= h.begun * REPEATED_PERCENT && !is_told_elsewhere(e))
                find_repeated(e, f, &h);
}
