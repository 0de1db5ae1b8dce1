/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections that are open and get nowhere: dead peers, losses, silence, closed windows, and programs that do not read.
 */
#include <string.h>

#include "doctor/rules.h"

/* ---- Dead peers --------------------------------------------------------------------------------------------------- */

enum { IDLE_MANY = 100 };

static void
find_idle(const struct evidence *e, struct findings *f, const struct holder *h, size_t more)
{
        struct finding *x =
                findings_add(f, "dead-peers", h->sockets >= IDLE_MANY ? SEVERITY_WARNING : SEVERITY_NOTICE,
                             _("%s holds %u connections on which nothing has come or gone for %s, without keepalive"),
                             word_process(f, e, h->owner.pid), h->sockets, word_time(f, e->idle_ms));

        finding_process(x, e, h->owner.pid);
        finding_number(x, "idle", h->sockets);
        finding_number(x, "oldest_s", h->oldest_min_ms / 1000);
        finding_number(x, "threshold_s", e->idle_ms / 1000);
        finding_number(x, "idle_with_keepalive", (int64_t)e->now.survey.idle_keepalive);
        finding_number(x, "tcp_keepalive_time", evidence_number_or(e, LA_K_tcp_keepalive_time, -1));
        finding_more(x, more);
        x->why = _("An ESTABLISHED connection on which nothing is sent notices nothing: a peer that lost power, or a "
                   "firewall that forgot it (many do after 5 to 60 minutes), leaves it here for ever, with what it "
                   "holds. Whether a given one is dead cannot be seen from here; a pool may well be idle.");
        finding_fix(
                x, FIX_APPLICATION,
                _("Set SO_KEEPALIVE with TCP_KEEPIDLE below the idle limit of the firewalls on the way, or close what "
                  "was idle for long."),
                h->owner.pid ? word_ls(f, "-pi state established and pid = %d and age gt %us", h->owner.pid,
                                       e->idle_ms / 1000)
                             : word_ls(f, "-pi state established and age gt %us", e->idle_ms / 1000),
                _("Dead ones are found within TCP_KEEPIDLE and 9 probes of TCP_KEEPINTVL, and firewalls see traffic."),
                _("tcp_keepalive_time alone changes nothing: these sockets have not asked for keepalive."));
}

void
rule_dead_peers(const struct evidence *e, struct findings *f)
{
        const struct holders *h = &e->now.survey.idle;

        for (size_t i = 0; i < h->count && i < RULES_EACH; i++)
                find_idle(e, f, &h->holder[i], i + 1 == RULES_EACH ? h->count - RULES_EACH : 0);
        if (e->missing & (LA_KNOWN_TCP | LA_KNOWN_TRAFFIC))
                findings_untold(f, "dead-peers", true,
                                _("how long connections have been idle: this source does not tell TCP's details"));
}

/* ---- Losses ------------------------------------------------------------------------------------------------------- */

enum {
        LOSSES_ENOUGH = 20,
        LOSSES_PERCENT = 1,
        LOSSES_HEAVY_PERCENT = 5,
};

struct losses {
        int64_t sent, repeated; /* what was sent again is among what was sent */
};

static struct losses
losses_of(const struct evidence *e)
{
        struct losses x = { 0 };
        int64_t syns = evidence_growth(e, "TCPSynRetrans");

        if (!evidence_grown(e, "OutSegs", &x.sent) || !evidence_grown(e, "RetransSegs", &x.repeated))
                return (struct losses){ 0 };
        x.repeated = x.repeated > syns ? x.repeated - syns : 0;
        x.sent += x.repeated; /* OutSegs leaves it out (RFC 2012, tcpOutSegs), a socket's segs_out does not */
        return x;
}

