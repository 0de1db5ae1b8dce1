/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules.c - a small function for each tunable of which more is to be said than its row of the table does.
 */
#include "tune/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tune/gettext.h"

static int64_t
first(const struct tune_case *c)
{
        return c->value.number[0];
}

static const char *
value_here(const struct tune_case *c)
{
        const char *text = tune_live_text(c->e, c->law.name);

        return text ? text : "";
}

/* The ordinary remark: what it does, and what it does not. */
static void
misread(struct tune_case *c)
{
        tune_say(c, TUNE_MISREAD, "%s", translated(c->law.mistaken));
        tune_say(c, TUNE_MISREAD, "%s", translated(c->law.effect));
}

static void
harmful(struct tune_case *c)
{
        tune_say(c, TUNE_HARMFUL, "%s", translated(c->law.risk));
        tune_say(c, TUNE_HARMFUL, "%s", translated(c->law.effect));
        c->j->leave_out = true;
}

/* ---- TIME_WAIT and closing ---- */

static void
tw_reuse(struct tune_case *c)
{
        if (first(c) == 0) {
                tune_say(c, TUNE_FINE, "%s", _("Never: also not over loopback, where the default 2 allows it."));
        } else if (tune_will_be_number(c, "net.ipv4.tcp_timestamps", 1) == 0) {
                tune_say(c, TUNE_USELESS, "%s",
                         _("Timestamps are off (tcp_timestamps = 0), and without them it does nothing: turn them on."));
                return;
        } else {
                tune_say(c, TUNE_FINE, "%s",
                         _("Safe while both ends use timestamps, and of use where this host connects: the port of a "
                           "TIME_WAIT can be taken again after a second."));
        }
        if (first(c) != 0 && c->e->sockets_known && c->e->established > 0 && c->e->without_timestamps > 0)
                tune_say(c, TUNE_FINE,
                         _("%" PRIu64 " of the %" PRIu64 " established connections here have no timestamps: "
                           "their ports are not taken again."),
                         c->e->without_timestamps, c->e->established);
        tune_say(c, TUNE_FINE, "%s", translated(c->law.mistaken));
}

static void
tw_recycle(struct tune_case *c)
{
        if (first(c) == 0) {
                tune_say(c, TUNE_DEFAULT, "%s", translated(c->law.mistaken));
                return;
        }
        tune_say(c, TUNE_DANGEROUS, "%s", translated(c->law.risk));
        if (c->e->nat)
                tune_say(c, TUNE_DANGEROUS, "%s", _("This host itself translates addresses."));
        c->j->leave_out = true;
}

static void
max_tw_buckets(struct tune_case *c)
{
        struct tune_value standard = tune_value_read(LA_KNOB_NUMBER, tune_default(c));
        int64_t usual = standard.count == 1 ? standard.number[0] : 131072;

        if (first(c) < 0) {
                tune_say(c, TUNE_MISREAD, "%s",
                         _("A negative number is no limit at all: Linux compares it as an unsigned one. As many may "
                           "wait as there are connections to close, each for 256 to 425 bytes."));
                return;
        }
        if (first(c) >= usual) {
                tune_say(c, TUNE_FINE,
                         _("More than the default, %" PRId64 ": so many may wait; each takes 256 to 425 bytes."),
                         usual);
                return;
        }
        tune_say(c, TUNE_DANGEROUS,
                 _("Never lower it (the default here is %" PRId64 "): beyond %" PRId64
                   " connections close without TIME_WAIT. A "
                   "lost last ACK then gives the peer a reset, and late segments can reach a new connection."),
                 usual, first(c));
        if (c->e->sockets_known && (int64_t)c->e->time_wait > first(c))
                tune_say(c, TUNE_DANGEROUS, _("There are %" PRIu64 " in TIME_WAIT now: it would act at once."),
                         c->e->time_wait);
        tune_say(c, TUNE_DANGEROUS, _("All that it saves is %" PRId64 " KB of memory."),
                 (usual - first(c)) * 256 / 1024);
        c->j->leave_out = true;
}

