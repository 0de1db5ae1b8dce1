/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections that do not end: CLOSE_WAIT, which only the application ends, and FIN_WAIT_1, CLOSING and LAST_ACK, which
 * only the peer does.
 */
#include "doctor/rules.h"

/* ---- CLOSE_WAIT --------------------------------------------------------------------------------------------------- */

enum {
        LEAK = 10,          /* connections that are late; fewer are no trend */
        LEAK_GREAT = 1000,  /* descriptors run out soon */
        OLD_MS = 60 * 1000, /* nobody needs a minute for close() */
};

struct leak {
        const struct holder *now;
        int64_t grown;
        bool grown_known;
        int64_t most; /* descriptors that the process may have, or connections that its stack can; 0: not known */
};

/* One process has the sockets of all. */
static int64_t
most_of_all_queues(const struct evidence *e)
{
        int64_t most = 0, queues = 1;

        evidence_fact_is(e, FACT_STACK_MOST "connections", &most);
        evidence_fact_is(e, FACT_STACK_QUEUES, &queues);
        return queues > 0 && most <= INT64_MAX / queues ? most * queues : most;
}

static struct leak
leak_of(const struct evidence *e, struct findings *f, const struct holder *h)
{
        struct leak l = { .now = h, .grown_known = evidence_span_ms(e) > 0 };
        const struct holder *before = holders_find(&e->before.survey.close_wait, h->owner.pid);

        if (l.grown_known)
                l.grown = (int64_t)h->sockets - (before ? (int64_t)before->sockets : 0);
        if (f->stack)
                l.most = most_of_all_queues(e);
        else
                evidence_fact_is(e, findings_say(f, FACT_NOFILE "%d", h->owner.pid), &l.most);
        return l;
}

/* False for what any busy server has for a moment.  Where the source tells no ages, what stays through both looks is
 * late. */
static bool
grade_leak(const struct leak *l, enum severity *ret)
{
        const struct holder *h = l->now;
        uint32_t late = h->age_known ? h->late : l->grown_known && l->grown >= 0 ? h->sockets - (uint32_t)l->grown : 0;

        if (late >= LEAK_GREAT || (late >= LEAK && l->most > 0 && h->sockets * 2 >= l->most))
                *ret = SEVERITY_CRITICAL;
        else if (late >= LEAK)
                *ret = SEVERITY_WARNING;
        else if (h->age_known && h->oldest_min_ms >= OLD_MS)
                *ret = SEVERITY_NOTICE;
        else
                return false;
        return true;
}

static void
find_leak(const struct evidence *e, struct findings *f, const struct leak *l, enum severity severity, size_t more)
{
        const struct holder *h = l->now;
        struct finding *x = findings_add(
                f, "close-wait", severity, _("%s holds %u connections in CLOSE_WAIT%s"),
                word_process(f, e, h->owner.pid), h->sockets,
                h->age_known ? findings_say(f, _(", the oldest for %s at least"), word_time(f, h->oldest_min_ms)) : "");

        finding_process(x, e, h->owner.pid);
        finding_number(x, "close_wait", h->sockets);
        if (h->age_known) {
                finding_number(x, "late", h->late);
                finding_number(x, "oldest_s", h->oldest_min_ms / 1000);
        }
        if (l->grown_known) {
                finding_number(x, "growth", l->grown);
                finding_real(x, "growth_per_second", evidence_rate(e, l->grown));
        }
        if (h->bytes > h->sockets) /* the FIN counts as one */
                finding_number(x, "unread_bytes", (int64_t)(h->bytes - h->sockets));
        if (l->most > 0)
                finding_number(x, f->stack ? "connections_at_most" : "descriptors_at_most", l->most);
        if (l->most > h->sockets && l->grown > 0)
                finding_number(x, "seconds_to_limit",
                               (int64_t)((double)(l->most - h->sockets) / evidence_rate(e, l->grown)));
        finding_more(x, more);
        x->why = findings_say(
                f,
                _("The peer has closed and this end's TCP has told the program, which has not called close(): it does "
                  "not read the end (a pool that is not polled, a worker that is stuck), or forgets to close on some "
                  "path of errors. No timer ends CLOSE_WAIT, and no tunable does: not tcp_fin_timeout, not "
                  "tcp_tw_reuse, not keepalive. %s"),
                f->stack ? _("Each keeps one of the stack's places for connections, until there is none left.")
                         : _("Each keeps a descriptor, until \"Too many open files\"."));
        finding_fix(x, FIX_APPLICATION, _("Find what the program does with a read() of 0 bytes, and have it close()."),
                    h->owner.pid ? word_ls(f, "-p state close-wait and pid = %d", h->owner.pid)
                                 : word_ls(f, "-p state close-wait"),
                    _("Each close() ends its connection at once."), "");
        finding_fix(x, FIX_APPLICATION,
                    f->stack ? _("Until it is repaired: restart it before its stack is full.")
                             : _("Until it is repaired: restart it before it is out of descriptors."),
                    "", _("Ends all of them."), _("Its other connections end, too."));
}

