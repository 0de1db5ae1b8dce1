/* SPDX-License-Identifier: BSD-2-Clause */
#include "linux/dump.h"

#include <errno.h>
#include <stdlib.h>

#include "linux/sock_diag.h"

struct dump {
        struct sock_diag *sock_diag;
        struct dump_report report;
};

int
dump_open(const struct dump_request *request, struct dump **ret_dump)
{
        struct dump *d = calloc(1, sizeof(*d));
        int r;

        if (!d)
                return -ENOMEM;
        r = sock_diag_open(request, &d->sock_diag);
        if (r < 0) {
                free(d);
                return r;
        }
        *ret_dump = d;
        return 0;
}

int
dump_next(struct dump *dump, struct la_snapshot *ret_snapshot)
{
        return sock_diag_next(dump->sock_diag, ret_snapshot);
}

struct dump_report
dump_report(const struct dump *dump)
{
        struct dump_report report = dump->report;

        sock_diag_report(dump->sock_diag, &report);
        return report;
}

void
dump_close(struct dump *dump)
{
        if (!dump)
                return;
        sock_diag_close(dump->sock_diag);
        free(dump);
}
