/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/collect.h"
#include "cli/commands.h"
#include "cli/gettext.h"
#include "linux/owners.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
        if (r >= 0)
                r = open_current(c);
        if (r < 0) {
                collect_close(c);
                return r;
        }
        c->report.netns_refused = c->namespaces.refused;
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
        return r < 0 ? r : open_current(c);
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
                int r = dump_next(c->dump, ret_snapshot);
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
                if (++c->at == c->namespaces.count)
                        return DUMP_END;
                if ((r = open_current(c)) < 0)
                        return r;
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

const char *
collect_source_name(const struct collect_report *report)
{
        return report->dump.source == DUMP_FROM_PROC ? "/proc/net/tcp" : "sock_diag";
}

const char *
collect_known_name(uint32_t bit)
{
        static const struct name {
                uint32_t bit;
                const char *name;
        } names[] = {
                { LA_KNOWN_TIMER, N_("timers") },
                { LA_KNOWN_QUEUES, N_("queues") },
                { LA_KNOWN_QUEUE_LIMIT, N_("limits of accept queues") },
                { LA_KNOWN_INODE, N_("inodes and users") },
                { LA_KNOWN_COOKIE, N_("cookies") },
                { LA_KNOWN_AGE, N_("time in state") },
                { LA_KNOWN_TCP, N_("TCP details") },
                { LA_KNOWN_MEMORY, N_("memory and drops") },
                { LA_KNOWN_MARK, N_("marks") },
                { LA_KNOWN_CGROUP, N_("cgroups") },
                { LA_KNOWN_CONGESTION, N_("congestion control") },
                { LA_KNOWN_OWNERS, N_("owners") },
                { LA_KNOWN_NETNS, N_("network namespace") },
                { LA_KNOWN_V6ONLY, N_("whether an IPv6 listener serves IPv4") },
                { LA_KNOWN_SEND_WINDOW, N_("the peer's window") },
                { LA_KNOWN_INTERFACE, N_("interface bound to") },
        };

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (names[i].bit == bit)
                        return names[i].name;
        return "?";
}

int
collect_complain(const struct collect_request *request, int error)
{
        const char *netns = request->netns;

        if (netns && (error == -ENOENT || error == -ESRCH))
                fprintf(stderr, _("lastack: there is no network namespace or process '%s' (see 'ip netns')\n"), netns);
        else if (netns && (error == -EPERM || error == -EACCES))
                fprintf(stderr, _("lastack: not permitted to look into network namespace '%s': run it as root\n"),
                        netns);
        else
                fprintf(stderr, _("lastack: cannot read this host's TCP sockets: %s\n"), strerror(-error));
        return EXIT_NOT_TOLD;
}

static void
remark_missing(uint32_t missing, FILE *file)
{
        const char *separator = " ";

        fputs(_("; missing:"), file);
        for (uint32_t bit = 1; bit; bit <<= 1)
                if (missing & bit) {
                        fprintf(file, "%s%s", separator, _(collect_known_name(bit)));
                        separator = ", ";
                }
}

/* What helps against a lack of privileges, where it is that. */
static const char *
as_root(void)
{
        return geteuid() == 0 ? "" : _(" (root sees them)");
}

void
collect_remark(const struct collect_report *report, FILE *file)
{
        if (report->dump.source == DUMP_FROM_PROC) {
                fputs(_("source: /proc/net/tcp and tcp6"), file);
                if (report->dump.refused)
                        fprintf(file, _(" (netlink: %s)"), strerror(report->dump.refused));
                if (report->dump.missing)
                        remark_missing(report->dump.missing, file);
                putc('\n', file);
        }
        if (report->dump.inconsistent)
                fputs(_("sockets came and went while the kernel listed them: some may be missing or twice here\n"),
                      file);
        if (report->dump.malformed)
                fprintf(file,
                        ngettext("left out: %llu entry that made no sense\n",
                                 "left out: %llu entries that made no sense\n", report->dump.malformed),
                        (unsigned long long)report->dump.malformed);
        if (report->owners_hidden)
                fprintf(file,
                        ngettext("%u process may not be looked into: owners that it is one of are not shown%s\n",
                                 "%u processes may not be looked into: owners that they are among are not shown%s\n",
                                 report->owners_hidden),
                        report->owners_hidden, as_root());
        if (report->netns_refused)
                fprintf(file,
                        ngettext("%u network namespace may not be entered%s\n",
                                 "%u network namespaces may not be entered%s\n", report->netns_refused),
                        report->netns_refused, as_root());
}
