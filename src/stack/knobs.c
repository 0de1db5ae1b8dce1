/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tunables: from Linux's names and texts to struct tcp_rules, and back.  What a name means, its range and its default
 * stand in model/knob.def; here only where its value goes, and in what unit the protocol reads it.
 */
#include "stack/knob_text.h"

#include <string.h>

#include "tcp/congestion.h"

enum rule_type {
        RULE_BYTE,
        RULE_FLAG, /* any value but 0 */
        RULE_WORD32,
        RULE_PORT_RANGE,
        RULE_TRIPLE,
        RULE_RESERVED,
        RULE_CONGESTION,
};

struct rule {
        const char *name;      /* in full */
        const char *standard;  /* the default as text; NULL: knobs_init() computes it */
        const char *complaint; /* names the range */
        int64_t least, most;
        size_t offset; /* in struct tcp_rules */
        enum rule_type type;
        uint32_t scale; /* the rule is the value times this */
};

/* Linux's tunables that the engine acts on, by their row of knob.def. */
static const struct {
        enum la_knob knob;
        enum rule_type type;
        size_t offset;
        uint32_t scale;
        const char *standard;  /* where knob.def leaves it to the machine */
        const char *complaint; /* names the range of knob.def */
} linux_rules[] = {
#define AT(member) offsetof(struct tcp_rules, member)
        { LA_K_tcp_tw_reuse, RULE_BYTE, AT(tw_reuse), 1, NULL, N_("net.ipv4.tcp_tw_reuse takes 0 to 2.") },
        { LA_K_tcp_tw_reuse_delay, RULE_WORD32, AT(tw_reuse_delay_ms), 1, NULL,
          N_("net.ipv4.tcp_tw_reuse_delay takes 1 to 60000 (milliseconds).") },
        { LA_K_tcp_tw_recycle, RULE_FLAG, AT(tw_recycle), 1, NULL, N_("net.ipv4.tcp_tw_recycle takes 0 or 1.") },
        { LA_K_tcp_max_tw_buckets, RULE_WORD32, AT(max_tw_buckets), 1, NULL,
          N_("net.ipv4.tcp_max_tw_buckets takes 1024 to 16777216 (connections).") },
        { LA_K_tcp_rfc1337, RULE_FLAG, AT(rfc1337), 1, NULL, N_("net.ipv4.tcp_rfc1337 takes 0 or 1.") },
        { LA_K_ip_local_port_range, RULE_PORT_RANGE, AT(port_low), 1, NULL,
          N_("net.ipv4.ip_local_port_range takes two ports from 1024 to 65535, the lower first.") },
        { LA_K_ip_local_reserved_ports, RULE_RESERVED, 0, 1, NULL,
          N_("net.ipv4.ip_local_reserved_ports takes ports and ranges from 1 to 65535, separated by commas, or "
             "nothing.") },
        { LA_K_tcp_timestamps, RULE_BYTE, AT(timestamps), 1, NULL, N_("net.ipv4.tcp_timestamps takes 0 to 2.") },
        { LA_K_tcp_fin_timeout, RULE_WORD32, AT(fin_timeout_ms), 1000, NULL,
          N_("net.ipv4.tcp_fin_timeout takes 5 to 120 (seconds).") },
        { LA_K_tcp_max_orphans, RULE_WORD32, AT(max_orphans), 1, NULL,
          N_("net.ipv4.tcp_max_orphans takes 1024 to 4194304 (connections).") },
        { LA_K_tcp_orphan_retries, RULE_WORD32, AT(orphan_retries), 1, NULL,
          N_("net.ipv4.tcp_orphan_retries takes 0 to 15 (tries).") },
        { LA_K_tcp_syncookies, RULE_BYTE, AT(syncookies), 1, NULL, N_("net.ipv4.tcp_syncookies takes 0 to 2.") },
        { LA_K_tcp_max_syn_backlog, RULE_WORD32, AT(max_syn_backlog), 1, NULL,
          N_("net.ipv4.tcp_max_syn_backlog takes 64 to 1048576 (connections).") },
        { LA_K_somaxconn, RULE_WORD32, AT(somaxconn), 1, NULL,
          N_("net.core.somaxconn takes 16 to 65535 (connections).") },
        { LA_K_tcp_abort_on_overflow, RULE_FLAG, AT(abort_on_overflow), 1, NULL,
          N_("net.ipv4.tcp_abort_on_overflow takes 0 or 1.") },
        { LA_K_tcp_synack_retries, RULE_WORD32, AT(synack_retries), 1, NULL,
          N_("net.ipv4.tcp_synack_retries takes 1 to 10 (tries).") },
        { LA_K_tcp_syn_retries, RULE_WORD32, AT(syn_retries), 1, NULL,
          N_("net.ipv4.tcp_syn_retries takes 1 to 15 (tries).") },
        { LA_K_tcp_fastopen, RULE_WORD32, AT(fastopen), 1, NULL, N_("net.ipv4.tcp_fastopen takes 0 to 1543 (bits).") },
        { LA_K_tcp_keepalive_time, RULE_WORD32, AT(keepalive_time_s), 1, NULL,
          N_("net.ipv4.tcp_keepalive_time takes 1 to 32767 (seconds).") },
        { LA_K_tcp_keepalive_intvl, RULE_WORD32, AT(keepalive_interval_s), 1, NULL,
          N_("net.ipv4.tcp_keepalive_intvl takes 1 to 32767 (seconds).") },
        { LA_K_tcp_keepalive_probes, RULE_WORD32, AT(keepalive_probes), 1, NULL,
          N_("net.ipv4.tcp_keepalive_probes takes 1 to 127 (tries).") },
        { LA_K_tcp_retries1, RULE_WORD32, AT(retries1), 1, NULL, N_("net.ipv4.tcp_retries1 takes 1 to 15 (tries).") },
        { LA_K_tcp_retries2, RULE_WORD32, AT(retries2), 1, NULL, N_("net.ipv4.tcp_retries2 takes 3 to 20 (tries).") },
        { LA_K_tcp_window_scaling, RULE_FLAG, AT(window_scaling), 1, NULL,
          N_("net.ipv4.tcp_window_scaling takes 0 or 1.") },
        { LA_K_tcp_sack, RULE_FLAG, AT(sack), 1, NULL, N_("net.ipv4.tcp_sack takes 0 or 1.") },
        { LA_K_tcp_rmem, RULE_TRIPLE, AT(receive_buffer), 1, "4096\t131072\t6291456",
          N_("net.ipv4.tcp_rmem takes three numbers from 4096 to 1073741824 (bytes), none below the one before.") },
        { LA_K_tcp_wmem, RULE_TRIPLE, AT(send_buffer), 1, "4096\t262144\t4194304",
          N_("net.ipv4.tcp_wmem takes three numbers from 4096 to 1073741824 (bytes), none below the one before.") },
        { LA_K_tcp_ecn, RULE_BYTE, AT(ecn), 1, NULL, N_("net.ipv4.tcp_ecn takes 0 to 2.") },
        { LA_K_tcp_ecn_fallback, RULE_FLAG, AT(ecn_fallback), 1, NULL, N_("net.ipv4.tcp_ecn_fallback takes 0 or 1.") },
        { LA_K_tcp_pacing_ss_ratio, RULE_WORD32, AT(pacing_ss_percent), 1, NULL,
          N_("net.ipv4.tcp_pacing_ss_ratio takes 0 to 1000 (percent).") },
        { LA_K_tcp_pacing_ca_ratio, RULE_WORD32, AT(pacing_ca_percent), 1, NULL,
          N_("net.ipv4.tcp_pacing_ca_ratio takes 0 to 1000 (percent).") },
        { LA_K_tcp_congestion_control, RULE_CONGESTION, AT(congestion), 1, "reno",
          N_("net.ipv4.tcp_congestion_control takes the name of a congestion control that is built in: reno.") },
};

