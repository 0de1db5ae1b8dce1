/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/collect.h"
#include "cli/ahead.h"
#include "cli/stack.h"
#include "linux/count.h"
#include "linux/owners.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct collect {
        struct collect_request request;
        struct dump_request dump_request;
        struct netns_list namespaces;
        size_t at; /* the namespace that is being dumped */
        struct dump *dump;
        bool owners_wanted;
        struct search search;
        struct owners *owners; /* once the search has ended */
        struct ahead ahead;
        int held; /* what the dump said after the last of `ahead` */
        struct collect_report report;

        struct control_client *stack; /* then nothing above is used but request, namespaces and report */
        struct la_owner holder;       /* its process */
        bool walking;
};

enum { NOTHING_HELD = INT_MAX };

static const struct need {
        enum filter_need need;
        enum dump_want want;
} needs[] = {
        { FILTER_NEEDS_TCP, DUMP_WANT_TCP },
        { FILTER_NEEDS_MARK, DUMP_WANT_MARK },
        { FILTER_NEEDS_CGROUP, DUMP_WANT_CGROUP },
};

/* The filter decides what must be asked for. */
static struct dump_request
dump_request_of(const struct collect_request *request)
{
        struct dump_request d = { .states = request->states, .want = request->want, .proc_only = request->proc_only };
        bool named = false;

        if (!request->filter)
                return d;
        uint32_t states = filter_states(request->filter, &named);
        if (named)
                d.states = states;
        if (named && (states & (1u << LA_CLOSED)))
                d.want |= DUMP_WANT_BOUND;
        for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
                if (filter_needs(request->filter) & needs[i].need)
                        d.want |= needs[i].want;
        return d;
}

static int
open_current(struct collect *c)
{
        c->dump_request.netns_fd = c->namespaces.netns[c->at].fd;
        int r = dump_open(&c->dump_request, &c->dump);
        if (r < 0 || !c->request.netlink_only)
                return r;
        struct dump_report report = dump_report(c->dump);
        if (report.source == DUMP_FROM_NETLINK)
                return 0;
        dump_close(c->dump);
        c->dump = NULL;
        return -report.refused;
}

static int
open_stack(struct collect *c)
{
        int r = stack_connect(c->request.stack, &c->stack);
        const struct control_hello *hello = r < 0 ? NULL : control_hello_of(c->stack);

        if (r < 0)
                return r;
        c->report.stack = c->request.stack;
        c->holder = (struct la_owner){ .pid = hello->pid, .fd = -1 };
        memcpy(c->holder.comm, hello->comm, sizeof(c->holder.comm) - 1);
        return 0;
}

int
collect_open(const struct collect_request *request, struct collect **ret_collect)
{
        struct collect *c = calloc(1, sizeof(*c));
        int r;

        if (!c)
                return -ENOMEM;
        c->request = *request;
        c->dump_request = dump_request_of(request);
        c->owners_wanted = request->owners || (request->filter && filter_needs(request->filter) & FILTER_NEEDS_OWNERS);
        c->held = NOTHING_HELD;
        ahead_init(&c->ahead, c->dump_request.want & (DUMP_WANT_TCP | DUMP_WANT_MEMORY));
        r = netns_list_open(request->netns, &c->namespaces);
        if (r == 0 && request->stack)
                r = open_stack(c);
        if (r < 0) {
                c->owners_wanted = false; /* nobody looks for them yet */
                collect_close(c);
                return r;
        }
        if (c->stack) {
                *ret_collect = c;
                return 0;
        }
        c->report.netns_refused = c->namespaces.refused;
        c->report.netns_hidden = c->namespaces.hidden;
        if (c->owners_wanted)
                search_begin(&c->search);
        *ret_collect = c;
        return 0;
}

static void
add_report(struct dump_report *sum, const struct dump_report *one)
{
        if (one->source == DUMP_FROM_PROC) {
                sum->source = one->source;
                sum->refused = one->refused;
        }
        sum->missing |= one->missing;
        sum->missing_states |= one->missing_states;
        sum->inconsistent |= one->inconsistent;
        sum->repeats += one->repeats;
        sum->malformed += one->malformed;
}

static void
close_current(struct collect *c)
{
        struct dump_report report = dump_report(c->dump);

        add_report(&c->report.dump, &report);
        dump_close(c->dump);
        c->dump = NULL;
}

/* Ends a search that may go on, and forgets what was found. */
static void
forget_owners(struct collect *c)
{
        if (!c->owners && c->owners_wanted && search_end(&c->search, &c->owners) < 0)
                return;
        if (c->owners)
                owners_free(c->owners);
        c->owners = NULL;
}

int
collect_again(struct collect *c)
{
        if (c->stack) {
                c->walking = false;
                return 0;
        }
        if (c->dump)
                dump_close(c->dump);
        c->dump = NULL;
        c->at = 0;
        c->report.dump = (struct dump_report){ 0 };
        c->held = NOTHING_HELD;
        ahead_clear(&c->ahead);
        if (c->owners_wanted) {
                forget_owners(c);
                search_begin(&c->search);
        }
        return 0;
}

bool
collect_takes_all(const struct collect_request *request)
{
        return !request->filter && !request->ipv4 && !request->ipv6;
}

static int
count_in_stack(struct collect *c, uint64_t ret_counts[LA_STATE_COUNT])
{
        struct control_status status;
        int r = control_status(c->stack, &status);

        if (r < 0)
                return r;
        memcpy(ret_counts, status.states, sizeof(status.states));
        return 0;
}

