/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking, once or twice: tunables, then each time counters, facts and all sockets.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/doctor_look.h"
#include "cli/gettext.h"
#include "cli/origin.h"
#include "lastack/link.h"

/* A shorter time between looks tells nothing of rates. */
#define SHORTEST_SPAN_MS 200

static uint64_t
now_ms(void)
{
        return la_clock() / 1000;
}

int
looking_tell(struct witness *w, int (*how)(struct witness *, const char *, int64_t), const struct looking_amount *list,
             size_t count)
{
        int r = 0;

        for (size_t i = 0; i < count && r == 0; i++)
                if (list[i].value >= 0)
                        r = how(w, list[i].name, list[i].value);
        return r;
}

static int
tell_sockets(struct witness *w, struct collect *c)
{
        struct la_snapshot snapshot = { 0 };
        int r, told = 0;

        while ((r = collect_next(c, &snapshot)) != DUMP_END) {
                if (r < 0)
                        return r;
                told = r == DUMP_RESTARTED ? witness_restart(w) : witness_socket(w, &snapshot);
                if (told < 0)
                        return told;
        }
        return 0;
}

/* Counters before sockets: what happens in between is then in the sockets, and at the next look in both. */
static int
look(struct looking *l, const struct looking_source *source)
{
        int r = witness_look(l->w, now_ms());

        if (r == 0)
                r = source->amounts(l);
        if (r == 0)
                r = tell_sockets(l->w, l->c);
        return r == 0 && source->holders ? source->holders(l) : r;
}

static volatile sig_atomic_t interrupted;

static void
note_interrupt(int signal)
{
        (void)signal;
        interrupted = 1;
}

/* Ctrl-C ends the wait, the second one the program. */
static void
wait_between(double seconds)
{
        struct sigaction note = { .sa_handler = note_interrupt, .sa_flags = (int)SA_RESETHAND }, before;
        uint64_t until_ms = now_ms() + (uint64_t)(seconds * 1000);
        bool person = isatty(STDERR_FILENO);

        if (person)
                fprintf(stderr, _("looking twice, %.3g s apart (Ctrl-C: no longer)"), seconds);
        sigaction(SIGINT, &note, &before);
        for (uint64_t at = now_ms(); !interrupted && at < until_ms; at = now_ms()) {
                struct timespec left = { .tv_sec = (time_t)((until_ms - at) / 1000),
                                         .tv_nsec = (long)((until_ms - at) % 1000 * 1000000) };
                nanosleep(&left, NULL);
        }
        if (!interrupted)
                sigaction(SIGINT, &before, NULL);
        if (person)
                fputs("\r\033[K", stderr);
}

static int
look_twice(double for_s, struct looking *l, const struct looking_source *source)
{
        uint64_t begin_ms = now_ms();
        int r = look(l, source);

        if (r < 0 || for_s <= 0)
                return r;
        wait_between(for_s);
        if (now_ms() - begin_ms < SHORTEST_SPAN_MS)
                return 0;
        r = collect_again(l->c);
        return r < 0 ? r : look(l, source);
}

static void
note_report(struct evidence *e, const struct collect_report *report)
{
        snprintf(e->source, sizeof(e->source), "%s", report->stack ? "stack" : origin_source(report));
        e->missing = report->dump.missing;
        e->owners_hidden = report->owners_hidden;
        e->inconsistent = report->dump.inconsistent;
}

int
doctor_look(const struct doctor_look *how, struct witness *w, struct collect_report *ret)
{
        const struct looking_source *source = how->request.stack ? &looking_at_stack : &looking_at_linux;
        struct collect_request request = how->request;
        struct looking l = { .w = w };
        int r;

        if (request.stack && (r = evidence_stack(w->evidence, request.stack)) < 0)
                return r;
        request.states = DUMP_ALL_STATES;
        request.want = DUMP_WANT_TCP | DUMP_WANT_MEMORY;
        request.owners = true;
        r = collect_open(&request, &l.c);
        if (r < 0)
                return r;
        r = source->tunables(&l);
        if (r == 0)
                r = look_twice(how->for_s, &l, source);
        *ret = collect_report(l.c);
        note_report(w->evidence, ret);
        collect_close(l.c);
        return r;
}

bool
doctor_seconds(const char *text, double *ret)
{
        char *end;

        errno = 0;
        double s = strtod(text, &end);
        if (end == text || *end != '\0' || errno != 0 || !(s >= 0 && s <= DOCTOR_FOR_MOST))
                return false;
        *ret = s;
        return true;
}

bool
doctor_idle(const char *text, uint32_t *ret_ms)
{
        char *end;

        errno = 0;
        unsigned long s = strtoul(text, &end, 10);
        if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || s == 0 || s > DOCTOR_IDLE_MOST)
                return false;
        *ret_ms = (uint32_t)s * 1000;
        return true;
}
