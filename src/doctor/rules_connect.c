/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections that do not come about: SYNs without an answer, refusals there, refusals here.
 */
#include <string.h>

#include "doctor/rules.h"

/* ---- SYN_SENT ----------------------------------------------------------------------------------------------------- */

enum { SYN_WARN = 5 };

static uint64_t
syn_repeated(const struct peer *p)
{
        return p->strain.syn_repeated;
}

/* How many connections to the same service got through. */
static uint64_t
open_to(const struct evidence *e, const struct peer *p)
{
        const struct paths *paths = &e->now.survey.paths;
        uint64_t open = 0;

        for (size_t i = 0; i < paths->count; i++) {
                const struct path *path = &paths->path[i];
                if (path->role == PATH_CLIENT && path->service == p->service && path->family == p->family &&
                    memcmp(path->remote, p->address, sizeof(p->address)) == 0)
                        open += path->sockets;
        }
        return open > p->strain.syn_sent ? open - p->strain.syn_sent : 0;
}

/* A listener of this very host whose queue is full, if that is where they go. */
static const struct listener *
own_full_listener(const struct evidence *e, const struct peer *p)
{
        struct la_endpoint there = { .port = p->service };

        memcpy(there.address, p->address, sizeof(there.address));
        if (p->family == 0)
                return NULL;
        const struct listener *l = listeners_find((struct listeners *)&e->now.survey.listeners, p->family, &there);
        return l && listener_is_full(l) ? l : NULL;
}

static const char *
syn_why(const struct evidence *e, const struct listener *own, uint64_t open)
{
        int64_t repeated = evidence_growth(e, "TCPSynRetrans");

        if (!own && segments_refused_here(e) > 0 && segments_refused_here(e) >= repeated)
                return _("This host itself does not let the SYNs out: a rule of its own firewall, or a queue that "
                         "drops. See not-sent.");
        if (!own && segments_queued_here(e) > 0 && segments_queued_here(e) >= repeated)
                return _("The SYNs have not left this host: a neighbour on the way does not answer ARP or neighbour "
                         "discovery (ip neigh shows it), or a queue does not drain.");
        if (own)
                return _("The destination is this host's own listener, and its accept queue is full: the SYNs are "
                         "dropped here. See accept-queue.");
        if (open > 0)
                return _("SYNs are not answered, not even refused, though other connections to the same service are or "
                         "were there: its queues are full and it drops SYNs, something in between limits connections, "
                         "or the peer still holds an old connection with the same ports.");
        return _("SYNs are not answered, and not refused either (that would have ended SYN_SENT at once): the host is "
                 "down, no route leads there or back, or a firewall drops in silence.");
}

static void
fix_syn_sent(struct finding *x, const struct evidence *e, const struct peer *p)
{
        struct findings *f = x->all;

        finding_fix(x, FIX_APPLICATION,
                    findings_say(
                            f,
                            _("Give connect() in %s a timeout of a few seconds, tries with growing pauses, and another "
                              "destination where there is one."),
                            word_process(f, e, p->pid)),
                    word_ls(f, "-op state syn-sent"),
                    findings_say(f, _("It fails when the program wants, and not after about %s."),
                                 patience_word(f, LA_K_tcp_syn_retries, patience_now(e, LA_K_tcp_syn_retries))),
                    "");
        finding_fix(x, FIX_CAPACITY,
                    _("Look at the destination and the way to it: is it up, does a SYN arrive, does its answer?"),
                    p->family && !f->stack
                            ? findings_say(f, "tcpdump -ni any host %s and port %u and 'tcp[tcpflags] & tcp-syn != 0'",
                                           word_address(f, p->family, p->address), p->service)
                            : "",
                    "", "");
        fix_patience(x, e,
                     &(struct less_patience){
                             LA_K_tcp_syn_retries, 3,
                             _("Fail sooner, for programs that cannot be changed (Linux 6.5 and later adds some "
                               "seconds to either time: tcp_syn_linear_timeouts)."),
                             f->stack ? _("For every connection of the stack: short outages become errors.")
                                      : _("For every connection of the host: short outages become errors.") });
}

static void
find_syn_sent(const struct evidence *e, struct findings *f, const struct peer *p, size_t more)
{
        const struct strain *s = &p->strain;
        uint64_t open = open_to(e, p);
        const struct listener *own = own_full_listener(e, p);
        struct finding *x =
                findings_add(f, "syn-sent", s->syn_repeated >= SYN_WARN ? SEVERITY_WARNING : SEVERITY_NOTICE,
                             _("%u connections to %s get no answer to their SYN"), s->syn_repeated, word_peer(f, p));

        finding_text(x, "destination", word_peer(f, p));
        finding_number(x, "syn_sent", s->syn_sent);
        finding_number(x, "repeated", s->syn_repeated);
        finding_number(x, "most_repeats", s->most_repeats);
        finding_number(x, "other_connections_there", (int64_t)open);
        finding_number(x, "syns_repeated_in_sample", evidence_growth(e, "TCPSynRetrans"));
        finding_number(x, "refused_here_in_sample", segments_refused_here(e));
        finding_number(x, "tcp_syn_retries", evidence_number_or(e, LA_K_tcp_syn_retries, -1));
        finding_process(x, e, p->pid);
        finding_more(x, more);
        x->why = syn_why(e, own, open);
        if (own)
                finding_fix(x, FIX_APPLICATION, _("Have the listener accept(): see accept-queue."),
                            word_ls(f, "-lmp sport = :%u", p->service), _("The SYNs are then answered."), "");
        else
                fix_syn_sent(x, e, p);
}

