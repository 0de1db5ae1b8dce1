/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TIME_WAIT is counted by /proc/net/sockstat's "tw".  It is not an estimate: the kernel keeps it as the reference count
 * of these records (tw_refcount).  But it counts the records of orphans in FIN_WAIT_2 too, which have the same shape
 * (net/ipv4/inet_timewait_sock.c); they are told one by one, are marked by their timer, and are taken off.
 */
#include "linux/count.h"

#include <string.h>

#include "linux/counters.h"
#include "linux/kernel.h"

enum { TIME_WAIT_BIT = 1u << LA_TIME_WAIT, FIN_WAIT_2_BIT = 1u << LA_FIN_WAIT_2 };

struct tally {
        uint64_t in_state[LA_STATE_COUNT];
        uint64_t orphan_records; /* of in_state[LA_FIN_WAIT_2] */
};

static int
add_up(struct dump *dump, struct tally *tally)
{
        struct la_snapshot s;
        int r;

        memset(&s, 0, sizeof(s));
        while ((r = dump_next(dump, &s)) != DUMP_END) {
                if (r < 0)
                        return r;
                if (r == DUMP_RESTARTED) {
                        memset(tally, 0, sizeof(*tally));
                        continue;
                }
                tally->in_state[s.state]++;
                if (s.state == LA_FIN_WAIT_2 && (s.known & LA_KNOWN_TIMER) && s.timer == LA_TIMER_TIME_WAIT)
                        tally->orphan_records++;
        }
        return 0;
}

/* Counts all that is asked for one by one. */
static int
count_all(const struct dump_request *request, struct tally *ret, struct dump_report *ret_report)
{
        struct dump *dump;
        int r = dump_open(request, &dump);

        if (r < 0)
                return r;
        memset(ret, 0, sizeof(*ret));
        r = add_up(dump, ret);
        *ret_report = dump_report(dump);
        dump_close(dump);
        return r;
}

/* Counts TIME_WAIT by the kernel's count.  Returns 1; 0 if that count is not to be had; or a negative errno. */
static int
count_by_sockstat(const struct dump_request *request, struct tally *ret, struct dump_report *ret_report)
{
        struct dump_request others = *request;
        struct sockstat sockstat;
        uint64_t records;
        int r;

        others.states = (request->states & ~(uint32_t)TIME_WAIT_BIT) | FIN_WAIT_2_BIT;
        r = count_all(&others, ret, ret_report);
        if (r < 0)
                return r;
        if (ret_report->source != DUMP_FROM_NETLINK || sockstat_read(request->netns_fd, &sockstat) < 0 ||
            sockstat.time_wait < 0)
                return 0;
        records = (uint64_t)sockstat.time_wait;
        ret->in_state[LA_TIME_WAIT] = records > ret->orphan_records ? records - ret->orphan_records : 0;
        return 1;
}

/* Before Linux 4.11 one count served all namespaces.  Reading /proc/net/tcp tells the records anyway. */
static bool
sockstat_serves(const struct dump_request *request)
{
        return (request->states & TIME_WAIT_BIT) && !request->proc_only && kernel_at_least(4, 11);
}

int
count_states(const struct dump_request *request, uint64_t ret_counts[LA_STATE_COUNT], struct dump_report *ret_report)
{
        struct dump_report report;
        struct tally tally;
        int r = 0;

        if (sockstat_serves(request))
                r = count_by_sockstat(request, &tally, &report);
        if (r == 0)
                r = count_all(request, &tally, &report);
        if (r < 0)
                return r;
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                ret_counts[i] = request->states & (1u << i) ? tally.in_state[i] : 0;
        if (ret_report)
                *ret_report = report;
        return 0;
}
