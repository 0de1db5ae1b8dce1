/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The SYN queue: handshakes under way, listener by listener.
 *
 * Which listener a cookie was sent for, or for which a SYN was dropped, the counters do not tell; only one whose places
 * are taken can be the reason.  Nor do they tell whose handshakes were completed: where several listen they are shared out
 * by the connections that each has.
 */
#include <stdlib.h>

#include "doctor/rules.h"

enum { FEW_HALF_OPEN = 64, FEW_SOURCES = 3 };

struct flood {
        const struct listener *listener;
        int64_t cookies, returned, dropped; /* 0 of a listener that had places */
        int64_t completed;
        bool at_limit, unanswered;
};

/* How many half-open connections a listener may have, all its sockets together; 0 where that is not known. */
static uint64_t
places_of_its_own(const struct listener *l)
{
        return l->limit_known ? (uint64_t)l->limit * l->sockets : 0;
}

/* With cookies off the last quarter of tcp_max_syn_backlog is for clients that the kernel knows (tcp_conn_request()); 0
 * where that does not act. */
static uint64_t
places_for_strangers(const struct evidence *e, const struct listener *l)
{
        int64_t most = evidence_number_or(e, LA_K_tcp_max_syn_backlog, 0);

        if (*e->stack != '\0' || evidence_number_or(e, LA_K_tcp_syncookies, 1) != 0 || most <= 0)
                return 0;
        return (uint64_t)(most - most / 4) * l->sockets;
}

static bool
strangers_have_fewer(const struct evidence *e, const struct listener *l)
{
        uint64_t own = places_of_its_own(l), strangers = places_for_strangers(e, l);

        return strangers > 0 && (own == 0 || strangers < own);
}

static uint64_t
places_of(const struct evidence *e, const struct listener *l)
{
        return strangers_have_fewer(e, l) ? places_for_strangers(e, l) : places_of_its_own(l);
}

/* inet_csk_reqsk_queue_is_full(): one more than the limit is let in. */
static bool
is_at_limit(const struct evidence *e, const struct listener *l)
{
        uint64_t places = places_of(e, l);

        return (places > 0 || l->limit_known) && l->half_open > 0 && l->half_open >= places;
}

/* A listener whose accept queue is full ignores the last ACK of handshakes: then it is we who do not complete them. */
static bool
may_be_flooded(const struct listener *l)
{
        return l->half_open > 0 && !listener_is_full(l);
}

static double
share_taken(const struct evidence *e, const struct listener *l)
{
        return (double)l->half_open / ((double)places_of(e, l) + 1);
}

struct all_listeners {
        bool any_at_limit;
        const struct listener *fullest; /* that may be flooded; NULL: none has half-open connections */
        uint64_t connections;
};

static struct all_listeners
look_at_all(const struct evidence *e)
{
        const struct listeners *l = &e->now.survey.listeners;
        struct all_listeners all = { 0 };

        for (size_t i = 0; i < l->count; i++) {
                const struct listener *x = &l->listener[i];
                all.connections += x->connections;
                if (!may_be_flooded(x))
                        continue;
                all.any_at_limit |= is_at_limit(e, x);
                if (!all.fullest || share_taken(e, x) > share_taken(e, all.fullest))
                        all.fullest = x;
        }
        return all;
}

static struct flood
flood_of(const struct evidence *e, const struct all_listeners *all, const struct listener *l)
{
        struct flood x = { .listener = l, .at_limit = is_at_limit(e, l) };

        x.completed = evidence_growth(e, "PassiveOpens");
        if (all->connections > 0)
                x.completed = (int64_t)((double)x.completed * l->connections / (double)all->connections);
        if (all->any_at_limit ? x.at_limit : l == all->fullest) {
                x.cookies = evidence_growth(e, "TCPReqQFullDoCookies");
                x.returned = evidence_growth(e, "SyncookiesRecv");
                x.dropped = evidence_growth(e, "TCPReqQFullDrop");
                if (x.at_limit && strangers_have_fewer(e, l))
                        x.dropped += syns_dropped_with_room(e);
        }
        x.unanswered = l->half_open >= FEW_HALF_OPEN && l->repeated * 2 >= l->half_open &&
                       x.completed * 4 < (int64_t)l->half_open;
        return x;
}

static bool
is_in_trouble(const struct flood *x)
{
        return x->at_limit || x->unanswered || x->cookies > 0 || x->dropped > 0;
}