/* What Linux does not let one set. */
static const struct rule own_rules[] = {
        { "lastack.time_wait_ms", "60000", N_("lastack.time_wait_ms takes 0 to 3600000 (milliseconds)."), 0, 3600000,
          AT(time_wait_ms), RULE_WORD32, 1 },
        { "lastack.rto_min_ms", "200", N_("lastack.rto_min_ms takes 1 to 10000 (milliseconds)."), 1, 10000,
          AT(rto_min_us), RULE_WORD32, 1000 },
        { "lastack.delayed_ack_ms", "40", N_("lastack.delayed_ack_ms takes 0 to 499 (milliseconds; RFC 9293 MUST-40)."),
          0, 499, AT(delayed_ack_ms), RULE_WORD32, 1 },
        { "lastack.challenge_ack_limit", "1000", N_("lastack.challenge_ack_limit takes 0 to 1000000 (a second)."), 0,
          1000000, AT(challenge_ack_limit), RULE_WORD32, 1 },
        { "lastack.initial_window", "10", N_("lastack.initial_window takes 1 to 100 (segments)."), 1, 100,
          AT(initial_window), RULE_WORD32, 1 },
        { "lastack.pacing", "0", N_("lastack.pacing takes 0 or 1."), 0, 1, AT(pacing), RULE_FLAG, 1 },
        { "lastack.max_pacing_rate", "0",
          N_("lastack.max_pacing_rate takes 0 to 4294967295 (bytes a second; 0 is no limit)."), 0, UINT32_MAX,
          AT(max_pacing_rate), RULE_WORD32, 1 },
#undef AT
};

