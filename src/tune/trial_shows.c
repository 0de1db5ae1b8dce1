/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trial_shows.c - which workload shows what a tunable does, how long that takes, and, where two sides are alike, why a trial
 * could not show it.  That is told by what happened and not by the clock alone: a counter that never moved is the proof.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tune/gettext.h"
#include "tune/law.h"
#include "tune/trial.h"
#include "tune/value.h"

struct view {
        const struct tune_trial *trial;
        const struct tune_evidence *e;
        const struct tune_conf *conf;
        const struct tune_setting *setting;
        const struct tune_trial_side *side; /* two of them, or NULL before it ran */
};

/* ---- Both sides' values ---- */

static int64_t
number_of(const char *text, int64_t otherwise)
{
        struct tune_value v = tune_value_read(LA_KNOB_NUMBER, text ? text : "");

        return v.count == 1 ? v.number[0] : otherwise;
}

static int64_t
before(const struct view *v, const char *name, int64_t otherwise)
{
        return number_of(tune_live_text(v->e, name), otherwise);
}

static int64_t
after(const struct view *v, const char *name, int64_t otherwise)
{
        for (size_t i = v->conf->count; i-- > 0;)
                if (strcmp(v->conf->setting[i].name, name) == 0)
                        return number_of(v->conf->setting[i].value, otherwise);
        return before(v, name, otherwise);
}

static int64_t
least(const struct view *v, const char *name, int64_t otherwise)
{
        int64_t first = before(v, name, otherwise), second = after(v, name, otherwise);

        return first < second ? first : second;
}

/* ---- Both sides' outcome ---- */

static bool
counted(const struct view *v, enum tune_trial_counter counter)
{
        return v->side[0].counted[counter] > 0 || v->side[1].counted[counter] > 0;
}

static uint32_t
most_made(const struct view *v)
{
        return v->side[0].made > v->side[1].made ? v->side[0].made : v->side[1].made;
}

static bool
ended_within_ms(const struct view *v, int64_t ms)
{
        return (int64_t)v->side[0].took_us < ms * 1000 || (int64_t)v->side[1].took_us < ms * 1000;
}

static char *__attribute__((format(printf, 1, 2))) sentence(const char *format, ...)
{
        va_list arguments;
        char *text;
        int r;

        va_start(arguments, format);
        r = vasprintf(&text, format, arguments);
        va_end(arguments);
        return r < 0 ? NULL : text;
}

static uint32_t
whole_seconds(int64_t ms)
{
        return (uint32_t)((ms + 999) / 1000);
}

/* What takes longer than any trial is not to be had by --for. */
static char *
too_short(const struct view *v, const char *what, int64_t ms)
{
        uint32_t seconds = whole_seconds(ms);

        if (seconds > TUNE_TRIAL_FOR_MOST_S)
                return sentence(_("%s. That takes %u s, and a side of a trial %d s at most."), what, seconds,
                                TUNE_TRIAL_FOR_MOST_S);
        if (v->trial->for_s < seconds)
                return sentence(_("%s. That takes %u s: --for=%us."), what, seconds, seconds);
        return sentence(_("%s. That takes %u s, and all %u connections were done before: --connections=N."), what,
                        seconds, v->trial->connections);
}

/* ---- Ports and TIME_WAIT ---- */

#define MARGIN_MS 1000

/* The shorter one of the sides that take ports again. */
static int64_t
reuse_delay(const struct view *v)
{
        int64_t first = before(v, "net.ipv4.tcp_tw_reuse_delay", 1000);
        int64_t second = after(v, "net.ipv4.tcp_tw_reuse_delay", 1000);

        if (before(v, "net.ipv4.tcp_tw_reuse", 2) != 1)
                return second;
        if (after(v, "net.ipv4.tcp_tw_reuse", 2) != 1)
                return first;
        return first < second ? first : second;
}

static int64_t
reuse_needs(const struct view *v)
{
        return reuse_delay(v) + MARGIN_MS;
}

