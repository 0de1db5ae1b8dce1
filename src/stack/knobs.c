/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tunables: from Linux's names and texts to struct tcp_rules, and back.  What a name means, its range and its default
 * stand in model/knob.def; here only where its value goes, and in what unit the protocol reads it.
 */
#include "stack/stack.h"

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
        const char *standard; /* where knob.def leaves it to the machine */
} linux_rules[] = {
#define AT(member) offsetof(struct tcp_rules, member)
        { LA_K_tcp_tw_reuse, RULE_BYTE, AT(tw_reuse), 1, NULL },
        { LA_K_tcp_tw_reuse_delay, RULE_WORD32, AT(tw_reuse_delay_ms), 1, NULL },
        { LA_K_tcp_tw_recycle, RULE_FLAG, AT(tw_recycle), 1, NULL },
        { LA_K_tcp_max_tw_buckets, RULE_WORD32, AT(max_tw_buckets), 1, NULL },
        { LA_K_tcp_rfc1337, RULE_FLAG, AT(rfc1337), 1, NULL },
        { LA_K_ip_local_port_range, RULE_PORT_RANGE, AT(port_low), 1, NULL },
        { LA_K_ip_local_reserved_ports, RULE_RESERVED, 0, 1, NULL },
        { LA_K_tcp_timestamps, RULE_FLAG, AT(timestamps), 1, NULL },
        { LA_K_tcp_fin_timeout, RULE_WORD32, AT(fin_timeout_ms), 1000, NULL },
        { LA_K_tcp_max_orphans, RULE_WORD32, AT(max_orphans), 1, NULL },
        { LA_K_tcp_orphan_retries, RULE_WORD32, AT(orphan_retries), 1, NULL },
        { LA_K_tcp_syncookies, RULE_BYTE, AT(syncookies), 1, NULL },
        { LA_K_tcp_max_syn_backlog, RULE_WORD32, AT(max_syn_backlog), 1, NULL },
        { LA_K_somaxconn, RULE_WORD32, AT(somaxconn), 1, NULL },
        { LA_K_tcp_abort_on_overflow, RULE_FLAG, AT(abort_on_overflow), 1, NULL },
        { LA_K_tcp_synack_retries, RULE_WORD32, AT(synack_retries), 1, NULL },
        { LA_K_tcp_syn_retries, RULE_WORD32, AT(syn_retries), 1, NULL },
        { LA_K_tcp_fastopen, RULE_WORD32, AT(fastopen), 1, NULL },
        { LA_K_tcp_keepalive_time, RULE_WORD32, AT(keepalive_time_s), 1, NULL },
        { LA_K_tcp_keepalive_intvl, RULE_WORD32, AT(keepalive_interval_s), 1, NULL },
        { LA_K_tcp_keepalive_probes, RULE_WORD32, AT(keepalive_probes), 1, NULL },
        { LA_K_tcp_retries1, RULE_WORD32, AT(retries1), 1, NULL },
        { LA_K_tcp_retries2, RULE_WORD32, AT(retries2), 1, NULL },
        { LA_K_tcp_window_scaling, RULE_FLAG, AT(window_scaling), 1, NULL },
        { LA_K_tcp_sack, RULE_FLAG, AT(sack), 1, NULL },
        { LA_K_tcp_rmem, RULE_TRIPLE, AT(receive_buffer), 1, "4096\t131072\t6291456" },
        { LA_K_tcp_wmem, RULE_TRIPLE, AT(send_buffer), 1, "4096\t262144\t4194304" },
        { LA_K_tcp_ecn, RULE_BYTE, AT(ecn), 1, NULL },
        { LA_K_tcp_ecn_fallback, RULE_FLAG, AT(ecn_fallback), 1, NULL },
        { LA_K_tcp_congestion_control, RULE_CONGESTION, AT(congestion), 1, "reno" },
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

static const char linux_complaint[] =
        N_("The value is not one this tunable takes: `lastack explain` and its name tell the range.");

static bool
rule_find(const char *name, struct rule *ret_rule)
{
        const struct la_knob_info *info = la_knob_find(name);

        for (size_t i = 0; i < sizeof own_rules / sizeof own_rules[0]; i++)
                if (same_text(name, own_rules[i].name)) {
                        *ret_rule = own_rules[i];
                        return true;
                }
        for (size_t i = 0; info && i < sizeof linux_rules / sizeof linux_rules[0]; i++)
                if (linux_rules[i].knob == info->knob) {
                        *ret_rule = (struct rule){ info->name,          info->standard,      linux_complaint,
                                                   info->min,           info->max,           linux_rules[i].offset,
                                                   linux_rules[i].type, linux_rules[i].scale };
                        if (linux_rules[i].standard)
                                ret_rule->standard = linux_rules[i].standard;
                        return true;
                }
        return false;
}

/* ---- Texts to values ---- */

static bool
is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\n';
}

static void
skip_blanks(const char **at)
{
        while (is_blank(**at))
                (*at)++;
}

static bool
read_number(const char **at, int64_t least, int64_t most, int64_t *ret_value)
{
        int64_t value = 0;

        skip_blanks(at);
        if (**at < '0' || **at > '9')
                return false;
        for (; **at >= '0' && **at <= '9'; (*at)++) {
                value = value * 10 + (**at - '0');
                if (value > most)
                        return false;
        }
        *ret_value = value;
        return value >= least;
}

static bool
at_end(const char *at)
{
        skip_blanks(&at);
        return *at == '\0';
}

static bool
read_numbers(const char *text, const struct rule *r, size_t n, int64_t *values)
{
        for (size_t i = 0; i < n; i++) {
                if (i > 0 && !is_blank(*text))
                        return false;
                if (!read_number(&text, r->least, r->most, &values[i]))
                        return false;
                if (i > 0 && values[i] < values[i - 1])
                        return false;
        }
        return at_end(text);
}

