/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/json.h"
#include "cli/text.h"

#include <string.h>
#include <unistd.h>

static void
set_number(json_t *object, const char *name, uint64_t n)
{
        json_object_set_new(object, name, json_integer((json_int_t)n));
}

static void
set_milliseconds(json_t *object, const char *name, uint64_t us)
{
        json_object_set_new(object, name, json_real((double)us / 1000));
}

static json_t *
endpoint(enum la_family family, const struct la_endpoint *e)
{
        char address[TEXT_ROOM];
        char *end = text_address(address, family, e->address);
        json_t *object = json_object();

        json_object_set_new(object, "address", json_stringn(address, (size_t)(end - address)));
        set_number(object, "port", e->port);
        return object;
}

static json_t *
owners(const struct la_snapshot *s)
{
        json_t *array = json_array();

        for (uint32_t i = 0; i < s->owner_count; i++) {
                const struct la_owner *o = &s->owners[i];
                json_t *name = json_string(o->comm);
                json_t *owner = json_object();
                set_number(owner, "pid", (uint64_t)o->pid);
                /* A process can call itself by bytes that are no UTF-8. */
                json_object_set_new(owner, "comm", name ? name : json_string("?"));
                set_number(owner, "fd", (uint64_t)o->fd);
                json_array_append_new(array, owner);
        }
        return array;
}

static json_t *
timer(const struct la_snapshot *s)
{
        static const char *const names[] = {
                [LA_TIMER_NONE] = "none",           [LA_TIMER_RETRANSMIT] = "retransmit",
                [LA_TIMER_KEEPALIVE] = "keepalive", [LA_TIMER_TIME_WAIT] = "time_wait",
                [LA_TIMER_PERSIST] = "persist",
        };
        json_t *object = json_object();

        json_object_set_new(object, "kind", json_string(names[s->timer]));
        if (s->timer != LA_TIMER_NONE) {
                set_number(object, "expires_ms", s->timer_ms);
                set_number(object, "retransmits", s->retransmits);
        }
        return object;
}

static json_t *
memory(const struct la_memory *m)
{
        json_t *object = json_object();

        set_number(object, "receive_allocated", m->receive_allocated);
        set_number(object, "receive_buffer", m->receive_buffer);
        set_number(object, "send_allocated", m->send_allocated);
        set_number(object, "send_buffer", m->send_buffer);
        set_number(object, "forward_allocated", m->forward_allocated);
        set_number(object, "send_queued", m->send_queued);
        set_number(object, "options", m->options);
        set_number(object, "backlog", m->backlog);
        set_number(object, "drops", m->drops);
        return object;
}

static void
set_tcp_options(json_t *object, const struct la_tcp_details *t)
{
        json_object_set_new(object, "timestamps", json_boolean(t->timestamps));
        json_object_set_new(object, "sack", json_boolean(t->sack));
        json_object_set_new(object, "ecn", json_boolean(t->ecn));
        json_object_set_new(object, "fastopen", json_boolean(t->fastopen));
        if (t->window_scaling) {
                set_number(object, "send_wscale", t->send_wscale);
                set_number(object, "receive_wscale", t->receive_wscale);
        }
}

static json_t *
tcp(const struct la_snapshot *s)
{
        const struct la_tcp_details *t = &s->tcp;
        json_t *object = json_object();

        if (t->congestion[0])
                json_object_set_new(object, "congestion_control", json_string(t->congestion));
        set_tcp_options(object, t);
        set_milliseconds(object, "rto_ms", t->rto_us);
        set_milliseconds(object, "rtt_ms", t->rtt_us);
        set_milliseconds(object, "rttvar_ms", t->rttvar_us);
        if (t->min_rtt_us && t->min_rtt_us != UINT32_MAX)
                set_milliseconds(object, "min_rtt_ms", t->min_rtt_us);
        set_number(object, "send_mss", t->send_mss_bytes);
        set_number(object, "receive_mss", t->receive_mss_bytes);
        set_number(object, "path_mtu", t->path_mtu_bytes);
        set_number(object, "cwnd", t->cwnd);
        if (t->ssthresh < 0x7fffffff)
                set_number(object, "ssthresh", t->ssthresh);
        set_number(object, "unacked", t->unacked);
        set_number(object, "lost", t->lost);
        set_number(object, "retransmitting", t->retransmitting);
        set_number(object, "retransmitted_total", t->retransmitted_total);
        set_number(object, "bytes_sent", t->bytes_sent);
        set_number(object, "bytes_acked", t->bytes_acked);
        set_number(object, "bytes_received", t->bytes_received);
        set_number(object, "segments_out", t->segments_out);
        set_number(object, "segments_in", t->segments_in);
        set_number(object, "not_sent_bytes", t->not_sent_bytes);
        set_number(object, "last_data_sent_ms", t->last_data_sent_ms);
        set_number(object, "last_data_received_ms", t->last_data_received_ms);
        set_number(object, "last_ack_received_ms", t->last_ack_received_ms);
        return object;
}

