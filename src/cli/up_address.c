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

/* Loopback is each host's own, a mapped address an IPv4 one in other words: nothing of them comes over an interface. */
static bool
is_reachable(const struct up_address *a)
{
        static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
        static const uint8_t loopback[16] = { [15] = 1 };

        if (a->family == LA_IPV4)
                return a->bytes[0] != 127;
        return memcmp(a->bytes, mapped, sizeof(mapped)) != 0 && memcmp(a->bytes, loopback, sizeof(loopback)) != 0;
}

/* IPv4's first number of a network is the network, its last everybody (RFC 919); in one of two both are hosts. */
static bool
is_whole_network(const struct up_address *a)
{
        uint32_t address =
                (uint32_t)a->bytes[0] << 24 | (uint32_t)a->bytes[1] << 16 | (uint32_t)a->bytes[2] << 8 | a->bytes[3];
        uint32_t host;

        if (a->family != LA_IPV4 || a->prefix > 30)
                return false;
        host = address & (UINT32_MAX >> a->prefix);
        return host == 0 || host == UINT32_MAX >> a->prefix;
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
        a.prefix = (unsigned int)prefix;
        if (!ip_is_unicast(a.family, a.bytes) || !is_reachable(&a) || is_whole_network(&a)) {
                *ret_problem = _("it is no address that one host can have on an interface");
                return false;
        }
        *ret_address = a;
        return true;
}

static void
clear_host_bits(struct up_address *a)
{
        for (size_t bit = a->prefix; bit < address_bytes(a) * 8; bit++)
                a->bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

bool
up_address_is_in(const struct up_address *list, size_t n, const struct up_address *a)
{
        for (size_t i = 0; i < n; i++)
                if (list[i].family == a->family && memcmp(list[i].bytes, a->bytes, 16) == 0)
                        return true;
        return false;
}

bool
up_address_is_near(const struct up_address *a, const struct up_address *other)
{
        struct up_address network = *a, its_network = *other;

        its_network.prefix = a->prefix;
        clear_host_bits(&network);
        clear_host_bits(&its_network);
        return a->family == other->family && memcmp(network.bytes, its_network.bytes, 16) == 0;
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
                if (!up_address_is_in(r->address, r->addresses, &candidate)) {
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