/* What a peer's connections repeated between the looks, as far as they were there in both. */
static struct losses
losses_to(const struct evidence *e, const struct peer *p)
{
        const struct peer *before = peers_same(&e->before.survey.peers, p);
        struct losses x = { (int64_t)p->strain.segments, (int64_t)p->strain.repeated };

        if (before && evidence_span_ms(e) > 0 && before->strain.repeated <= p->strain.repeated &&
            before->strain.segments <= p->strain.segments)
                x = (struct losses){ x.sent - (int64_t)before->strain.segments,
                                     x.repeated - (int64_t)before->strain.repeated };
        return x;
}

static uint64_t
repeated(const struct peer *p)
{
        return p->strain.repeated;
}

/* The peer to which most was repeated in the sample; NULL if none stands out. */
static const struct peer *
worst_peer(const struct evidence *e, struct losses *ret)
{
        const struct peer *top[RULES_EACH * 4], *worst = NULL;
        size_t count = peers_top(&e->now.survey.peers, repeated, sizeof(top) / sizeof(top[0]), top);

        *ret = (struct losses){ 0 };
        for (size_t i = 0; i < count; i++) {
                struct losses x = losses_to(e, top[i]);
                if (x.repeated > ret->repeated) {
                        worst = top[i];
                        *ret = x;
                }
        }
        return worst;
}

static double
share(int64_t part, int64_t whole)
{
        return whole > 0 ? (double)part / (double)whole : 0;
}

void
rule_retransmissions(const struct evidence *e, struct findings *f)
{
        struct losses all = losses_of(e), worst;
        const struct peer *p = worst_peer(e, &worst);
        bool lossy = all.repeated >= LOSSES_ENOUGH && all.repeated * 100 >= all.sent * LOSSES_PERCENT;
        int64_t data = worst.repeated - evidence_growth(e, "TCPSynRetrans"); /* a connection counts its SYN, too */
        bool one_lossy = evidence_span_ms(e) > 0 && data >= LOSSES_ENOUGH && data * 50 >= worst.sent;

        if (evidence_span_ms(e) == 0)
                findings_untold(f, "retransmissions", false, _("what is lost now: that takes two looks (--for)"));
        if (!lossy && !one_lossy)
                return;
        bool heavy = lossy && all.repeated * 100 >= all.sent * LOSSES_HEAVY_PERCENT;
        struct finding *x = lossy ? findings_add(f, "retransmissions", heavy ? SEVERITY_CRITICAL : SEVERITY_WARNING,
                                                 _("%.1f %% of the segments sent in %s were sent again"),
                                                 100 * share(all.repeated, all.sent), word_time(f, evidence_span_ms(e)))
                                  : findings_add(f, "retransmissions", SEVERITY_WARNING,
                                                 _("%.1f %% of the segments sent to %s were sent again"),
                                                 100 * share(worst.repeated, worst.sent), word_peer(f, p));
        finding_number(x, "sent_in_sample", all.sent);
        finding_number(x, "repeated_in_sample", all.repeated);
        finding_real(x, "share", share(all.repeated, all.sent));
        finding_number(x, "timeouts_in_sample", evidence_growth(e, "TCPTimeouts"));
        if (p) {
                finding_text(x, "worst_peer", word_peer(f, p));
                finding_number(x, "worst_peer_sent", worst.sent);
                finding_number(x, "worst_peer_repeated", worst.repeated);
                finding_number(x, "worst_peer_connections", p->strain.established);
                finding_process(x, e, p->pid);
        }
        x->why = _("Segments, or their acknowledgments, are lost on the way: a full queue, a bad line or interface, a "
                   "policer. TCP halves its rate for it, and each timeout is a pause of 200 ms or more for whoever "
                   "waits. If one peer stands out it is the way to that one; if all do, begin with this host's own "
                   "interface.");
        finding_fix(x, FIX_CAPACITY,
                    _("Look for errors and drops at the interface and its queue, then along the path."),
                    "ip -s link; tc -s qdisc", "", "");
        finding_fix(x, FIX_APPLICATION, _("See which connections it is."), word_ls(f, "-pi --sort retrans"), "", "");
}

/* ---- Silence ------------------------------------------------------------------------------------------------------ */

enum { SILENT_MANY = 5 };

