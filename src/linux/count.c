/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a dump costs is a walk over the kernel's table and, several times that, the telling of each socket.  For counting,
 * the telling of most can be spared:
 *
 *   TIME_WAIT     is sockstat's "tw".  That is no estimate: it is the reference count of these records (tw_refcount, of
 *                 each namespace since Linux 4.11).  It counts the records of orphans in FIN_WAIT_2 too, which have the
 *                 same shape (net/ipv4/inet_timewait_sock.c); those are told, are known by their timer, and are taken
 *                 off.
 *
 *   ESTABLISHED   is what is left of sockstat's "inuse" of both families, the sockets that are in the table in full,
 *                 when those of the other states are taken off, which are told.  Nothing in the kernel depends on that
 *                 number, so it is not believed alone: snmp's CurrEstab, counted at other places (tcp_set_state()), must
 *                 agree, but for what the connections that came meanwhile can explain.  CurrEstab counts CLOSE_WAIT in
 *                 (RFC 4022) or, in Linux before 6.10, out.  If they do not agree, ESTABLISHED is told after all.
 */
#include "linux/count.h"

#include <string.h>

#include "linux/counters.h"
#include "linux/kernel.h"

#define BIT(state) (1u << LA_##state)

/* The states of sockets that are in the table in full, besides ESTABLISHED. */
static const uint32_t other_full_states = BIT(LISTEN) | BIT(SYN_SENT) | BIT(SYN_RECEIVED) | BIT(FIN_WAIT_1) |
                                          BIT(FIN_WAIT_2) | BIT(CLOSE_WAIT) | BIT(CLOSING) | BIT(LAST_ACK);

struct tally {
        uint64_t in_state[LA_STATE_COUNT];
        uint64_t orphan_records; /* of in_state[LA_FIN_WAIT_2]: not in the table in full */
        uint64_t requests;       /* of in_state[LA_SYN_RECEIVED]: likewise */
};

/* ---- One by one ---- */

static void
add(struct tally *tally, const struct la_snapshot *s)
{
        tally->in_state[s->state]++;
        if (s->state == LA_FIN_WAIT_2 && (s->known & LA_KNOWN_TIMER) && s->timer == LA_TIMER_TIME_WAIT)
                tally->orphan_records++;
        if (s->state == LA_SYN_RECEIVED && s->inode == 0)
                tally->requests++;
}

static int
add_up(struct dump *dump, struct tally *tally)
{
        struct la_snapshot s;
        int r;

        memset(&s, 0, sizeof(s));
        while ((r = dump_next(dump, &s)) != DUMP_END) {
                if (r < 0)
                        return r;
                if (r == DUMP_RESTARTED)
                        memset(tally, 0, sizeof(*tally));
                else
                        add(tally, &s);
        }
        return 0;
}

static int
count_told(const struct dump_request *request, uint32_t states, struct tally *ret, struct dump_report *ret_report)
{
        struct dump_request told = *request;
        struct dump *dump;
        int r;

        told.states = states;
        r = dump_open(&told, &dump);
        if (r < 0)
                return r;
        memset(ret, 0, sizeof(*ret));
        r = add_up(dump, ret);
        *ret_report = dump_report(dump);
        dump_close(dump);
        return r;
}

/* ---- By the kernel's own counts ---- */

/* The kernel's counts at one moment. */
struct moment {
        uint64_t records;     /* of the shape of TIME_WAIT */
        uint64_t full;        /* sockets in the table in full */
        uint64_t established; /* CurrEstab */
        uint64_t opened;      /* connections ever opened */
};

