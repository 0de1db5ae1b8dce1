/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a host runs out of: places in conntrack, memory for TCP, descriptors of a process.
 */
#include "doctor/rules.h"

enum { NEAR_PERCENT = 80, FULL_PERCENT = 95 };

/* ---- conntrack ---------------------------------------------------------------------------------------------------- */

/* A day is enough for who uses keepalive; the kernel's own is five. */
enum { TRACK_DAY_S = 86400, TRACK_STANDARD_S = 432000 };

/* In another namespace than the host's first the kernel refuses more than the host has. */
static void
fix_track_limits(struct finding *x, const struct evidence *e, int64_t most)
{
        struct findings *f = x->all;
        int64_t foreign = 0, kept_s = TRACK_STANDARD_S;

        evidence_fact_is(e, FACT_FOREIGN, &foreign);
        evidence_fact_is(e, FACT_TRACKED_KEPT, &kept_s);
        finding_fix(
                x, FIX_KNOB,
                foreign ? _("Permit more entries: on the host, whose limit it is.") : _("Permit more entries."),
                foreign ? "" : findings_say(f, "sysctl -w net.netfilter.nf_conntrack_max=%lld", (long long)most * 2),
                findings_say(f, _("%lld instead of %lld, some 320 bytes each."), (long long)most * 2, (long long)most),
                _("Longer chains in its table unless nf_conntrack_buckets grows with it."));
        if (kept_s > TRACK_DAY_S)
                finding_fix(
                        x, FIX_KNOB,
                        findings_say(f, _("Forget idle established connections sooner than after %s."),
                                     word_time(f, (uint64_t)kept_s * 1000)),
                        findings_say(f, "sysctl -w net.netfilter.nf_conntrack_tcp_timeout_established=%d", TRACK_DAY_S),
                        _("Those that are dead go after a day."),
                        _("Connections that are idle for longer are cut off: keepalive must be shorter."));
}

void
rule_conntrack(const struct evidence *e, struct findings *f)
{
        int64_t count = 0, most = 0;
        int64_t dropped = evidence_growth(e, COUNT_TRACK_DROP) + evidence_growth(e, COUNT_TRACK_EARLY_DROP);
        bool known =
                evidence_fact_is(e, FACT_TRACKED, &count) && evidence_fact_is(e, FACT_TRACKED_MOST, &most) && most > 0;

        if (!known || (count * 100 < most * NEAR_PERCENT && dropped == 0))
                return;
        bool full = count * 100 >= most * FULL_PERCENT || dropped > 0;
        struct finding *x = findings_add(f, "conntrack", full ? SEVERITY_CRITICAL : SEVERITY_WARNING,
                                         _("conntrack follows %lld of at most %lld connections%s"), (long long)count,
                                         (long long)most, dropped > 0 ? _(", and drops packets of others") : "");
        finding_number(x, "entries", count);
        finding_number(x, "most", most);
        finding_real(x, "share", (double)count / (double)most);
        finding_number(x, "dropped_in_sample", evidence_growth(e, COUNT_TRACK_DROP));
        finding_number(x, "forgotten_in_sample", evidence_growth(e, COUNT_TRACK_EARLY_DROP));
        finding_number(x, "insert_failed_in_sample", evidence_growth(e, COUNT_TRACK_INSERT_FAIL));
        finding_number(x, "time_wait", (int64_t)e->now.survey.in_state[LA_TIME_WAIT]);
        x->why = _("The firewall remembers each connection, closed ones for two minutes more, established ones for "
                   "days. When its table is full the first packet of every new connection is dropped "
                   "(\"nf_conntrack: table full\" in the kernel's log): clients hang in SYN_SENT, whatever TCP's own "
                   "limits are.");
        finding_fix(x, FIX_APPLICATION, _("Make fewer connections: keep-alive, pools."), "", "", "");
        finding_fix(x, FIX_CAPACITY,
                    _("Do not track what needs no tracking: traffic of this host's own service, here the one of port "
                      "443, both ways."),
                    "nft 'table inet lastack_untracked { "
                    "chain in { type filter hook prerouting priority raw; tcp dport 443 notrack; }; "
                    "chain out { type filter hook output priority raw; tcp sport 443 notrack; }; }'",
                    _("Connections to port 443 take no entry from then on; 'nft delete table inet lastack_untracked' "
                      "takes it back."),
                    _("Rules that ask for the state of such a connection see it as untracked."));
        fix_track_limits(x, e, most);
}

/* ---- Memory ------------------------------------------------------------------------------------------------------- */

static void
add_memory_numbers(struct finding *x, const struct evidence *e, int64_t pages, int64_t pressed, int64_t most)
{
        int64_t page = 4096;

        evidence_fact_is(e, FACT_PAGE, &page);
        finding_number(x, "pages", pages);
        finding_number(x, "pressure_from", pressed);
        finding_number(x, "most", most);
        finding_number(x, "memory_bytes", pages * page);
        finding_number(x, "pressures_in_sample", evidence_growth(e, "TCPMemoryPressures"));
        finding_number(x, "pruned_in_sample", evidence_growth(e, "PruneCalled"));
        finding_number(x, "dropped_in_sample", evidence_growth(e, "TCPRcvQDrop") + evidence_growth(e, "RcvPruned"));
        finding_number(x, "unread_bytes", (int64_t)holders_sum(&e->now.survey.unread).bytes);
}

