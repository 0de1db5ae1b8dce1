/* SPDX-License-Identifier: BSD-2-Clause */
/* Time passes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lab/world.h"

/* So many rounds at one moment are no conversation any more. */
#define STEPS_MAX 100000u
#define BATCH     16

tcp_time
la_lab_now(const struct la_lab *lab)
{
        return lab->now;
}

tcp_time
la_lab_stack_time(const struct la_lab *lab)
{
        return LAB_EPOCH_US + lab->now;
}

/* ---- Packets under way, the next one first ---- */

static bool
sooner(const struct lab_arrival *a, const struct lab_arrival *b)
{
        return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void
swap(struct lab_arrival *a, struct lab_arrival *b)
{
        struct lab_arrival was = *a;

        *a = *b;
        *b = was;
}

void
lab_will_arrive(struct la_lab *lab, tcp_time at, size_t packet)
{
        struct lab_arrival *heap = lab_grow(lab, lab->arrival, sizeof *heap, lab->arrivals, &lab->arrival_room);
        size_t i = lab->arrivals;

        if (!heap)
                return;
        lab->arrival = heap;
        heap[lab->arrivals++] = (struct lab_arrival){ at, lab->order++, packet };
        for (; i > 0 && sooner(&heap[i], &heap[(i - 1) / 2]); i = (i - 1) / 2)
                swap(&heap[i], &heap[(i - 1) / 2]);
}

static size_t
take_first(struct la_lab *lab)
{
        struct lab_arrival *heap = lab->arrival;
        size_t packet = heap[0].packet, i = 0;

        heap[0] = heap[--lab->arrivals];
        for (;;) {
                size_t least = i;

                for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < lab->arrivals; child++)
                        if (sooner(&heap[child], &heap[least]))
                                least = child;
                if (least == i)
                        return packet;
                swap(&heap[i], &heap[least]);
                i = least;
        }
}

/* ---- What is due ---- */

/* FNV-1a. */
static void
digest(struct la_lab *lab, const uint8_t *bytes, size_t n)
{
        for (size_t i = 0; i < n; i++)
                lab->digest = (lab->digest ^ bytes[i]) * UINT64_C(0x100000001b3);
}

static void
digest_number(struct la_lab *lab, uint64_t number)
{
        for (unsigned int shift = 0; shift < 64; shift += 8) {
                uint8_t byte = (uint8_t)(number >> shift);

                digest(lab, &byte, 1);
        }
}

/* Where the stack may leave text in the packet, it gets one of its own, which is gone when it has nothing there any more:
 * so whatever it still reads there is seen. */
static void
hand_over(struct la_lab *lab, struct lab_host *h, struct la_packet *packet)
{
        struct la_part *all = &packet->part[0];
        struct lab_lent *lent = h->config.loans > 0 ? malloc(sizeof *lent + all->length) : NULL;

        if (!lent) {
                la_input(h->stack, la_lab_stack_time(lab), packet, 1);
                return;
        }
        memcpy(lent->bytes, all->bytes, all->length);
        all->bytes = lent->bytes;
        lent->next = h->lent;
        h->lent = lent;
        la_input_lent(h->stack, la_lab_stack_time(lab), packet, 1);
}

static void
deliver(struct la_lab *lab, size_t id)
{
        struct lab_packet *p = lab->packet[id];
        struct la_packet packet = { .parts = 1, .part = { { p->seen.arrived, p->seen.length } } };
        struct la_lab_event *e = lab_log(lab, LA_LAB_EVENT_DELIVERED, p->seen.to);

        p->seen.fate = LA_LAB_DELIVERED;
        p->seen.ended = lab->now;
        if (!e)
                return;
        e->packet = id;
        digest_number(lab, lab->now);
        digest_number(lab, (uint64_t)p->seen.to);
        digest(lab, p->seen.arrived, p->seen.length);
        lab->cause = lab->events - 1;
        hand_over(lab, &lab->host[p->seen.to], &packet);
        lab_drain_trace(lab, p->seen.to, false);
        lab->cause = LA_LAB_NO_CAUSE;
}

static void
flush(struct la_lab *lab)
{
        struct la_packet packets[BATCH];
        size_t n;

        for (int host = 0; host < lab->hosts; host++) {
                la_settle(lab->host[host].stack);
                lab_free_lent(&lab->host[host]);
                while ((n = la_output(lab->host[host].stack, la_lab_stack_time(lab), packets, BATCH)) > 0) {
                        for (size_t i = 0; i < n; i++)
                                lab_transmit(lab, host, &packets[i]);
                        lab_drain_trace(lab, host, true);
                }
        }
}

static tcp_time
next_time(const struct la_lab *lab)
{
        tcp_time next = lab->arrivals > 0 ? lab->arrival[0].at : LA_NEVER;

        for (int host = 0; host < lab->hosts; host++) {
                tcp_time deadline = la_deadline(lab->host[host].stack), at;

                if (deadline == LA_NEVER)
                        continue;
                at = deadline > LAB_EPOCH_US ? deadline - LAB_EPOCH_US : 0;
                if (at < next)
                        next = at;
        }
        return next > lab->now ? next : lab->now;
}

static void
advance(struct la_lab *lab)
{
        for (int host = 0; host < lab->hosts; host++)
                if (la_deadline(lab->host[host].stack) <= la_lab_stack_time(lab)) {
                        la_advance(lab->host[host].stack, la_lab_stack_time(lab));
                        lab_drain_trace(lab, host, true);
                }
}

static void
pass_to(struct la_lab *lab, tcp_time at)
{
        if (at == lab->now)
                return;
        lab->now = at;
        lab->steps_here = 0;
}

int
la_lab_step(struct la_lab *lab, tcp_time latest)
{
        tcp_time next;

        flush(lab);
        next = next_time(lab);
        if (lab->out_of_memory)
                return -ENOMEM;
        if (next > latest) {
                pass_to(lab, latest > lab->now ? latest : lab->now);
                return 0;
        }
        pass_to(lab, next);
        if (++lab->steps_here > STEPS_MAX)
                return -ELOOP;
        while (lab->arrivals > 0 && lab->arrival[0].at <= lab->now)
                deliver(lab, take_first(lab));
        advance(lab);
        return lab->out_of_memory ? -ENOMEM : 1;
}

int
la_lab_run(struct la_lab *lab, uint64_t us)
{
        tcp_time end = us < LA_NEVER - LAB_EPOCH_US - lab->now ? lab->now + us : LA_NEVER - LAB_EPOCH_US - 1;
        int status;

        do
                status = la_lab_step(lab, end);
        while (status > 0);
        return status;
}
