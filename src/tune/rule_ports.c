/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rule_ports.c - ip_local_port_range: who listens inside it, which ends it should have, and what to reserve.
 */
#include "tune/rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/sysctl.h"
#include "tune/gettext.h"

/* Below it lie the ports of most services that are not registered with anybody. */
#define SERVICES_BELOW 10240
#define NAMED_MOST     6

struct range {
        int64_t low, high;
};

static void
reserved_ports(const struct tune_case *c, struct sysctl_ports *ret)
{
        if (sysctl_parse_ports(tune_will_be(c, "net.ipv4.ip_local_reserved_ports"), ret) < 0)
                memset(ret, 0, sizeof(*ret));
}

/* The listeners' ports in a range that are not reserved. */
static size_t
exposed(const struct tune_case *c, struct range r, struct sysctl_ports *ret)
{
        struct sysctl_ports reserved;
        size_t count = 0;

        memset(ret, 0, sizeof(*ret));
        reserved_ports(c, &reserved);
        for (size_t i = 0; i < c->e->listener_count; i++) {
                uint16_t port = c->e->listener[i].port;
                if (port < r.low || port > r.high || sysctl_ports_has(&reserved, port) || sysctl_ports_has(ret, port))
                        continue;
                ret->bits[port / 64] |= UINT64_C(1) << port % 64;
                count++;
        }
        return count;
}

static const char *
holder_of(const struct tune_evidence *e, unsigned int port)
{
        for (size_t i = 0; i < e->listener_count; i++)
                if (e->listener[i].port == port && *e->listener[i].comm != '\0')
                        return e->listener[i].comm;
        return NULL;
}

static void
say_exposed(struct tune_case *c, const struct sysctl_ports *ports, size_t count)
{
        char list[NAMED_MOST * 32], *p = list;
        size_t named = 0;

        *p = '\0';
        for (unsigned int port = 0; port <= UINT16_MAX && named < NAMED_MOST; port++)
                if (sysctl_ports_has(ports, (uint16_t)port)) {
                        const char *holder = holder_of(c->e, port);
                        p += sprintf(p, "%s%u%s%s%s", named > 0 ? ", " : "", port, holder ? " (" : "",
                                     holder ? holder : "", holder ? ")" : "");
                        named++;
                }
        tune_say(c, TUNE_DANGEROUS,
                 _("Programs here listen on ports inside it that are not reserved: %s%s. While such a program "
                   "restarts, a connection can take its port, and it fails with \"Address already in use\"."),
                 list, count > named ? _(" and more") : "");
}

/* "8080,9000-9005" of a set of ports. */
static char *
list_of(const struct sysctl_ports *ports)
{
        char *list = malloc(65536 * 6 + 1), *p = list;

        if (!list)
                return NULL;
        *p = '\0';
        for (unsigned int low = 0; low <= UINT16_MAX; low++) {
                unsigned int high = low;
                if (!sysctl_ports_has(ports, (uint16_t)low))
                        continue;
                while (high < UINT16_MAX && sysctl_ports_has(ports, (uint16_t)(high + 1)))
                        high++;
                p += sprintf(p, high > low ? "%s%u-%u" : "%s%u", p > list ? "," : "", low, high);
                low = high;
        }
        return list;
}

/* What is reserved already, and the listeners' ports in the range. */
static char *
reserved_list(const struct tune_case *c, struct range r)
{
        struct sysctl_ports ports, more;

        reserved_ports(c, &ports);
        if (exposed(c, r, &more) == 0)
                return NULL;
        for (size_t i = 0; i < sizeof(ports.bits) / sizeof(ports.bits[0]); i++)
                ports.bits[i] |= more.bits[i];
        return list_of(&ports);
}

static struct range
better_range(struct range r)
{
        if (r.low < SERVICES_BELOW && r.high > 2 * SERVICES_BELOW)
                r.low = SERVICES_BELOW;
        if (r.low % 2 == r.high % 2)
                r.high--;
        return r;
}

static void
offer(struct tune_case *c, struct range r)
{
        struct range better = better_range(r);
        char *reserved = reserved_list(c, better);

        if (better.low == r.low && better.high == r.high && !reserved) {
                free(reserved);
                return;
        }
        if (asprintf(&c->j->better, "net.ipv4.ip_local_port_range = %" PRId64 " %" PRId64 "%s%s", better.low,
                     better.high, reserved ? "\nnet.ipv4.ip_local_reserved_ports = " : "",
                     reserved ? reserved : "") < 0)
                c->j->better = NULL;
        free(reserved);
}

static void
say_size(struct tune_case *c, struct range r)
{
        tune_say(c, TUNE_FINE,
                 _("It gives %" PRId64
                   " ports for each local address, destination and port there; it limits connections that "
                   "this host makes, none that it accepts."),
                 r.high - r.low + 1);
        if (r.low % 2 == r.high % 2)
                tune_say(c, TUNE_MISREAD, "%s",
                         _("One end should be even and the other odd: connect() and bind() look at ports of different "
                           "parity first."));
}

void
tune_rule_port_range(struct tune_case *c)
{
        struct range r = { c->value.number[0], c->value.number[1] };
        struct sysctl_ports ports;
        size_t count;

        if (c->value.count < 2)
                return;
        if (r.low > r.high) {
                tune_say(c, TUNE_REFUSED, "%s", _("The low end comes first: the kernel refuses it."));
                return;
        }
        count = exposed(c, r, &ports);
        if (count > 0)
                say_exposed(c, &ports, count);
        if (r.low < SERVICES_BELOW)
                tune_say(c, TUNE_HARMFUL,
                         _("From %" PRId64
                           " on lie the ports that services use: one that is not running now can find its port "
                           "taken. Begin at %d or above, or reserve them (ip_local_reserved_ports)."),
                         r.low, SERVICES_BELOW);
        say_size(c, r);
        offer(c, r);
}
