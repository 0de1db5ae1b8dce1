/* SPDX-License-Identifier: BSD-2-Clause */
#include "linux/dump.h"

#include <errno.h>
#include <stdlib.h>

#include "linux/netns.h"
#include "linux/proc_tcp.h"
#include "linux/sock_diag.h"

struct dump {
        struct sock_diag *sock_diag; /* one of the two is there */
        struct proc_tcp *proc_tcp;
        uint32_t netns; /* its inode; 0: not known */
        bool bound_wanted;
        struct dump_report report;
};

/* Whatever the reason was for which netlink could not be had, the other way may still be open.  If it is not, then the
 * first reason is the one to tell. */
static int
open_source(struct dump *d, const struct dump_request *request)
{
        int refusal = 0, r;

        if (!request->proc_only) {
                refusal = sock_diag_open(request, &d->sock_diag);
                if (refusal == 0 || refusal == -ENOMEM)
                        return refusal;
        }
        r = proc_tcp_open(request, &d->proc_tcp);
        if (r < 0)
                return refusal < 0 ? refusal : r;
        d->report.source = DUMP_FROM_PROC;
        d->report.refused = -refusal;
        return 0;
}

int
dump_open(const struct dump_request *request, struct dump **ret_dump)
{
        struct dump *d = calloc(1, sizeof(*d));
        int r;

        if (!d)
                return -ENOMEM;
        d->bound_wanted = request->want & DUMP_WANT_BOUND;
        r = open_source(d, request);
        if (r < 0) {
                dump_close(d);
                return r;
        }
        if (netns_inode(request->netns_fd, &d->netns) < 0)
                d->netns = 0;
        *ret_dump = d;
        return 0;
}

int
dump_next(struct dump *dump, struct la_snapshot *ret_snapshot)
{
        int r = dump->sock_diag ? sock_diag_next(dump->sock_diag, ret_snapshot)
                                : proc_tcp_next(dump->proc_tcp, ret_snapshot);

        if (r == DUMP_SOCKET && dump->netns != 0) {
                ret_snapshot->netns = dump->netns;
                ret_snapshot->known |= LA_KNOWN_NETNS;
        }
        return r;
}

struct dump_report
dump_report(const struct dump *dump)
{
        struct dump_report report = dump->report;

        if (dump->sock_diag)
                sock_diag_report(dump->sock_diag, &report);
        else
                proc_tcp_report(dump->proc_tcp, &report);
        if (!dump->bound_wanted)
                report.missing_states = 0;
        return report;
}

void
dump_close(struct dump *dump)
{
        if (!dump)
                return;
        sock_diag_close(dump->sock_diag);
        proc_tcp_close(dump->proc_tcp);
        free(dump);
}