void
rule_syn_sent(const struct evidence *e, struct findings *f)
{
        const struct peers *peers = &e->now.survey.peers;
        const struct peer *top[RULES_EACH];
        size_t count = peers_top(peers, syn_repeated, RULES_EACH, top), all = 0;

        for (size_t i = 0; i < peers->count; i++)
                all += syn_repeated(&peers->peer[i]) > 0;
        for (size_t i = 0; i < count; i++)
                find_syn_sent(e, f, top[i], i + 1 == count ? all - count : 0);
        if (e->missing & LA_KNOWN_TIMER)
                findings_untold(f, "syn-sent", true, _("whether SYNs are repeated: this source does not tell timers"));
}

/* ---- Refused there ------------------------------------------------------------------------------------------------- */

enum { REFUSED = 10, PORTS_NAMED = 12 };

void
rule_refused(const struct evidence *e, struct findings *f)
{
        int64_t failed, opened = evidence_growth(e, "ActiveOpens");

        if (!evidence_grown(e, "AttemptFails", &failed) || failed < REFUSED || failed * 10 < opened)
                return;
        struct finding *x = findings_add(f, "refused", SEVERITY_WARNING,
                                         _("%lld attempts to connect failed in %s, of %lld that were made"),
                                         (long long)failed, word_time(f, evidence_span_ms(e)), (long long)opened);
        finding_number(x, "failed_in_sample", failed);
        finding_number(x, "opened_in_sample", opened);
        finding_number(x, "resets_sent_in_sample", evidence_growth(e, "OutRsts"));
        finding_real(x, "failed_per_second", evidence_rate(e, failed));
        x->why = _(
                "An attempt that fails at once was refused with a reset: nothing listens there, or a firewall rejects. "
                "(Handshakes of clients of ours that are reset count here as well.) If about as many resets were sent "
                "from here, programs of this host connect to a port of this host.");
        finding_fix(x, FIX_APPLICATION,
                    _("Find which program connects where, and start or correct the service; tries should "
                      "wait longer each time."),
                    word_watch(f, "tcpdump -ni any 'tcp[tcpflags] & tcp-rst != 0'"), "", "");
}

/* ---- Refused here ------------------------------------------------------------------------------------------------- */

/* Resets with another reason than a port that nobody serves. */
static int64_t
resets_with_reasons(const struct evidence *e)
{
        static const char *const reasons[] = { "TCPAbortOnData", "TCPAbortOnClose", "TCPAbortOnMemory",
                                               "TCPAbortOnTimeout", "TCPAbortOnLinger" };
        int64_t sum = 0;

        for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
                sum += evidence_growth(e, reasons[i]);
        return sum;
}

static bool
is_loopback(const struct listener *l)
{
        static const uint8_t loopback6[16] = { [15] = 1 };

        if (l->family == LA_IPV4)
                return l->local.address[0] == 127;
        return memcmp(l->local.address, loopback6, sizeof(loopback6)) == 0;
}

/* Somebody listens on this port for who comes from outside, too. */
static bool
is_open_to_others(const struct listeners *l, uint16_t port)
{
        for (uint32_t i = l->on_port[port]; i > 0; i = l->listener[i - 1].next)
                if (!is_loopback(&l->listener[i - 1]))
                        return true;
        return false;
}

/* Ports that whoever comes from another host finds closed. */
static void
add_loopback_alone(struct finding *x, const struct evidence *e)
{
        const struct listeners *l = &e->now.survey.listeners;
        const char *ports = "";
        size_t count = 0;

        for (size_t i = 0; i < l->count; i++) {
                uint16_t port = l->listener[i].local.port;
                if (is_loopback(&l->listener[i]) && l->on_port[port] == i + 1 && !is_open_to_others(l, port) &&
                    count++ < PORTS_NAMED)
                        ports = findings_say(x->all, "%s%s%u", ports, *ports ? "," : "", port);
        }
        if (count == 0)
                return;
        finding_text(x, "listening_on_loopback_alone", ports);
        finding_number(x, "ports_on_loopback_alone", (int64_t)count);
        finding_fix(x, FIX_APPLICATION,
                    _("If other hosts ask for one of those ports: listen on an address that they can reach, and not on "
                      "127.0.0.1 or ::1 alone."),
                    word_ls(x->all, "-lp"), _("They are then let in."), _("Whoever can reach the address can, too."));
}

void
rule_refusing(const struct evidence *e, struct findings *f)
{
        int64_t sent, reasons = resets_with_reasons(e);

        if (!evidence_grown(e, "OutRsts", &sent) || sent - reasons < REFUSED)
                return;
        struct finding *x = findings_add(
                f, "refusing", evidence_rate(e, sent - reasons) >= REFUSED ? SEVERITY_WARNING : SEVERITY_NOTICE,
                _("%lld segments were answered with a reset in %s: mostly for ports on which nobody listens"),
                (long long)(sent - reasons), word_time(f, evidence_span_ms(e)));
        finding_number(x, "resets_in_sample", sent);
        finding_number(x, "resets_of_connections", reasons);
        finding_real(x, "resets_per_second", evidence_rate(e, sent));
        finding_number(x, "attempts_failed_in_sample", evidence_growth(e, "AttemptFails"));
        finding_number(x, "listeners", (int64_t)e->now.survey.in_state[LA_LISTEN]);
        x->why = _("A reset answers a SYN to a port without listener, or a segment of a connection that is no longer "
                   "known: a service that is not running or listens elsewhere (another port, IPv6 alone, 127.0.0.1), a "
                   "scan, or a load balancer that still sends here.");
        finding_fix(x, FIX_APPLICATION, _("See which port they ask for, and whether a service should be there."),
                    word_watch(f, "tcpdump -ni any 'tcp[tcpflags] & tcp-rst != 0'"), "", "");
        add_loopback_alone(x, e);
}