/* ---- Names ---- */

static bool
same_text(const char *a, const char *b)
{
        while (*a && *a == *b) {
                a++;
                b++;
        }
        return *a == *b;
}

#define OWN_COUNT   (sizeof own_rules / sizeof own_rules[0])
#define LINUX_COUNT (sizeof linux_rules / sizeof linux_rules[0])

static struct rule
linux_rule(size_t i)
{
        const struct la_knob_info *info = la_knob_info(linux_rules[i].knob);

        return (struct rule){
                .name = info->name,
                .standard = linux_rules[i].standard ? linux_rules[i].standard : info->standard,
                .complaint = linux_rules[i].complaint,
                .least = info->min,
                .most = info->max,
                .offset = linux_rules[i].offset,
                .type = linux_rules[i].type,
                .scale = linux_rules[i].scale,
        };
}

static bool
rule_find(const char *name, struct rule *ret_rule)
{
        const struct la_knob_info *info = la_knob_find(name);

        for (size_t i = 0; i < OWN_COUNT; i++)
                if (same_text(name, own_rules[i].name)) {
                        *ret_rule = own_rules[i];
                        return true;
                }
        for (size_t i = 0; info && i < LINUX_COUNT; i++)
                if (linux_rules[i].knob == info->knob) {
                        *ret_rule = linux_rule(i);
                        return true;
                }
        return false;
}

const char *
la_knob_name(size_t number)
{
        if (number < LINUX_COUNT)
                return la_knob_info(linux_rules[number].knob)->name;
        number -= LINUX_COUNT;
        return number < OWN_COUNT ? own_rules[number].name : NULL;
}

/* ---- Texts to values ---- */

static void *
rule_at(struct la_stack *s, const struct rule *r)
{
        return (char *)&s->host.rules + r->offset;
}

static bool
set_number(struct la_stack *s, const struct rule *r, const char *text)
{
        int64_t value;
        uint32_t scaled;

        if (!knob_read_numbers(text, r->least, r->most, 1, &value))
                return false;
        scaled = (uint32_t)value * r->scale;
        if (r->type == RULE_WORD32)
                memcpy(rule_at(s, r), &scaled, sizeof scaled);
        else if (r->type == RULE_BYTE)
                *(uint8_t *)rule_at(s, r) = (uint8_t)value;
        else
                *(bool *)rule_at(s, r) = value != 0;
        return true;
}

static bool
set_several(struct la_stack *s, const struct rule *r, const char *text)
{
        int64_t values[3];
        size_t n = r->type == RULE_TRIPLE ? 3 : 2;

        if (!knob_read_numbers(text, r->least, r->most, n, values))
                return false;
        for (size_t i = 0; i < n; i++)
                if (r->type == RULE_TRIPLE)
                        ((uint32_t *)rule_at(s, r))[i] = (uint32_t)values[i];
                else
                        ((uint16_t *)rule_at(s, r))[i] = (uint16_t)values[i];
        return true;
}

static bool
set_congestion(struct la_stack *s, const char *text)
{
        const char *word;
        unsigned int index;
        size_t n;

        if (!knob_read_word(text, &word, &n) || !congestion_find(word, n, &index))
                return false;
        s->host.rules.congestion = (uint8_t)index;
        return true;
}

