/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/details.h"
#include "cli/text.h"

#include <string.h>

#define SSTHRESH_UNSET 0x7fffffff

char *
details_timer(char *p, const struct la_snapshot *s)
{
        static const char *const names[] = {
                [LA_TIMER_NONE] = "off",           [LA_TIMER_RETRANSMIT] = "on",   [LA_TIMER_KEEPALIVE] = "keepalive",
                [LA_TIMER_TIME_WAIT] = "timewait", [LA_TIMER_PERSIST] = "persist",
        };

        if (!(s->known & LA_KNOWN_TIMER) || s->timer == LA_TIMER_NONE)
                return p;
        p = text_string(text_string(p, "timer:("), names[s->timer]);
        *p++ = ',';
        p = text_timer(p, s->timer_ms);
        *p++ = ',';
        p = text_number(p, s->retransmits);
        *p++ = ')';
        return p;
}

/* " name:value", the blank only between two. */
static char *
field(char *p, const char *begin, const char *name, uint64_t value)
{
        if (p > begin)
                *p++ = ' ';
        p = text_string(p, name);
        *p++ = ':';
        return text_number(p, value);
}

static char *
field_unless_zero(char *p, const char *begin, const char *name, uint64_t value)
{
        return value ? field(p, begin, name, value) : p;
}

static char *
word(char *p, const char *begin, const char *text)
{
        if (p > begin)
                *p++ = ' ';
        return text_string(p, text);
}

static char *
hexadecimal(char *p, uint64_t n)
{
        int digits = 1;

        while (digits < 16 && n >> 4 * digits)
                digits++;
        while (digits > 0)
                *p++ = "0123456789abcdef"[n >> 4 * --digits & 15];
        return p;
}

static char *
age(char *p, const struct la_snapshot *s)
{
        if (s->age_min_ms == s->age_max_ms)
                return text_duration(p, s->age_min_ms);
        p = text_duration(text_string(p, ">="), s->age_min_ms);
        if (s->age_max_ms != UINT32_MAX)
                p = text_duration(text_string(p, ",<="), s->age_max_ms);
        return p;
}

char *
details_extended(char *p, const struct la_snapshot *s)
{
        const char *begin = p;

        if ((s->known & LA_KNOWN_INODE) && s->inode) {
                p = field_unless_zero(p, begin, "uid", s->uid);
                p = field(p, begin, "ino", s->inode);
        }
        if (s->known & LA_KNOWN_COOKIE)
                p = hexadecimal(word(p, begin, "sk:"), s->cookie);
        if (s->known & LA_KNOWN_CGROUP)
                p = field(p, begin, "cgroup", s->cgroup);
        if ((s->known & LA_KNOWN_MARK) && s->mark)
                p = hexadecimal(word(p, begin, "fwmark:0x"), s->mark);
        if (s->known & LA_KNOWN_AGE)
                p = age(word(p, begin, "age:"), s);
        return p;
}

char *
details_memory(char *p, const struct la_snapshot *s)
{
        const struct la_memory *m = &s->memory;
        const struct part {
                const char *name;
                uint32_t value;
        } parts[] = {
                { "r", m->receive_allocated }, { "rb", m->receive_buffer },   { "t", m->send_allocated },
                { "tb", m->send_buffer },      { "f", m->forward_allocated }, { "w", m->send_queued },
                { "o", m->options },           { "bl", m->backlog },          { "d", m->drops },
        };

        if (!(s->known & LA_KNOWN_MEMORY))
                return p;
        p = text_string(p, "skmem:(");
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
                if (i > 0)
                        *p++ = ',';
                p = text_number(text_string(p, parts[i].name), parts[i].value);
        }
        *p++ = ')';
        return p;
}

/* Microseconds as milliseconds, three decimals at most: "0.018", "40", "1.5". */
static char *
milliseconds(char *p, uint64_t us)
{
        p = text_number(p, us / 1000);
        us %= 1000;
        if (us == 0)
                return p;
        *p++ = '.';
        for (uint64_t unit = 100; us > 0; unit /= 10) {
                *p++ = (char)('0' + us / unit);
                us %= unit;
        }
        return p;
}

/* Bytes a second as bits a second. */
static char *
bit_rate(char *p, const char *begin, const char *name, uint64_t bytes_a_second)
{
        if (bytes_a_second == 0 || bytes_a_second == UINT64_MAX)
                return p;
        p = text_string(word(p, begin, name), " ");
        return text_string(text_number(p, bytes_a_second * 8), "bps");
}