int
collect_count(struct collect *c, size_t netns, uint64_t ret_counts[LA_STATE_COUNT])
{
        struct dump_report report;

        if (c->stack)
                return count_in_stack(c, ret_counts);
        c->dump_request.netns_fd = c->namespaces.netns[netns].fd;
        int r = count_states(&c->dump_request, ret_counts, &report);
        if (r < 0)
                return r;
        if (c->request.netlink_only && report.source != DUMP_FROM_NETLINK)
                return -report.refused;
        add_report(&c->report.dump, &report);
        return 0;
}

static bool
wanted_family(const struct collect_request *request, const struct la_snapshot *s)
{
        if (!request->ipv4 && !request->ipv6)
                return true;
        return s->family == LA_IPV4 ? request->ipv4 : request->ipv6;
}

/* The next socket of all namespaces, and which one it is from. */
static int
next_of_dumps(struct collect *c, struct la_snapshot *ret_snapshot)
{
        for (;;) {
                int r = 0;
                if (c->at == c->namespaces.count)
                        return DUMP_END;
                if (!c->dump && (r = open_current(c)) < 0)
                        return r;
                r = dump_next(c->dump, ret_snapshot);
                if (r == DUMP_SOCKET) {
                        ret_snapshot->netns = c->namespaces.netns[c->at].inode;
                        ret_snapshot->known |= LA_KNOWN_NETNS;
                }
                if (r == DUMP_RESTARTED && c->at > 0) {
                        /* What came from the namespaces before is forgotten too. */
                        r = collect_again(c);
                        return r < 0 ? r : DUMP_RESTARTED;
                }
                if (r != DUMP_END)
                        return r;
                close_current(c);
                c->at++;
        }
}

/* Reads on while the owners are still being looked for. */
static int
await_owners(struct collect *c)
{
        struct la_snapshot s = { 0 };
        int r;

        while (c->held == NOTHING_HELD && search_goes_on(&c->search) && ahead_has_room(&c->ahead)) {
                r = next_of_dumps(c, &s);
                if (r == DUMP_SOCKET)
                        ahead_put(&c->ahead, &s);
                else if (r == DUMP_RESTARTED)
                        ahead_clear(&c->ahead);
                else
                        c->held = r;
        }
        r = search_end(&c->search, &c->owners);
        if (r == 0)
                c->report.owners_hidden = owners_hidden(c->owners);
        return r;
}

/* Adds what the dump could not know, and judges. */
static bool
complete(struct collect *c, struct la_snapshot *s)
{
        s->owners = NULL;
        s->owner_count = 0;
        if (c->owners && (s->known & LA_KNOWN_INODE)) {
                s->known |= LA_KNOWN_OWNERS;
                s->owners = owners_of(c->owners, s->inode, &s->owner_count);
        }
        return wanted_family(&c->request, s) && (!c->request.filter || filter_takes(c->request.filter, s));
}

/* What is held is held by the stack's process; of what is not, the inode is known to be none. */
void
collect_complete(const struct collect *c, struct la_snapshot *s)
{
        bool held = !(s->known & LA_KNOWN_INODE);

        if (!c->stack || !c->owners_wanted)
                return;
        s->known |= LA_KNOWN_OWNERS;
        s->owners = held ? &c->holder : NULL;
        s->owner_count = held;
}

static bool
complete_of_stack(struct collect *c, struct la_snapshot *s)
{
        collect_complete(c, s);
        return wanted_family(&c->request, s) && (!c->request.filter || filter_takes(c->request.filter, s));
}

static int
next_of_stack(struct collect *c, struct la_snapshot *ret_snapshot)
{
        uint32_t want = c->dump_request.want;
        int r = 0;

        if (!c->walking)
                r = control_walk(c->stack, c->dump_request.states,
                                 (want & DUMP_WANT_TCP ? CONTROL_PART_TCP : 0u) |
                                         (want & DUMP_WANT_MEMORY ? CONTROL_PART_MEMORY : 0u));
        c->walking = true;
        while (r >= 0 && (r = control_walk_next(c->stack, ret_snapshot)) > 0)
                if (complete_of_stack(c, ret_snapshot))
                        return DUMP_SOCKET;
        return r < 0 ? r : DUMP_END;
}

int
collect_next(struct collect *c, struct la_snapshot *ret_snapshot)
{
        if (c->stack)
                return next_of_stack(c, ret_snapshot);
        for (;;) {
                int r = DUMP_SOCKET;
                if (c->owners_wanted && !c->owners && (r = await_owners(c)) < 0)
                        return r;
                if (ahead_take(&c->ahead, ret_snapshot)) {
                        r = DUMP_SOCKET;
                } else if (c->held != NOTHING_HELD) {
                        r = c->held;
                        c->held = NOTHING_HELD;
                } else {
                        r = next_of_dumps(c, ret_snapshot);
                }
                if (r != DUMP_SOCKET || complete(c, ret_snapshot))
                        return r;
        }
}

struct control_client *
collect_stack(const struct collect *c)
{
        return c->stack;
}

const struct netns_list *
collect_namespaces(const struct collect *c)
{
        return &c->namespaces;
}

struct collect_report
collect_report(const struct collect *c)
{
        return c->report;
}

void
collect_close(struct collect *c)
{
        if (c->dump)
                dump_close(c->dump);
        if (c->owners_wanted && !c->stack)
                forget_owners(c);
        control_close(c->stack);
        ahead_fini(&c->ahead);
        netns_list_close(&c->namespaces);
        free(c);
}
