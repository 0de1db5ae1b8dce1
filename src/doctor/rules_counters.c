/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What only a counter tells: segments that were dropped or refused without any connection showing it.
 *
 * A row speaks if its counters grew between the looks by `least` together.
 */
#include "doctor/rules.h"

#define COUNTERS_OF_ROW 4

static const struct row {
        const char *id;
        const char *counter[COUNTERS_OF_ROW];
        int64_t least;
        enum severity severity;
        const char *summary; /* one number: how many */
        const char *why;
        enum fix_kind kind;
        const char *fix, *command;
        const char *ls;  /* the arguments of lastack ls, instead of a command */
        bool in_a_stack; /* its events show them */
} rows[] = {
        { .id = "checksum-errors",
          .counter = { "InCsumErrors" },
          .least = 1,
          .severity = SEVERITY_WARNING,
          .summary = N_("%lld segments came with a wrong checksum"),
          .why = N_("They were changed on the way and dropped: a bad cable, memory or network card, a box that "
                    "rewrites packets, or a virtual interface whose other end leaves the checksum to hardware that is "
                    "not there. TCP repeats them, which looks like loss."),
          .kind = FIX_CAPACITY,
          .fix = N_("Find where they come from; between virtual interfaces switch off checksum offload."),
          .command = "tcpdump -nvi any tcp | grep incorrect",
          .in_a_stack = true },
        { .id = "backlog-drops",
          .counter = { "TCPBacklogDrop" },
          .least = 1,
          .severity = SEVERITY_WARNING,
          .summary = N_("%lld segments were dropped while their socket was locked"),
          .why = N_("Segments that come while the program is inside a call for the same socket wait in a backlog; "
                    "beyond the receive and send buffers together they are dropped. It takes a socket that is used "
                    "very hard, or buffers that are very small."),
          .kind = FIX_APPLICATION,
          .fix = N_("Do not set SO_RCVBUF to small values; read in larger pieces."),
          .ls = "-mp --sort recvq" },
        { .id = "receive-drops",
          .counter = { "TCPRcvQDrop", "RcvPruned", "OfoPruned", "TCPZeroWindowDrop" },
          .least = 1,
          .severity = SEVERITY_WARNING,
          .summary = N_("%lld segments were dropped since there was no room in a receive buffer"),
          .why = N_("A program reads slower than its peer sends and the buffer is full, or TCP's memory is short and "
                    "buffers are pruned. The peer has to send them again."),
          .kind = FIX_APPLICATION,
          .fix = N_("Find the sockets whose receive queue does not drain."),
          .ls = "-mp --sort recvq" },
        { .id = "given-up",
          .counter = { "TCPAbortOnTimeout" },
          .least = 1,
          .severity = SEVERITY_WARNING,
          .summary = N_("%lld connections were given up, since the peer did not answer in time"),
          .why = N_("Data, a SYN, a FIN or keepalive probes were repeated to the end without an answer, and the "
                    "program got ETIMEDOUT: peers are gone, or the way to them is."),
          .kind = FIX_APPLICATION,
          .fix = N_("See which connections are about to go the same way."),
          .ls = "-opi --sort probes" },
        { .id = "reset-with-data",
          .counter = { "TCPAbortOnClose", "TCPAbortOnData" },
          .least = 20,
          .severity = SEVERITY_NOTICE,
          .summary = N_("%lld connections were reset because a program closed with data unread or coming"),
          .why = N_("close() with unread data in the receive queue, or with SO_LINGER 0, sends a reset instead of a "
                    "FIN, and data that comes after close() is answered with one: what this end had sent before may "
                    "never be read by the peer."),
          .kind = FIX_APPLICATION,
          .fix = N_("Read to the end before close(); shutdown() first where an answer has to arrive."),
          .command = "" },
        { .id = "connections-reset",
          .counter = { "EstabResets" },
          .least = 20,
          .severity = SEVERITY_NOTICE,
          .summary = N_("%lld open connections were reset, by either end"),
          .why = N_("They went from ESTABLISHED or CLOSE_WAIT to CLOSED at once: a program at one of the ends died or "
                    "closed with data unread, a peer no longer knew the connection, or a box in between cut it off. "
                    "Programs see ECONNRESET."),
          .kind = FIX_APPLICATION,
          .fix = N_("See who sends the resets."),
          .command = "tcpdump -ni any 'tcp[tcpflags] & tcp-rst != 0'",
          .in_a_stack = true },
        { .id = "paws",
          .counter = { "PAWSEstab", "PAWSActive", "PAWSTimewait", "TSEcrRejected" },
          .least = 10,
          .severity = SEVERITY_WARNING,
          .summary = N_("%lld segments were refused because of their timestamps"),
          .why = N_("Their timestamp is older than one already seen of the same connection: mostly a NAT box that "
                    "gives the port "
                    "of one client to another within a minute, or one that rewrites timestamps; sometimes delayed "
                    "duplicates."),
          .kind = FIX_CAPACITY,
          .fix = N_("Have the NAT box use more addresses, and ports again later; do not switch timestamps off."),
          .command = "nstat -az 'TcpExtPAWS*'",
          .in_a_stack = true },
        { .id = "reverse-path-filter",
          .counter = { "IPReversePathFilter" },
          .least = 10,
          .severity = SEVERITY_WARNING,
          .summary = N_("%lld packets were dropped by the reverse path filter"),
          .why = N_("They came by another interface than the one that leads back to their source, and rp_filter drops "
                    "such, without an answer: asymmetric routes, or forged sources."),
          .kind = FIX_KNOB,
          .fix = N_("If the routes are meant to be asymmetric: the loose mode, for that interface."),
          .command = "sysctl -w net.ipv4.conf.all.rp_filter=2" },
        { .id = "fast-open-overflow",
          .counter = { "TCPFastOpenListenOverflow" },
          .least = 1,
          .severity = SEVERITY_NOTICE,
          .summary = N_("%lld Fast Open SYNs found no place and lost their data"),
          .why = N_("A listener takes as many connections with data on the SYN, before their handshake is complete, as "
                    "it has asked for with TCP_FASTOPEN; others fall back to an ordinary handshake."),
          .kind = FIX_APPLICATION,
          .fix = N_("A larger number with TCP_FASTOPEN."),
          .command = "" },
        { .id = "fast-open-fails",
          .counter = { "TCPFastOpenActiveFail", "TCPFastOpenBlackhole" },
          .least = 5,
          .severity = SEVERITY_WARNING,
          .summary = N_("%lld attempts with TCP Fast Open were not answered, and had to be made again without"),
          .why = N_("A box on the way drops SYNs that carry data, or the server takes none: each connection begins a "
                    "second or more late. After some of them the kernel leaves Fast Open alone for an hour "
                    "(tcp_fastopen_blackhole_timeout_sec), and then tries again."),
          .kind = FIX_APPLICATION,
          .fix = N_("Do without Fast Open towards these servers (TCP_FASTOPEN_CONNECT, MSG_FASTOPEN)."),
          .command = "" },
        { .id = "no-route",
          .counter = { "OutNoRoutes" },
          .least = 5,
          .severity = SEVERITY_WARNING,
          .summary = N_("%lld times there was no route for what was to be sent"),
          .why = N_("connect() fails at once with ENETUNREACH, \"Network is unreachable\", and what belongs to open "
                    "connections is thrown away: a default route that is gone, an interface that is down, or a program "
                    "that tries an address that this host cannot reach."),
          .kind = FIX_CAPACITY,
          .fix = N_("See which routes there are, and whether the interface is up."),
          .command = "ip route; ip -brief link" },
        { .id = "challenged",
          .counter = { "TCPChallengeACK", "TCPACKSkippedChallenge", "TCPSYNChallenge" },
          .least = 20,
          .severity = SEVERITY_NOTICE,
          .summary = N_("%lld SYNs and resets came into open connections and fitted none exactly"),
          .why = N_("They are answered with a challenge, or with nothing (RFC 5961), and harm no connection: somebody "
                    "guesses sequence numbers, a box in between ends connections by sequence numbers that it does not "
                    "know, or a peer has been started anew and takes the same ports."),
          .kind = FIX_CAPACITY,
          .fix = N_("See where they come from."),
          .command = "tcpdump -ni any 'tcp[tcpflags] & (tcp-rst|tcp-syn) != 0'",
          .in_a_stack = true },
        { .id = "signature-failures",
          .counter = { "TCPMD5NotFound", "TCPMD5Unexpected", "TCPMD5Failure", "TCPAOBad" },
          .least = 1,
          .severity = SEVERITY_WARNING,
          .summary = N_("%lld segments were dropped since their signature was missing, wrong or not expected"),
          .why = N_("One end has a TCP MD5 or TCP-AO key for this peer and the other has none, or another one: a BGP "
                    "session does not come up like this, and nothing is said to anybody."),
          .kind = FIX_APPLICATION,
          .fix = N_("Compare the keys at both ends."),
          .command = "" },
        { .id = "softnet-drops",
          .counter = { COUNT_SOFTNET_DROP },
          .least = 1,
          .severity = SEVERITY_WARNING,
          .summary = N_("%lld packets were dropped since a processor did not keep up with what came in"),
          .why = N_("Packets wait in a queue of each processor (net.core.netdev_max_backlog) until it serves them; a "
                    "full queue drops. All interrupts on one processor, or a burst."),
          .kind = FIX_CAPACITY,
          .fix = N_("Spread the interrupts of the interface, or use RPS."),
          .command = "cat /proc/net/softnet_stat" },
        { .id = "replies-lost",
          .counter = { COUNT_REPLIES_LOST },
          .least = 1,
          .severity = SEVERITY_WARNING,
          .summary = N_("%lld answers of the stack found no room"),
          .why = N_(
                  "SYN,ACKs, resets and other segments without a connection wait in a ring until the link takes them; "
                  "a flood of SYNs or scans fills it faster, and peers have to try again."),
          .kind = FIX_CAPACITY,
          .fix = N_("Make the stack with more: la_config.replies."),
          .ls = "-no state syn-recv" },
        { .id = "link-drops",
          .counter = { COUNT_LINK_DROP },
          .least = 1,
          .severity = SEVERITY_WARNING,
          .summary = N_("%lld packets of the stack were not taken by its link"),
          .why = N_("The queue of the interface is full, or it is down: what the stack sends is lost and sent again."),
          .kind = FIX_CAPACITY,
          .fix = N_("See whether the interface is up, and make its queue longer (txqueuelen)."),
          .command = "" },
        { .id = "cookies-refused",
          .counter = { "SyncookiesFailed" },
          .least = 20,
          .severity = SEVERITY_NOTICE,
          .summary = N_("%lld acknowledgments that belong to no connection were no SYN cookie either"),
          .why = N_("ACKs come for connections that are not known here: a load balancer that moves connections between "
                    "hosts, a client whose cookie was older than two minutes, or a flood of ACKs."),
          .kind = FIX_CAPACITY,
          .fix = N_("See where they come from."),
          .command = "tcpdump -ni any 'tcp[tcpflags] & tcp-rst != 0'",
          .in_a_stack = true },
};