static char *
options(char *p, const char *begin, const struct la_tcp_details *t)
{
        if (t->timestamps)
                p = word(p, begin, "ts");
        if (t->sack)
                p = word(p, begin, "sack");
        if (t->ecn)
                p = word(p, begin, "ecn");
        if (t->ecn_seen)
                p = word(p, begin, "ecnseen");
        if (t->fastopen)
                p = word(p, begin, "fastopen");
        if (t->congestion[0])
                p = word(p, begin, t->congestion);
        if (t->window_scaling) {
                p = field(p, begin, "wscale", t->send_wscale);
                *p++ = ',';
                p = text_number(p, t->receive_wscale);
        }
        return p;
}

static char *
times(char *p, const char *begin, const struct la_tcp_details *t)
{
        if (t->rto_us)
                p = milliseconds(word(p, begin, "rto:"), t->rto_us);
        p = field_unless_zero(p, begin, "backoff", t->backoff);
        if (t->rtt_us) {
                p = milliseconds(word(p, begin, "rtt:"), t->rtt_us);
                *p++ = '/';
                p = milliseconds(p, t->rttvar_us);
        }
        if (t->ato_us)
                p = milliseconds(word(p, begin, "ato:"), t->ato_us);
        return p;
}

static char *
sizes(char *p, const char *begin, const struct la_tcp_details *t)
{
        p = field_unless_zero(p, begin, "mss", t->send_mss_bytes);
        p = field_unless_zero(p, begin, "pmtu", t->path_mtu_bytes);
        p = field_unless_zero(p, begin, "rcvmss", t->receive_mss_bytes);
        p = field_unless_zero(p, begin, "advmss", t->advertised_mss_bytes);
        p = field_unless_zero(p, begin, "cwnd", t->cwnd);
        if (t->ssthresh < SSTHRESH_UNSET)
                p = field(p, begin, "ssthresh", t->ssthresh);
        return p;
}

static char *
traffic(char *p, const char *begin, const struct la_tcp_details *t)
{
        p = field_unless_zero(p, begin, "bytes_sent", t->bytes_sent);
        p = field_unless_zero(p, begin, "bytes_retrans", t->bytes_retransmitted);
        p = field_unless_zero(p, begin, "bytes_acked", t->bytes_acked);
        p = field_unless_zero(p, begin, "bytes_received", t->bytes_received);
        p = field_unless_zero(p, begin, "segs_out", t->segments_out);
        p = field_unless_zero(p, begin, "segs_in", t->segments_in);
        p = field_unless_zero(p, begin, "lastsnd", t->last_data_sent_ms);
        p = field_unless_zero(p, begin, "lastrcv", t->last_data_received_ms);
        p = field_unless_zero(p, begin, "lastack", t->last_ack_received_ms);
        p = bit_rate(p, begin, "pacing_rate", t->pacing_rate);
        p = field_unless_zero(p, begin, "pacing_wait", t->pacing_wait_ms);
        p = bit_rate(p, begin, "delivery_rate", t->delivery_rate);
        return p;
}

static char *
trouble(char *p, const char *begin, const struct la_tcp_details *t)
{
        if (t->busy_us)
                p = text_string(milliseconds(word(p, begin, "busy:"), t->busy_us), "ms");
        if (t->receive_window_limited_us)
                p = text_string(milliseconds(word(p, begin, "rwnd_limited:"), t->receive_window_limited_us), "ms");
        if (t->send_buffer_limited_us)
                p = text_string(milliseconds(word(p, begin, "sndbuf_limited:"), t->send_buffer_limited_us), "ms");
        p = field_unless_zero(p, begin, "unacked", t->unacked);
        if (t->retransmitting || t->retransmitted_total) {
                p = field(p, begin, "retrans", t->retransmitting);
                *p++ = '/';
                p = text_number(p, t->retransmitted_total);
        }
        p = field_unless_zero(p, begin, "lost", t->lost);
        p = field_unless_zero(p, begin, "sacked", t->sacked);
        if (t->reordering != 3) /* what every connection starts with */
                p = field_unless_zero(p, begin, "reordering", t->reordering);
        p = field_unless_zero(p, begin, "rcv_space", t->receive_space_bytes);
        p = field_unless_zero(p, begin, "rcv_ssthresh", t->receive_ssthresh_bytes);
        p = field_unless_zero(p, begin, "notsent", t->not_sent_bytes);
        if (t->min_rtt_us && t->min_rtt_us != UINT32_MAX)
                p = milliseconds(word(p, begin, "minrtt:"), t->min_rtt_us);
        return field_unless_zero(p, begin, "snd_wnd", t->send_window_bytes);
}

char *
details_tcp(char *p, const struct la_snapshot *s)
{
        const char *begin = p;

        if (!(s->known & LA_KNOWN_TCP))
                return p;
        p = options(p, begin, &s->tcp);
        p = times(p, begin, &s->tcp);
        p = sizes(p, begin, &s->tcp);
        p = traffic(p, begin, &s->tcp);
        return trouble(p, begin, &s->tcp);
}
