/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/origin.h"

#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/say_error.h"
#include "cli/stack.h"

const char *
origin_source(const struct collect_report *report)
{
        static char stack[64];

        if (report->stack) {
                snprintf(stack, sizeof(stack), "stack %s", report->stack);
                return stack;
        }
        return report->dump.source == DUMP_FROM_PROC ? "/proc/net/tcp" : "sock_diag";
}

const char *
origin_part(uint32_t bit)
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
origin_complain(const struct collect_request *request, int error)
{
        const char *problem = request->netns ? netns_problem(error) : NULL;

        if (request->stack)
                return stack_complain(request->stack, error);
        if (problem)
                say_error(_(problem), request->netns);
        else
                say_error(_("cannot read this host's TCP sockets: %s"), strerror(-error));
        putc('\n', stderr);
        return EXIT_NOT_TOLD;
}

static void
remark_missing(uint32_t missing, FILE *file)
{
        const char *separator = " ";

        fputs(_("; missing:"), file);
        for (uint32_t bit = 1; bit; bit <<= 1)
                if (missing & bit) {
                        fprintf(file, "%s%s", separator, _(origin_part(bit)));
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
origin_remark(const struct collect_report *report, FILE *file)
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
        if (report->netns_hidden)
                fprintf(file,
                        ngettext("%u process does not tell its network namespace, which may be one more%s\n",
                                 "%u processes do not tell their network namespaces, which may be more%s\n",
                                 report->netns_hidden),
                        report->netns_hidden, as_root());
}