static void
set_queues(json_t *object, const struct la_snapshot *s)
{
        bool listener = s->state == LA_LISTEN;

        set_number(object, listener ? "accept_queue" : "recv_q", s->receive_queue);
        if (!listener || (s->known & LA_KNOWN_QUEUE_LIMIT))
                set_number(object, listener ? "accept_queue_limit" : "send_q", s->send_queue);
}

json_t *
json_snapshot(const struct la_snapshot *s)
{
        json_t *object = json_object();

        json_object_set_new(object, "state", json_string(la_state_name(s->state)));
        json_object_set_new(object, "family", json_string(s->family == LA_IPV4 ? "ipv4" : "ipv6"));
        json_object_set_new(object, "local", endpoint(s->family, &s->local));
        json_object_set_new(object, "remote", endpoint(s->family, &s->remote));
        if (s->interface)
                set_number(object, "interface", s->interface);
        if (s->known & LA_KNOWN_QUEUES)
                set_queues(object, s);
        if (s->known & LA_KNOWN_V6ONLY)
                json_object_set_new(object, "v6only", json_boolean(s->v6only));
        if (s->known & LA_KNOWN_TIMER)
                json_object_set_new(object, "timer", timer(s));
        if (s->known & LA_KNOWN_AGE) {
                set_number(object, "age_min_ms", s->age_min_ms);
                if (s->age_max_ms != UINT32_MAX)
                        set_number(object, "age_max_ms", s->age_max_ms);
        }
        if (s->known & LA_KNOWN_INODE) {
                set_number(object, "uid", s->uid);
                set_number(object, "inode", s->inode);
        }
        if (s->known & LA_KNOWN_COOKIE)
                set_number(object, "cookie", s->cookie);
        if (s->known & LA_KNOWN_MARK)
                set_number(object, "mark", s->mark);
        if (s->known & LA_KNOWN_CGROUP)
                set_number(object, "cgroup", s->cgroup);
        if (s->known & LA_KNOWN_NETNS)
                set_number(object, "netns", s->netns);
        if (s->known & LA_KNOWN_OWNERS)
                json_object_set_new(object, "owners", owners(s));
        if (s->known & LA_KNOWN_MEMORY)
                json_object_set_new(object, "memory", memory(&s->memory));
        if (s->known & LA_KNOWN_TCP)
                json_object_set_new(object, "tcp", tcp(s));
        return object;
}

json_t *
json_states(const uint64_t in_state[LA_STATE_COUNT])
{
        json_t *object = json_object();

        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                set_number(object, la_state_name((enum la_state)i), in_state[i]);
        return object;
}

void
json_add_report(json_t *object, const struct collect_report *report)
{
        json_object_set_new(object, "source", json_string(collect_source_name(report)));
        if (report->dump.refused)
                json_object_set_new(object, "refused", json_string(strerror(report->dump.refused)));
        if (report->dump.missing) {
                json_t *missing = json_array();
                for (uint32_t bit = 1; bit; bit <<= 1)
                        if (report->dump.missing & bit)
                                json_array_append_new(missing, json_string(collect_known_name(bit)));
                json_object_set_new(object, "missing", missing);
        }
        if (report->dump.inconsistent)
                json_object_set_new(object, "inconsistent", json_true());
        if (report->dump.malformed)
                set_number(object, "malformed", report->dump.malformed);
        if (report->owners_hidden)
                set_number(object, "processes_hidden", report->owners_hidden);
        if (report->netns_refused)
                set_number(object, "namespaces_refused", report->netns_refused);
}

void
json_write(json_t *document, FILE *file)
{
        json_dumpf(document, file, JSON_REAL_PRECISION(6) | (isatty(fileno(file)) ? JSON_INDENT(2) : JSON_COMPACT));
        putc('\n', file);
        json_decref(document);
}