static void
timestamps(struct tune_case *c)
{
        if (first(c) != 0) {
                tune_say(c, first(c) == 2 ? TUNE_HARMFUL : TUNE_FINE, "%s", translated(c->law.risk));
                return;
        }
        tune_say(
                c, TUNE_DANGEROUS, "%s",
                _("It takes the protection from old segments (PAWS) from fast connections, and what makes tcp_tw_reuse "
                  "possible; under SYN cookies windows stay below 64 KB."));
        if (tune_will_be_number(c, "net.ipv4.tcp_tw_reuse", 2) == 1)
                tune_say(c, TUNE_DANGEROUS, "%s",
                         _("tcp_tw_reuse = 1 then does nothing: ports run out as without it."));
        if (c->e->sockets_known && c->e->established > c->e->without_timestamps)
                tune_say(c, TUNE_DANGEROUS, _("%" PRIu64 " of the %" PRIu64 " established connections here use them."),
                         c->e->established - c->e->without_timestamps, c->e->established);
        c->j->leave_out = true;
}

static void
fin_timeout(struct tune_case *c)
{
        tune_say(c, TUNE_MISREAD,
                 _("It does not shorten TIME_WAIT, which is 60 seconds and fixed. It says how long connections that "
                   "nobody "
                   "holds any more stay in FIN_WAIT_2: %" PRId64 " s instead of 60."),
                 first(c));
        tune_say(c, TUNE_MISREAD, "%s",
                 _("What an application holds half-closed it does not touch, nor CLOSE_WAIT, nor LAST_ACK."));
        c->j->leave_out = true;
        if (first(c) > 60)
                tune_say(c, TUNE_MISREAD, "%s",
                         _("Beyond 60 seconds such a connection is kept as a full socket, not as a small record."));
}

static void
max_orphans(struct tune_case *c)
{
        if (first(c) < 32768) {
                tune_say(c, TUNE_HARMFUL, "%s", translated(c->law.risk));
                c->j->leave_out = true;
        }
        tune_say(c, TUNE_MISREAD, "%s", translated(c->law.mistaken));
}

static void
orphan_retries(struct tune_case *c)
{
        if (first(c) > 0 && first(c) < 3)
                tune_say(c, TUNE_HARMFUL, "%s", translated(c->law.risk));
        misread(c);
}

static void
rfc1337(struct tune_case *c)
{
        tune_say(c, TUNE_FINE, "%s", translated(c->law.effect));
        tune_say(c, TUNE_FINE, "%s", translated(c->law.mistaken));
}

/* ---- Listening ---- */

static void
syncookies(struct tune_case *c)
{
        if (first(c) == 0) {
                tune_say(c, TUNE_DANGEROUS, "%s",
                         _("Without cookies a small flood of forged SYNs fills the queue, and nobody gets in any "
                           "more."));
                c->j->leave_out = true;
        } else if (first(c) == 2) {
                tune_say(
                        c, TUNE_HARMFUL, "%s",
                        _("2 answers every SYN with a cookie, for tests: a lost SYN,ACK is never repeated, and without "
                          "timestamps connections lose window scaling and SACK. 1, the default, does so in need "
                          "only."));
                c->j->leave_out = true;
        } else {
                tune_say(c, TUNE_FINE, "%s", translated(c->law.effect));
        }
}

static void
max_syn_backlog(struct tune_case *c)
{
        if (tune_will_be_number(c, "net.ipv4.tcp_syncookies", 1) == 0) {
                tune_say(c, TUNE_FINE, "%s", translated(c->law.effect));
                return;
        }
        tune_say(c, TUNE_USELESS, "%s",
                 _("It acts only with tcp_syncookies = 0. With cookies, half-open connections are limited by the "
                   "smaller of the "
                   "application's listen() backlog and net.core.somaxconn: these are what to raise."));
        tune_say(c, TUNE_USELESS, "%s", _("It is not the accept queue either."));
        c->j->leave_out = true;
}

