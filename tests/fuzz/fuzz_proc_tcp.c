/* SPDX-License-Identifier: BSD-2-Clause */
/* What a file of /proc/net may hold, line by line: what reads as a socket is one that Linux can have, and what does not
 * leaves the snapshot alone. */
#include <stdlib.h>
#include <string.h>

#include "linux/proc_tcp_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
        if (!holds)
                abort();
}

static const uint32_t known = LA_KNOWN_TIMER | LA_KNOWN_QUEUES | LA_KNOWN_INODE | LA_KNOWN_AGE;

static void
check(const struct la_snapshot *s)
{
        must((unsigned int)s->state < LA_STATE_COUNT);
        must(s->family == LA_IPV4 || s->family == LA_IPV6);
        must(s->timer <= LA_TIMER_PERSIST);
        must(!(s->known & LA_KNOWN_AGE) || (s->state == LA_TIME_WAIT && s->age_min_ms <= s->age_max_ms));
        must((s->known | known) == known);
        if (s->family == LA_IPV4)
                for (size_t i = 4; i < sizeof(s->local.address); i++)
                        must(s->local.address[i] == 0 && s->remote.address[i] == 0);
}

static void
read_line(const char *line, size_t length)
{
        struct la_snapshot s, before;

        memset(&s, 0x5a, sizeof(s));
        before = s;
        if (proc_tcp_line(line, length, &s))
                check(&s);
        else
                must(memcmp(&s, &before, sizeof(s)) == 0);
        proc_tcp_is_heading(line, length);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *exact = malloc(size ? size : 1);
        const char *line, *end;

        if (!exact)
                return 0;
        memcpy(exact, data, size);
        end = exact + size;
        for (line = exact; line < end;) {
                const char *newline = memchr(line, '\n', (size_t)(end - line));

                read_line(line, (size_t)((newline ? newline : end) - line));
                line = newline ? newline + 1 : end;
        }
        free(exact);
        return 0;
}