static bool
read_moment(int netns_fd, struct moment *ret)
{
        uint64_t active, passive;
        struct sockstat sockstat;
        struct counters snmp;

        if (sockstat_read(netns_fd, &sockstat) < 0 || counters_read_snmp(netns_fd, &snmp) < 0)
                return false;
        if (sockstat.time_wait < 0 || sockstat.in_use < 0 || !counters_get(&snmp, "CurrEstab", &ret->established) ||
            !counters_get(&snmp, "ActiveOpens", &active) || !counters_get(&snmp, "PassiveOpens", &passive))
                return false;
        ret->records = (uint64_t)sockstat.time_wait;
        ret->full = (uint64_t)sockstat.in_use + (uint64_t)(sockstat.in_use6 > 0 ? sockstat.in_use6 : 0);
        ret->opened = active + passive;
        return true;
}

static uint64_t
less(uint64_t a, uint64_t b)
{
        return a > b ? a - b : 0;
}

static uint64_t
distance(uint64_t a, uint64_t b)
{
        return less(a, b) + less(b, a);
}

static uint64_t
told_in_full(const struct tally *tally)
{
        uint64_t sum = 0;

        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                if (other_full_states & (1u << i))
                        sum += tally->in_state[i];
        return sum - tally->orphan_records - tally->requests;
}

/* Each connection that came meanwhile may have been on either side of any of the counts, and so may one that went. */
static bool
established_agrees(const struct moment *before, const struct moment *after, const struct tally *tally,
                   uint64_t established)
{
        uint64_t meanwhile = 2 * less(after->opened, before->opened);
        uint64_t with_close_wait = established + tally->in_state[LA_CLOSE_WAIT];

        return distance(after->established, established) <= meanwhile ||
               distance(after->established, with_close_wait) <= meanwhile;
}

static void
add_report(struct dump_report *sum, const struct dump_report *one)
{
        sum->inconsistent |= one->inconsistent;
        sum->repeats += one->repeats;
        sum->malformed += one->malformed;
}

static int
count_established(const struct dump_request *request, struct tally *tally, struct dump_report *report)
{
        struct dump_report again;
        struct tally told;
        int r = count_told(request, BIT(ESTABLISHED), &told, &again);

        if (r < 0)
                return r;
        tally->in_state[LA_ESTABLISHED] = told.in_state[LA_ESTABLISHED];
        add_report(report, &again);
        return 0;
}

/* Returns 1; 0 if the kernel's counts are not to be had; or a negative errno. */
static int
count_by_kernel(const struct dump_request *request, struct tally *ret, struct dump_report *ret_report)
{
        bool all = (request->states & other_full_states) == other_full_states;
        uint32_t spared = BIT(TIME_WAIT) | (all ? BIT(ESTABLISHED) : 0);
        struct moment before, after;
        uint64_t established;
        int r;

        if (!read_moment(request->netns_fd, &before))
                return 0;
        r = count_told(request, (request->states & ~spared) | BIT(FIN_WAIT_2), ret, ret_report);
        if (r < 0)
                return r;
        if (ret_report->source != DUMP_FROM_NETLINK || !read_moment(request->netns_fd, &after))
                return 0;
        ret->in_state[LA_TIME_WAIT] = less(after.records, ret->orphan_records);
        if (!all)
                return 1;
        established = less(after.full, told_in_full(ret));
        if (established_agrees(&before, &after, ret, established))
                ret->in_state[LA_ESTABLISHED] = established;
        else
                r = count_established(request, ret, ret_report);
        return r < 0 ? r : 1;
}

/* Reading /proc/net/tcp tells every socket anyway. */
static bool
kernel_serves(const struct dump_request *request)
{
        return (request->states & BIT(TIME_WAIT)) && !request->proc_only && kernel_at_least(4, 11);
}

int
count_states(const struct dump_request *request, uint64_t ret_counts[LA_STATE_COUNT], struct dump_report *ret_report)
{
        struct dump_report report;
        struct tally tally;
        int r = 0;

        if (kernel_serves(request))
                r = count_by_kernel(request, &tally, &report);
        if (r == 0)
                r = count_told(request, request->states, &tally, &report);
        if (r < 0)
                return r;
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                ret_counts[i] = request->states & (1u << i) ? tally.in_state[i] : 0;
        if (ret_report)
                *ret_report = report;
        return 0;
}