static void
somaxconn(struct tune_case *c)
{
        const struct tune_listener *lowest = NULL;
        size_t below = 0;

        if (first(c) < 4096)
                tune_say(c, TUNE_HARMFUL, "%s",
                         _("Lower than the default, 4096: bursts are dropped that fit in before."));
        for (size_t i = 0; i < c->e->listener_count; i++) {
                const struct tune_listener *l = &c->e->listener[i];
                if (!l->limit_known || l->limit >= first(c))
                        continue;
                below++;
                if (!lowest || l->limit < lowest->limit)
                        lowest = l;
        }
        if (first(c) > 65535)
                tune_say(c, TUNE_MISREAD, "%s", translated(c->law.risk));
        tune_say(c, TUNE_MISREAD, "%s", translated(c->law.mistaken));
        if (lowest)
                tune_say(c, TUNE_MISREAD,
                         _("%zu listener(s) here ask for less, port %u (%s) for %" PRIu32
                           ": for them nothing changes before their "
                           "application asks for more."),
                         below, lowest->port, *lowest->comm != '\0' ? lowest->comm : _("of somebody"), lowest->limit);
}

static void
harmful_unless_zero(struct tune_case *c)
{
        if (first(c) == 0)
                tune_say(c, TUNE_FINE, "%s", translated(c->law.effect));
        else
                harmful(c);
}

static void
harmful_if_zero(struct tune_case *c)
{
        if (first(c) != 0) {
                tune_say(c, TUNE_FINE, "%s", translated(c->law.effect));
        } else if (c->law.advice) {
                tune_say(c, TUNE_HARMFUL, "%s", translated(c->law.advice->with_zero));
                c->j->leave_out = true;
        } else {
                harmful(c);
        }
}

/* ---- Giving up ---- */

static void
keepalive(struct tune_case *c)
{
        tune_say(c, TUNE_MISREAD, "%s", translated(c->law.mistaken));
        tune_say(c, TUNE_MISREAD, "%s", translated(c->law.effect));
}

static void
retries2(struct tune_case *c)
{
        tune_say(c, first(c) < 8 ? TUNE_HARMFUL : TUNE_FINE, "%s",
                 first(c) < 8 ? translated(c->law.risk) : translated(c->law.effect));
        tune_say(c, TUNE_FINE, "%s", translated(c->law.mistaken));
}

static void
few_tries(struct tune_case *c)
{
        if (first(c) < 2)
                tune_say(c, TUNE_HARMFUL, "%s", translated(c->law.risk));
        tune_say(c, TUNE_FINE, "%s", translated(c->law.effect));
        tune_say(c, TUNE_FINE, "%s", translated(c->law.mistaken));
}

static void
early_retrans(struct tune_case *c)
{
        if (first(c) < 3) {
                tune_say(c, TUNE_HARMFUL, "%s",
                         _("Only 3 and 4 let a probe follow: 1 and 2, which old kernels knew, turn it off like 0, and "
                           "a lost last segment then costs a whole retransmission timeout."));
                c->j->leave_out = true;
        }
        tune_say(c, TUNE_FINE, "%s", translated(c->law.effect));
}

/* ---- Memory ---- */

static void
buffers(struct tune_case *c)
{
        const int64_t *n = c->value.number;

        if (c->value.count == 3 && !(n[0] <= n[1] && n[1] <= n[2]))
                tune_say(c, TUNE_HARMFUL, "%s",
                         _("They are least, at first and most, and here they do not grow; the kernel takes that "
                           "without a word."));
        if (c->value.count == 3 && n[1] > 1048576)
                tune_say(c, TUNE_HARMFUL,
                         _("Each connection begins with %" PRId64 " bytes: the second value is for all of them, "
                           "the third for those that need it."),
                         n[1]);
        if (n[0] > 65536)
                tune_say(c, TUNE_HARMFUL, _("The first value, %" PRId64 ", is granted even when memory is short."),
                         n[0]);
        tune_say(c, TUNE_FINE, "%s", translated(c->law.effect));
        tune_say(c, TUNE_FINE, "%s", translated(c->law.mistaken));
}

