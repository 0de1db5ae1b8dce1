/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line, as net/ipv4/tcp_ipv4.c and net/ipv6/tcp_ipv6.c print it:
 *
 *      sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
 *       0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 53193 1 ...
 *
 * An address is one or four words, each of them four bytes in network order that were printed as a number in the
 * host's.  `tm->when` counts ticks of USER_HZ until timer `tr` expires; the probes of a keepalive or persist timer
 * stand under `timeout`.  Of a listener the receive queue is the length of the accept queue; its limit is not told.
 */
#include "linux/proc_tcp_line.h"

#include <string.h>
#include <unistd.h>

#include "linux/age.h"

/* What is left of a line to read.  Once something is not as it should be, `wrong` stays set and the rest reads as 0. */
struct cursor {
        const char *at, *end;
        bool wrong;
};

/* The columns that mean something to us, as they stand. */
struct columns {
        struct la_endpoint local, remote;
        enum la_family family, remote_family;
        uint64_t state, send_queue, receive_queue, timer, ticks, retransmits, uid, probes, inode;
};

static void
skip_blanks(struct cursor *c)
{
        while (c->at < c->end && *c->at == ' ')
                c->at++;
}

static void
expect(struct cursor *c, char wanted)
{
        if (c->at < c->end && *c->at == wanted)
                c->at++;
        else
                c->wrong = true;
}

/* The value of a hexadecimal digit, 16 or more for anything else. */
static unsigned int
digit(char letter)
{
        if (letter >= '0' && letter <= '9')
                return (unsigned int)(letter - '0');
        if (letter >= 'A' && letter <= 'F')
                return (unsigned int)(letter - 'A') + 10;
        if (letter >= 'a' && letter <= 'f')
                return (unsigned int)(letter - 'a') + 10;
        return 16;
}

/* A number of base 16 or less, of any length that 64 bits can hold. */
static uint64_t
number(struct cursor *c, unsigned int base)
{
        const char *start = c->at;
        uint64_t value = 0;

        for (; c->at < c->end && digit(*c->at) < base; c->at++) {
                if (value >= UINT64_C(1) << 60)
                        c->wrong = true;
                value = value * base + digit(*c->at);
        }
        if (c->at == start)
                c->wrong = true;
        return value;
}

/* A column: a number no greater than `max`, after blanks. */
static uint64_t
column(struct cursor *c, unsigned int base, uint64_t max)
{
        uint64_t value;

        skip_blanks(c);
        value = number(c, base);
        if (value > max)
                c->wrong = true;
        return value;
}

/* Two columns with a colon between. */
static void
pair(struct cursor *c, uint64_t *ret_first, uint64_t first_max, uint64_t *ret_second, uint64_t second_max)
{
        *ret_first = column(c, 16, first_max);
        expect(c, ':');
        *ret_second = column(c, 16, second_max);
}

static uint32_t
word(struct cursor *c)
{
        uint32_t value = 0;

        for (int i = 0; i < 8; i++) {
                unsigned int d = c->at < c->end ? digit(*c->at) : 16;

                if (d >= 16) {
                        c->wrong = true;
                        return 0;
                }
                value = value << 4 | d;
                c->at++;
        }
        return value;
}

static enum la_family
endpoint(struct cursor *c, struct la_endpoint *e)
{
        size_t words = 0;

        memset(e->address, 0, sizeof(e->address));
        skip_blanks(c);
        do {
                uint32_t value = word(c);

                memcpy(e->address + 4 * words, &value, 4);
                words++;
        } while (words < 4 && !c->wrong && c->at < c->end && *c->at != ':');
        expect(c, ':');
        e->port = (uint16_t)column(c, 16, UINT16_MAX);
        if (words != 1 && words != 4)
                c->wrong = true;
        return words == 1 ? LA_IPV4 : LA_IPV6;
}

static bool
read_columns(const char *line, size_t length, struct columns *ret)
{
        struct cursor c = { line, line + length, false };

        column(&c, 10, UINT32_MAX);
        expect(&c, ':');
        ret->family = endpoint(&c, &ret->local);
        ret->remote_family = endpoint(&c, &ret->remote);
        ret->state = column(&c, 16, UINT8_MAX);
        pair(&c, &ret->send_queue, UINT32_MAX, &ret->receive_queue, UINT32_MAX);
        pair(&c, &ret->timer, UINT8_MAX, &ret->ticks, UINT64_MAX);
        ret->retransmits = column(&c, 16, UINT32_MAX);
        ret->uid = column(&c, 10, UINT32_MAX);
        ret->probes = column(&c, 10, UINT32_MAX);
        ret->inode = column(&c, 10, UINT32_MAX);
        if (c.at < c.end && *c.at != ' ')
                c.wrong = true;
        return !c.wrong && ret->family == ret->remote_family;
}

static uint32_t
milliseconds(uint64_t ticks)
{
        static uint64_t ticks_per_s;

        if (ticks_per_s == 0)
                ticks_per_s = (uint64_t)sysconf(_SC_CLK_TCK);
        if (ticks > UINT32_MAX)
                return UINT32_MAX;
        ticks = ticks * 1000 / ticks_per_s;
        return ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
}

/* The numbers of enum la_timer; one of a later kernel is no timer that could be named. */
static void
fill_timer(const struct columns *c, struct la_snapshot *s)
{
        if (c->timer > LA_TIMER_PERSIST)
                return;
        s->known |= LA_KNOWN_TIMER;
        s->timer = (enum la_timer)c->timer;
        s->timer_ms = milliseconds(c->ticks);
        if (s->timer == LA_TIMER_KEEPALIVE || s->timer == LA_TIMER_PERSIST)
                s->retransmits = (uint32_t)c->probes;
        else
                s->retransmits = (uint32_t)c->retransmits;
}

bool
proc_tcp_line(const char *line, size_t length, struct la_snapshot *ret_snapshot)
{
        struct columns c;
        enum la_state state;

        if (!read_columns(line, length, &c) || !la_state_from_linux((unsigned int)c.state, &state))
                return false;
        memset(ret_snapshot, 0, offsetof(struct la_snapshot, tcp));
        ret_snapshot->known = LA_KNOWN_QUEUES | LA_KNOWN_INODE;
        ret_snapshot->state = state;
        ret_snapshot->family = c.family;
        ret_snapshot->local = c.local;
        ret_snapshot->remote = c.remote;
        fill_timer(&c, ret_snapshot);
        ret_snapshot->receive_queue = (uint32_t)c.receive_queue;
        if (state != LA_LISTEN)
                ret_snapshot->send_queue = (uint32_t)c.send_queue;
        ret_snapshot->uid = (uint32_t)c.uid;
        ret_snapshot->inode = (uint32_t)c.inode;
        age_fill(ret_snapshot);
        return true;
}

bool
proc_tcp_is_heading(const char *line, size_t length)
{
        struct cursor c = { line, line + length, false };

        skip_blanks(&c);
        expect(&c, 's');
        expect(&c, 'l');
        expect(&c, ' ');
        return !c.wrong;
}
