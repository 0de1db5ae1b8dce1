/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TIME_WAIT: harmless in any number that the table holds and no path runs short by; and FIN_WAIT_2, which is two things.
 */
#include "doctor/rules.h"

enum {
        USUAL_MOST = 131072, /* tcp_max_tw_buckets of a host with some memory */
        MANY = 1000,         /* so many are asked about */
        SERVER_BYTES = 256,  /* tw_sock_TCP, measured with slabinfo on Linux 6.18 */
        CLIENT_BYTES = 425,  /* with the port buckets that a client's end needs */
        NEAR_PERCENT = 80,   /* of tcp_max_tw_buckets */
        FEW = 10,            /* half-closed connections: any program may have some */
        OLD_MS = 60000,      /* for a half-close that waits for the other end's last words */
        MANY_ORPHANS = 1000, /* records in FIN_WAIT_2 */
};

/* ---- Harmless ----------------------------------------------------------------------------------------------------- */

struct sides {
        uint64_t server, client, short_of_ports, reusable_ports;
};

static struct sides
sides_of(const struct evidence *e)
{
        const struct paths *p = &e->now.survey.paths;
        struct sides sides = { 0 };
        uint32_t ports = survey_ports(&e->now.survey);

        for (size_t i = 0; i < p->count; i++) {
                const struct path *path = &p->path[i];
                if (path->time_wait == 0)
                        continue;
                if (path->role == PATH_SERVER)
                        sides.server += path->time_wait;
                else if (path_is_short(e, path))
                        sides.short_of_ports += path->time_wait;
                else {
                        sides.client += path->time_wait;
                        if (ports > 0 && (uint64_t)path->ephemeral * 100 / ports >= PATHS_ALARM_PERCENT)
                                sides.reusable_ports += path->time_wait;
                }
        }
        return sides;
}

void
rule_time_wait(const struct evidence *e, struct findings *f)
{
        struct sides sides = sides_of(e);
        uint64_t harmless = sides.server + sides.client;
        uint64_t bytes = sides.server * SERVER_BYTES + sides.client * CLIENT_BYTES;

        if (harmless < MANY && sides.reusable_ports == 0)
                return;
        struct finding *x =
                f->stack ? findings_add(f, "time-wait", SEVERITY_NOTICE,
                                        _("%llu connections in TIME_WAIT harm nobody; each is a small record of those "
                                          "that the stack was made with"),
                                        (unsigned long long)harmless)
                         : findings_add(f, "time-wait", SEVERITY_NOTICE,
                                        _("%llu connections in TIME_WAIT harm nobody; they take %s of memory"),
                                        (unsigned long long)harmless, word_bytes(f, bytes));
        finding_number(x, "time_wait", (int64_t)harmless);
        finding_number(x, "of_servers", (int64_t)sides.server);
        finding_number(x, "of_clients", (int64_t)sides.client);
        if (sides.reusable_ports > 0)
                finding_number(x, "whose_ports_tcp_tw_reuse_takes", (int64_t)sides.reusable_ports);
        if (!f->stack)
                finding_number(x, "memory_bytes", (int64_t)bytes);
        finding_number(x, "tcp_max_tw_buckets", evidence_number_or(e, LA_K_tcp_max_tw_buckets, -1));
        x->why = _(
                "The end that closes first waits 60 seconds, so that a lost last ACK can be repeated and late segments "
                "meet no new connection. A server's all share its one port, a client's only count where one "
                "destination takes half of the local ports, and no path here is short. They take no descriptor, no "
                "processor and no listener's place.");
        finding_fix(
                x, FIX_APPLICATION,
                _("Nothing has to be done. Do not lower tcp_max_tw_buckets (connections then end unprotected), do not "
                  "look for tcp_tw_recycle (it broke clients behind NAT and is gone since Linux 4.12), and leave "
                  "tcp_fin_timeout alone (it is about FIN_WAIT_2). tcp_tw_reuse does nothing for connections that "
                  "were accepted."),
                "",
                _("If the number itself is in the way: keep-alive makes fewer connections, and the end that closes "
                  "last has no TIME_WAIT."),
                "");
}

/* ---- The table ---------------------------------------------------------------------------------------------------- */

static struct finding *
add_table(const struct evidence *e, struct findings *f, enum severity severity, int64_t records, int64_t most,
          const char *summary)
{
        struct finding *x = findings_add(f, "time-wait-table", severity, "%s", summary);
        int64_t buckets;

        finding_number(x, "records", records);
        finding_number(x, "tcp_max_tw_buckets", most);
        if (most > 0)
                finding_real(x, "share", (double)records / (double)most);
        finding_number(x, "overflows_in_sample", evidence_growth(e, "TCPTimeWaitOverflow"));
        finding_number(x, "overflows", evidence_total(e, "TCPTimeWaitOverflow"));
        if (evidence_fact_is(e, FACT_BUCKETS, &buckets) && buckets > 0)
                finding_number(x, "default", buckets / 2);
        x->why = _(
                "net.ipv4.tcp_max_tw_buckets limits the records of TIME_WAIT and of orphans in FIN_WAIT_2. Beyond it a "
                "connection that should wait is forgotten at once: if its last ACK is lost the peer meets a reset, and "
                "late segments can reach the next connection of the same ports.");
        return x;
}