static uint64_t
silent(const struct peer *p)
{
        return p->strain.silent;
}

static size_t
count_peers(const struct peers *peers, uint64_t (*figure)(const struct peer *))
{
        size_t count = 0;

        for (size_t i = 0; i < peers->count; i++)
                count += figure(&peers->peer[i]) > 0;
        return count;
}

/* Another connection to the same address gets its answers. */
static bool
answers_others(const struct evidence *e, const struct peer *p)
{
        const struct paths *paths = &e->now.survey.paths;

        for (size_t i = 0; i < paths->count; i++)
                if (paths->path[i].heard && paths->path[i].family == p->family &&
                    memcmp(paths->path[i].remote, p->address, sizeof(p->address)) == 0)
                        return true;
        return false;
}

static void
add_silent_numbers(struct finding *x, const struct evidence *e, const struct peer *p, bool answers)
{
        const struct strain *s = &p->strain;

        finding_text(x, "peer", word_peer(x->all, p));
        finding_number(x, "silent", s->silent);
        finding_number(x, "silent_with_full_segments", s->silent_large);
        finding_number(x, "peer_answers_others", answers);
        finding_number(x, "looked_at", s->established);
        finding_number(x, "most_repeats", s->most_repeats);
        finding_number(x, "waiting_bytes", (int64_t)s->waiting_bytes);
        finding_number(x, "refused_here_in_sample", segments_refused_here(e));
        finding_number(x, "tcp_retries2", evidence_number_or(e, LA_K_tcp_retries2, -1));
        finding_process(x, e, p->pid);
}

static const char *
silent_why(bool answers, bool large)
{
        if (answers && large)
                return _("Each of these has a segment of full size under way, and the peer answers other connections: "
                         "most likely a link on the way takes no packets of this size, and the ICMP message that would "
                         "say so is dropped (a path MTU black hole). Short requests get through, long ones hang until "
                         "tcp_retries2 ends the connection, after 15 minutes by default.");
        if (answers)
                return _("Data was sent, and neither it nor its repetitions are acknowledged, though the peer answers "
                         "other connections: something in between (a firewall, NAT, a load balancer) has forgotten "
                         "these, and drops what belongs to them.");
        return _("Data was sent, and neither it nor its repetitions are acknowledged: the peer is gone, the way to it "
                 "is broken, or large packets do not get through (a path MTU that nobody tells of). The program learns "
                 "of it when tcp_retries2 ends the connection, after 15 minutes by default.");
}

static void
fix_silent(struct finding *x, const struct evidence *e, const struct peer *p, bool answers, bool large)
{
        struct findings *f = x->all;
        unsigned int payload = p->family == LA_IPV6 ? 1452 : 1472; /* with its headers: 1500 */

        finding_fix(x, FIX_APPLICATION, _("Set TCP_USER_TIMEOUT, or a timeout for each request."),
                    word_ls(f, "-opi state connected"), _("The program learns of it after as long as it can bear."),
                    "");
        finding_fix(x, FIX_CAPACITY,
                    _("Look at the peer and the way to it; try packets of full size, and smaller ones."),
                    p->family && !f->stack ? findings_say(f, "ping -c 3 -M do -s %u %s", payload,
                                                          word_address(f, p->family, p->address))
                                           : "",
                    large ? _("If smaller ones get through: let ICMP \"fragmentation needed\" (IPv6: packet too big) "
                              "pass, or set the route's mtu to what does.")
                          : "",
                    "");
        if (large && !f->stack)
                finding_fix(
                        x, FIX_KNOB, _("Have TCP try smaller segments by itself where large ones are not answered."),
                        "sysctl -w net.ipv4.tcp_mtu_probing=1",
                        _("These connections go on after a few timeouts, with segments of tcp_base_mss (1024) first."),
                        _("Connections that only meet losses may shrink their segments, too."));
        if (!answers || !large)
                fix_patience(
                        x, e,
                        &(struct less_patience){
                                LA_K_tcp_retries2, 8, _("Give up sooner, for programs that cannot be changed."),
                                f->stack
                                        ? _("For every connection of the stack: outages longer than that end them all.")
                                        : _("For every connection of the host: outages longer than that end them "
                                            "all.") });
}