static const char *
command_of(struct findings *f, const struct row *row)
{
        if (row->ls)
                return word_ls(f, "%s", row->ls);
        if (*row->command == '\0' || (f->stack && !row->in_a_stack))
                return "";
        return word_watch(f, row->command);
}

static int64_t
growth_of(const struct evidence *e, const struct row *row)
{
        int64_t sum = 0;

        for (size_t i = 0; i < COUNTERS_OF_ROW && row->counter[i]; i++)
                sum += evidence_growth(e, row->counter[i]);
        return sum;
}

static void
find_row(const struct evidence *e, struct findings *f, const struct row *row, int64_t grown)
{
        struct finding *x = findings_add(
                f, row->id, row->severity, _("%s in %s"),
                findings_say(f, _(row->summary), (long long)grown), /* NOLINT: a format of the table above */
                word_time(f, evidence_span_ms(e)));

        for (size_t i = 0; i < COUNTERS_OF_ROW && row->counter[i]; i++) {
                finding_number(x, findings_say(f, "%s_in_sample", row->counter[i]),
                               evidence_growth(e, row->counter[i]));
                finding_number(x, row->counter[i], evidence_total(e, row->counter[i]));
        }
        finding_real(x, "per_second", evidence_rate(e, grown));
        x->why = _(row->why);
        finding_fix(x, row->kind, _(row->fix), command_of(f, row), "", "");
}

void
rule_counters(const struct evidence *e, struct findings *f)
{
        if (evidence_span_ms(e) == 0 || e->now.counters.count == 0) {
                findings_untold(f, "counters", false,
                                e->now.counters.count == 0
                                        ? _("what was dropped or refused: there are no counters")
                                        : _("what is dropped or refused now: that takes two looks (--for)"));
                return;
        }
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                int64_t grown = growth_of(e, &rows[i]);
                if (grown >= rows[i].least)
                        find_row(e, f, &rows[i], grown);
        }
}
