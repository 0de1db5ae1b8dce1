/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a kernel, or something that plays one, may answer to a sock_diag dump: the first byte says what was wanted and
 * whether interruptions are minded, the rest is one datagram.  However it reads, it must end, with as many steps as
 * there can be messages at most, and tell nothing that Linux does not have.
 */
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>

#include "linux/dump.h"
#include "linux/sock_diag_reader.h"

enum { SEQUENCE = 7, PORT = 4711, WANTS = 0x0f, GOES_ON = 0x10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
        if (!holds)
                abort();
}

static void
check(const struct la_snapshot *s, uint32_t want)
{
        must((unsigned int)s->state < LA_STATE_COUNT);
        must(s->family == LA_IPV4 || s->family == LA_IPV6);
        must(s->timer <= LA_TIMER_PERSIST);
        must(!(s->known & LA_KNOWN_AGE) || s->age_min_ms <= s->age_max_ms);
        must(!(s->known & (LA_KNOWN_TCP | LA_KNOWN_CONGESTION)) || (want & DUMP_WANT_TCP));
        must(memchr(s->tcp.congestion, '\0', sizeof(s->tcp.congestion)) != NULL);
        if (s->family == LA_IPV4)
                for (size_t i = 4; i < sizeof(s->local.address); i++)
                        must(s->local.address[i] == 0 && s->remote.address[i] == 0);
}

static void
read_all(const uint8_t *datagram, size_t size, uint8_t how)
{
        struct sock_diag_reader reader = {
                .states = DUMP_ALL_STATES,
                .want = how & WANTS,
                .sequence = SEQUENCE,
                .port = PORT,
                .goes_on_if_interrupted = how & GOES_ON,
        };
        size_t steps = 0, most = size / sizeof(struct nlmsghdr) + 1;
        struct la_snapshot snapshot;
        int step;

        memset(&snapshot, 0, sizeof(snapshot));
        sock_diag_reader_take(&reader, datagram, size);
        must(sock_diag_reader_refusal(&reader) <= 0);
        do {
                step = sock_diag_reader_next(&reader, &snapshot);
                must(step >= -4095 && step <= SOCK_DIAG_DAMAGED);
                must(++steps <= most);
                if (step == SOCK_DIAG_SOCKET)
                        check(&snapshot, reader.want);
        } while (step == SOCK_DIAG_SOCKET);
        must(reader.malformed <= most);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint8_t *datagram; /* aligned as a receive buffer is, and not a byte larger than what came */

        if (size == 0)
                return 0;
        datagram = malloc(size);
        if (!datagram)
                return 0;
        memcpy(datagram, data + 1, size - 1);
        read_all(datagram, size - 1, data[0]);
        free(datagram);
        return 0;
}