/* A stack's records are made with it, and a tunable adds none. */
static void
fix_records(struct finding *x, const struct evidence *e, int64_t most)
{
        int64_t used4 = 0, most4 = 0, used6 = 0, most6 = 0;

        if (!stack_room(e, "time_wait4", &used4, &most4) || !stack_room(e, "time_wait6", &used6, &most6))
                return;
        finding_number(x, "records_made", most4 + most6);
        if (most < most4 + most6)
                finding_fix(
                        x, FIX_KNOB, _("Raise the limit to the records that the stack was made with."),
                        word_knob(x->all, LA_K_tcp_max_tw_buckets, "%lld", (long long)(most4 + most6)),
                        findings_say(x->all, _("%lld instead of %lld."), (long long)(most4 + most6), (long long)most),
                        "");
        else
                finding_fix(x, FIX_CAPACITY,
                            _("Make the stack with more records: la_config.time_wait4 and time_wait6."), "", "",
                            _("The stack has to be made anew, and its connections end."));
}

static void
fix_limit(struct finding *x, const struct evidence *e, int64_t most)
{
        int64_t more = most < USUAL_MOST ? 2 * USUAL_MOST : most * 2;

        if (x->all->stack) {
                fix_records(x, e, most);
                return;
        }
        finding_fix(x, FIX_KNOB,
                    most < 0 ? _("Set a limit that is out of reach and still one.")
                             : _("Raise the limit; there is no reason to keep it low."),
                    word_knob(x->all, LA_K_tcp_max_tw_buckets, "%lld", (long long)more),
                    findings_say(x->all, _("Up to %s of memory if all of it is ever used."),
                                 word_bytes(x->all, (uint64_t)more * CLIENT_BYTES)),
                    "");
}

static void
fix_table(struct finding *x, const struct evidence *e, int64_t most)
{
        finding_fix(x, FIX_APPLICATION, _("Make fewer connections: keep-alive, pools."), "",
                    _("Each connection that is used again is a record less for a minute."), "");
        fix_limit(x, e, most);
}

void
rule_time_wait_table(const struct evidence *e, struct findings *f)
{
        const struct survey *s = &e->now.survey;
        int64_t most, overflows = 0, records = (int64_t)(s->in_state[LA_TIME_WAIT] + s->fin_wait_2_orphans);
        bool rate = evidence_grown(e, "TCPTimeWaitOverflow", &overflows);

        evidence_fact_is(e, FACT_TIME_WAIT, &records);
        if (!evidence_number(e, LA_K_tcp_max_tw_buckets, &most)) {
                findings_untold(f, "time-wait-table", false, _("net.ipv4.tcp_max_tw_buckets is not known"));
                return;
        }
        if (overflows > 0)
                fix_table(add_table(e, f, SEVERITY_CRITICAL, records, most,
                                    findings_say(f,
                                                 _("The table of TIME_WAIT is full: %lld connections ended without in "
                                                   "the last %s"),
                                                 (long long)overflows, word_time(f, evidence_span_ms(e)))),
                          e, most);
        else if (records > 0 && most >= 0 && records * 100 >= most * NEAR_PERCENT) /* Linux: below 0 is no limit */
                fix_table(add_table(e, f, SEVERITY_WARNING, records, most,
                                    findings_say(f, _("The table of TIME_WAIT is nearly full: %lld of %lld"),
                                                 (long long)records, (long long)most)),
                          e, most);
        else if (most < 0 && records >= USUAL_MOST)
                fix_table(add_table(e, f, SEVERITY_NOTICE, records, most,
                                    findings_say(f,
                                                 _("%lld records of TIME_WAIT, and no limit to them: "
                                                   "tcp_max_tw_buckets is %lld"),
                                                 (long long)records, (long long)most)),
                          e, most);
        else if (evidence_total(e, "TCPTimeWaitOverflow") > 0)
                fix_table(
                        add_table(e, f, SEVERITY_NOTICE, records, most,
                                  findings_say(f,
                                               rate ? _("The table of TIME_WAIT has been full: %lld connections ended "
                                                        "without since the start, none just now")
                                                    : _("The table of TIME_WAIT has been full: %lld connections ended "
                                                        "without since the start"),
                                               (long long)evidence_total(e, "TCPTimeWaitOverflow"))),
                        e, most);
}

/* ---- FIN_WAIT_2 that an application holds -------------------------------------------------------------------------- */