static bool
set_rule(struct la_stack *s, const struct rule *r, const char *text)
{
        switch (r->type) {
        case RULE_BYTE:
        case RULE_FLAG:
        case RULE_WORD32:
                return set_number(s, r, text);
        case RULE_PORT_RANGE:
        case RULE_TRIPLE:
                return set_several(s, r, text);
        case RULE_RESERVED:
                return knob_read_ports(text, &s->reserved);
        case RULE_CONGESTION:
                return set_congestion(s, text);
        }
        return false;
}

/* ---- What a change does at once to connections that exist ---- */

static void
keepalive_changed(struct la_stack *s, uint32_t tcb)
{
        if (!tcb_at(s, tcb)->slow_on)
                return;
        timers_on_keepalive_set(&s->host, tcb_at(s, tcb));
        settle_timer(s, tcb);
}

static void
pacing_changed(struct la_stack *s, uint32_t tcb)
{
        if (!tcb_at(s, tcb)->hashed)
                return;
        pacing_on_changed(&s->host, tcb_at(s, tcb));
        settle(s, tcb);
}

/* All else is looked up when it is needed. */
static const struct {
        size_t offset;
        void (*act)(struct la_stack *s, uint32_t tcb);
} acting[] = {
        { offsetof(struct tcp_rules, keepalive_time_s), keepalive_changed },
        { offsetof(struct tcp_rules, keepalive_interval_s), keepalive_changed },
        { offsetof(struct tcp_rules, pacing), pacing_changed },
        { offsetof(struct tcp_rules, max_pacing_rate), pacing_changed },
        { offsetof(struct tcp_rules, pacing_ss_percent), pacing_changed },
        { offsetof(struct tcp_rules, pacing_ca_percent), pacing_changed },
};

static void
rule_acts(struct la_stack *s, const struct rule *r)
{
        for (size_t a = 0; a < sizeof acting / sizeof acting[0]; a++)
                for (uint32_t i = 1; acting[a].offset == r->offset && i < s->tcbs.fresh; i++)
                        if (tcb_at(s, i)->generation != 0)
                                acting[a].act(s, i);
}

static enum la_error
set_in_range(struct la_stack *s, const struct rule *r, const char *value, const char **ret_error)
{
        if (set_rule(s, r, value)) {
                rule_acts(s, r);
                return LA_OK;
        }
        if (ret_error)
                *ret_error = r->complaint;
        return LA_ERR_KNOB_VALUE;
}

/* Linux itself takes any limit of records and orphans, 0 too. */
enum la_error
la_knob_set_dangerous(struct la_stack *s, const char *name, const char *value, const char **ret_error)
{
        const struct la_knob_info *info = la_knob_find(name);
        struct rule r;

        if (!rule_find(name, &r))
                return LA_ERR_NO_KNOB;
        if (info && (info->knob == LA_K_tcp_max_orphans || info->knob == LA_K_tcp_max_tw_buckets))
                r.least = 0;
        return set_in_range(s, &r, value, ret_error);
}

/* tcp_tw_recycle, unless it is to be turned off. */
static bool
is_danger(const struct rule *r, const char *value)
{
        int64_t number;

        return r->offset == offsetof(struct tcp_rules, tw_recycle) &&
               knob_read_numbers(value, r->least, r->most, 1, &number) && number != 0;
}

enum la_error
la_knob_set(struct la_stack *s, const char *name, const char *value, const char **ret_error)
{
        struct rule r;

        if (!rule_find(name, &r))
                return LA_ERR_NO_KNOB;
        if (is_danger(&r, value)) {
                if (ret_error)
                        *ret_error = N_("tcp_tw_recycle drops the connections of hosts that share an address (NAT) and "
                                        "whose clocks differ; Linux 4.12 removed it for that.");
                return LA_ERR_DANGER;
        }
        return set_in_range(s, &r, value, ret_error);
}

/* ---- Values to texts ---- */

