/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/collect.h"
#include "linux/count.h"
#include "linux/owners.h"

#include <errno.h>
#include <stdlib.h>

struct collect {
        struct collect_request request;
        struct dump_request dump_request;
        struct netns_list namespaces;
        size_t at; /* the namespace that is being dumped */
        struct dump *dump;
        struct owners *owners;
        struct collect_report report;
};

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

int
collect_open(const struct collect_request *request, struct collect **ret_collect)
{
        struct collect *c = calloc(1, sizeof(*c));
        int r;

        if (!c)
                return -ENOMEM;
        c->request = *request;
        c->dump_request = dump_request_of(request);
        r = netns_list_open(request->netns, &c->namespaces);
        if (r >= 0 && (request->owners || (request->filter && filter_needs(request->filter) & FILTER_NEEDS_OWNERS)))
                r = owners_collect(&c->owners);
        if (r < 0) {
                collect_close(c);
                return r;
        }
        c->report.netns_refused = c->namespaces.refused;
        c->report.netns_hidden = c->namespaces.hidden;
        if (c->owners)
                c->report.owners_hidden = owners_hidden(c->owners);
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

int
collect_again(struct collect *c)
{
        int r = 0;

        if (c->dump)
                dump_close(c->dump);
        c->dump = NULL;
        c->at = 0;
        c->report.dump = (struct dump_report){ 0 };
        if (c->owners) {
                owners_free(c->owners);
                c->owners = NULL;
                r = owners_collect(&c->owners);
        }
        return r;
}

bool
collect_takes_all(const struct collect_request *request)
{
        return !request->filter && !request->ipv4 && !request->ipv6;
}

int
collect_count(struct collect *c, size_t netns, uint64_t ret_counts[LA_STATE_COUNT])
{
        struct dump_report report;

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

/* Adds what the dump could not know, and judges. */
static bool
complete(struct collect *c, struct la_snapshot *s)
{
        s->netns = c->namespaces.netns[c->at].inode;
        s->known |= LA_KNOWN_NETNS;
        if (c->owners && (s->known & LA_KNOWN_INODE)) {
                s->known |= LA_KNOWN_OWNERS;
                s->owners = owners_of(c->owners, s->inode, &s->owner_count);
        }
        return wanted_family(&c->request, s) && (!c->request.filter || filter_takes(c->request.filter, s));
}

int
collect_next(struct collect *c, struct la_snapshot *ret_snapshot)
{
        for (;;) {
                int r = 0;
                if (c->at == c->namespaces.count)
                        return DUMP_END;
                if (!c->dump && (r = open_current(c)) < 0)
                        return r;
                r = dump_next(c->dump, ret_snapshot);
                if (r == DUMP_SOCKET && !complete(c, ret_snapshot))
                        continue;
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
        if (c->owners)
                owners_free(c->owners);
        netns_list_close(&c->namespaces);
        free(c);
}