static char *
ports_unseen(const struct view *v)
{
        if (v->side[0].ports_out || v->side[1].ports_out)
                return NULL;
        return sentence(_("Local ports never ran out: %u connections took fewer than there are. More of them "
                          "(--connections=N, and --for=TIME for as many) would show it%s."),
                        most_made(v),
                        v->trial->small_range ? "" : _("; without --real-ports, or a smaller range, fewer do"));
}

static char *
tw_reuse_unseen(const struct view *v)
{
        char *ports = ports_unseen(v);

        if (counted(v, TUNE_COUNTER_TWRecycled) || ports)
                return ports;
        if (before(v, "net.ipv4.tcp_tw_reuse", 2) != 1 && after(v, "net.ipv4.tcp_tw_reuse", 2) != 1)
                return sentence(
                        _("Here connections go over a cable, and only tcp_tw_reuse = 1 takes ports again there: "
                          "2 does so over loopback alone."));
        if (after(v, "net.ipv4.tcp_timestamps", 1) == 0)
                return sentence(_("Without timestamps (tcp_timestamps = 0) no port is taken again."));
        if (ended_within_ms(v, reuse_needs(v)))
                return too_short(
                        v,
                        _("No port was taken again: a connection has to be in TIME_WAIT for tcp_tw_reuse_delay "
                          "first"),
                        reuse_needs(v));
        return NULL;
}

static char *
acts_with_reuse_unseen(const struct view *v)
{
        if (before(v, "net.ipv4.tcp_tw_reuse", 2) != 1 && after(v, "net.ipv4.tcp_tw_reuse", 2) != 1)
                return sentence(_("Of ports it changes only what tcp_tw_reuse = 1 does, and that is not so on either "
                                  "side: try both."));
        return tw_reuse_unseen(v);
}

static char *
buckets_unseen(const struct view *v)
{
        if (counted(v, TUNE_COUNTER_TCPTimeWaitOverflow))
                return NULL;
        return sentence(_("The limit was never reached: %u connections were made, and no more than %" PRIu64
                          " were in TIME_WAIT. %s"),
                        most_made(v),
                        v->side[0].client[LA_TIME_WAIT] > v->side[1].client[LA_TIME_WAIT]
                                ? v->side[0].client[LA_TIME_WAIT]
                                : v->side[1].client[LA_TIME_WAIT],
                        v->trial->small_range ? _("--real-ports lets more wait.")
                                              : _("--connections=N and --for=TIME make more of them."));
}

/* ---- Queues ---- */

static char *
accept_unseen(const struct view *v)
{
        if (counted(v, TUNE_COUNTER_ListenOverflows))
                return NULL;
        return sentence(
                _("The accept queue was never full, on neither side: %u connections came at once, and the listener's "
                  "limit was not below that."),
                v->side[0].tried);
}

static char *
syn_backlog_unseen(const struct view *v)
{
        if (before(v, "net.ipv4.tcp_syncookies", 1) == 0 || after(v, "net.ipv4.tcp_syncookies", 1) == 0)
                return NULL;
        return sentence(_("It acts only with tcp_syncookies = 0, and that is not so on either side: try both."));
}

/* The last repetition's wait ends then: 1, 2, 4, ... seconds. */
static int64_t
synack_needs(const struct view *v)
{
        int64_t tries = least(v, "net.ipv4.tcp_synack_retries", 5);

        return tries < 0 || tries > 16 ? INT32_MAX : (INT64_C(1000) << (tries + 1)) - 1000 + MARGIN_MS;
}

static char *
synack_unseen(const struct view *v)
{
        if (v->side[0].server[LA_SYN_RECEIVED] != v->side[1].server[LA_SYN_RECEIVED])
                return NULL;
        if (ended_within_ms(v, synack_needs(v)))
                return too_short(v, _("No half-open connection was given up on either side"), synack_needs(v));
        return sentence(
                _("Both sides gave half-open connections up alike: while a listener's queue is more than half full, "
                  "Linux repeats SYN,ACKs less often than it is told."));
}

/* ---- Closing ---- */

