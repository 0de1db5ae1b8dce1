/* SPDX-License-Identifier: BSD-2-Clause */
/* What happened, and what made it happen. */
#include <stdlib.h>
#include <string.h>

#include "lab/world.h"

/* ---- Events ---- */

struct la_lab_event *
lab_log(struct la_lab *lab, enum la_lab_event_kind kind, int host)
{
        struct la_lab_event *grown = lab_grow(lab, lab->event, sizeof *grown, lab->events, &lab->event_room);

        if (!grown)
                return NULL;
        lab->event = grown;
        lab->event[lab->events] = (struct la_lab_event){
                .at = lab->now, .kind = kind, .host = host, .cause = lab->cause, .packet = SIZE_MAX
        };
        return &lab->event[lab->events++];
}

void
lab_log_text(struct la_lab *lab, struct la_lab_event *event, const char *text)
{
        if (event)
                event->text = (const char *)lab_copy(lab, (const uint8_t *)text, strlen(text) + 1);
}

void
la_lab_note(struct la_lab *lab, const char *text)
{
        lab_log_text(lab, lab_log(lab, LA_LAB_EVENT_NOTE, LA_LAB_NOBODY), text);
}

void
la_lab_begin_call(struct la_lab *lab, int host, const char *text, const struct la_snapshot *about)
{
        struct la_lab_event *e = lab_log(lab, LA_LAB_EVENT_CALL, host);

        if (!e)
                return;
        lab_log_text(lab, e, text);
        if (about) {
                e->family = about->family;
                e->local = about->local;
                e->remote = about->remote;
        }
        lab->cause = lab->events - 1;
}

void
la_lab_end_call(struct la_lab *lab, int host, enum la_error error)
{
        if (lab->cause != LA_LAB_NO_CAUSE)
                lab->event[lab->cause].error = error;
        lab_drain_trace(lab, host, false);
        lab->cause = LA_LAB_NO_CAUSE;
}

/* A verdict is worth a line where something was refused, or where it is all that came of a packet. */
static void
log_trace(struct la_lab *lab, int host, const struct la_trace *t)
{
        struct la_lab_event *e;

        if (t->kind == LA_TRACE_VERDICT && t->verdict == LA_V_GO_ON)
                return;
        e = lab_log(lab, t->kind == LA_TRACE_VERDICT ? LA_LAB_EVENT_VERDICT : LA_LAB_EVENT_TRANSITION, host);
        if (!e)
                return;
        e->transition = t->transition;
        e->verdict = t->verdict;
        e->family = t->family;
        e->local = t->local;
        e->remote = t->remote;
}

void
lab_drain_trace(struct la_lab *lab, int host, bool timer)
{
        struct la_trace t;

        if (timer)
                lab->cause = LA_LAB_NO_CAUSE;
        while (la_next_trace(lab->host[host].stack, &t))
                log_trace(lab, host, &t);
}

size_t
la_lab_event_count(const struct la_lab *lab)
{
        return lab->events;
}

const struct la_lab_event *
la_lab_event(const struct la_lab *lab, size_t number)
{
        return number < lab->events ? &lab->event[number] : NULL;
}

/* ---- Packets ---- */

static bool
same_end(const struct la_endpoint *a, const struct la_endpoint *b)
{
        return a->port == b->port && memcmp(a->address, b->address, 16) == 0;
}

static struct lab_flow *
flow_between(struct la_lab *lab, enum la_family family, const struct la_endpoint *from, const struct la_endpoint *to)
{
        for (size_t i = 0; i < lab->flows; i++)
                if (lab->flow[i].family == family && same_end(&lab->flow[i].from, from) &&
                    same_end(&lab->flow[i].to, to))
                        return &lab->flow[i];
        return NULL;
}

static struct lab_flow *
flow_begin(struct la_lab *lab, const struct segment *g)
{
        struct lab_flow *grown = lab_grow(lab, lab->flow, sizeof *grown, lab->flows, &lab->flow_room);

        if (!grown)
                return NULL;
        lab->flow = grown;
        lab->flow[lab->flows] = (struct lab_flow){ .family = g->family, .from = g->source, .to = g->destination };
        return &lab->flow[lab->flows++];
}

/* Each SYN with a number of its own begins a connection anew.  True if all of the segment was sent before. */
static bool
follow_flow(struct la_lab *lab, const struct segment *g, struct lab_flow **ret_flow)
{
        struct lab_flow *f = flow_between(lab, g->family, &g->source, &g->destination);
        bool again = false;

        if (!f && g->syn)
                f = flow_begin(lab, g);
        if (f && g->syn && (!seq_eq(f->isn, g->seq) || seq_eq(f->end, f->isn)))
                f->isn = f->end = g->seq;
        if (f && g->length > 0) {
                again = seq_le(segment_end(g), f->end);
                f->end = seq_max(f->end, segment_end(g));
        }
        *ret_flow = f;
        return again;
}

static void
count_from(struct la_lab *lab, struct lab_packet *p)
{
        const struct segment *g = &p->segment;
        struct lab_flow *forth, *back;

        p->seen.again = follow_flow(lab, g, &forth);
        p->seen.probe = forth && g->ack && !g->rst && g->length == 0 && seq_eq(seq_add(g->seq, 1), forth->end);
        p->base_seq_known = forth != NULL;
        p->base_seq = forth ? forth->isn : seq_of(0);
        back = flow_between(lab, g->family, &g->destination, &g->source);
        p->base_ack_known = back != NULL;
        p->base_ack = back ? back->isn : seq_of(0);
}