static void
put_rule(struct knob_writer *w, const struct la_stack *s, const struct rule *r)
{
        const char *at = (const char *)&s->host.rules + r->offset;
        uint32_t word;

        switch (r->type) {
        case RULE_BYTE:
                knob_put_number(w, *(const uint8_t *)at);
                break;
        case RULE_FLAG:
                knob_put_number(w, *(const bool *)at);
                break;
        case RULE_WORD32:
                memcpy(&word, at, sizeof word);
                knob_put_number(w, word / r->scale);
                break;
        case RULE_PORT_RANGE:
                knob_put_number(w, s->host.rules.port_low);
                knob_put(w, '\t');
                knob_put_number(w, s->host.rules.port_high);
                break;
        case RULE_TRIPLE:
                for (size_t i = 0; i < 3; i++) {
                        if (i > 0)
                                knob_put(w, '\t');
                        knob_put_number(w, ((const uint32_t *)at)[i]);
                }
                break;
        case RULE_RESERVED:
                knob_put_ports(w, &s->reserved);
                break;
        case RULE_CONGESTION:
                knob_put_text(w, congestion_at(s->host.rules.congestion)->name);
                break;
        }
}

enum la_error
la_knob_range(const char *name, int64_t *ret_least, int64_t *ret_most, const char **ret_sentence)
{
        struct rule r;

        if (!rule_find(name, &r))
                return LA_ERR_NO_KNOB;
        *ret_least = r.least;
        *ret_most = r.most;
        *ret_sentence = r.complaint;
        return LA_OK;
}

enum la_error
la_knob_get(const struct la_stack *s, const char *name, char *text, size_t room)
{
        struct knob_writer measure = { 0 }, w = { text, 0, room };
        struct rule r;

        if (!rule_find(name, &r))
                return LA_ERR_NO_KNOB;
        put_rule(&measure, s, &r);
        if (measure.at + 1 > room)
                return LA_ERR_INVALID;
        put_rule(&w, s, &r);
        knob_put(&w, '\0');
        return LA_OK;
}

/* ---- Defaults ---- */

static uint32_t
within(uint32_t value, enum la_knob knob)
{
        const struct la_knob_info *info = la_knob_info(knob);

        if (value < info->min)
                return (uint32_t)info->min;
        return value > info->max ? (uint32_t)info->max : value;
}

/* As Linux sizes its limits by its memory, so here by what the stack was made for.  False for what is no such limit. */
static bool
limit_at_first(const struct la_stack *s, size_t offset, uint32_t *ret_limit)
{
        const struct la_config *c = &s->config;

        if (offset == offsetof(struct tcp_rules, max_tw_buckets))
                *ret_limit = within(c->time_wait4 + c->time_wait6, LA_K_tcp_max_tw_buckets);
        else if (offset == offsetof(struct tcp_rules, max_orphans))
                *ret_limit = within(c->connections, LA_K_tcp_max_orphans);
        else if (offset == offsetof(struct tcp_rules, max_syn_backlog))
                *ret_limit = within(c->half_open, LA_K_tcp_max_syn_backlog);
        else
                return false;
        return true;
}

enum la_error
la_knob_standard(const struct la_stack *s, const char *name, char *text, size_t room)
{
        struct knob_writer w = { text, 0, room };
        uint32_t limit;
        struct rule r;

        if (!rule_find(name, &r))
                return LA_ERR_NO_KNOB;
        if (limit_at_first(s, r.offset, &limit))
                knob_put_number(&w, limit);
        else
                knob_put_text(&w, r.standard);
        knob_put(&w, '\0');
        return w.at <= room ? LA_OK : LA_ERR_INVALID;
}

static void
init_limits(struct la_stack *s)
{
        for (size_t i = 0; i < LINUX_COUNT; i++) {
                uint32_t limit;

                if (limit_at_first(s, linux_rules[i].offset, &limit))
                        memcpy((char *)&s->host.rules + linux_rules[i].offset, &limit, sizeof limit);
        }
}

void
knobs_init(struct la_stack *s)
{
        struct tcp_rules *r = &s->host.rules;
        struct rule rule;

        r->rto_max_us = 120000000;
        r->dsack = true;
        r->mtu = (uint16_t)s->config.mtu;
        r->gso_bytes = s->config.gso_bytes;
        r->checksum_offload = s->config.checksum_offload;
        r->strict_addresses = s->config.strict_addresses;
        init_limits(s);
        for (size_t i = 0; i < OWN_COUNT; i++)
                LA_ASSERT(set_rule(s, &own_rules[i], own_rules[i].standard));
        for (size_t i = 0; i < LINUX_COUNT; i++) {
                rule = linux_rule(i);
                if (rule.standard[0])
                        LA_ASSERT(set_rule(s, &rule, rule.standard));
        }
}
