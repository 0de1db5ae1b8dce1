/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/json.h"
#include "cli/origin.h"
#include "cli/text.h"

#include <string.h>
#include <unistd.h>

void
json_set_text(json_t *object, const char *key, const char *text)
{
        json_t *string = json_string(text);

        json_object_set_new(object, key, string ? string : json_string("?"));
}

void
json_set_number(json_t *object, const char *key, uint64_t n)
{
        json_object_set_new(object, key, json_integer((json_int_t)n));
}

void
json_set_bool(json_t *object, const char *key, bool b)
{
        json_object_set_new(object, key, json_boolean(b));
}

void
json_set_address(json_t *object, const char *key, enum la_family family, const uint8_t address[16])
{
        char text[TEXT_ROOM];
        char *end = text_address(text, family, address);

        json_object_set_new(object, key, json_stringn(text, (size_t)(end - text)));
}

void
json_set_process(json_t *object, const struct la_owner *owner)
{
        if (owner->pid == 0)
                return;
        json_set_number(object, "pid", (uint64_t)owner->pid);
        json_set_text(object, "comm", owner->comm);
}

void
json_set_actor(json_t *object, const char *key, enum la_actor actor)
{
        static const char *const names[] = {
                [LA_ACTOR_NOBODY] = "nobody",
                [LA_ACTOR_APPLICATION] = "application",
                [LA_ACTOR_PEER] = "peer",
                [LA_ACTOR_TIMER] = "timer",
        };

        json_set_text(object, key, names[actor]);
}

void
json_set_transition(json_t *object, const struct la_transition_info *row)
{
        json_set_text(object, "id", row->id);
        json_set_text(object, "from", la_state_name(row->from));
        json_set_text(object, "to", la_state_name(row->to));
        json_set_text(object, "trigger", row->trigger);
        json_set_text(object, "section", row->section);
}

static void
set_milliseconds(json_t *object, const char *key, uint64_t us)
{
        json_object_set_new(object, key, json_real((double)us / 1000));
}

static json_t *
endpoint(enum la_family family, const struct la_endpoint *e)
{
        json_t *object = json_object();

        json_set_address(object, "address", family, e->address);
        json_set_number(object, "port", e->port);
        return object;
}