/* The other end knows the flow by its translated name. */
void
lab_follow_translated(struct la_lab *lab, const struct lab_packet *p)
{
        struct lab_flow *flow;
        struct segment g;

        if (segment_parse(p->seen.arrived, p->seen.length, 0, &g) == WIRE_OK)
                (void)follow_flow(lab, &g, &flow);
}

static struct lab_packet *
packet_append(struct la_lab *lab)
{
        struct lab_packet **grown =
                lab_grow(lab, lab->packet, sizeof(struct lab_packet *), lab->packets, &lab->packet_room);
        struct lab_packet *p = grown ? calloc(1, sizeof *p) : NULL;

        if (grown)
                lab->packet = grown;
        if (!p) {
                lab->out_of_memory = true;
                return NULL;
        }
        p->seen.id = lab->packets;
        p->seen.sent = lab->now;
        lab->packet[lab->packets++] = p;
        return p;
}

struct lab_packet *
lab_packet_add(struct la_lab *lab, int from, const uint8_t *bytes, size_t length)
{
        struct lab_packet *p = packet_append(lab);
        struct ip_packet ip;

        if (!p)
                return NULL;
        p->seen.from = from;
        p->seen.to = LA_LAB_NOBODY;
        p->seen.length = length;
        p->seen.bytes = p->seen.arrived = lab_copy(lab, bytes, length);
        if (!p->seen.bytes) {
                p->seen.length = 0;
                return NULL;
        }
        p->tcp = segment_parse(p->seen.bytes, length, 0, &p->segment) == WIRE_OK;
        if (p->tcp) {
                count_from(lab, p);
        } else if (ip_parse(p->seen.bytes, length, &ip) == WIRE_OK) {
                p->segment.family = ip.family;
                memcpy(p->segment.source.address, ip.source, 16);
                memcpy(p->segment.destination.address, ip.destination, 16);
        }
        return p;
}

struct lab_packet *
lab_packet_copy(struct la_lab *lab, const struct lab_packet *packet)
{
        struct lab_packet *p = packet_append(lab);
        size_t id = p ? p->seen.id : 0;

        if (!p)
                return NULL;
        *p = *packet;
        p->seen.id = id;
        p->seen.duplicate = true;
        p->seen.fate = LA_LAB_UNDER_WAY;
        p->seen.bytes = lab_copy(lab, packet->seen.bytes, packet->seen.length);
        p->seen.arrived = packet->seen.arrived == packet->seen.bytes
                                  ? p->seen.bytes
                                  : lab_copy(lab, packet->seen.arrived, packet->seen.length);
        if (!p->seen.bytes || !p->seen.arrived)
                p->seen.length = 0;
        return p;
}

size_t
la_lab_packet_count(const struct la_lab *lab)
{
        return lab->packets;
}

const struct la_lab_packet *
la_lab_packet(const struct la_lab *lab, size_t id)
{
        return id < lab->packets ? &lab->packet[id]->seen : NULL;
}

bool
la_lab_packet_ends(const struct la_lab *lab, size_t packet, bool arrived, enum la_family *ret_family,
                   struct la_endpoint *ret_source, struct la_endpoint *ret_destination)
{
        const struct lab_packet *p = packet < lab->packets ? lab->packet[packet] : NULL;
        struct segment g;

        if (!p || !p->tcp)
                return false;
        if (!arrived || segment_parse(p->seen.arrived, p->seen.length, SEGMENT_CHECKSUM_KNOWN, &g) != WIRE_OK)
                g = p->segment;
        *ret_family = g.family;
        *ret_source = g.source;
        *ret_destination = g.destination;
        return true;
}

/* ---- What it adds up to ---- */

bool
la_lab_row_fired(const struct la_lab *lab, enum la_transition row)
{
        for (size_t i = 0; i < lab->events; i++)
                if (lab->event[i].kind == LA_LAB_EVENT_TRANSITION && lab->event[i].transition == row)
                        return true;
        return false;
}

static bool
is_any(const struct la_endpoint *e)
{
        return e->port == 0 && lab_is_zero(e->address, 16);
}

/* The listener's own rows name no remote end. */
static bool
is_listener_of(const struct la_lab_event *e, const struct la_endpoint *local)
{
        return is_any(&e->remote) && e->local.port == local->port &&
               (lab_is_zero(e->local.address, 16) || same_end(&e->local, local));
}

/* Back in LISTEN means that the connection is gone, and only its listener left. */
enum la_state
la_lab_state_after(const struct la_lab *lab, size_t events, int host, const struct la_endpoint *local,
                   const struct la_endpoint *remote)
{
        enum la_state own = LA_CLOSED, listener = LA_CLOSED;

        for (size_t i = 0; i < events && i < lab->events; i++) {
                const struct la_lab_event *e = &lab->event[i];

                if (e->host != host)
                        continue;
                if (e->kind == LA_LAB_EVENT_REBOOT)
                        own = listener = LA_CLOSED;
                if (e->kind != LA_LAB_EVENT_TRANSITION)
                        continue;
                if (same_end(&e->local, local) && same_end(&e->remote, remote) && !is_any(remote))
                        own = la_transition_info(e->transition)->to;
                else if (is_listener_of(e, local))
                        listener = la_transition_info(e->transition)->to;
                /* It became a connection: the listener's place is empty. */
                if (e->transition == LA_T_LISTEN_ACTIVE_OPEN || e->transition == LA_T_LISTEN_SEND)
                        listener = LA_CLOSED;
        }
        return own == LA_CLOSED || own == LA_LISTEN ? listener : own;
}

uint64_t
la_lab_digest(const struct la_lab *lab)
{
        return lab->digest;
}