void
rule_close_wait(const struct evidence *e, struct findings *f)
{
        const struct holders *held = &e->now.survey.close_wait;
        enum severity severity;
        size_t found = 0, shown = 0;

        for (size_t i = 0; i < held->count; i++) {
                struct leak l = leak_of(e, f, &held->holder[i]);
                found += grade_leak(&l, &severity);
        }
        for (size_t i = 0; i < held->count && shown < RULES_EACH; i++) {
                struct leak l = leak_of(e, f, &held->holder[i]);
                if (grade_leak(&l, &severity)) {
                        shown++;
                        find_leak(e, f, &l, severity, shown == RULES_EACH ? found - shown : 0);
                }
        }
        if (e->missing & (LA_KNOWN_AGE | LA_KNOWN_TCP))
                findings_untold(f, "close-wait", evidence_span_ms(e) == 0,
                                _("how long connections have been in CLOSE_WAIT: this source does not tell"));
}

/* ---- FIN_WAIT_1, CLOSING, LAST_ACK -------------------------------------------------------------------------------- */

enum { STUCK = 10 };

static uint64_t
stuck(const struct peer *p)
{
        return (uint64_t)p->strain.stuck_repeating + p->strain.stuck_zero_window;
}

static void
add_stuck_numbers(struct finding *x, const struct evidence *e, const struct strain *s)
{
        int64_t number;

        finding_number(x, "no_answer", s->stuck_repeating);
        finding_number(x, "closed_window", s->stuck_zero_window);
        finding_number(x, "orphans_of_these", s->stuck_orphans);
        finding_number(x, "in_fin_wait_1", s->fin_wait_1);
        finding_number(x, "in_closing", s->closing);
        finding_number(x, "in_last_ack", s->last_ack);
        finding_number(x, "most_repeats", s->most_repeats);
        finding_number(x, "waiting_bytes", (int64_t)s->waiting_bytes);
        finding_number(x, "tcp_orphan_retries", evidence_number_or(e, LA_K_tcp_orphan_retries, -1));
        if (evidence_fact_is(e, FACT_ORPHANS, &number))
                finding_number(x, *e->stack ? "orphans_of_the_stack" : "orphans_of_the_host", number);
        if (evidence_number(e, LA_K_tcp_max_orphans, &number))
                finding_number(x, "tcp_max_orphans", number);
}