void
rule_memory(const struct evidence *e, struct findings *f)
{
        int64_t pages, pressed, most, began = evidence_growth(e, "TCPMemoryPressures");

        if (!evidence_fact_is(e, FACT_MEMORY_PAGES, &pages) || !evidence_fact_is(e, FACT_MEMORY_PRESSED, &pressed) ||
            !evidence_fact_is(e, FACT_MEMORY_MOST, &most)) {
                findings_untold(
                        f, "tcp-memory", false,
                        _("TCP's memory: net.ipv4.tcp_mem is the host's, and not shown in other network namespaces"));
                return;
        }
        if (most <= 0 || (pages < pressed && began == 0))
                return;
        bool full = pages * 100 >= most * FULL_PERCENT;
        struct finding *x =
                findings_add(f, "tcp-memory", full ? SEVERITY_CRITICAL : SEVERITY_WARNING,
                             _("TCP's buffers take %lld pages; the kernel keeps them small from %lld on and gives "
                               "none beyond %lld"),
                             (long long)pages, (long long)pressed, (long long)most);
        add_memory_numbers(x, e, pages, pressed, most);
        x->why = _(
                "The buffers of all TCP sockets of the host together are limited by net.ipv4.tcp_mem. Above its second "
                "value windows shrink and what came out of order is dropped, above the third nothing is received and "
                "closed connections are reset. Mostly it is data that programs do not read, or that peers do not "
                "take.");
        finding_fix(x, FIX_APPLICATION,
                    _("Find who holds it: receive queues that are not read, send queues that do not drain."),
                    word_ls(f, "-mp --sort recvq"), _("Each queue that drains gives back its pages."), "");
        finding_fix(x, FIX_KNOB, _("If the memory is there: raise tcp_mem."),
                    findings_say(f, "sysctl -w net.ipv4.tcp_mem=\"%lld %lld %lld\"", (long long)pressed,
                                 (long long)most, (long long)most * 2),
                    "", _("It cannot be swapped, and is missing elsewhere."));
}

/* ---- Descriptors -------------------------------------------------------------------------------------------------- */

/* A single number would be the hard limit as well, and lower it for good. */
static const char *
word_prlimit(struct findings *f, const struct evidence *e, int32_t pid, int64_t most)
{
        int64_t hard = 0;

        evidence_fact_is(e, findings_say(f, FACT_NOFILE_HARD "%d", pid), &hard);
        return findings_say(f, hard >= most ? "prlimit --pid %d --nofile=%lld:" : "prlimit --pid %d --nofile=%lld", pid,
                            (long long)most);
}

static void
find_descriptors(const struct evidence *e, struct findings *f, const struct holder *h, int64_t files, int64_t most)
{
        const struct holder *leak = holders_find(&e->now.survey.close_wait, h->owner.pid);
        struct finding *x = findings_add(f, "descriptors",
                                         files * 100 >= most * FULL_PERCENT ? SEVERITY_CRITICAL : SEVERITY_WARNING,
                                         _("%s has %lld of %lld descriptors open"), word_process(f, e, h->owner.pid),
                                         (long long)files, (long long)most);

        finding_process(x, e, h->owner.pid);
        finding_number(x, "descriptors", files);
        finding_number(x, "most", most);
        finding_real(x, "share", (double)files / (double)most);
        finding_number(x, "tcp_sockets", h->sockets);
        finding_number(x, "close_wait", leak ? leak->sockets : 0);
        x->why = _("At its limit a process can neither accept() nor connect(): both fail with EMFILE, \"Too many open "
                   "files\", and a listener's queue fills although the program is awake.");
        finding_fix(x, FIX_APPLICATION,
                    leak ? _("It leaks: see close-wait. Repair that first.")
                         : _("See what it holds, and whether it needs it."),
                    word_ls(f, "-p pid = %d", h->owner.pid), "", "");
        finding_fix(x, FIX_CAPACITY, _("A higher limit (LimitNOFILE= of its unit, ulimit -n)."),
                    word_prlimit(f, e, h->owner.pid, most * 2),
                    findings_say(f, _("%lld instead of %lld, at once; beyond the hard limit only with root."),
                                 (long long)most * 2, (long long)most),
                    leak ? _("Only puts off what a leak leads to.") : "");
}

void
rule_descriptors(const struct evidence *e, struct findings *f)
{
        const struct holders *h = &e->now.survey.owners;

        for (size_t i = 0, shown = 0; i < h->count && shown < RULES_EACH; i++) {
                const struct holder *x = &h->holder[i];
                int64_t most = 0, files = x->sockets;
                if (!evidence_fact_is(e, findings_say(f, FACT_NOFILE "%d", x->owner.pid), &most) || most <= 0)
                        continue;
                evidence_fact_is(e, findings_say(f, FACT_FILES "%d", x->owner.pid), &files);
                if (files * 100 >= most * NEAR_PERCENT) {
                        shown++;
                        find_descriptors(e, f, x, files, most);
                }
        }
        if (e->owners_hidden > 0)
                findings_untold(
                        f, "descriptors", false,
                        findings_say(f,
                                     _("who holds the sockets of %u processes that may not be looked into, and how "
                                       "near they are to their limit of descriptors (root may)"),
                                     e->owners_hidden));
}