static void
find_silent(const struct evidence *e, struct findings *f, const struct peer *p, size_t more)
{
        const struct strain *s = &p->strain;
        bool answers = answers_others(e, p);
        bool large = s->silent_large > 0 && s->silent_large == s->silent && segments_refused_here(e) == 0;
        struct finding *x = findings_add(
                f, "silent-peers", s->silent >= SILENT_MANY ? SEVERITY_WARNING : SEVERITY_NOTICE,
                answers && large ? _("%u open connections with %s get no segment of full size through, though the "
                                     "peer answers others")
                                 : _("%u open connections with %s repeat their data or probes and get no answer"),
                s->silent, word_peer(f, p));

        add_silent_numbers(x, e, p, answers);
        finding_more(x, more);
        x->why = silent_why(answers, large);
        fix_silent(x, e, p, answers, large);
}

void
rule_silent_peers(const struct evidence *e, struct findings *f)
{
        const struct peer *top[RULES_EACH];
        size_t count = peers_top(&e->now.survey.peers, silent, RULES_EACH, top);
        size_t all = count_peers(&e->now.survey.peers, silent);

        for (size_t i = 0; i < count; i++)
                find_silent(e, f, top[i], i + 1 == count ? all - count : 0);
}

/* ---- Closed windows ------------------------------------------------------------------------------------------------ */

static uint64_t
closed_windows(const struct peer *p)
{
        return p->strain.zero_window;
}

static void
find_closed_window(const struct evidence *e, struct findings *f, const struct peer *p, size_t more)
{
        const struct strain *s = &p->strain;
        struct finding *x = findings_add(
                f, "zero-window", s->zero_window >= SILENT_MANY ? SEVERITY_WARNING : SEVERITY_NOTICE,
                _("%u connections cannot send, for %s does not read what it has got"), s->zero_window, word_peer(f, p));

        finding_text(x, "peer", word_peer(f, p));
        finding_number(x, "closed_windows", s->zero_window);
        finding_number(x, "waiting_bytes", (int64_t)s->waiting_bytes);
        finding_number(x, "probes_in_sample", evidence_growth(e, "TCPWinProbe"));
        finding_process(x, e, p->pid);
        finding_more(x, more);
        x->why = _("The peer's window is closed: its TCP is there and answers, its program does not read. Nothing is "
                   "lost and nothing moves; as long as the peer answers probes no timer ends it.");
        finding_fix(x, FIX_APPLICATION,
                    _("On the peer: find out why the program does not read (stuck, stopped, slower than what it is "
                      "sent). Here: TCP_USER_TIMEOUT, or a limit of your own for a write that does not proceed."),
                    word_ls(f, "-op state connected"), "", "");
}

void
rule_zero_window(const struct evidence *e, struct findings *f)
{
        const struct peer *top[RULES_EACH];
        size_t count = peers_top(&e->now.survey.peers, closed_windows, RULES_EACH, top);
        size_t all = count_peers(&e->now.survey.peers, closed_windows);

        for (size_t i = 0; i < count; i++)
                find_closed_window(e, f, top[i], i + 1 == count ? all - count : 0);
}

/* ---- Data that nobody reads ---------------------------------------------------------------------------------------- */

enum {
        UNREAD_MANY = 10,
        UNREAD_BYTES = 64 * 1024,
        UNREAD_OLD_MS = 10 * 1000, /* a single connection with a few bytes: told only if it lasts */
};

static bool
grade_unread(const struct holder *h, enum severity *ret)
{
        if (h->late > 0 && (h->late >= UNREAD_MANY || h->bytes >= UNREAD_BYTES))
                *ret = SEVERITY_WARNING;
        else if (h->late > 0 && h->oldest_min_ms >= UNREAD_OLD_MS)
                *ret = SEVERITY_NOTICE;
        else
                return false;
        return true;
}