/* Forged addresses complete nothing.  Real clients do, however slow. */
static bool
is_forged(const struct evidence *e, const struct flood *x)
{
        const struct listener *l = x->listener;
        int64_t more = x->cookies + x->dropped;

        if (evidence_growth(e, "TCPDeferAcceptDrop") > 0) /* they have answered, and wait with their data */
                return false;
        if (evidence_span_ms(e) == 0)
                return l->repeated * 2 >= l->half_open ||
                       (l->sources * 2 > l->half_open && l->connections * 4 < l->half_open);

        if (more > 0)
                return (x->completed + x->returned) * 10 < more;
        return x->completed * 4 < (int64_t)l->half_open && l->repeated * 2 >= l->half_open;
}

static void
add_flood_numbers(struct finding *x, const struct evidence *e, const struct flood *flood)
{
        const struct listener *l = flood->listener;

        finding_text(x, "listener", word_listener(x->all, l));
        finding_number(x, "half_open", l->half_open);
        if (l->limit_known)
                finding_number(x, "limit", l->limit);
        if (strangers_have_fewer(e, l))
                finding_number(x, "limit_of_tcp_max_syn_backlog", (int64_t)places_for_strangers(e, l));
        finding_number(x, "unanswered", l->repeated);
        finding_number(x, "sources", l->sources);
        finding_number(x, "established", l->connections);
        finding_number(x, "tcp_syncookies", evidence_number_or(e, LA_K_tcp_syncookies, -1));
        if (evidence_span_ms(e) > 0) {
                finding_number(x, "cookies_sent_in_sample", flood->cookies);
                finding_number(x, "cookies_returned_in_sample", flood->returned);
                finding_number(x, "dropped_in_sample", flood->dropped);
                finding_number(x, "completed_in_sample", flood->completed);
        }
        finding_number(x, "cookies_sent", evidence_total(e, "SyncookiesSent"));
        finding_number(x, "tcp_max_syn_backlog", evidence_number_or(e, LA_K_tcp_max_syn_backlog, -1));
        finding_number(x, "tcp_synack_retries", evidence_number_or(e, LA_K_tcp_synack_retries, -1));
}

static void
fix_backlog(struct finding *x, const struct listener *l)
{
        finding_fix(x, FIX_CAPACITY,
                    findings_say(x->all,
                                 _("A larger backlog in listen(), and somaxconn, hold more than %u half-open "
                                   "connections."),
                                 l->limit),
                    "",
                    x->all->stack
                            ? _("It helps real clients in a burst, and only for a moment in a flood.")
                            : _("About 320 bytes each; it helps real clients in a burst, and only for a moment in "
                                "a flood."),
                    "");
}

static void
fix_flood(struct finding *x, const struct evidence *e, const struct flood *flood, bool forged)
{
        const struct listener *l = flood->listener;
        int64_t cookies = evidence_number_or(e, LA_K_tcp_syncookies, 1);

        if (forged && l->sources <= FEW_SOURCES)
                finding_fix(x, FIX_CAPACITY,
                            findings_say(x->all,
                                         _("They come from %u address(es): drop them in a firewall, or look for a "
                                           "route back that is missing."),
                                         l->sources),
                            word_ls(x->all, "-no state syn-recv sport = :%u", l->local.port),
                            _("Ends it, if the addresses are real."), "");
        else if (forged)
                finding_fix(x, FIX_CAPACITY,
                            _("Filter where the line is wider: the provider, or a SYN proxy (nft synproxy)."), "",
                            _("Forged SYNs do not reach this host."), "");
        if (l->limit_known && !strangers_have_fewer(e, l))
                fix_backlog(x, l);
        if (cookies == 0)
                finding_fix(
                        x, FIX_KNOB, _("Switch SYN cookies on: then who can complete a handshake gets in."),
                        word_knob(x->all, LA_K_tcp_syncookies, "1"),
                        _("Nothing is dropped for want of a place any more."),
                        _("While the queue is full, connections of peers without timestamps have no window scaling."));
        if (forged)
                fix_patience(x, e,
                             &(struct less_patience){ LA_K_tcp_synack_retries, 2, _("Forget unanswered ones sooner."),
                                                      _("Clients behind very lossy paths fail to connect.") });
}

static const char *
flood_summary(const struct evidence *e, struct findings *f, const struct listener *l, bool forged)
{
        const char *name = word_listener(f, l);
        unsigned long long places = places_of(e, l);

        if (forged && places == 0 && !l->limit_known)
                return findings_say(f,
                                    _("A flood of SYNs to %s: %u half-open connections, from %u addresses, that nobody "
                                      "completes"),
                                    name, l->half_open, l->sources);
        if (forged)
                return findings_say(f,
                                    _("A flood of SYNs to %s: %u half-open connections of at most %llu, from %u "
                                      "addresses, that nobody completes"),
                                    name, l->half_open, places, l->sources);
        return findings_say(
                f, _("More clients connect to %s at once than it may have half-open: %u of %llu, from %u addresses"),
                name, l->half_open, places, l->sources);
}