static void
tcp_mem(struct tune_case *c)
{
        const int64_t *n = c->value.number;
        uint64_t most = c->e->memory_pages;
        struct tune_value here = tune_value_read(LA_KNOB_TRIPLE, value_here(c));

        tune_say(c, TUNE_MISREAD, "%s", translated(c->law.mistaken));
        if (most > 0 && c->value.count == 3 && (uint64_t)n[2] > most)
                tune_say(c, TUNE_DANGEROUS,
                         _("%" PRId64 " pages are more than this machine has (%" PRIu64
                           "): TCP could take all of its memory. Were "
                           "bytes meant?"),
                         n[2], most);
        if (c->value.count == 3 && !(n[0] <= n[1] && n[1] <= n[2]))
                tune_say(c, TUNE_HARMFUL, "%s", _("The three must grow."));
        if (c->value.count == 3 && here.count == 3 && n[2] < here.number[2] / 2)
                tune_say(c, TUNE_HARMFUL,
                         _("That is less than half of what there is here, %" PRId64
                           " pages: above it connections lose their memory, and are reset."),
                         here.number[2]);
        tune_say(c, TUNE_MISREAD, "%s", translated(c->law.effect));
        c->j->leave_out = true;
}

static void
files(struct tune_case *c)
{
        struct tune_value here = tune_value_read(LA_KNOB_NUMBER, value_here(c));

        if (here.count == 1 && first(c) < here.number[0]) {
                tune_say(c, TUNE_HARMFUL,
                         _("That lowers it: it is %" PRId64
                           " here. Whoever is above it cannot open a file or a socket."),
                         here.number[0]);
                c->j->leave_out = true;
        }
        misread(c);
}

/* ---- The firewall's table ---- */

static void
conntrack_max(struct tune_case *c)
{
        if (c->e->conntrack >= first(c))
                tune_say(c, TUNE_DANGEROUS,
                         _("There are %" PRId64
                           " connections in the table now: with this limit new ones are dropped at once."),
                         c->e->conntrack);
        else if (c->e->conntrack * 10 >= first(c) * 8)
                tune_say(c, TUNE_HARMFUL, _("There are %" PRId64 " in the table now: that is over 80 percent of it."),
                         c->e->conntrack);
        tune_say(c, TUNE_FINE, "%s", translated(c->law.effect));
        if (*c->law.mistaken != '\0')
                tune_say(c, TUNE_FINE, "%s", translated(c->law.mistaken));
}

static void
conntrack_established(struct tune_case *c)
{
        int64_t keepalive_time = tune_will_be_number(c, "net.ipv4.tcp_keepalive_time", 7200);

        if (first(c) < keepalive_time)
                tune_say(c, TUNE_HARMFUL,
                         _("Shorter than tcp_keepalive_time, %" PRId64 " s: idle connections are forgotten before they "
                           "are probed, and hang."),
                         keepalive_time);
        tune_say(c, TUNE_FINE, "%s", translated(c->law.effect));
}

static void
rp_filter(struct tune_case *c)
{
        tune_say(c, TUNE_FINE, "%s", translated(c->law.effect));
        if (first(c) == 1)
                tune_say(c, TUNE_FINE, "%s", translated(c->law.mistaken));
}

/* ---- Words ---- */

static bool
has_word(const char *list, const char *word)
{
        size_t length = strlen(word);

        for (const char *p = list; p && (p = strstr(p, word)); p += length)
                if ((p == list || p[-1] == ' ') && (p[length] == ' ' || p[length] == '\0'))
                        return length > 0;
        return false;
}