static void
find_unread(const struct evidence *e, struct findings *f, const struct holder *h, enum severity severity)
{
        struct finding *x = findings_add(
                f, "unread-data", severity,
                _("%s does not read: %s wait on %u connections, the oldest untouched for %s at least"),
                word_process(f, e, h->owner.pid), word_bytes(f, h->bytes), h->late, word_time(f, h->oldest_min_ms));

        finding_process(x, e, h->owner.pid);
        finding_number(x, "connections", h->late);
        finding_number(x, "unread_bytes", (int64_t)h->bytes);
        finding_number(x, "oldest_s", h->oldest_min_ms / 1000);
        finding_number(x, "windows_closed_in_sample", evidence_growth(e, "TCPToZeroWindowAdv"));
        x->why =
                _("Data has come and been acknowledged, and the program has not read it: it is stopped or stuck, waits "
                  "for something else, or is held back on purpose. When the buffer is full the peer meets a closed "
                  "window.");
        finding_fix(x, FIX_APPLICATION, _("See what the program is doing instead of reading."),
                    h->owner.pid ? word_ls(f, "-pmi state established and pid = %d", h->owner.pid)
                                 : word_ls(f, "-pmi --sort recvq state established"),
                    _("Reading opens the window again."), "");
}

void
rule_unread(const struct evidence *e, struct findings *f)
{
        const struct holders *h = &e->now.survey.unread;
        enum severity severity;

        for (size_t i = 0, shown = 0; i < h->count && shown < RULES_EACH; i++)
                if (grade_unread(&h->holder[i], &severity)) {
                        shown++;
                        find_unread(e, f, &h->holder[i], severity);
                }
        if (e->missing & (LA_KNOWN_TCP | LA_KNOWN_TRAFFIC))
                findings_untold(f, "unread-data", true,
                                _("how long data has waited to be read: this source does not tell TCP's details"));
}

/* ---- Small buffers ------------------------------------------------------------------------------------------------- */

enum { WINDOWS_CLOSED = 5 }; /* between the looks: it is felt */

static void
find_small(const struct evidence *e, struct findings *f, const struct holder *h)
{
        int64_t closed = evidence_growth(e, "TCPToZeroWindowAdv"), probes = evidence_growth(e, "TCPWinProbe");
        struct finding *x =
                findings_add(f, "small-buffers", closed >= WINDOWS_CLOSED ? SEVERITY_WARNING : SEVERITY_NOTICE,
                             _("%s has %u connections with a buffer of less than %u bytes"),
                             word_process(f, e, h->owner.pid), h->sockets, SURVEY_SMALL_BYTES);

        finding_process(x, e, h->owner.pid);
        finding_number(x, "connections", h->sockets);
        finding_number(x, "unread_bytes", (int64_t)h->bytes);
        finding_number(x, "windows_closed_in_sample", closed);
        finding_number(x, "probes_in_sample", probes);
        finding_number(x, "pruned_in_sample", evidence_growth(e, "PruneCalled"));
        x->why = _(
                "The program has set SO_RCVBUF or SO_SNDBUF, which switches off the kernel's own sizing. A buffer that "
                "holds hardly a segment closes the window after each one: the peer waits, probes and repeats, and no "
                "line is ever filled.");
        finding_fix(x, FIX_APPLICATION,
                    _("Do not set SO_RCVBUF and SO_SNDBUF: the kernel sizes buffers by what the line "
                      "takes, up to tcp_rmem and tcp_wmem."),
                    h->owner.pid ? word_ls(f, "-mp state established and pid = %d", h->owner.pid)
                                 : word_ls(f, "-mp state established"),
                    _("128 KiB at the start, and more where the line needs them."),
                    _("More memory for each connection."));
}

void
rule_small_buffers(const struct evidence *e, struct findings *f)
{
        const struct holders *h = &e->now.survey.small;

        for (size_t i = 0; i < h->count && i < RULES_EACH; i++)
                find_small(e, f, &h->holder[i]);
}
