/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/gettext.h"
#include "cli/up.h"
#include "wire/ip.h"

static size_t
address_bytes(const struct up_address *a)
{
        return a->family == LA_IPV4 ? 4 : 16;
}

bool
up_address_parse(const char *text, struct up_address *ret_address, const char **ret_problem)
{
        struct up_address a = { .family = strchr(text, ':') ? LA_IPV6 : LA_IPV4 };
        unsigned int most = a.family == LA_IPV4 ? 32 : 128;
        const char *slash = strchr(text, '/');
        char host[64], *end;
        unsigned long prefix = most;

        if (slash)
                prefix = strtoul(slash + 1, &end, 10);
        if (slash && (slash[1] < '0' || slash[1] > '9' || *end != '\0' || prefix == 0 || prefix > most)) {
                *ret_problem = a.family == LA_IPV4
                                       ? _("behind the '/' stands how many bits name the network, 1 to 32")
                                       : _("behind the '/' stands how many bits name the network, 1 to 128");
                return false;
        }
        snprintf(host, sizeof(host), "%.*s", slash ? (int)(slash - text) : (int)strlen(text), text);
        if (inet_pton(a.family == LA_IPV4 ? AF_INET : AF_INET6, host, a.bytes) != 1) {
                *ret_problem = _("it is no IPv4 or IPv6 address; one looks like 10.77.0.2/24 or fd77::2/64");
                return false;
        }
        if (!ip_is_unicast(a.family, a.bytes)) {
                *ret_problem = _("it is no address that one host can have");
                return false;
        }
        a.prefix = (unsigned int)prefix;
        *ret_address = a;
        return true;
}

static bool
is_taken(const struct up_request *r, const struct up_address *a)
{
        for (size_t i = 0; i < r->addresses; i++)
                if (r->address[i].family == a->family && memcmp(r->address[i].bytes, a->bytes, 16) == 0)
                        return true;
        return false;
}

static void
clear_host_bits(struct up_address *a)
{
        for (size_t bit = a->prefix; bit < address_bytes(a) * 8; bit++)
                a->bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

/* In a network of two (RFC 3021, RFC 6164) both numbers are hosts; else the first is the network's own. */
bool
up_address_of_host(const struct up_request *r, const struct up_address *ours, struct up_address *ret_address)
{
        struct up_address a = *ours;
        size_t bits = address_bytes(&a) * 8 - a.prefix, last = address_bytes(&a) - 1;
        unsigned int most = bits >= 8 ? 254 : (1u << bits) - (bits > 1 ? 2 : 1);

        clear_host_bits(&a);
        for (unsigned int host = bits == 1 ? 0 : 1; bits > 0 && host <= most; host++) {
                struct up_address candidate = a;

                candidate.bytes[last] |= (uint8_t)host;
                if (!is_taken(r, &candidate)) {
                        *ret_address = candidate;
                        return true;
                }
        }
        return false;
}

char *
up_address_text(const struct up_address *a, char text[64])
{
        inet_ntop(a->family == LA_IPV4 ? AF_INET : AF_INET6, a->bytes, text, 64);
        return text;
}