static void
congestion_control(struct tune_case *c)
{
        const char *available = tune_live_text(c->e, "net.ipv4.tcp_available_congestion_control");

        if (!c->rehearsal && available && !has_word(available, c->setting->value))
                tune_say(c, TUNE_REFUSED,
                         _("It is not loaded (there are: %s). The kernel looks for a module tcp_%s, and refuses the "
                           "value if there is none."),
                         available, c->setting->value);
        tune_say(c, TUNE_FINE, "%s", translated(c->law.effect));
        tune_say(c, TUNE_FINE, "%s", translated(c->law.risk));
        tune_say(c, TUNE_FINE, "%s", translated(c->law.mistaken));
}

/* ---- The table ---- */

static const struct {
        const char *name;
        void (*judge)(struct tune_case *c);
} rules[] = {
        { "net.ipv4.tcp_tw_reuse", tw_reuse },
        { "net.ipv4.tcp_tw_recycle", tw_recycle },
        { "net.ipv4.tcp_max_tw_buckets", max_tw_buckets },
        { "net.ipv4.tcp_timestamps", timestamps },
        { "net.ipv4.tcp_fin_timeout", fin_timeout },
        { "net.ipv4.tcp_max_orphans", max_orphans },
        { "net.ipv4.tcp_orphan_retries", orphan_retries },
        { "net.ipv4.tcp_rfc1337", rfc1337 },
        { "net.ipv4.ip_local_port_range", tune_rule_port_range },
        { "net.ipv4.tcp_syncookies", syncookies },
        { "net.ipv4.tcp_max_syn_backlog", max_syn_backlog },
        { "net.core.somaxconn", somaxconn },
        { "net.ipv4.tcp_abort_on_overflow", harmful_unless_zero },
        { "net.ipv4.tcp_window_scaling", harmful_if_zero },
        { "net.ipv4.tcp_sack", harmful_if_zero },
        { "net.ipv4.tcp_moderate_rcvbuf", harmful_if_zero },
        { "net.ipv4.tcp_frto", harmful_if_zero },
        { "net.ipv4.tcp_dsack", harmful_if_zero },
        { "net.ipv4.tcp_early_retrans", early_retrans },
        { "net.ipv4.ip_unprivileged_port_start", harmful_if_zero },
        { "net.ipv4.tcp_keepalive_time", keepalive },
        { "net.ipv4.tcp_keepalive_intvl", keepalive },
        { "net.ipv4.tcp_keepalive_probes", keepalive },
        { "net.ipv4.tcp_retries2", retries2 },
        { "net.ipv4.tcp_syn_retries", few_tries },
        { "net.ipv4.tcp_synack_retries", few_tries },
        { "net.ipv4.tcp_rmem", buffers },
        { "net.ipv4.tcp_wmem", buffers },
        { "net.ipv4.tcp_mem", tcp_mem },
        { "net.ipv4.tcp_congestion_control", congestion_control },
        { "net.ipv4.tcp_no_metrics_save", misread },
        { "net.ipv4.tcp_stdurg", misread },
        { "net.core.rmem_max", misread },
        { "net.core.wmem_max", misread },
        { "net.core.optmem_max", misread },
        { "net.core.netdev_max_backlog", misread },
        { "net.core.default_qdisc", misread },
        { "fs.file-max", files },
        { "fs.nr_open", files },
        { "net.ipv4.tcp_invalid_ratelimit", harmful_if_zero },
        { "net.ipv4.conf.*.rp_filter", rp_filter },
        { "net.netfilter.nf_conntrack_max", conntrack_max },
        { "net.nf_conntrack_max", conntrack_max },
        { "net.netfilter.nf_conntrack_tcp_timeout_established", conntrack_established },
        { "net.netfilter.nf_conntrack_tcp_timeout_time_wait", misread },
};

bool
tune_rule_knows_the_range(const struct tune_case *c)
{
        return c->value.count == 1 && (strcmp(c->law.name, "net.ipv4.tcp_max_tw_buckets") == 0 ||
                                       strcmp(c->law.name, "net.core.somaxconn") == 0);
}

bool
tune_rule(struct tune_case *c)
{
        for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
                if (strcmp(rules[i].name, c->law.name) == 0) {
                        rules[i].judge(c);
                        return true;
                }
        return false;
}