static const char *
flood_why(const struct evidence *e, const struct listener *l, bool forged)
{
        if (strangers_have_fewer(e, l))
                return forged ? _("SYNs that are never followed by the last ACK of the handshake fill the listener's "
                                  "places for half-open connections. With tcp_syncookies=0 clients that the kernel "
                                  "does not know have three quarters of tcp_max_syn_backlog; what comes beyond is "
                                  "dropped, the SYNs of real clients too.")
                              : _("Real clients, for their handshakes are completed: a burst, or long round trips. "
                                  "With tcp_syncookies=0 clients that the kernel does not know have three quarters of "
                                  "tcp_max_syn_backlog; what comes beyond is dropped.");
        if (forged)
                return _("SYNs that are never followed by the last ACK of the handshake fill the listener's places "
                         "for half-open connections, of which it has one more than the smaller of its backlog and "
                         "somaxconn. With tcp_syncookies=1 later ones are answered with a cookie and cost nothing; "
                         "without, they are dropped, those of real clients too. Raising tcp_max_syn_backlog does "
                         "nothing while cookies are on, and the accept queue has nothing to do with it.");
        return evidence_number_or(e, LA_K_tcp_syncookies, 1) == 0
                       ? _("Real clients, for their handshakes are completed: a burst, or long round trips. Beyond "
                           "the listener's places for half-open connections their SYNs are dropped, for "
                           "tcp_syncookies is 0.")
                       : _("Real clients, for their handshakes are completed: a burst, or long round trips. Beyond "
                           "the listener's places for half-open connections they are answered with SYN cookies. "
                           "tcp_max_syn_backlog does nothing about that while cookies are on.");
}

static void
find_flood(const struct evidence *e, struct findings *f, const struct flood *x, size_t more)
{
        bool forged = is_forged(e, x), drops = x->dropped > 0;
        struct finding *finding = findings_add(f, "syn-queue",
                                               drops    ? SEVERITY_CRITICAL
                                               : forged ? SEVERITY_WARNING
                                                        : SEVERITY_NOTICE,
                                               "%s", flood_summary(e, f, x->listener, forged));

        add_flood_numbers(finding, e, x);
        finding_more(finding, more);
        finding->why = flood_why(e, x->listener, forged);
        fix_flood(finding, e, x, forged);
}

static int
most_half_open_first(const void *a, const void *b)
{
        const struct flood *x = a, *y = b;

        if (x->listener->half_open != y->listener->half_open)
                return x->listener->half_open < y->listener->half_open ? 1 : -1;
        return (x->listener > y->listener) - (x->listener < y->listener);
}

static void
find_floods(const struct evidence *e, struct findings *f)
{
        const struct listeners *l = &e->now.survey.listeners;
        struct all_listeners all = look_at_all(e);
        struct flood *flood = all.fullest ? calloc(l->count, sizeof(*flood)) : NULL;
        size_t count = 0;

        if (all.fullest && !flood)
                f->out_of_memory = true;
        for (size_t i = 0; flood && i < l->count; i++) {
                if (!may_be_flooded(&l->listener[i]))
                        continue;
                flood[count] = flood_of(e, &all, &l->listener[i]);
                count += is_in_trouble(&flood[count]);
        }
        if (count > 1)
                qsort(flood, count, sizeof(*flood), most_half_open_first);
        for (size_t i = 0; i < count && i < RULES_EACH; i++)
                find_flood(e, f, &flood[i], i + 1 == RULES_EACH ? count - RULES_EACH : 0);
        free(flood);
}

void
rule_syn_queue(const struct evidence *e, struct findings *f)
{
        find_floods(e, f);
        if (evidence_span_ms(e) == 0)
                findings_untold(f, "syn-queue", false,
                                _("how many SYN cookies are sent now: that takes two looks (--for)"));
}

bool
syn_backlog_binds(const struct evidence *e)
{
        const struct listeners *l = &e->now.survey.listeners;

        for (size_t i = 0; i < l->count; i++) {
                const struct listener *x = &l->listener[i];
                if (may_be_flooded(x) && strangers_have_fewer(e, x) && is_at_limit(e, x))
                        return true;
        }
        return false;
}