static int64_t
fin_needs(const struct view *v)
{
        int64_t seconds = least(v, "net.ipv4.tcp_fin_timeout", 60);

        return seconds > 86400 ? INT32_MAX : seconds < 0 ? MARGIN_MS : seconds * 1000 + MARGIN_MS;
}

static char *
fin_unseen(const struct view *v)
{
        if (v->side[0].client[LA_FIN_WAIT_2] != v->side[1].client[LA_FIN_WAIT_2] || !ended_within_ms(v, fin_needs(v)))
                return NULL;
        return too_short(v, _("No connection in FIN_WAIT_2 was given up on either side"), fin_needs(v));
}

/* ---- The table ---- */

static const struct showing {
        const char *name;
        enum tune_workload workload;
        int64_t (*needs_ms)(const struct view *v); /* NULL: it shows at once */
        char *(*unseen)(const struct view *v);     /* NULL: it always does */
} showings[] = {
        { "net.ipv4.tcp_tw_reuse", TUNE_WORK_PORTS, reuse_needs, tw_reuse_unseen },
        { "net.ipv4.tcp_tw_reuse_delay", TUNE_WORK_PORTS, reuse_needs, acts_with_reuse_unseen },
        { "net.ipv4.tcp_timestamps", TUNE_WORK_PORTS, reuse_needs, acts_with_reuse_unseen },
        { "net.ipv4.tcp_max_tw_buckets", TUNE_WORK_PORTS, NULL, buckets_unseen },
        { "net.ipv4.ip_local_port_range", TUNE_WORK_PORTS, NULL, ports_unseen },
        { "net.ipv4.ip_local_reserved_ports", TUNE_WORK_PORTS, NULL, ports_unseen },
        { "net.core.somaxconn", TUNE_WORK_ACCEPT, NULL, accept_unseen },
        { "net.ipv4.tcp_abort_on_overflow", TUNE_WORK_ACCEPT, NULL, accept_unseen },
        { "net.ipv4.tcp_syncookies", TUNE_WORK_FLOOD, NULL, NULL },
        { "net.ipv4.tcp_max_syn_backlog", TUNE_WORK_FLOOD, NULL, syn_backlog_unseen },
        { "net.ipv4.tcp_synack_retries", TUNE_WORK_FLOOD, synack_needs, synack_unseen },
        { "net.ipv4.tcp_fin_timeout", TUNE_WORK_HALF_CLOSED, fin_needs, fin_unseen },
};

static const struct showing *
showing_of(const char *name)
{
        for (size_t i = 0; i < sizeof(showings) / sizeof(showings[0]); i++)
                if (strcmp(showings[i].name, name) == 0)
                        return &showings[i];
        return NULL;
}

bool
tune_trial_workload(const char *name, enum tune_workload *ret)
{
        const struct showing *s = showing_of(name);

        *ret = s ? s->workload : TUNE_WORK_PORTS;
        return s;
}

uint32_t
tune_trial_needs_s(enum tune_workload workload, const struct tune_evidence *e, const struct tune_conf *conf)
{
        uint32_t most = 0;

        for (size_t i = 0; i < conf->count; i++) {
                const struct showing *s = showing_of(conf->setting[i].name);
                struct view v = { .e = e, .conf = conf, .setting = &conf->setting[i] };
                if (!s || !s->needs_ms || s->workload != workload)
                        continue;
                if (whole_seconds(s->needs_ms(&v)) > most)
                        most = whole_seconds(s->needs_ms(&v));
        }
        return most;
}

char *
tune_trial_unseen(const struct tune_trial *t, const struct tune_evidence *e, const struct tune_conf *conf, size_t i,
                  const struct tune_trial_side side[2])
{
        const struct tune_setting *setting = &conf->setting[i];
        const struct showing *s = showing_of(setting->name);
        struct view v = { t, e, conf, setting, side };

        if (!s)
                return sentence(_("No workload here is known to show it: no difference proves nothing."));
        if (s->workload != t->workload)
                return sentence(_("This workload does not show it: --workload=%s does."),
                                tune_workload_id(s->workload));
        return s->unseen ? s->unseen(&v) : NULL;
}