static json_t *
owners(const struct la_snapshot *s)
{
        json_t *array = json_array();

        for (uint32_t i = 0; i < s->owner_count; i++) {
                json_t *owner = json_object();
                json_set_process(owner, &s->owners[i]);
                if (s->owners[i].fd >= 0)
                        json_set_number(owner, "fd", (uint64_t)s->owners[i].fd);
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

        json_set_text(object, "kind", names[s->timer]);
        if (s->timer != LA_TIMER_NONE) {
                json_set_number(object, "expires_ms", s->timer_ms);
                json_set_number(object, "retransmits", s->retransmits);
        }
        return object;
}

static json_t *
memory(const struct la_memory *m)
{
        json_t *object = json_object();

        json_set_number(object, "receive_allocated", m->receive_allocated);
        json_set_number(object, "receive_buffer", m->receive_buffer);
        json_set_number(object, "send_allocated", m->send_allocated);
        json_set_number(object, "send_buffer", m->send_buffer);
        json_set_number(object, "forward_allocated", m->forward_allocated);
        json_set_number(object, "send_queued", m->send_queued);
        json_set_number(object, "options", m->options);
        json_set_number(object, "backlog", m->backlog);
        json_set_number(object, "drops", m->drops);
        return object;
}

static void
set_tcp_options(json_t *object, const struct la_tcp_details *t)
{
        json_set_bool(object, "timestamps", t->timestamps);
        json_set_bool(object, "sack", t->sack);
        json_set_bool(object, "ecn", t->ecn);
        json_set_bool(object, "fastopen", t->fastopen);
        if (t->window_scaling) {
                json_set_number(object, "send_wscale", t->send_wscale);
                json_set_number(object, "receive_wscale", t->receive_wscale);
        }
}

static json_t *
tcp(const struct la_snapshot *s)
{
        const struct la_tcp_details *t = &s->tcp;
        json_t *object = json_object();

        if (t->congestion[0])
                json_set_text(object, "congestion_control", t->congestion);
        set_tcp_options(object, t);
        set_milliseconds(object, "rto_ms", t->rto_us);
        set_milliseconds(object, "rtt_ms", t->rtt_us);
        set_milliseconds(object, "rttvar_ms", t->rttvar_us);
        if (t->min_rtt_us && t->min_rtt_us != UINT32_MAX)
                set_milliseconds(object, "min_rtt_ms", t->min_rtt_us);
        json_set_number(object, "send_mss", t->send_mss_bytes);
        json_set_number(object, "receive_mss", t->receive_mss_bytes);
        json_set_number(object, "path_mtu", t->path_mtu_bytes);
        json_set_number(object, "cwnd", t->cwnd);
        if (t->ssthresh < 0x7fffffff)
                json_set_number(object, "ssthresh", t->ssthresh);
        json_set_number(object, "unacked", t->unacked);
        json_set_number(object, "lost", t->lost);
        json_set_number(object, "retransmitting", t->retransmitting);
        json_set_number(object, "retransmitted_total", t->retransmitted_total);
        json_set_number(object, "bytes_sent", t->bytes_sent);
        json_set_number(object, "bytes_acked", t->bytes_acked);
        json_set_number(object, "bytes_received", t->bytes_received);
        json_set_number(object, "not_sent_bytes", t->not_sent_bytes);
        json_set_number(object, "last_ack_received_ms", t->last_ack_received_ms);
        if ((s->known & LA_KNOWN_PACING) && t->pacing_rate != UINT64_MAX)
                json_set_number(object, "pacing_rate", t->pacing_rate);
        if (s->known & LA_KNOWN_PACING)
                json_set_number(object, "pacing_wait_ms", t->pacing_wait_ms);
        if (s->known & LA_KNOWN_TRAFFIC) {
                json_set_number(object, "segments_out", t->segments_out);
                json_set_number(object, "segments_in", t->segments_in);
                json_set_number(object, "last_data_sent_ms", t->last_data_sent_ms);
                json_set_number(object, "last_data_received_ms", t->last_data_received_ms);
        }
        return object;
}

static void
set_queues(json_t *object, const struct la_snapshot *s)
{
        bool listener = s->state == LA_LISTEN;

        json_set_number(object, listener ? "accept_queue" : "recv_q", s->receive_queue);
        if (!listener || (s->known & LA_KNOWN_QUEUE_LIMIT))
                json_set_number(object, listener ? "accept_queue_limit" : "send_q", s->send_queue);
        if (s->known & LA_KNOWN_HALF_OPEN)
                json_set_number(object, "half_open", s->half_open);
}

json_t *
json_snapshot(const struct la_snapshot *s)
{
        json_t *object = json_object();

        json_set_text(object, "state", la_state_name(s->state));
        json_set_text(object, "family", s->family == LA_IPV4 ? "ipv4" : "ipv6");
        json_object_set_new(object, "local", endpoint(s->family, &s->local));
        json_object_set_new(object, "remote", endpoint(s->family, &s->remote));
        if (s->interface)
                json_set_number(object, "interface", s->interface);
        if (s->known & LA_KNOWN_QUEUES)
                set_queues(object, s);
        if (s->known & LA_KNOWN_V6ONLY)
                json_set_bool(object, "v6only", s->v6only);
        if (s->known & LA_KNOWN_TIMER)
                json_object_set_new(object, "timer", timer(s));
        if (s->known & LA_KNOWN_AGE) {
                json_set_number(object, "age_min_ms", s->age_min_ms);
                if (s->age_max_ms != UINT32_MAX)
                        json_set_number(object, "age_max_ms", s->age_max_ms);
        }
        if (s->known & LA_KNOWN_CAME_BY)
                json_set_text(object, "came_by", la_transition_info(s->came_by)->id);
        if (s->known & LA_KNOWN_SEQUENCE) {
                json_set_number(object, "snd_una", s->snd_una);
                json_set_number(object, "snd_nxt", s->snd_nxt);
                json_set_number(object, "rcv_nxt", s->rcv_nxt);
        }
        if (s->known & LA_KNOWN_INODE) {
                json_set_number(object, "uid", s->uid);
                json_set_number(object, "inode", s->inode);
        }
        if (s->known & LA_KNOWN_COOKIE)
                json_set_number(object, "cookie", s->cookie);
        if (s->known & LA_KNOWN_MARK)
                json_set_number(object, "mark", s->mark);
        if (s->known & LA_KNOWN_CGROUP)
                json_set_number(object, "cgroup", s->cgroup);
        if (s->known & LA_KNOWN_NETNS)
                json_set_number(object, "netns", s->netns);
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
                json_set_number(object, la_state_name((enum la_state)i), in_state[i]);
        return object;
}

void
json_add_report(json_t *object, const struct collect_report *report)
{
        json_set_text(object, "source", origin_source(report));
        if (report->stack)
                json_set_text(object, "stack", report->stack);
        if (report->dump.refused)
                json_set_text(object, "refused", strerror(report->dump.refused));
        if (report->dump.missing) {
                json_t *missing = json_array();
                for (uint32_t bit = 1; bit; bit <<= 1)
                        if (report->dump.missing & bit)
                                json_array_append_new(missing, json_string(origin_part(bit)));
                json_object_set_new(object, "missing", missing);
        }
        if (report->dump.inconsistent)
                json_set_bool(object, "inconsistent", true);
        if (report->dump.malformed)
                json_set_number(object, "malformed", report->dump.malformed);
        if (report->owners_hidden)
                json_set_number(object, "processes_hidden", report->owners_hidden);
        if (report->netns_refused)
                json_set_number(object, "namespaces_refused", report->netns_refused);
        if (report->netns_hidden)
                json_set_number(object, "processes_without_namespace", report->netns_hidden);
}

static void
write_as(json_t *document, FILE *file, size_t form)
{
        json_dumpf(document, file, JSON_REAL_PRECISION(6) | form);
        putc('\n', file);
        json_decref(document);
}

void
json_write(json_t *document, FILE *file)
{
        write_as(document, file, isatty(fileno(file)) ? JSON_INDENT(2) : JSON_COMPACT);
}

void
json_write_line(json_t *document, FILE *file)
{
        write_as(document, file, JSON_COMPACT);
}