void
rule_closing_stuck(const struct evidence *e, struct findings *f)
{
        const struct strain *all = &e->now.survey.peers.total;
        uint32_t count = all->stuck_repeating + all->stuck_zero_window;
        const struct peer *top[1];

        if (count == 0)
                return;
        bool window = all->stuck_zero_window > all->stuck_repeating;
        size_t peers = peers_top(&e->now.survey.peers, stuck, 1, top);
        const char *where = peers ? word_peer(f, top[0]) : "?";
        struct finding *x =
                findings_add(f, "closing-stuck", count >= STUCK ? SEVERITY_WARNING : SEVERITY_NOTICE,
                             window ? _("%u closed connections cannot deliver their last data: the peer's window is "
                                        "closed; most to %s")
                                    : _("%u closed connections get no answer to their last data or FIN; most to %s"),
                             count, where);
        finding_text(x, "most_to", where);
        add_stuck_numbers(x, e, all);
        x->why = window ? _("The program has closed, the peer is there and does not read, so what was written before "
                            "the close stays here. After the close nobody in the program notices any more; TCP probes "
                            "until tcp_orphan_retries, and a peer that answers keeps it waiting.")
                        : _("The program has closed, and the peer does not acknowledge the rest: it is gone, or "
                            "something in between, or this host's own firewall, drops. TCP repeats tcp_orphan_retries "
                            "times for those that no process holds (0 acts as 8, over 100 seconds), and each keeps "
                            "what is not yet delivered in memory.");
        finding_fix(
                x, FIX_APPLICATION,
                window ? _("On the peer: read, or close. Here: TCP_USER_TIMEOUT before the close bounds the wait.")
                       : _("Look at the peer and the way to it. TCP_USER_TIMEOUT before the close bounds the wait."),
                word_ls(f, "-op state fin-wait-1 state last-ack state closing"),
                _("They end with the peer's acknowledgment."), "");
        fix_patience(x, e,
                     &(struct less_patience){
                             LA_K_tcp_orphan_retries, 4, _("Give up orphans sooner, if they are many."),
                             _("The end of an answer is lost to peers that are away for longer than that.") });
}

/* ---- Orphans ------------------------------------------------------------------------------------------------------ */

enum { ORPHANS_WARN_PERCENT = 50, ORPHANS_FULL_PERCENT = 90 };

void
rule_orphans(const struct evidence *e, struct findings *f)
{
        int64_t orphans = 0, most = 0, refused = evidence_growth(e, "TCPAbortOnMemory");
        const struct knob_value *outer = &e->outer[LA_K_tcp_max_orphans]; /* the host's, as the orphans are */

        if (outer->numbers > 0)
                most = outer->number[0];
        evidence_number(e, LA_K_tcp_max_orphans, &most);
        bool known = evidence_fact_is(e, FACT_ORPHANS, &orphans) && most > 0;

        bool near = known && most > 0 && orphans * 100 >= most * ORPHANS_WARN_PERCENT;
        if (!near && refused == 0)
                return;
        bool full = refused > 0 || orphans * 100 >= most * ORPHANS_FULL_PERCENT;
        struct finding *x =
                refused > 0
                        ? findings_add(
                                  f, "orphans", SEVERITY_CRITICAL,
                                  _("%lld connections were reset for want of memory or of places for orphans in %s"),
                                  (long long)refused, word_time(f, evidence_span_ms(e)))
                        : findings_add(
                                  f, "orphans", full ? SEVERITY_CRITICAL : SEVERITY_WARNING,
                                  _("%lld of %lld orphans: beyond that connections are reset when they are closed"),
                                  (long long)orphans, (long long)most);
        if (known) {
                finding_number(x, "orphans", orphans);
                finding_number(x, "tcp_max_orphans", most);
        }
        finding_number(x, "reset_in_sample", refused);
        finding_number(x, "reset", evidence_total(e, "TCPAbortOnMemory"));
        x->why = f->stack ? _("An orphan is a connection that its program has closed and whose last data the peer has "
                              "not acknowledged. Above tcp_max_orphans the stack resets them, and what was not yet "
                              "delivered is lost.")
                          : _("An orphan is a connection that its program has closed and whose last data the peer has "
                              "not acknowledged. Above tcp_max_orphans, or when TCP's memory is short, the kernel "
                              "resets them, and what was not yet delivered is lost. One that has long repeated counts "
                              "two- to fourfold, so resets begin before the limit.");
        finding_fix(x, FIX_APPLICATION,
                    _("Find out who closes without waiting for the peer, and which peers do not answer."),
                    word_ls(f, "-o state fin-wait-1 state last-ack state closing"), "", "");
        fix_patience(x, e,
                     &(struct less_patience){ LA_K_tcp_orphan_retries, 4, _("Give up orphans sooner."),
                                              _("Slow peers lose the end of an answer.") });
        if (most > 0)
                finding_fix(x, FIX_KNOB, _("Permit more orphans."),
                            word_knob(f, LA_K_tcp_max_orphans, "%lld", (long long)most * 2),
                            findings_say(f, _("%lld instead of %lld."), (long long)most * 2, (long long)most),
                            f->stack ? _("Each keeps a place for a connection, and its buffers.")
                                     : _("Up to 64 KB each that cannot be swapped."));
}
