/* SPDX-License-Identifier: BSD-2-Clause */
#include "work.h"

#include <string.h>

#define TEN_US          10
#define DELAYED_ACK_US  250000 /* no acknowledgment is delayed for longer, and lwIP's timers tick so often */
#define WARM_UP_FLIGHTS 200
#define TURNS_MAX       100

static uint8_t text[FLIGHT_BYTES];

/* ---- Flights ---- */

/* Once the congestion window is wide enough it takes one turn.  Before that, an acknowledgment may be one that is
 * delayed, and time must pass. */
static void
one_flight(struct pair *p)
{
        size_t sent = 0, arrived = 0;

        for (int turns = 0; arrived < FLIGHT_BYTES; turns++) {
                if (turns == TURNS_MAX)
                        cannot("pass a flight", "not all bytes arrive");
                if (turns > 0)
                        p->calls->pass_time(p, DELAYED_ACK_US);
                if (sent < FLIGHT_BYTES)
                        sent += p->calls->send(p, NEAR, text + sent, FLIGHT_BYTES - sent);
                p->calls->pass_packets(p);
                arrived += p->calls->receive(p, FAR);
                p->calls->pass_packets(p);
        }
}

void
work_flights(struct pair *p, uint32_t n)
{
        while (n-- > 0) {
                one_flight(p);
                p->calls->pass_time(p, TEN_US);
        }
}

void
work_connect(struct pair *p)
{
        for (size_t i = 0; i < FLIGHT_BYTES; i++)
                text[i] = (uint8_t)(i * 7 + i / 251);
        p->calls->open(p);
        p->calls->pass_packets(p);
        if (!p->calls->is_open(p))
                cannot("connect", "nobody answers");
        work_flights(p, WARM_UP_FLIGHTS);
}

/* ---- Conversations ---- */

static void
both_close(struct pair *p)
{
        p->calls->close(p, NEAR);
        p->calls->pass_packets(p);
        p->calls->close(p, FAR);
        p->calls->pass_packets(p);
}

static uint32_t conversations_ended;

static void
one_byte(struct pair *p, enum pair_end end)
{
        if (p->calls->send(p, end, text, 1) != 1)
                cannot("converse", "there is no room for a byte");
}

/* The applications: the near one asks, and closes when it has the answer; the far one answers, and closes after it. */
static void
converse(struct pair *p, enum pair_end end, enum pair_told what)
{
        switch (what) {
        case TOLD_CONNECTED:
                one_byte(p, end);
                break;
        case TOLD_ARRIVED:
                if (p->calls->receive(p, end) != 1)
                        break;
                if (end == FAR)
                        one_byte(p, FAR);
                else
                        p->calls->close(p, NEAR);
                break;
        case TOLD_CLOSED:
                if (end == FAR) {
                        p->calls->close(p, FAR);
                        conversations_ended++;
                }
                break;
        }
}

static void
one_conversation(struct pair *p)
{
        p->calls->open(p);
        p->calls->pass_packets(p);
        p->calls->pass_time(p, TEN_US);
}

void
work_conversations(struct pair *p, uint32_t n)
{
        conversations_ended = 0;
        p->told = converse;
        for (uint32_t i = 1; i <= n; i++) {
                one_conversation(p);
                if (i % 10 == 0)
                        p->calls->end_time_wait(p);
        }
        p->told = NULL;
        if (conversations_ended != n)
                cannot("converse", "not all conversations end");
}

void
work_ticks(struct pair *p, uint32_t n)
{
        while (n-- > 0)
                p->calls->tick(p);
}

/* ---- Is it work? ---- */

void
work_check(struct pair *p)
{
        int turns = 0;

        work_connect(p);
        if (memcmp(p->memory[FAR], text, FLIGHT_BYTES) != 0)
                cannot("pass a flight", "other bytes arrive than were sent");
        p->spoil = true;
        p->calls->send(p, NEAR, text, 1);
        p->calls->pass_packets(p);
        if (p->spoil || p->calls->receive(p, FAR) != 0)
                cannot("rely on checksums", "a spoilt packet is taken for a good one");
        do {
                p->calls->pass_time(p, DELAYED_ACK_US);
                p->calls->pass_packets(p);
        } while (p->calls->receive(p, FAR) != 1 && ++turns < TURNS_MAX);
        if (turns == TURNS_MAX)
                cannot("go on after a spoilt packet", "it is not sent again");
        both_close(p);
        p->calls->end_time_wait(p);
}