/* "8080,9000-9010" as in ip_local_reserved_ports. */
static bool
read_ports(const char *text, struct port_set *ret_ports)
{
        struct port_set ports = { 0 };
        int64_t low, high;

        while (!at_end(text)) {
                if (!read_number(&text, 1, 65535, &low))
                        return false;
                high = low;
                if (*text == '-') {
                        text++;
                        if (!read_number(&text, low, 65535, &high))
                                return false;
                }
                for (int64_t p = low; p <= high; p++)
                        ports.bits[p / 64] |= (uint64_t)1 << (p % 64);
                skip_blanks(&text);
                if (*text == ',')
                        text++;
                else if (!at_end(text))
                        return false;
        }
        *ret_ports = ports;
        return true;
}

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

        if (!read_numbers(text, r, 1, &value))
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

        if (!read_numbers(text, r, n, values))
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
        unsigned int index;
        size_t n = 0;

        skip_blanks(&text);
        while (text[n] && !is_blank(text[n]))
                n++;
        if (!at_end(text + n) || !congestion_find(text, n, &index))
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
                return read_ports(text, &s->reserved);
        case RULE_CONGESTION:
                return set_congestion(s, text);
        }
        return false;
}

static enum la_error
set_in_range(struct la_stack *s, const struct rule *r, const char *value, const char **ret_error)
{
        if (set_rule(s, r, value))
                return LA_OK;
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

enum la_error
la_knob_set(struct la_stack *s, const char *name, const char *value, const char **ret_error)
{
        const struct la_knob_info *info = la_knob_find(name);
        struct rule r;

        if (info && info->knob == LA_K_tcp_tw_recycle && !same_text(value, "0")) {
                if (ret_error)
                        *ret_error = N_("tcp_tw_recycle drops the connections of hosts that share an address (NAT) and "
                                        "whose clocks differ; Linux 4.12 removed it for that.");
                return LA_ERR_DANGER;
        }
        if (!rule_find(name, &r))
                return LA_ERR_NO_KNOB;
        return set_in_range(s, &r, value, ret_error);
}

/* ---- Values to texts ---- */

struct writer {
        char *text;
        size_t at, room;
};

static void
put(struct writer *w, char c)
{
        if (w->at < w->room)
                w->text[w->at] = c;
        w->at++;
}

static void
put_number(struct writer *w, uint64_t value)
{
        char digits[20];
        size_t n = 0;

        do
                digits[n++] = (char)('0' + value % 10);
        while ((value /= 10) > 0);
        while (n > 0)
                put(w, digits[--n]);
}

static void
put_ports(struct writer *w, const struct la_stack *s)
{
        bool first = true;

        for (uint32_t low = 1, high; low <= 65535; low = high + 1) {
                high = low;
                if (!port_reserved(s, low))
                        continue;
                while (high < 65535 && port_reserved(s, high + 1))
                        high++;
                if (!first)
                        put(w, ',');
                first = false;
                put_number(w, low);
                if (high > low) {
                        put(w, '-');
                        put_number(w, high);
                }
        }
}

static void
put_rule(struct writer *w, const struct la_stack *s, const struct rule *r)
{
        const char *at = (const char *)&s->host.rules + r->offset, *name;
        uint32_t word;

        switch (r->type) {
        case RULE_BYTE:
                put_number(w, *(const uint8_t *)at);
                break;
        case RULE_FLAG:
                put_number(w, *(const bool *)at);
                break;
        case RULE_WORD32:
                memcpy(&word, at, sizeof word);
                put_number(w, word / r->scale);
                break;
        case RULE_PORT_RANGE:
                put_number(w, s->host.rules.port_low);
                put(w, '\t');
                put_number(w, s->host.rules.port_high);
                break;
        case RULE_TRIPLE:
                for (size_t i = 0; i < 3; i++) {
                        if (i > 0)
                                put(w, '\t');
                        put_number(w, ((const uint32_t *)at)[i]);
                }
                break;
        case RULE_RESERVED:
                put_ports(w, s);
                break;
        case RULE_CONGESTION:
                for (name = congestion_at(s->host.rules.congestion)->name; *name; name++)
                        put(w, *name);
                break;
        }
}

enum la_error
la_knob_get(const struct la_stack *s, const char *name, char *text, size_t room)
{
        struct writer measure = { 0 }, w = { text, 0, room };
        struct rule r;

        if (!rule_find(name, &r))
                return LA_ERR_NO_KNOB;
        put_rule(&measure, s, &r);
        if (measure.at + 1 > room)
                return LA_ERR_INVALID;
        put_rule(&w, s, &r);
        put(&w, '\0');
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

/* As Linux sizes its limits by its memory, so here by what the stack was made for. */
static void
init_limits(struct la_stack *s)
{
        struct tcp_rules *r = &s->host.rules;

        r->max_tw_buckets = within(s->config.time_wait4 + s->config.time_wait6, LA_K_tcp_max_tw_buckets);
        r->max_orphans = within(s->config.connections, LA_K_tcp_max_orphans);
        r->max_syn_backlog = within(s->config.half_open, LA_K_tcp_max_syn_backlog);
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
        for (size_t i = 0; i < sizeof own_rules / sizeof own_rules[0]; i++)
                LA_ASSERT(set_rule(s, &own_rules[i], own_rules[i].standard));
        for (size_t i = 0; i < sizeof linux_rules / sizeof linux_rules[0]; i++) {
                LA_ASSERT(rule_find(la_knob_info(linux_rules[i].knob)->name, &rule));
                if (rule.standard[0])
                        LA_ASSERT(set_rule(s, &rule, rule.standard));
        }
}