static void
find_half_closed(const struct evidence *e, struct findings *f, const struct holder *h, size_t more)
{
        bool stuck = h->late >= FEW && h->oldest_min_ms >= OLD_MS;
        struct finding *x =
                findings_add(f, "fin-wait-2-held", stuck ? SEVERITY_WARNING : SEVERITY_NOTICE,
                             _("%s holds %u connections half-closed in FIN_WAIT_2, the oldest for %s at least"),
                             word_process(f, e, h->owner.pid), h->sockets, word_time(f, h->oldest_min_ms));

        finding_process(x, e, h->owner.pid);
        finding_number(x, "held", h->sockets);
        finding_number(x, "late", h->late);
        finding_number(x, "oldest_s", h->oldest_min_ms / 1000);
        finding_number(x, "orphans", (int64_t)e->now.survey.fin_wait_2_orphans);
        finding_number(x, "tcp_fin_timeout", evidence_number_or(e, LA_K_tcp_fin_timeout, -1));
        finding_more(x, more);
        x->why = _("The program has called shutdown() and keeps the socket to read what the peer still sends, and the "
                   "peer does not close. No timer ends this: tcp_fin_timeout is for orphans, which no process holds.");
        finding_fix(x, FIX_APPLICATION,
                    _("Give the wait for the peer's last words a limit, and close() then; on the other side look for "
                      "CLOSE_WAIT: there is the program that does not close."),
                    word_ls(f, "-p state fin-wait-2"),
                    _("After close() they are orphans and tcp_fin_timeout ends them."), "");
}

void
rule_half_closed(const struct evidence *e, struct findings *f)
{
        const struct holders *held = &e->now.survey.half_closed;
        size_t found = 0;

        for (size_t i = 0; i < held->count; i++)
                found += held->holder[i].late >= FEW || held->holder[i].oldest_min_ms >= OLD_MS;
        for (size_t i = 0, shown = 0; i < held->count && shown < RULES_EACH; i++)
                if (held->holder[i].late >= FEW || held->holder[i].oldest_min_ms >= OLD_MS) {
                        shown++;
                        find_half_closed(e, f, &held->holder[i], shown == RULES_EACH ? found - shown : 0);
                }
        if (e->now.survey.fin_wait_2_unknown > 0)
                findings_untold(
                        f, "fin-wait-2-held", true,
                        _("whether FIN_WAIT_2 are held by a program or are orphans: this source does not tell"));
}

/* ---- Orphans in FIN_WAIT_2 ---------------------------------------------------------------------------------------- */

void
rule_fin_wait_2_orphans(const struct evidence *e, struct findings *f)
{
        const struct survey *s = &e->now.survey;
        int64_t timeout_s = evidence_number_or(e, LA_K_tcp_fin_timeout, 60);
        bool large = s->orphans_full >= 100;

        if (s->fin_wait_2_orphans < MANY_ORPHANS && !large)
                return;
        struct finding *x = findings_add(
                f, "fin-wait-2-orphans", large ? SEVERITY_WARNING : SEVERITY_NOTICE,
                _("%llu orphans in FIN_WAIT_2 wait for peers that do not close; tcp_fin_timeout ends them"),
                (unsigned long long)s->fin_wait_2_orphans);
        finding_number(x, "orphans", (int64_t)s->fin_wait_2_orphans);
        finding_number(x, "of_full_size", (int64_t)s->orphans_full);
        finding_number(x, "last_ends_in_s", s->orphans_left_ms / 1000);
        finding_number(x, "held_by_programs", (int64_t)holders_sum(&s->half_closed).sockets);
        finding_number(x, "tcp_fin_timeout", timeout_s);
        if (!f->stack)
                finding_number(
                        x, "memory_bytes",
                        (int64_t)((s->fin_wait_2_orphans - s->orphans_full) * SERVER_BYTES + s->orphans_full * 2500));
        x->why = large      ? _("This end has closed, the peer has acknowledged that and not closed itself. With a "
                                     "tcp_fin_timeout of more than 60 seconds the whole socket of some 2.5 KB waits for what is "
                                     "beyond them, instead of a record of 256 bytes.")
                 : f->stack ? _("This end has closed, the peer has acknowledged that and not closed itself: there a "
                                "program keeps them in CLOSE_WAIT. Each takes a record of TIME_WAIT here.")
                            : _("This end has closed, the peer has acknowledged that and not closed itself: there a "
                                "program keeps them in CLOSE_WAIT. Each takes 256 bytes here, and a local port if this "
                                "end had connected.");
        finding_fix(x, FIX_APPLICATION, _("Look at the peers: the program there does not close what was closed to it."),
                    word_ls(f, "state fin-wait-2"), _("They end at once when the peer closes."), "");
        if (timeout_s > 60 && !f->stack)
                finding_fix(x, FIX_KNOB, _("Set tcp_fin_timeout back to 60 or less."),
                            word_knob(f, LA_K_tcp_fin_timeout, "60"),
                            _("Orphans are then compact records from the beginning, and gone after 60 seconds."),
                            _("Peers that still send later than that are answered with a reset."));
}
